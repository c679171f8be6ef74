/** Bits of a difference that stays exact in a 64-bit float with the byte behind it; wider ones are read bit by bit. */
const quickBits = 45;

/**
 * Reads numbers stored by their differences (Parquet format, Encodings: DELTA_BINARY_PACKED (5)) into `out`, as many as
 * it has. They are exact where they and their differences lie within ±2^53. Throws a RangeError where the bytes end before.
 */
export function readDeltas(bytes: Uint8Array, from: number, end: number, out: Float64Array): void {
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      if (at >= end) break;
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError("differences are cut short");
  };
  const signed = () => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const block = varint();
  const minis = varint();
  const total = varint();
  let value = signed();
  const ofMini = block / minis;
  if (total < out.length || !(ofMini >= 8 && ofMini % 8 === 0 && ofMini <= 1 << 16))
    throw new RangeError("differences of another form");
  const differences = new Float64Array(ofMini);
  if (out.length > 0) out[0] = value;
  for (let i = 1; i < out.length; ) {
    const least = signed();
    const widths = at;
    at += minis;
    if (at > end) throw new RangeError("differences are cut short");
    for (let mini = 0; mini < minis && i < out.length; mini++) {
      const bits = bytes[widths + mini];
      const next = at + (ofMini * bits) / 8;
      if (bits > 64) throw new RangeError(`differences of ${bits} bits`);
      if (next > end) throw new RangeError("differences are cut short");
      const count = Math.min(ofMini, out.length - i);
      const unpack = bits <= quickBits ? unpackQuick : unpackWide;
      unpack(bytes, at, bits, differences, count);
      for (let k = 0; k < count; k++) {
        value += least + differences[k];
        out[i++] = value;
      }
      at = next;
    }
  }
}

/** Numbers packed least significant bit first. */
function unpackQuick(bytes: Uint8Array, from: number, bits: number, out: Float64Array, count: number): void {
  const of = 2 ** bits;
  let [held, kept, at] = [0, 1, from];
  for (let k = 0; k < count; k++) {
    for (; kept < of; kept *= 256) held += bytes[at++] * kept;
    const rest = Math.floor(held / of);
    out[k] = held - rest * of;
    held = rest;
    kept /= of;
  }
}

function unpackWide(bytes: Uint8Array, from: number, bits: number, out: Float64Array, count: number): void {
  for (let k = 0, bit = 0; k < count; k++) {
    let value = 0;
    for (let b = 0; b < bits; b++, bit++) if ((bytes[from + (bit >> 3)] >> (bit & 7)) & 1) value += 2 ** b;
    out[k] = value;
  }
}

/**
 * Reads numbers of `bits` bits each by Parquet's hybrid of runs and bit-packed groups of eight (Parquet format,
 * Encodings: RLE / bit-packing hybrid (3)): the first `count` into `out`; returns where they end. Throws a RangeError
 * where the bytes end before.
 */
export function readHybrid(
  bytes: Uint8Array,
  from: number,
  end: number,
  bits: number,
  out: Int32Array,
  count: number
): number {
  const wide = (bits + 7) >> 3;
  if (bits > 32) throw new RangeError(`numbers of ${bits} bits`);
  let at = from;
  let done = 0;
  while (done < count) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new RangeError("numbers are cut short");
      const byte = bytes[at++];
      header |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    header >>>= 0;
    if ((header & 1) === 0) {
      if (at + wide > end) throw new RangeError("numbers are cut short");
      let value = 0;
      for (let k = 0; k < wide; k++) value |= bytes[at++] << (8 * k);
      const to = Math.min(count, done + (header >>> 1));
      out.fill(value, done, to);
      done = to;
      continue;
    }
    const packed = (header >>> 1) * 8;
    const values = Math.min(packed, count - done);
    // A last group may be cut where the page ends.
    if (at + ((values * bits + 7) >> 3) > end) throw new RangeError("numbers are cut short");
    unpack(bytes, at, bits, out, done, values);
    done += values;
    at += (packed * bits) >> 3;
  }
  return at;
}

/** Numbers packed least significant bit first. */
function unpack(bytes: Uint8Array, from: number, bits: number, out: Int32Array, to: number, count: number): void {
  const end = to + count;
  if (bits === 16) for (let i = to, at = from; i < end; i++, at += 2) out[i] = bytes[at] | (bytes[at + 1] << 8);
  else if (bits === 8) for (let i = to, at = from; i < end; i++, at++) out[i] = bytes[at];
  else if (bits === 32)
    for (let i = to, at = from; i < end; i++, at += 4)
      out[i] = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  else {
    if (bits > 24) throw new RangeError(`numbers of ${bits} bits`);
    const mask = (1 << bits) - 1;
    let [held, kept, at] = [0, 0, from];
    for (let i = to; i < end; i++) {
      while (kept < bits) {
        held |= bytes[at++] << kept;
        kept += 8;
      }
      out[i] = held & mask;
      held >>>= bits;
      kept -= bits;
    }
  }
}

/**
 * Reads numbers of `bits` bits each by Parquet's hybrid of runs and bit-packed groups of eight (Parquet format,
 * Encodings: RLE / bit-packing hybrid (3)), some at a time. Throws a RangeError where the bytes end before.
 */
export class HybridReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #bits: number;
  #at: number;
  /** Of the run or the groups under way: numbers left, the run's number, and the bit where the next packed one begins. */
  #left = 0;
  #isPacked = false;
  #value = 0;
  #bit = 0;

  constructor(bytes: Uint8Array, from: number, end: number, bits: number) {
    if (!(bits <= 32)) throw new RangeError(`numbers of ${bits} bits`);
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
    this.#bits = bits;
  }

  /** The next `count` numbers, to the beginning of `out`. */
  read(out: Int32Array, count: number): void {
    for (let done = 0; done < count; ) {
      if (this.#left === 0) this.#begin();
      const some = Math.min(this.#left, count - done);
      if (!this.#isPacked) out.fill(this.#value, done, done + some);
      else {
        // A last group may be cut where the page ends.
        if (this.#bit + some * this.#bits > this.#end * 8) throw new RangeError("numbers are cut short");
        unpack(this.#bytes, this.#bit, this.#bits, out, done, some);
        this.#bit += some * this.#bits;
      }
      this.#left -= some;
      done += some;
    }
  }

  #begin(): void {
    const bytes = this.#bytes;
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end || shift > 28) throw new RangeError("numbers are cut short");
      const byte = bytes[this.#at++];
      header |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    const length = header >>> 1;
    this.#isPacked = (header & 1) === 1;
    if (this.#isPacked) {
      this.#left = length * 8;
      this.#bit = this.#at * 8;
      this.#at += length * this.#bits;
      return;
    }
    const wide = (this.#bits + 7) >> 3;
    if (this.#at + wide > this.#end) throw new RangeError("numbers are cut short");
    this.#left = length;
    this.#value = 0;
    for (let k = 0; k < wide; k++) this.#value |= bytes[this.#at++] << (8 * k);
  }
}

/** Numbers packed least significant bit first, from a bit on. */
function unpack(bytes: Uint8Array, from: number, bits: number, out: Int32Array, to: number, count: number): void {
  const end = to + count;
  let at = Math.floor(from / 8);
  if (bits === 16) for (let i = to; i < end; i++, at += 2) out[i] = bytes[at] | (bytes[at + 1] << 8);
  else if (bits === 8) for (let i = to; i < end; i++, at++) out[i] = bytes[at];
  else if (bits === 32)
    for (let i = to; i < end; i++, at += 4)
      out[i] = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  else {
    if (bits > 24) throw new RangeError(`numbers of ${bits} bits`);
    const mask = (1 << bits) - 1;
    let [held, kept] = [0, 0];
    if ((from & 7) !== 0) [held, kept] = [bytes[at++] >> (from & 7), 8 - (from & 7)];
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

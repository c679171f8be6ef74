/**
 * What was made of runs of bytes seen before, found by the bytes themselves: no text is made to look one up. A table of
 * fixed size in which a new run takes the place of the one that has the same slot.
 */
export class ByteCache<Value> {
  /** Runs that were not found. */
  misses = 0;
  readonly #maxBytes: number;
  readonly #mask: number;
  readonly #bytes: Uint8Array;
  readonly #lengths: Int32Array;
  readonly #hashes: Int32Array;
  readonly #values: (Value | undefined)[];
  /** Hash of the run last looked for. */
  #hash = 0;

  /** `slots`: a power of two; runs longer than `maxBytes` are neither found nor kept. */
  constructor(slots: number, maxBytes: number) {
    if (slots < 1 || (slots & (slots - 1)) !== 0)
      throw new RangeError(`ByteCache: expected a power of two as number of slots, found ${slots}`);
    this.#maxBytes = maxBytes;
    this.#mask = slots - 1;
    this.#bytes = new Uint8Array(slots * maxBytes);
    this.#lengths = new Int32Array(slots).fill(-1);
    this.#hashes = new Int32Array(slots);
    this.#values = new Array(slots).fill(undefined);
  }

  /** What was kept for the bytes `start .. end`. */
  get(bytes: Uint8Array, start: number, end: number): Value | undefined {
    const length = end - start;
    if (length > this.#maxBytes) {
      this.misses++;
      return undefined;
    }
    const hash = hashOf(bytes, start, end);
    this.#hash = hash;
    const slot = hash & this.#mask;
    if (this.#hashes[slot] === hash && this.#lengths[slot] === length) {
      const own = this.#bytes;
      let at = slot * this.#maxBytes;
      let here = start;
      while (here < end && own[at] === bytes[here]) {
        at++;
        here++;
      }
      if (here >= end) return this.#values[slot];
    }
    this.misses++;
    return undefined;
  }

  /** Keeps a value for the run that `get` was last asked for; returns the value. */
  keep(bytes: Uint8Array, start: number, end: number, value: Value): Value {
    const length = end - start;
    if (length > this.#maxBytes) return value;
    const slot = this.#hash & this.#mask;
    this.#hashes[slot] = this.#hash;
    this.#lengths[slot] = length;
    this.#values[slot] = value;
    const own = this.#bytes;
    for (let i = 0, at = slot * this.#maxBytes; i < length; i++) own[at + i] = bytes[start + i];
    return value;
  }
}

/** Four bytes at a time by the multiplier of MurmurHash3, its finish at the end. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = (end - start) | 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x9e3779b1);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

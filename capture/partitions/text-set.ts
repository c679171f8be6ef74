/** Bytes of a text's length. */
const lengthBytes = 4;
/** Bytes that a unit of JavaScript's text takes in UTF-8 at most. */
const unitBytes = 3;

const first = {bytes: 1024, texts: 32} as const;
/** What is kept at most when a set is emptied, for the texts to come. */
const kept = {bytes: 4 * 2 ** 20, texts: 2 ** 18} as const;
/**
 * Slots looked at for a text. Where all are taken by others it is kept once more, with a code of its own: texts that
 * somebody made to collide take room, not time.
 */
const maxProbes = 64;
/** Texts up to so many units, and bytes, are written and copied without a call. */
const shortText = 48;

/** Distinct texts as UTF-8, numbered as they came, in the layout of a dictionary: each one's length (u32, little endian) and bytes. */
export class TextSet {
  #arena = Buffer.from(new ArrayBuffer(first.bytes));
  #end = 0;
  #distinct = 0;
  /** By code: where in the arena its bytes begin, and their hash. */
  #starts = new Int32Array(first.texts);
  #hashes = new Int32Array(first.texts);
  /** Open addressing: code + 1; 0 is empty. Twice as many as texts at least. */
  #slots = new Int32Array(first.texts * 2);

  get distinct(): number {
    return this.#distinct;
  }

  /** Lengths and texts; the view holds until the next text is added. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#arena.buffer, 0, this.#end);
  }

  /** Bytes held for the texts. */
  get heldBytes(): number {
    return this.#end + this.#distinct * 16;
  }

  /** The code of the text that lies at `start .. end`. */
  code(source: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const hash = hashOf(source, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    let probes = 0;
    for (; probes < maxProbes; probes++, slot = (slot + 1) & mask) {
      const code = this.#slots[slot] - 1;
      if (code < 0) break;
      if (this.#hashes[code] === hash && this.#isAt(this.#starts[code], source, start, length)) return code;
    }
    return this.#add(source, start, length, hash, probes < maxProbes ? slot : -1);
  }

  /** The code of a text; lone surrogates become U+FFFD, as UTF-8 has none. */
  codeOf(text: string): number {
    // Written where it stays if it is new.
    this.#reserve(text.length * unitBytes);
    const start = this.#end + lengthBytes;
    return this.code(this.#arena, start, start + write(text, this.#arena, start));
  }

  clear(): void {
    this.#end = 0;
    this.#distinct = 0;
    if (this.#arena.length > kept.bytes) this.#arena = Buffer.from(new ArrayBuffer(first.bytes));
    if (this.#starts.length <= kept.texts) this.#slots.fill(0);
    else {
      this.#starts = new Int32Array(first.texts);
      this.#hashes = new Int32Array(first.texts);
      this.#slots = new Int32Array(first.texts * 2);
    }
  }

  #isAt(at: number, source: Uint8Array, start: number, length: number): boolean {
    const arena = this.#arena;
    const before = at - lengthBytes;
    const own = arena[before] | (arena[before + 1] << 8) | (arena[before + 2] << 16) | (arena[before + 3] << 24);
    if (own !== length) return false;
    let i = 0;
    while (i < length && arena[at + i] === source[start + i]) i++;
    return i === length;
  }

  #add(source: Uint8Array, from: number, length: number, hash: number, slot: number): number {
    this.#reserve(length);
    const code = this.#distinct++;
    const arena = this.#arena;
    let at = this.#end;
    arena[at++] = length;
    arena[at++] = length >>> 8;
    arena[at++] = length >>> 16;
    arena[at++] = length >>> 24;
    if (source === arena) arena.copyWithin(at, from, from + length);
    else if (length <= shortText) for (let i = 0; i < length; i++) arena[at + i] = source[from + i];
    else arena.set(source.subarray(from, from + length), at);
    this.#end = at + length;
    if (code === this.#starts.length) this.#growTexts();
    this.#starts[code] = at;
    this.#hashes[code] = hash;
    if (this.#slots.length < this.#starts.length * 2) this.#growSlots();
    else if (slot >= 0) this.#slots[slot] = code + 1;
    return code;
  }

  /** Room for one more text of so many bytes. */
  #reserve(bytes: number): void {
    const least = this.#end + lengthBytes + bytes;
    if (least <= this.#arena.length) return;
    const arena = Buffer.from(new ArrayBuffer(Math.max(least, this.#arena.length * 2)));
    arena.set(this.bytes);
    this.#arena = arena;
  }

  #growTexts(): void {
    const length = this.#starts.length * 2;
    const [starts, hashes] = [new Int32Array(length), new Int32Array(length)];
    starts.set(this.#starts);
    hashes.set(this.#hashes);
    this.#starts = starts;
    this.#hashes = hashes;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#starts.length * 2);
    const mask = slots.length - 1;
    for (let code = 0; code < this.#distinct; code++) {
      let slot = this.#hashes[code] & mask;
      let probes = 0;
      while (probes < maxProbes && slots[slot] !== 0) {
        slot = (slot + 1) & mask;
        probes++;
      }
      if (probes < maxProbes) slots[slot] = code + 1;
    }
    this.#slots = slots;
  }
}

/** Writes a text as UTF-8; returns its bytes. */
function write(text: string, into: Buffer, at: number): number {
  const {length} = text;
  if (length > shortText) return into.write(text, at);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return into.write(text, at);
    into[at + i] = unit;
  }
  return length;
}

/** Four bytes at a time by the multiplier of MurmurHash3, its finish at the end. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
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

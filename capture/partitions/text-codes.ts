import type {CodedTextColumn} from "../../schema/rows.ts";
import {TextSet} from "./text-set.ts";

const lengthBytes = 4;
const firstTexts = 64;

/** Brings columns of texts, of either form, to one set of texts and its codes. */
export class TextCodes {
  readonly #set = new TextSet();
  /** By the column's code at hand: the code here, -1 where it did not occur yet; and where its text begins. */
  #mapped = new Int32Array(firstTexts);
  #starts = new Int32Array(firstTexts);

  get distinct(): number {
    return this.#set.distinct;
  }

  /** For each of the texts in turn its length (u32, little endian) and its UTF-8 bytes; holds until the next `add`. */
  get bytes(): Uint8Array {
    return this.#set.bytes;
  }

  get heldBytes(): number {
    return this.#set.heldBytes;
  }

  /** Writes the codes that the column's first `rows` rows have here to `into`, from `at` on. Texts that no row has are left out. */
  add(column: CodedTextColumn, rows: number, into: Int32Array, at: number): void {
    const {codes} = column;
    const count = "values" in column ? column.values.length : column.distinct;
    this.#reserve(count);
    if ("texts" in column) this.#find(column.texts, count);
    const mapped = this.#mapped.fill(-1, 0, count).subarray(0, count);
    for (let i = 0; i < rows; i++) {
      const code = codes[i];
      if (code < 0) into[at + i] = -1;
      else {
        let own = mapped[code];
        if (!(own >= 0)) {
          if (code >= count) throw new RangeError(`row ${i}: expected one of ${count} texts, found code ${code}`);
          own = mapped[code] =
            "values" in column ? this.#set.codeOf(column.values[code]) : this.#code(column.texts, code);
        }
        into[at + i] = own;
      }
    }
  }

  clear(): void {
    this.#set.clear();
  }

  #code(texts: Uint8Array, code: number): number {
    const start = this.#starts[code];
    return this.#set.code(texts, start, start + lengthAt(texts, start - lengthBytes));
  }

  /** Notes where each of the texts begins. */
  #find(texts: Uint8Array, count: number): void {
    let end = 0;
    for (let code = 0; code < count; code++) {
      const start = end + lengthBytes;
      this.#starts[code] = start;
      end = start <= texts.length ? start + lengthAt(texts, end) : start;
      if (end > texts.length)
        throw new RangeError(`text ${code}: expected ${end} bytes of texts, found ${texts.length}`);
    }
  }

  #reserve(count: number): void {
    if (count <= this.#mapped.length) return;
    const length = Math.max(count, this.#mapped.length * 2);
    this.#mapped = new Int32Array(length);
    this.#starts = new Int32Array(length);
  }
}

function lengthAt(texts: Uint8Array, at: number): number {
  return (texts[at] | (texts[at + 1] << 8) | (texts[at + 2] << 16) | (texts[at + 3] << 24)) >>> 0;
}

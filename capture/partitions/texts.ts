import type {AddressColumn, ColumnData, TextColumn} from "../../schema/rows.ts";
import type {ColumnBuffer} from "./column-buffer.ts";
import type {ColumnEncoder, RowRange} from "./encoder/encoder.ts";

const firstRows = 2048;
/** Bytes that a unit of JavaScript's text takes in UTF-8 at most, and those of a text's length. */
const unitBytes = 3;
const lengthBytes = 4;

/** Texts by code; a file's distinct ones become its dictionary. */
export class TextBuffer implements ColumnBuffer {
  readonly #name: string;
  #codes = new Int32Array(firstRows);
  #rows = 0;
  #values: string[] = [];
  #codeOf = new Map<string, number>();
  #units = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** JavaScript keeps up to two bytes a unit, and the map's entry some more. */
  get textBytes(): number {
    return this.#units * 2 + this.#values.length * 64;
  }

  get room(): {input: number; texts: number} {
    return {input: this.#rows * 4, texts: this.#units * unitBytes + this.#values.length * lengthBytes};
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return "codes" in data;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    const {codes, values} = data as TextColumn;
    this.#grow(this.#rows + rows);
    const mapped = new Int32Array(values.length).fill(-1);
    const own = this.#codes;
    for (let i = 0, at = this.#rows; i < rows; i++, at++) {
      const code = codes[i];
      own[at] = code < 0 ? -1 : mapped[code] >= 0 ? mapped[code] : (mapped[code] = this.#intern(values[code]));
    }
    this.#rows += rows;
  }

  encode(encoder: ColumnEncoder, range: RowRange): void {
    const input = encoder.input;
    new Int32Array(input.memory, input.at, this.#rows).set(this.#codes.subarray(0, this.#rows));
    const {memory, at} = encoder.texts;
    const into = Buffer.from(memory, at, this.room.texts);
    let end = 0;
    for (const text of this.#values) {
      // Lone surrogates become U+FFFD, as UTF-8 has none.
      const bytes = into.write(text, end + lengthBytes);
      into.writeUInt32LE(bytes, end);
      end += lengthBytes + bytes;
    }
    encoder.codes(range, this.#values.length, end);
  }

  keys(): Float64Array {
    throw new Error(`column ${this.#name}: files are not sorted by texts`);
  }

  clear(): void {
    this.#rows = 0;
    this.#values = [];
    this.#codeOf = new Map();
    this.#units = 0;
  }

  #grow(rows: number): void {
    if (rows <= this.#codes.length) return;
    const codes = new Int32Array(Math.max(rows, this.#codes.length * 2));
    codes.set(this.#codes);
    this.#codes = codes;
  }

  #intern(text: string): number {
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.#values.push(text) - 1;
      this.#codeOf.set(text, code);
      this.#units += text.length;
    }
    return code;
  }
}

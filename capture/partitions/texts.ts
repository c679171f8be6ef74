import type {AddressColumn, CodedTextColumn, ColumnData} from "../../schema/rows.ts";
import type {ColumnBuffer} from "./column-buffer.ts";
import type {ColumnEncoder, RowRange} from "./encoder/encoder.ts";
import {TextCodes} from "./text-codes.ts";

const firstRows = 2048;

/** Texts by code; a file's distinct ones become its dictionary. */
export class TextBuffer implements ColumnBuffer {
  readonly #name: string;
  #codes = new Int32Array(firstRows);
  #rows = 0;
  readonly #texts = new TextCodes();

  constructor(name: string) {
    this.#name = name;
  }

  get textBytes(): number {
    return this.#texts.heldBytes;
  }

  get room(): {input: number; texts: number} {
    return {input: this.#rows * 4, texts: this.#texts.bytes.length};
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return "codes" in data;
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    this.#grow(this.#rows + rows);
    this.#texts.add(data as CodedTextColumn, rows, this.#codes, this.#rows);
    this.#rows += rows;
  }

  encode(encoder: ColumnEncoder, range: RowRange): void {
    const {input, texts} = encoder;
    new Int32Array(input.memory, input.at, this.#rows).set(this.#codes.subarray(0, this.#rows));
    const {bytes, distinct} = this.#texts;
    new Uint8Array(texts.memory, texts.at, bytes.length).set(bytes);
    encoder.codes(range, distinct, bytes.length);
  }

  sort(): boolean {
    throw new Error(`column ${this.#name}: files are not sorted by texts`);
  }

  clear(): void {
    this.#rows = 0;
    this.#texts.clear();
  }

  #grow(rows: number): void {
    if (rows <= this.#codes.length) return;
    const codes = new Int32Array(Math.max(rows, this.#codes.length * 2));
    codes.set(this.#codes);
    this.#codes = codes;
  }
}

import type {PackedColumn, PackedHeader} from "../../src/lib/packed-columns.ts";
import {bytePlanes, packedNumbers, planes, widthOf} from "./number-forms.ts";

/** Texts without those that are equal, in the order in which they are met. */
export interface TextList {
  readonly count: number;
  /** As a JSON array. */
  readonly json: string;
}

/** Packs the columns of a table one after another, so that no more than one of them is in memory as it was. */
export class ColumnPacker {
  readonly #rows: number;
  readonly #columns: PackedColumn[] = [];
  readonly #parts: Buffer[] = [];
  readonly #lists = new Map<string, TextList>();
  readonly #known = new Map<string, Map<string, number>>();
  /** Columns of texts, whose codes are as wide as their list is long in the end. */
  readonly #coded: {readonly name: string; readonly list: string; readonly codes: Int32Array}[] = [];

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** NaN for null. */
  numbers(name: string, values: Float64Array): void {
    const {column, bytes} = packedNumbers(values);
    this.#put({name, ...column}, bytes);
  }

  ids(name: string, values: BigInt64Array): void {
    this.#put({name, form: "i64"}, bytePlanes(values));
  }

  /** Columns of the same list share its texts. */
  texts(name: string, values: readonly (string | null)[], list = name): void {
    const known = this.#known.get(list) ?? new Map<string, number>();
    this.#known.set(list, known);
    const codes = new Int32Array(this.#rows);
    for (let row = 0; row < codes.length; row++) {
      const text = values[row];
      if (text === null) continue;
      let code = known.get(text);
      if (code === undefined) known.set(text, (code = known.size + 1));
      codes[row] = code;
    }
    this.#coded.push({name, list, codes});
  }

  /** A column by the places of its texts in the list of that name, plus one; 0 for null. */
  codes(name: string, codes: Int32Array, list: string): void {
    this.#coded.push({name, list, codes});
  }

  list(name: string, list: TextList): void {
    this.#lists.set(name, list);
  }

  /** The columns in the form that `PackedColumns` reads; nothing can be added any more. */
  bytes(): Buffer {
    for (const [name, known] of this.#known)
      this.list(name, {count: known.size, json: JSON.stringify([...known.keys()])});
    for (const {name, list, codes} of this.#coded.splice(0)) {
      const width = widthOf((this.#lists.get(list) as TextList).count);
      this.#put({name, form: "texts", list, width}, planes(codes, width));
    }
    const header: PackedHeader = {rows: this.#rows, columns: this.#columns, lists: {}};
    const lists = [...this.#lists].map(([name, {json}]) => `${JSON.stringify(name)}:${json}`);
    const text = Buffer.from(JSON.stringify(header).replace(/\{\}\}$/, () => `{${lists.join(",")}}}`));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text, ...this.#parts]);
  }

  #put(column: Omit<PackedColumn, "bytes">, bytes: Buffer): void {
    this.#columns.push({...column, bytes: bytes.length});
    this.#parts.push(bytes);
  }
}

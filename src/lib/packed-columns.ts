import type {Texts} from "./flow-table.js";

/**
 * Columns of a table as one piece of bytes, for a report in one file: each column in the form in which it packs best. The
 * length of the header (32 bits, little-endian), the header as JSON, the columns' bytes one after another.
 */
export interface PackedHeader {
  readonly rows: number;
  readonly columns: readonly PackedColumn[];
  /** Lists of texts, by the name that columns give. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

export interface PackedColumn {
  readonly name: string;
  readonly form: NumberForm | "listed" | "texts";
  readonly bytes: number;
  /** Bytes of a code, where the column has codes: 0 is null, else a place in the list, plus one. */
  readonly width?: number;
  /** Of texts. */
  readonly list?: string;
  /** Of listed numbers: the form of the list, which lies in front of the codes, and how many it has. */
  readonly of?: {readonly form: NumberForm; readonly count: number; readonly bytes: number};
}

/**
 * How numbers lie. `whole`: zigzag plus one, 0 for null, seven bits a byte, the lowest first; `steps`: the differences, in
 * the same way; `f32` and `f64`: little-endian, all first bytes, then all second ones; NaN for null.
 */
export type NumberForm = "whole" | "steps" | "f32" | "f64";

export class PackedColumns {
  readonly rows: number;
  readonly #header: PackedHeader;
  readonly #bytes: Uint8Array;
  readonly #places = new Map<string, {column: PackedColumn; at: number}>();

  /** Throws where the bytes end before the columns do. */
  constructor(bytes: Uint8Array) {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    this.#header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
    this.#bytes = bytes;
    this.rows = this.#header.rows;
    let at = 4 + length;
    for (const column of this.#header.columns) {
      this.#places.set(column.name, {column, at});
      at += column.bytes;
    }
    if (at !== bytes.length) throw new Error(`packed columns: expected ${at} bytes, found ${bytes.length}`);
  }

  numbers(name: string): Float64Array {
    const {column, at} = this.#place(name);
    if (column.form === "texts") throw new Error(`packed columns: ${name} has texts, no numbers`);
    if (column.form !== "listed") return unpacked(column.form, this.#bytes.subarray(at, at + column.bytes), this.rows);
    const {form, count, bytes} = column.of!;
    const list = unpacked(form, this.#bytes.subarray(at, at + bytes), count);
    const codes = this.#codes(column, at + bytes);
    const numbers = new Float64Array(this.rows);
    // A loop: Float64Array.from with a function takes ten times as long.
    for (let row = 0; row < numbers.length; row++) numbers[row] = codes[row] < 0 ? Number.NaN : list[codes[row]];
    return numbers;
  }

  texts(name: string): Texts {
    const {column, at} = this.#place(name);
    return {codes: this.#codes(column, at), values: this.#header.lists[column.list!]};
  }

  #codes({width = 1}: PackedColumn, at: number): Int32Array {
    const {rows} = this;
    const bytes = this.#bytes;
    const codes = new Int32Array(rows).fill(-1);
    for (let plane = 0; plane < width; plane++) {
      const from = at + plane * rows;
      for (let row = 0; row < rows; row++) codes[row] += bytes[from + row] << (8 * plane);
    }
    return codes;
  }

  #place(name: string) {
    const place = this.#places.get(name);
    if (!place) throw new Error(`packed columns: expected a column ${name}, found none`);
    return place;
  }
}

function unpacked(form: NumberForm, bytes: Uint8Array, count: number): Float64Array {
  if (form === "f32" || form === "f64") {
    const width = form === "f32" ? 4 : 8;
    const own = new Uint8Array(count * width);
    for (let plane = 0; plane < width; plane++)
      for (let i = 0; i < count; i++) own[i * width + plane] = bytes[plane * count + i];
    return form === "f32" ? Float64Array.from(new Float32Array(own.buffer)) : new Float64Array(own.buffer);
  }
  const numbers = new Float64Array(count);
  let [at, last] = [0, 0];
  for (let i = 0; i < count; i++) {
    let [value, scale] = [0, 1];
    for (; bytes[at] > 127; scale *= 128) value += (bytes[at++] & 127) * scale;
    value += bytes[at++] * scale;
    if (value === 0) numbers[i] = Number.NaN;
    else {
      const whole = value % 2 === 1 ? (value - 1) / 2 : -value / 2;
      numbers[i] = form === "steps" ? (last += whole) : whole;
    }
  }
  return numbers;
}

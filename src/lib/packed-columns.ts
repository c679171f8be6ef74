import type {Numbers, Texts} from "./flow-table.js";

/**
 * Columns of a table as one piece of bytes, for a static site and a report in one file: each column in the form in which it
 * packs best. The length of the header (32 bits, little-endian), the header as JSON, the columns' bytes one after another.
 */
export interface PackedHeader {
  readonly rows: number;
  readonly columns: readonly PackedColumn[];
  /** Lists of texts, by the name that columns give. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

export interface PackedColumn {
  readonly name: string;
  readonly form: NumberForm | "listed" | "texts" | "i64";
  readonly bytes: number;
  /** Of numbers: the narrowest array that holds them as they are. */
  readonly as?: UnpackedAs;
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

/** Arrays of few kinds: the code that an engine makes of a loop is fast for at most four of them. */
const arrays = {u8: Uint8Array, f32: Float32Array, f64: Float64Array};

export type UnpackedAs = keyof typeof arrays;

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

  /** The lists of texts that columns have, by name. */
  get lists(): PackedHeader["lists"] {
    return this.#header.lists;
  }

  numbers(name: string): Numbers {
    const {column, at} = this.#place(name);
    const {form, as = "f64"} = column;
    if (form === "texts" || form === "i64")
      throw new Error(`packed columns: expected numbers in ${name}, found ${form}`);
    const numbers = new arrays[as](this.rows);
    if (form === "listed") {
      const list = this.#listOf(column, at);
      const codes = this.#codes(column, at + column.of!.bytes);
      // A loop: Float64Array.from with a function takes ten times as long.
      for (let row = 0; row < numbers.length; row++) numbers[row] = codes[row] < 0 ? Number.NaN : list[codes[row]];
    } else unpackInto(numbers, form, this.#bytes.subarray(at, at + column.bytes));
    return numbers;
  }

  /** The number of one row, without unpacking the others. */
  numberAt(name: string, row: number): number {
    const {column, at} = this.#place(name);
    const {form} = column;
    if (form === "texts" || form === "i64")
      throw new Error(`packed columns: expected numbers in ${name}, found ${form}`);
    if (form === "listed") {
      const code = this.#codeAt(column, at + column.of!.bytes, row);
      return code < 0 ? Number.NaN : this.#listOf(column, at)[code];
    }
    if (form === "f32" || form === "f64") {
      const width = form === "f32" ? 4 : 8;
      const own = Uint8Array.from({length: width}, (_, plane) => this.#bytes[at + plane * this.rows + row]);
      return form === "f32" ? new Float32Array(own.buffer)[0] : new Float64Array(own.buffer)[0];
    }
    return unpackInto(new Float64Array(1), form, this.#bytes.subarray(at, at + column.bytes), row);
  }

  texts(name: string): Texts {
    const {column, at} = this.#place(name);
    return {codes: this.#codes(column, at), values: this.#header.lists[column.list!]};
  }

  /** The text of one row, null where there is none. */
  textAt(name: string, row: number): string | null {
    const {column, at} = this.#place(name);
    const code = this.#codeAt(column, at, row);
    return code < 0 ? null : this.#header.lists[column.list!][code];
  }

  /** Whole numbers of 64 bits; null where the column has texts. */
  ids(name: string): BigInt64Array | null {
    const {column, at} = this.#place(name);
    if (column.form !== "i64") return null;
    const ids = new BigInt64Array(this.rows);
    joinPlanes(new Uint8Array(ids.buffer), this.#bytes.subarray(at, at + column.bytes), 8);
    return ids;
  }

  #listOf({of}: PackedColumn, at: number): Float64Array {
    const list = new Float64Array(of!.count);
    unpackInto(list, of!.form, this.#bytes.subarray(at, at + of!.bytes));
    return list;
  }

  #codeAt({width = 1}: PackedColumn, at: number, row: number): number {
    let code = -1;
    for (let plane = 0; plane < width; plane++) code += this.#bytes[at + plane * this.rows + row] << (8 * plane);
    return code;
  }

  #codes({width = 1}: PackedColumn, at: number): Int16Array | Int32Array {
    const {rows} = this;
    const bytes = this.#bytes;
    const codes = (width === 1 ? new Int16Array(rows) : new Int32Array(rows)).fill(-1);
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

/** Unpacks as many numbers as the array has; whole ones only as far as a row, whose number it returns. */
function unpackInto(numbers: Numbers, form: NumberForm, bytes: Uint8Array, row = numbers.length - 1): number {
  if (form === "f32" || form === "f64") {
    const width = form === "f32" ? 4 : 8;
    const own = new Uint8Array(bytes.length);
    joinPlanes(own, bytes, width);
    numbers.set(form === "f32" ? new Float32Array(own.buffer) : new Float64Array(own.buffer));
    return numbers[row];
  }
  let [at, last, number] = [0, 0, Number.NaN];
  for (let i = 0; i <= row; i++) {
    let [value, scale] = [0, 1];
    for (; bytes[at] > 127; scale *= 128) value += (bytes[at++] & 127) * scale;
    value += bytes[at++] * scale;
    if (value === 0) number = Number.NaN;
    else {
      const whole = value % 2 === 1 ? (value - 1) / 2 : -value / 2;
      number = form === "steps" ? (last += whole) : whole;
    }
    if (i < numbers.length) numbers[i] = number;
  }
  return number;
}

/** Bytes of values side by side, from all first bytes, then all second ones. */
function joinPlanes(own: Uint8Array, bytes: Uint8Array, width: number): void {
  const count = own.length / width;
  for (let plane = 0; plane < width; plane++)
    for (let i = 0; i < count; i++) own[i * width + plane] = bytes[plane * count + i];
}

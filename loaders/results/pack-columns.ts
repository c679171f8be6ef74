import {deflateRawSync} from "node:zlib";
import type {NumberForm, PackedColumn, PackedHeader, UnpackedAs} from "../../src/lib/packed-columns.ts";

/** Packs the columns of a table one after another, so that no more than one of them is in memory as it was. */
export class ColumnPacker {
  readonly #rows: number;
  readonly #columns: PackedColumn[] = [];
  readonly #parts: Buffer[] = [];
  readonly #lists = new Map<string, Map<string, number>>();
  /** Columns of texts, whose codes are as wide as their list is long in the end. */
  readonly #coded: {readonly name: string; readonly list: string; readonly codes: Int32Array}[] = [];

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** NaN for null. Of the forms of numbers the one that packs smallest is taken. */
  numbers(name: string, values: Float64Array): void {
    const {column, bytes} = smallest(values);
    this.#put({name, ...column}, bytes);
  }

  ids(name: string, values: BigInt64Array): void {
    this.#put({name, form: "i64"}, bytePlanes(values));
  }

  /** Columns of the same list share its texts. */
  texts(name: string, values: readonly (string | null)[], list = name): void {
    const known = this.#lists.get(list) ?? new Map<string, number>();
    this.#lists.set(list, known);
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

  /** The columns in the form that `PackedColumns` reads; nothing can be added any more. */
  bytes(): Buffer {
    for (const {name, list, codes} of this.#coded.splice(0)) {
      const width = widthOf((this.#lists.get(list) as Map<string, number>).size);
      this.#put({name, form: "texts", list, width}, planes(codes, width));
    }
    const header: PackedHeader = {
      rows: this.#rows,
      columns: this.#columns,
      lists: Object.fromEntries([...this.#lists].map(([name, known]) => [name, [...known.keys()]]))
    };
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([length, text, ...this.#parts]);
  }

  #put(column: Omit<PackedColumn, "bytes">, bytes: Buffer): void {
    this.#columns.push({...column, bytes: bytes.length});
    this.#parts.push(bytes);
  }
}

interface Packed {
  readonly column: Omit<PackedColumn, "bytes" | "name">;
  readonly bytes: Buffer;
}

/** More distinct numbers than that are no list. */
const longestList = 65_000;

function smallest(values: Float64Array): Packed {
  const forms = [...plainForms(values), ...listed(values)];
  const as = narrowest(values);
  const {column, bytes} = best(forms);
  return {column: {...column, as}, bytes};
}

function listed(values: Float64Array): Packed[] {
  const known = new Map<number, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) continue;
    let code = known.get(value);
    if (code === undefined) known.set(value, (code = known.size + 1));
    codes[row] = code;
    if (known.size > longestList) return [];
  }
  const list = best(plainForms(Float64Array.from(known.keys())));
  const width = widthOf(known.size);
  const of = {form: list.column.form as NumberForm, count: known.size, bytes: list.bytes.length};
  return [{column: {form: "listed", width, of}, bytes: Buffer.concat([list.bytes, planes(codes, width)])}];
}

/** Pieces that tell how well a form packs; all of shorter columns. */
const [trialPieces, trialBytes] = [16, 32_768];

function best(forms: readonly Packed[]): Packed {
  if (forms.length === 1) return forms[0];
  const sizes = forms.map(({bytes}) => packedSize(bytes));
  return forms[sizes.indexOf(Math.min(...sizes))];
}

/** About what deflate makes of these bytes. */
function packedSize(bytes: Buffer): number {
  if (bytes.length <= trialPieces * trialBytes) return deflateRawSync(bytes, {level: 3}).length;
  const step = Math.floor((bytes.length - trialBytes) / (trialPieces - 1));
  const pieces = Array.from({length: trialPieces}, (_, k) => bytes.subarray(k * step, k * step + trialBytes));
  return (deflateRawSync(Buffer.concat(pieces), {level: 3}).length / (trialPieces * trialBytes)) * bytes.length;
}

/** The narrowest array that holds these numbers as they are. */
function narrowest(values: Float64Array): UnpackedAs {
  let [isByte, isSingle] = [true, true];
  for (let row = 0; row < values.length && isSingle; row++) {
    const value = values[row];
    if (!(value >= 0 && value <= 255 && Number.isInteger(value))) isByte = false;
    if (!Number.isNaN(value) && Math.fround(value) !== value) isSingle = false;
  }
  return isByte && isSingle ? "u8" : isSingle ? "f32" : "f64";
}

function plainForms(values: Float64Array): Packed[] {
  const has = (test: (value: number) => boolean) => values.every((value) => Number.isNaN(value) || test(value));
  const as = (form: NumberForm, bytes: Buffer): Packed => ({column: {form}, bytes});
  if (has((value) => Number.isSafeInteger(value) && Math.abs(value) < 2 ** 51)) {
    const whole = as("whole", wholes(values, false));
    return values.some(Number.isNaN) ? [whole] : [whole, as("steps", wholes(values, true))];
  }
  return has((value) => Math.fround(value) === value)
    ? [as("f32", bytePlanes(Float32Array.from(values)))]
    : [as("f64", bytePlanes(values))];
}

function wholes(values: Float64Array, isSteps: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  let [at, last] = [0, 0];
  for (const value of values) {
    const whole = isSteps ? value - last : value;
    last = value;
    let zigzag = Number.isNaN(whole) ? 0 : whole < 0 ? -whole * 2 : whole * 2 + 1;
    for (; zigzag > 127; zigzag = Math.floor(zigzag / 128)) bytes[at++] = (zigzag % 128) | 128;
    bytes[at++] = zigzag;
  }
  return Buffer.from(bytes.subarray(0, at));
}

/** All first bytes, then all second ones: they pack better so. */
function bytePlanes(values: Float32Array | Float64Array | BigInt64Array): Buffer {
  const own = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const width = values.BYTES_PER_ELEMENT;
  const bytes = Buffer.alloc(own.length);
  for (let i = 0; i < values.length; i++)
    for (let plane = 0; plane < width; plane++) bytes[plane * values.length + i] = own[i * width + plane];
  return bytes;
}

/** The same of codes. */
function planes(codes: Int32Array, width: number): Buffer {
  const bytes = Buffer.alloc(codes.length * width);
  for (let plane = 0; plane < width; plane++)
    for (let row = 0; row < codes.length; row++) bytes[plane * codes.length + row] = codes[row] >> (8 * plane);
  return bytes;
}

const widthOf = (most: number) => (most < 256 ? 1 : most < 65_536 ? 2 : 3);

import type {TextColumn} from "../../../schema/rows.ts";
import {encodings} from "../encoder/footer.ts";
import {readDeltas} from "./deltas.ts";
import {HybridReader} from "./hybrid.ts";
import type {ColumnPages, DataPage} from "./pages.ts";

type Numbers = Float32Array | Float64Array | Int32Array;

/** Parquet's physical types (parquet.thrift), and the bytes of those that numbers are read from. */
const types = {int32: 1, int64: 2, float: 4, double: 5, byteArray: 6} as const;
const sizes = {1: 4, 2: 8, 4: 4, 5: 8} as const;

/**
 * A column of 32-bit floats, read some rows at a time: many columns side by side then stay near the processor. NULL is NaN.
 */
export class FloatColumn {
  /** Where they stand by their codes, as most do. */
  readonly #codes: HybridReader | null = null;
  readonly #values: Float32Array;
  /** File and column, for errors. */
  readonly #where: string;
  #at = 0;

  constructor(where: string, pages: ColumnPages, type: number, rows: number) {
    this.#where = where;
    const [page] = pages.data;
    const isUsual = pages.data.length === 1 && !page.present && isCoded(page) && pages.dictionary;
    if (!isUsual || type !== types.float || rows === 0 || page.at >= page.bytes.length)
      this.#values = readNumbers(pages, type, new Float32Array(rows), Number.NaN);
    else {
      const {bytes, count} = pages.dictionary!;
      this.#values = plainNumbers(bytes, 0, type, count) as Float32Array;
      this.#codes = new HybridReader(page.bytes, page.at + 1, page.bytes.length, page.bytes[page.at]);
    }
  }

  /** The next `count` rows, to the beginning of `out`. */
  read(out: Float32Array, count: number): void {
    if (!this.#codes) {
      out.set(this.#values.subarray(this.#at, this.#at + count));
      this.#at += count;
      return;
    }
    if (scratch.length < count) scratch = new Int32Array(count);
    try {
      this.#codes.read(scratch, count);
    } catch (error) {
      throw new Error(`${this.#where}: ${(error as Error).message}`, {cause: error});
    }
    if (!lookUpFloats(scratch, count, this.#values, out, 0)) throw new Error(`${this.#where}: a code has no value`);
  }
}

/** Reads a column of numbers into `out`; NULL becomes `none`. */
export function readNumbers<T extends Numbers>(pages: ColumnPages, type: number, out: T, none: number): T {
  const dictionary = pages.dictionary && plainNumbers(pages.dictionary.bytes, 0, type, pages.dictionary.count);
  let from = 0;
  for (const page of pages.data) {
    const dense = page.present ? (new (out.constructor as Float64ArrayConstructor)(page.values) as T) : out;
    const start = page.present ? 0 : from;
    if (isCoded(page)) lookUp(codesOf(page), page.values, dictionary, dense, start);
    else if (page.encoding === encodings.plain) dense.set(plainNumbers(page.bytes, page.at, type, page.values), start);
    else if (page.encoding === encodings.deltas) {
      const values = new Float64Array(page.values);
      readDeltas(page.bytes, page.at, page.bytes.length, values);
      dense.set(values, start);
    } else throw new RangeError(`numbers of encoding ${page.encoding}`);
    if (page.present)
      for (let i = 0, k = 0; i < page.rows; i++) out[from + i] = page.present[i] === 1 ? dense[k++] : none;
    from += page.rows;
  }
  return out;
}

function lookUp(codes: Int32Array, count: number, dictionary: Numbers | null, out: Numbers, from: number): void {
  if (!dictionary) throw new RangeError("codes without values");
  // Most columns are of such numbers: a loop of their own stays quick.
  const isKnown =
    out instanceof Float32Array && dictionary instanceof Float32Array
      ? lookUpFloats(codes, count, dictionary, out, from)
      : lookUpOthers(codes, count, dictionary, out, from);
  if (!isKnown) throw new RangeError("a code has no value");
}

function lookUpFloats(codes: Int32Array, count: number, dictionary: Float32Array, out: Float32Array, from: number) {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const code = codes[i];
    most |= code;
    out[from + i] = dictionary[code];
  }
  // No code is above all of their bits together.
  return (most >= 0 && most < dictionary.length) || isWithin(codes, count, dictionary.length);
}

function lookUpOthers(codes: Int32Array, count: number, dictionary: Numbers, out: Numbers, from: number) {
  for (let i = 0; i < count; i++) out[from + i] = dictionary[codes[i]];
  return isWithin(codes, count, dictionary.length);
}

function isWithin(codes: Int32Array, count: number, length: number): boolean {
  for (let i = 0; i < count; i++) if (codes[i] >>> 0 >= length) return false;
  return true;
}

/** Reads a column of 64-bit identifiers without NULL. */
export function readIdentifiers(pages: ColumnPages, type: number, out: BigInt64Array): BigInt64Array {
  if (type !== types.int64) throw new RangeError(`identifiers of type ${type}`);
  const dictionary = pages.dictionary && identifiers(pages.dictionary.bytes, 0, pages.dictionary.count);
  let from = 0;
  for (const page of pages.data) {
    if (page.present) throw new RangeError("an identifier is NULL");
    if (isCoded(page)) {
      const codes = codesOf(page);
      if (!dictionary || !isWithin(codes, page.rows, dictionary.length)) throw new RangeError("a code has no value");
      for (let i = 0; i < page.rows; i++) out[from + i] = dictionary[codes[i]];
    } else if (page.encoding === encodings.plain) out.set(identifiers(page.bytes, page.at, page.rows), from);
    else throw new RangeError(`identifiers of encoding ${page.encoding}`);
    from += page.rows;
  }
  return out;
}

/** Reads a column of texts by their codes; `values` are distinct as far as the file's dictionary has them so. */
export function readTexts(pages: ColumnPages, type: number, rows: number): TextColumn {
  if (type !== types.byteArray) throw new RangeError(`texts of type ${type}`);
  const codes = new Int32Array(rows);
  const values = pages.dictionary ? plainTexts(pages.dictionary.bytes, 0, pages.dictionary.count) : [];
  let from = 0;
  for (const page of pages.data) {
    let dense = codesOfTexts(page, values);
    if (page.present) {
      const {present} = page;
      const own = dense;
      dense = new Int32Array(page.rows).fill(-1);
      for (let i = 0, k = 0; i < page.rows; i++) if (present[i] === 1) dense[i] = own[k++];
    }
    codes.set(dense, from);
    from += page.rows;
  }
  return {codes, values};
}

/** Codes of a page's texts; those that stand in the page itself are put behind `values`. */
function codesOfTexts(page: DataPage, values: string[]): Int32Array {
  if (isCoded(page)) {
    const codes = codesOf(page);
    if (!isWithin(codes, page.values, values.length)) throw new RangeError("a code has no text");
    return codes.slice(0, page.values);
  }
  if (page.encoding !== encodings.plain) throw new RangeError(`texts of encoding ${page.encoding}`);
  const first = values.length;
  for (const text of plainTexts(page.bytes, page.at, page.values)) values.push(text);
  return Int32Array.from({length: page.values}, (_, i) => first + i);
}

function isCoded({encoding}: DataPage): boolean {
  // 2: the same under its older name.
  return encoding === encodings.dictionary || encoding === 2;
}

let scratch = new Int32Array(1 << 17);

/** The codes of a page's values, valid until the next call; behind them lies something else. */
function codesOf({bytes, at, values}: DataPage): Int32Array {
  if (scratch.length < values) scratch = new Int32Array(values);
  if (values === 0) return scratch;
  if (at >= bytes.length) throw new RangeError("codes are cut short");
  new HybridReader(bytes, at + 1, bytes.length, bytes[at]).read(scratch, values);
  return scratch;
}

/** Whole numbers beyond 2^53 are not exact. */
function plainNumbers(bytes: Uint8Array, at: number, type: number, count: number): Numbers {
  const size = sizes[type as keyof typeof sizes];
  if (!size) throw new RangeError(`numbers of type ${type}`);
  if (count * size > bytes.length - at) throw new RangeError("numbers are cut short");
  // Where they lie they are not aligned.
  const {buffer} = copied(bytes, at, count * size);
  if (type === types.int32) return new Int32Array(buffer, 0, count);
  if (type === types.float) return new Float32Array(buffer, 0, count);
  if (type === types.double) return new Float64Array(buffer, 0, count);
  const halves = new Int32Array(buffer);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = (halves[2 * i] >>> 0) + halves[2 * i + 1] * 4_294_967_296;
  return values;
}

function identifiers(bytes: Uint8Array, at: number, count: number): BigInt64Array {
  if (count * 8 > bytes.length - at) throw new RangeError("identifiers are cut short");
  return new BigInt64Array(copied(bytes, at, count * 8).buffer, 0, count);
}

/** In memory of its own: what a Buffer's `slice` gives lies in the Buffer's. */
function copied(bytes: Uint8Array, at: number, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.subarray(at, at + length));
}

function plainTexts(bytes: Uint8Array, from: number, count: number): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    const end = at + 4 > bytes.length ? Number.POSITIVE_INFINITY : at + 4 + buffer.readUInt32LE(at);
    if (end > bytes.length) throw new RangeError("texts are cut short");
    texts.push(buffer.toString("utf8", at + 4, end));
    at = end;
  }
  return texts;
}

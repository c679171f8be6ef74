import {coreBytes} from "../../cores.ts";

/** What `core/index.ts` exports. Addresses are offsets in its memory. */
interface Core {
  readonly memory: WebAssembly.Memory;
  prepare(rows: number, inputBytes: number, textBytes: number, sourceBytes: number): void;
  region(number: number): number;
  result(number: number): number;
  sort(form: number, rows: number, isFirst: boolean): number;
  numbers(kind: number, from: number, count: number, isOrdered: boolean): void;
  codes(from: number, count: number, isOrdered: boolean, pieces: number, sourceBytes: number): number;
  fixedTexts(width: number, from: number, count: number, isOrdered: boolean): void;
  addresses(rows: number, from: number, count: number, isOrdered: boolean): void;
}

/** What a column's numbers come as and what they become; the numbers of `numbers` in core/index.ts. */
export const numberKinds = {
  "f32 FLOAT": 0,
  "f64 FLOAT": 1,
  "f64 DOUBLE": 2,
  "f64 INT32": 3,
  "f64 INT64": 4,
  "i64 INT64": 5,
  "f64 BOOLEAN": 6
} as const;

/** What numbers come as. */
export type NumberForm = "f32" | "f64" | "i64";
const numberForms: readonly NumberForm[] = ["f32", "f64", "i64"];

/** Rows of a file that one column chunk holds: `count` from row `from` of the file's order. */
export interface RowRange {
  readonly from: number;
  readonly count: number;
}

/** The pages of one column chunk, not yet compressed: views that the next column overwrites. */
export interface EncodedColumn {
  readonly nulls: number;
  /** Values of the dictionary page; -1 where there is none and the data page holds the values (PLAIN, or by differences). */
  readonly distinct: number;
  /** Of the values where they have no dictionary, by the format's number: PLAIN, or by differences. */
  readonly encoding: number;
  readonly dictionary: Uint8Array;
  readonly data: Uint8Array;
}

/**
 * Encodes columns as Parquet pages in WebAssembly. A file's use of it: `prepare`, `sort`, then for each column its
 * rows into `input` (and `sources`) and one of the encoding calls.
 */
export class ColumnEncoder {
  readonly #core: Core;
  #isOrdered = false;

  private constructor(core: Core) {
    this.#core = core;
  }

  /** A new encoder with memory of its own. */
  static async load(): Promise<ColumnEncoder> {
    const {instance} = await WebAssembly.instantiate(await coreBytes("encoder"), {env: {abort: outOfMemory}});
    return new ColumnEncoder(instance.exports as unknown as Core);
  }

  /** Makes room for a file: its rows, and the bytes of its widest column's input, dictionary texts and their sources. */
  prepare(rows: number, inputBytes: number, textBytes: number, sourceBytes: number): void {
    this.#core.prepare(rows, inputBytes, textBytes, sourceBytes);
    this.#isOrdered = false;
  }

  /** Where a column's rows go. */
  get input(): Place {
    return {memory: this.#core.memory.buffer, at: this.#core.region(0)};
  }

  /** Where the texts of a column by code go. */
  get sources(): Place {
    return {memory: this.#core.memory.buffer, at: this.#core.region(4)};
  }

  /**
   * Sorts the file's rows by the numbers in `input`, ascending, NULL last; by a further column those rows that the ones
   * before left equal. Whether any still are. Without it rows stay as they came, as equal ones do.
   */
  sort(form: NumberForm, rows: number): boolean {
    const hasTies = this.#core.sort(numberForms.indexOf(form), rows, !this.#isOrdered) !== 0;
    this.#isOrdered = true;
    return hasTies;
  }

  numbers(kind: keyof typeof numberKinds, {from, count}: RowRange): void {
    this.#core.numbers(numberKinds[kind], from, count, this.#isOrdered);
  }

  /**
   * Texts by code, in pieces of rows: `sources` has for each piece its rows, its texts and their bytes (u32), behind
   * these all texts, `bytes` in number (for each its length, u32, and its bytes). Throws where the codes do not fit them.
   */
  codes({from, count}: RowRange, pieces: number, bytes: number): void {
    const found = this.#core.codes(from, count, this.#isOrdered, pieces, bytes);
    if (found < 0) throw new RangeError(found === -1 ? "a code has no text" : "texts are cut short");
  }

  fixedTexts(width: number, {from, count}: RowRange): void {
    this.#core.fixedTexts(width, from, count, this.#isOrdered);
  }

  /** Addresses: 16 bytes a row for all `rows` of the file, behind them a byte a row with their version. */
  addresses(rows: number, {from, count}: RowRange): void {
    this.#core.addresses(rows, from, count, this.#isOrdered);
  }

  /** What became of the column encoded last. */
  get column(): EncodedColumn {
    const core = this.#core;
    const {buffer} = core.memory;
    return {
      nulls: core.result(0),
      distinct: core.result(1),
      encoding: core.result(5),
      dictionary: new Uint8Array(buffer, core.region(1), core.result(2)),
      data: new Uint8Array(buffer, core.region(2), core.result(3))
    };
  }

  /** Least and greatest number of the column encoded last, as little-endian bytes of its Parquet type; null without. */
  numberBounds(bytes: 4 | 8): readonly [least: Uint8Array, greatest: Uint8Array] | null {
    if (this.#core.result(4) === 0) return null;
    const at = this.#core.region(3);
    const part = (from: number) => new Uint8Array(this.#core.memory.buffer, from, bytes).slice();
    return [part(at), part(at + 8)];
  }

  /** Least and greatest text of the column encoded last, by its bytes; null without. */
  textBounds(): readonly [least: Uint8Array, greatest: Uint8Array] | null {
    if (this.#core.result(4) === 0) return null;
    const {buffer} = this.#core.memory;
    const [least, leastBytes, greatest, greatestBytes] = new Uint32Array(buffer, this.#core.region(3), 4);
    return [new Uint8Array(buffer, least, leastBytes).slice(), new Uint8Array(buffer, greatest, greatestBytes).slice()];
  }
}

/** A place in the encoder's memory; it holds until the next `prepare`. */
export interface Place {
  readonly memory: ArrayBuffer;
  readonly at: number;
}

function outOfMemory(): never {
  throw new Error("the Parquet encoder ran out of memory");
}

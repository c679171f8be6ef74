import type {AddressColumn, ColumnData, RowBatch, TextColumn} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";
import type {AddressPlace} from "../meter/meter.ts";

const firstCapacity = 256;

/** A text that goes into the same column again and again: it remembers its code there. */
export class CodedText {
  readonly value: string;
  /** Of which values of the column `code` is a place; null before it was set first. */
  generation: object | null = null;
  code = -1;

  constructor(value: string) {
    this.value = value;
  }
}

/** Values of a text column under way; each distinct text is kept once. */
export class TextBuilder {
  codes = new Int32Array(firstCapacity).fill(-1);
  #values: string[] = [];
  /** Stands for `#values` where they must not be held. */
  #generation: object = {};
  #codeOf = new Map<string, number>();
  /** The text last set: many columns have few. */
  #last: string | null = null;
  #lastCode = -1;

  set(row: number, text: string | null): void {
    if (row >= this.codes.length)
      this.codes = grown(this.codes, new Int32Array(Math.max(row + 1, this.codes.length * 2)).fill(-1));
    if (text === null) {
      this.codes[row] = -1;
      return;
    }
    if (text !== this.#last) {
      let code = this.#codeOf.get(text);
      if (code === undefined) {
        code = this.#values.push(text) - 1;
        this.#codeOf.set(text, code);
      }
      this.#last = text;
      this.#lastCode = code;
    }
    this.codes[row] = this.#lastCode;
  }

  setCoded(row: number, text: CodedText): void {
    if (text.generation === this.#generation && row < this.codes.length) this.codes[row] = text.code;
    else {
      this.set(row, text.value);
      text.code = this.codes[row];
      text.generation = this.#generation;
    }
  }

  /** The first `rows` rows as a column; the builder begins anew, with all rows NULL. */
  take(rows: number): TextColumn {
    const codes = new Int32Array(rows).fill(-1);
    codes.set(this.codes.subarray(0, rows));
    this.codes.fill(-1);
    const values = this.#values;
    this.#values = [];
    this.#generation = {};
    this.#codeOf = new Map();
    this.#last = null;
    return {codes, values};
  }
}

/** A column of addresses under way. */
class AddressBuilder {
  #words = new Int32Array(firstCapacity * addressWords);
  #versions = new Uint8Array(firstCapacity);

  set(row: number, {words, at, version}: AddressPlace): void {
    if (row >= this.#versions.length) {
      const rows = Math.max(row + 1, this.#versions.length * 2);
      this.#words = grown(this.#words, new Int32Array(rows * addressWords));
      this.#versions = grown(this.#versions, new Uint8Array(rows));
    }
    const own = this.#words;
    const to = row * addressWords;
    this.#versions[row] = version;
    own[to] = words[at];
    const isLong = version !== 4;
    own[to + 1] = isLong ? words[at + 1] : 0;
    own[to + 2] = isLong ? words[at + 2] : 0;
    own[to + 3] = isLong ? words[at + 3] : 0;
  }

  /** The first `rows` rows, each of which was set. */
  take(rows: number): AddressColumn {
    const addresses = new Uint8Array(this.#words.slice(0, rows * addressWords).buffer);
    return {addresses, stride: addressWords * 4, versions: this.#versions.slice(0, rows), versionStride: 1};
  }
}

const addressWords = 4;

/** Columns that every table of records begins with: `flow_id`, `capture_sha256`, `ts`. */
const [idColumn, captureColumn, tsColumn] = [0, 1, 2];

/** Rows of one table of application records under way to the lake. */
export class RowBuffer {
  readonly table: TableName;
  rows = 0;
  /** Rows that may wait at most; more are dropped and counted. */
  readonly maxRows: number;
  droppedRows = 0;
  readonly #captureSha256: string;
  /** By column; of a column that holds the other kind, an empty one. */
  readonly #texts: readonly TextBuilder[];
  readonly #numbers: Float64Array[];
  readonly #isText: readonly boolean[];
  readonly #addresses: readonly (AddressBuilder | null)[];
  #ids = new BigInt64Array(firstCapacity);
  #idHalves = halves(this.#ids);
  #capacity = firstCapacity;

  constructor(name: TableName, captureSha256: string, maxRows: number) {
    this.table = name;
    this.maxRows = maxRows;
    this.#captureSha256 = captureSha256;
    const {columns} = table(name);
    this.#addresses = columns.map(({name}) => (isAddress(name) ? new AddressBuilder() : null));
    this.#isText = columns.map(({type}) => type === "VARCHAR");
    this.#texts = columns.map(() => new TextBuilder());
    this.#numbers = this.#isText.map((isText, i) => new Float64Array(isText || i === idColumn ? 0 : firstCapacity));
  }

  /**
   * Begins a row; -1 where too many wait. `text` and `number` then fill it, each column of it once: what a row before
   * left there is not cleared.
   */
  add(flowHi: number, flowLo: number, ts: number): number {
    if (this.rows >= this.maxRows) {
      this.droppedRows++;
      return -1;
    }
    const row = this.rows++;
    if (row >= this.#capacity) this.#grow();
    // The halves of the identifier, in this machine's byte order: a BigInt would be made for each row.
    this.#idHalves[2 * row + highHalf] = flowHi;
    this.#idHalves[2 * row + 1 - highHalf] = flowLo;
    this.#numbers[tsColumn][row] = ts;
    return row;
  }

  /** Sets a text, by the column's place in the table's list. */
  text(row: number, column: number, value: string | null): void {
    this.#texts[column].set(row, value);
  }

  /** As `text`, with one that was made for this column. */
  codedText(row: number, column: number, text: CodedText | null): void {
    if (text === null) this.#texts[column].set(row, null);
    else this.#texts[column].setCoded(row, text);
  }

  /** Sets an address, by the column's place in the table's list. */
  address(row: number, column: number, place: AddressPlace): void {
    this.#addresses[column]!.set(row, place);
  }

  /** Sets a number, by the column's place in the table's list; null and NaN are NULL. */
  number(row: number, column: number, value: number | null): void {
    this.#numbers[column][row] = value === null ? Number.NaN : value;
  }

  /** The rows so far as a batch, null where there are none; the buffer begins anew. */
  take(): RowBatch | null {
    const {rows} = this;
    if (rows === 0) return null;
    const columns = this.#isText.map((isText, i): ColumnData | AddressColumn => {
      if (i === idColumn) return this.#ids.slice(0, rows);
      if (i === captureColumn) return {codes: new Int32Array(rows), values: [this.#captureSha256]};
      const addresses = this.#addresses[i];
      if (addresses) return addresses.take(rows);
      return isText ? this.#texts[i].take(rows) : this.#numbers[i].slice(0, rows);
    });
    this.rows = 0;
    return {table: this.table, rows, columns};
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const [i, values] of this.#numbers.entries())
      if (values.length > 0) this.#numbers[i] = grown(values, new Float64Array(this.#capacity));
    this.#ids = grown(this.#ids, new BigInt64Array(this.#capacity));
    this.#idHalves = halves(this.#ids);
  }
}

/** Columns that hold addresses of the flow: they are kept as bytes. */
const isAddress = (name: string) => name.endsWith("_ip");

const highHalf = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

const halves = (ids: BigInt64Array) => new Int32Array(ids.buffer);

/** The larger array with the smaller one's values at its beginning. */
export function grown<T extends {set(values: never): void}>(from: T, to: T): T {
  to.set(from as never);
  return to;
}

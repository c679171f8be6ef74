import type {ColumnData, RowBatch, TextColumn} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";

const firstCapacity = 256;

/** Values of a text column under way; each distinct text is kept once. */
export class TextBuilder {
  codes = new Int32Array(firstCapacity).fill(-1);
  #values: string[] = [];
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

  /** The first `rows` rows as a column; the builder begins anew, with all rows NULL. */
  take(rows: number): TextColumn {
    const codes = new Int32Array(rows).fill(-1);
    codes.set(this.codes.subarray(0, rows));
    this.codes.fill(-1);
    const values = this.#values;
    this.#values = [];
    this.#codeOf = new Map();
    this.#last = null;
    return {codes, values};
  }
}

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
  #ids = new BigInt64Array(firstCapacity);
  #idHalves = halves(this.#ids);
  #capacity = firstCapacity;

  constructor(name: TableName, captureSha256: string, maxRows: number) {
    this.table = name;
    this.maxRows = maxRows;
    this.#captureSha256 = captureSha256;
    const {columns} = table(name);
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

  /** Sets a number, by the column's place in the table's list; null and NaN are NULL. */
  number(row: number, column: number, value: number | null): void {
    this.#numbers[column][row] = value === null ? Number.NaN : value;
  }

  /** The rows so far as a batch, null where there are none; the buffer begins anew. */
  take(): RowBatch | null {
    const {rows} = this;
    if (rows === 0) return null;
    const columns = this.#isText.map((isText, i): ColumnData => {
      if (i === idColumn) return this.#ids.slice(0, rows);
      if (i === captureColumn) return {codes: new Int32Array(rows), values: [this.#captureSha256]};
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

const highHalf = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

const halves = (ids: BigInt64Array) => new Int32Array(ids.buffer);

/** The larger array with the smaller one's values at its beginning. */
export function grown<T extends {set(values: never): void}>(from: T, to: T): T {
  to.set(from as never);
  return to;
}

import type {ColumnData, RowBatch, TextColumn} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";

const firstCapacity = 256;

/** Values of a text column under way; each distinct text is kept once. */
export class TextBuilder {
  codes = new Int32Array(firstCapacity).fill(-1);
  #values: string[] = [];
  #codeOf = new Map<string, number>();

  set(row: number, text: string | null): void {
    if (row >= this.codes.length)
      this.codes = grown(this.codes, new Int32Array(Math.max(row + 1, this.codes.length * 2)).fill(-1));
    if (text === null) {
      this.codes[row] = -1;
      return;
    }
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.#values.push(text) - 1;
      this.#codeOf.set(text, code);
    }
    this.codes[row] = code;
  }

  /** The first `rows` rows as a column; the builder begins anew, with all rows NULL. */
  take(rows: number): TextColumn {
    const codes = new Int32Array(rows).fill(-1);
    codes.set(this.codes.subarray(0, rows));
    this.codes.fill(-1);
    const values = this.#values;
    this.#values = [];
    this.#codeOf = new Map();
    return {codes, values};
  }
}

type Builder = TextBuilder | Float64Array | BigInt64Array;

/** Rows of one table of application records under way to the lake: its `flow_id`, `capture_sha256`, `ts`, then the rest. */
export class RowBuffer {
  readonly table: TableName;
  rows = 0;
  /** Rows that may wait at most; more are dropped and counted. */
  readonly maxRows: number;
  droppedRows = 0;
  readonly #captureSha256: string;
  #columns: Builder[];
  #idHalves: Int32Array;

  constructor(name: TableName, captureSha256: string, maxRows: number) {
    this.table = name;
    this.maxRows = maxRows;
    this.#captureSha256 = captureSha256;
    this.#columns = this.#builders(firstCapacity);
    this.#idHalves = halves(this.#columns[0] as BigInt64Array);
  }

  /** Adds a row; `values` are those of the columns behind `ts`, in their order. */
  add(flowHi: number, flowLo: number, ts: number, values: readonly (string | number | null)[]): void {
    if (this.rows >= this.maxRows) {
      this.droppedRows++;
      return;
    }
    const row = this.rows++;
    if (row >= (this.#columns[2] as Float64Array).length) this.#grow();
    const columns = this.#columns;
    // The halves of the identifier, in this machine's byte order: a BigInt would be made for each row.
    this.#idHalves[2 * row + highHalf] = flowHi;
    this.#idHalves[2 * row + 1 - highHalf] = flowLo;
    (columns[2] as Float64Array)[row] = ts;
    for (let i = 0; i < values.length; i++) {
      const column = columns[i + 3];
      const value = values[i];
      if (column instanceof TextBuilder) column.set(row, value as string | null);
      else (column as Float64Array)[row] = value === null ? Number.NaN : (value as number);
    }
  }

  /** The rows so far as a batch, null where there are none; the buffer begins anew. */
  take(): RowBatch | null {
    const {rows} = this;
    if (rows === 0) return null;
    const columns = this.#columns.map((column, i): ColumnData => {
      if (i === 1) return {codes: new Int32Array(rows), values: [this.#captureSha256]};
      return column instanceof TextBuilder ? column.take(rows) : column.slice(0, rows);
    });
    this.rows = 0;
    return {table: this.table, rows, columns};
  }

  #builders(capacity: number): Builder[] {
    return table(this.table).columns.map(({name, type}) => {
      if (type === "VARCHAR") return new TextBuilder();
      return name === "flow_id" ? new BigInt64Array(capacity) : new Float64Array(capacity);
    });
  }

  #grow(): void {
    this.#columns = this.#columns.map((column) => {
      if (column instanceof TextBuilder) return column;
      const length = column.length * 2;
      return column instanceof BigInt64Array
        ? grown(column, new BigInt64Array(length))
        : grown(column, new Float64Array(length));
    });
    this.#idHalves = halves(this.#columns[0] as BigInt64Array);
  }
}

const highHalf = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

const halves = (ids: BigInt64Array) => new Int32Array(ids.buffer);

/** The larger array with the smaller one's values at its beginning. */
function grown<T extends {set(values: never): void}>(from: T, to: T): T {
  to.set(from as never);
  return to;
}

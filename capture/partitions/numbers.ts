import nb, {type Vector} from "@duckdb/node-bindings";
import type {ColumnType} from "../../schema/column.ts";
import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import {markNulls} from "./validity.ts";
import {type BoundColumn, type ColumnBuffer, logicalType, plain, vectorSize} from "./vectors.ts";

type Cells = Float32Array | Float64Array | Int32Array | Int16Array | Uint8Array | BigInt64Array;
type Numbers = Float64Array | Float32Array | BigInt64Array;

const cellsOf: Record<Exclude<ColumnType, "VARCHAR">, new (length: number) => Cells> = {
  FLOAT: Float32Array,
  DOUBLE: Float64Array,
  INTEGER: Int32Array,
  SMALLINT: Int16Array,
  BOOLEAN: Uint8Array,
  BIGINT: BigInt64Array,
  TIMESTAMP: BigInt64Array
};

/**
 * Numbers, kept as they came until their file is written and then brought into one array in the width of their SQL
 * type. NaN is NULL: floats keep it as their mark, whole numbers have a flag beside.
 */
export class NumberBuffer implements ColumnBuffer {
  readonly textBytes = 0;
  readonly #name: string;
  readonly #type: Exclude<ColumnType, "VARCHAR">;
  #pieces: {values: Numbers; rows: number}[] = [];
  #rows = 0;
  #cells: Cells;
  /** Rows of the pieces that are in `cells` already: all or none. */
  #settled = 0;
  /** 1 where NULL; null where there is none (and for floats). */
  #nulls: Uint8Array | null = null;
  readonly #scratch: Cells;
  /** Where the filling from pieces stands: a piece and the row it begins with. */
  #piece = 0;
  #pieceStart = 0;

  constructor(name: string, type: Exclude<ColumnType, "VARCHAR">) {
    this.#name = name;
    this.#type = type;
    this.#cells = new cellsOf[type](0);
    this.#scratch = new cellsOf[type](vectorSize);
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return !("codes" in data || "width" in data || "addresses" in data);
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    if (!this.accepts(data)) throw new Error(`column ${this.#name}: expected numbers, found texts`);
    this.#pieces.push({values: data as Numbers, rows});
    this.#rows += rows;
  }

  bind(): BoundColumn {
    // Floats in their own width are copied from where they lie, piece by piece.
    if (!this.#isPlainFloats()) this.#settle();
    this.#piece = 0;
    this.#pieceStart = 0;
    return plain(this.#name, logicalType(this.#type));
  }

  fill([vector]: readonly Vector[], from: number, count: number, order: Uint32Array | null): void {
    if (!order && this.#settled !== this.#rows) {
      this.#fillFromPieces(vector, from, count);
      return;
    }
    this.#settle();
    const cells = this.#cells;
    const scratch = this.#scratch;
    const width = cells.BYTES_PER_ELEMENT;
    if (order) {
      gather(cells, scratch, order, from, count);
      nb.copy_data_to_vector(vector, 0, scratch.buffer as ArrayBuffer, 0, count * width);
    } else
      nb.copy_data_to_vector(vector, 0, cells.buffer as ArrayBuffer, cells.byteOffset + from * width, count * width);
    const nulls = this.#nulls;
    if (cells instanceof Float32Array || cells instanceof Float64Array) {
      const shown = order ? (scratch as Float32Array) : cells;
      const first = order ? 0 : from;
      if (hasNaN(shown, first, count)) markNulls(vector, count, (i) => Number.isNaN(shown[first + i]));
    } else if (nulls) markNulls(vector, count, (i) => nulls[order ? order[from + i] : from + i] === 1);
  }

  key(row: number): number {
    if (this.#settled !== this.#rows) this.#settle();
    const value = Number(this.#cells[row]);
    return this.#nulls?.[row] || Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  }

  clear(): void {
    this.#pieces = [];
    this.#rows = 0;
    this.#settled = 0;
    this.#nulls = null;
  }

  #isPlainFloats(): boolean {
    return this.#type === "FLOAT" && this.#pieces.every(({values}) => values instanceof Float32Array);
  }

  /** Rows are asked for from the first to the last: the piece they lie in is never behind the last one. */
  #fillFromPieces(vector: Vector, from: number, count: number): void {
    const scratch = this.#scratch as Float32Array;
    let done = 0;
    while (done < count) {
      const {values, rows} = this.#pieces[this.#piece] as {values: Float32Array; rows: number};
      const at = from + done - this.#pieceStart;
      const part = Math.min(count - done, rows - at);
      if (part > 0) {
        const shown = values.subarray(at, at + part);
        nb.copy_data_to_vector(vector, done * 4, values.buffer as ArrayBuffer, shown.byteOffset, part * 4);
        scratch.set(shown, done);
        done += part;
      }
      if (done < count) {
        this.#pieceStart += rows;
        this.#piece++;
      }
    }
    if (hasNaN(scratch, 0, count)) markNulls(vector, count, (i) => Number.isNaN(scratch[i]));
  }

  /** Brings the pieces into one array; its memory is kept for the next file. */
  #settle(): void {
    if (this.#settled === this.#rows) return;
    if (this.#cells.length < this.#rows) this.#cells = new cellsOf[this.#type](this.#rows);
    let row = 0;
    for (const {values, rows} of this.#pieces) {
      this.#take(values, rows, row);
      row += rows;
    }
    this.#settled = this.#rows;
    this.#pieces = [];
  }

  #take(values: Numbers, rows: number, row: number): void {
    const cells = this.#cells;
    if (values instanceof BigInt64Array) {
      if (cells instanceof BigInt64Array) cells.set(values.subarray(0, rows), row);
      else for (let i = 0; i < rows; i++) cells[row + i] = Number(values[i]);
    } else if (cells instanceof BigInt64Array) this.#takeWide(new Int32Array(cells.buffer), values, rows, row);
    else if (cells instanceof Float32Array || cells instanceof Float64Array) cells.set(values.subarray(0, rows), row);
    else this.#takeNarrow(cells, values, rows, row);
  }

  /** A double's whole value in two halves: no BigInt is made. */
  #takeWide(halves: Int32Array, values: Float64Array | Float32Array, rows: number, row: number): void {
    for (let i = 0, at = row * 2; i < rows; i++, at += 2) {
      const value = values[i];
      halves[at] = value;
      halves[at + 1] = Math.floor(value / 4294967296);
    }
    this.#markNaN(values, rows, row);
  }

  #takeNarrow(
    cells: Int32Array | Int16Array | Uint8Array,
    values: Float64Array | Float32Array,
    rows: number,
    row: number
  ): void {
    for (let i = 0; i < rows; i++) cells[row + i] = values[i];
    this.#markNaN(values, rows, row);
  }

  #markNaN(values: Float64Array | Float32Array, rows: number, row: number): void {
    if (!hasNaN(values, 0, rows)) return;
    this.#nulls ??= new Uint8Array(this.#rows);
    for (let i = 0; i < rows; i++) if (Number.isNaN(values[i])) this.#nulls[row + i] = 1;
  }
}

function gather(cells: Cells, into: Cells, order: Uint32Array, from: number, count: number): void {
  if (cells instanceof BigInt64Array) {
    // Two 32-bit copies instead of a BigInt per cell.
    const source = new Int32Array(cells.buffer);
    const target = new Int32Array(into.buffer);
    for (let i = 0; i < count; i++) {
      const at = order[from + i] * 2;
      target[i * 2] = source[at];
      target[i * 2 + 1] = source[at + 1];
    }
  } else for (let i = 0; i < count; i++) (into as Float64Array)[i] = (cells as Float64Array)[order[from + i]];
}

function hasNaN(values: Float32Array | Float64Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

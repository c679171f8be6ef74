import nb, {type Vector} from "@duckdb/node-bindings";
import type {ColumnType} from "../../schema/column.ts";
import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import {markNulls} from "./validity.ts";
import {type BoundColumn, type ColumnBuffer, logicalType, plain, vectorSize} from "./vectors.ts";

type Cells = Float32Array | Float64Array | Int32Array | Int16Array | Uint8Array | BigInt64Array;

const cellsOf: Record<Exclude<ColumnType, "VARCHAR">, new (length: number) => Cells> = {
  FLOAT: Float32Array,
  DOUBLE: Float64Array,
  INTEGER: Int32Array,
  SMALLINT: Int16Array,
  BOOLEAN: Uint8Array,
  BIGINT: BigInt64Array,
  TIMESTAMP: BigInt64Array
};

/** Numbers in the width their SQL type has. NaN is NULL: floats keep it as their mark, whole numbers a flag beside. */
export class NumberBuffer implements ColumnBuffer {
  readonly textBytes = 0;
  readonly #name: string;
  readonly #type: Exclude<ColumnType, "VARCHAR">;
  #cells: Cells;
  /** 1 where NULL; null as long as there was none (never used for floats). */
  #nulls: Uint8Array | null = null;
  #rows = 0;
  #scratch: Cells;

  constructor(name: string, type: Exclude<ColumnType, "VARCHAR">) {
    this.#name = name;
    this.#type = type;
    this.#cells = new cellsOf[type](vectorSize);
    this.#scratch = new cellsOf[type](vectorSize);
  }

  accepts(data: ColumnData | AddressColumn): boolean {
    return !("codes" in data || "width" in data || "addresses" in data);
  }

  append(data: ColumnData | AddressColumn, rows: number): void {
    if (!this.accepts(data)) throw new Error(`column ${this.#name}: expected numbers, found texts`);
    const values = data as Float64Array | Float32Array | BigInt64Array;
    this.#grow(this.#rows + rows);
    const cells = this.#cells;
    if (values instanceof BigInt64Array) this.#appendIds(values, rows);
    else if (cells instanceof BigInt64Array) this.#appendWide(cells, values, rows);
    else if (cells instanceof Float32Array || cells instanceof Float64Array)
      cells.set(values.length === rows ? values : values.subarray(0, rows), this.#rows);
    else this.#appendNarrow(cells, values, rows);
    this.#rows += rows;
  }

  bind(): BoundColumn {
    return plain(this.#name, logicalType(this.#type));
  }

  fill([vector]: readonly Vector[], from: number, count: number, order: Uint32Array | null): void {
    const cells = this.#cells;
    const width = cells.BYTES_PER_ELEMENT;
    if (order) {
      gather(cells, this.#scratch, order, from, count);
      nb.copy_data_to_vector(vector, 0, this.#scratch.buffer as ArrayBuffer, 0, count * width);
    } else nb.copy_data_to_vector(vector, 0, cells.buffer as ArrayBuffer, from * width, count * width);
    const nulls = this.#nulls;
    if (cells instanceof Float32Array || cells instanceof Float64Array) {
      const shown = order ? (this.#scratch as Float32Array) : cells.subarray(from, from + count);
      if (hasNaN(shown, count)) markNulls(vector, count, (i) => Number.isNaN(shown[i]));
    } else if (nulls) markNulls(vector, count, (i) => nulls[order ? order[from + i] : from + i] === 1);
  }

  key(row: number): number {
    const value = Number(this.#cells[row]);
    return this.#nulls?.[row] || Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  }

  clear(): void {
    this.#rows = 0;
    this.#nulls = null;
  }

  #grow(rows: number): void {
    if (rows <= this.#cells.length) return;
    const length = Math.max(rows, this.#cells.length * 2);
    const cells = new cellsOf[this.#type](length);
    (cells as Float64Array).set(this.#cells as Float64Array);
    this.#cells = cells;
    if (!this.#nulls) return;
    const nulls = new Uint8Array(length);
    nulls.set(this.#nulls);
    this.#nulls = nulls;
  }

  #setNull(row: number): void {
    this.#nulls ??= new Uint8Array(this.#cells.length);
    this.#nulls[row] = 1;
  }

  #appendIds(values: BigInt64Array, rows: number): void {
    if (this.#cells instanceof BigInt64Array) this.#cells.set(values.subarray(0, rows), this.#rows);
    else for (let i = 0; i < rows; i++) this.#cells[this.#rows + i] = Number(values[i]);
  }

  /** A double's whole value in two halves: no BigInt is made. */
  #appendWide(cells: BigInt64Array, values: Float64Array | Float32Array, rows: number): void {
    const halves = new Int32Array(cells.buffer);
    for (let i = 0, at = this.#rows * 2; i < rows; i++, at += 2) {
      const value = values[i];
      halves[at] = value;
      halves[at + 1] = Math.floor(value / 4294967296);
      if (Number.isNaN(value)) this.#setNull(this.#rows + i);
    }
  }

  #appendNarrow(cells: Int32Array | Int16Array | Uint8Array, values: Float64Array | Float32Array, rows: number): void {
    for (let i = 0, at = this.#rows; i < rows; i++, at++) {
      const value = values[i];
      cells[at] = value;
      if (Number.isNaN(value)) this.#setNull(at);
    }
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

function hasNaN(values: Float32Array | Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

import type {Table} from "../../schema/column.ts";
import type {RowBatch} from "../../schema/rows.ts";
import type {ColumnBuffer} from "./column-buffer.ts";
import {columnBuffer, emptyColumnBuffer} from "./columns.ts";

/** Rows of one table waiting for their file, a buffer a column. */
export class TableBuffer {
  readonly table: Table;
  #columns: ColumnBuffer[];
  #rows = 0;
  #blocks: ArrayBuffer[] = [];

  constructor(table: Table) {
    this.table = table;
    this.#columns = table.columns.map(emptyColumnBuffer);
  }

  get rows(): number {
    return this.#rows;
  }

  get columns(): readonly ColumnBuffer[] {
    return this.#columns;
  }

  get textBytes(): number {
    return this.#columns.reduce((sum, column) => sum + column.textBytes, 0);
  }

  /** False where the batch brings a column in another form than the rows waiting: those must be written first. */
  accepts(batch: RowBatch): boolean {
    return this.#rows === 0 || batch.columns.every((data, k) => this.#columns[k].accepts(data));
  }

  /** Appends a batch. Throws where it does not have the table's columns. */
  append(batch: RowBatch): void {
    const {columns} = this.table;
    if (batch.columns.length !== columns.length)
      throw new Error(`table ${batch.table}: expected ${columns.length} columns, found ${batch.columns.length}`);
    if (batch.rows === 0) return;
    if (this.#rows === 0)
      this.#columns = columns.map((column, k) => {
        const kept = this.#columns[k];
        return kept.accepts(batch.columns[k]) ? kept : columnBuffer(column, batch.columns[k]);
      });
    for (const [k, data] of batch.columns.entries()) this.#columns[k].append(data, batch.rows);
    this.#rows += batch.rows;
    if (batch.memory) this.#blocks.push(batch.memory);
  }

  /** The buffers of the columns that the table's files are sorted by. */
  get sortColumns(): readonly ColumnBuffer[] {
    return this.table.sortBy.map((name) => this.#columns[this.table.columns.findIndex((c) => c.name === name)]);
  }

  /** Forgets the rows; returns the blocks of memory they came in, which nobody uses any more. */
  clear(): ArrayBuffer[] {
    for (const column of this.#columns) column.clear();
    this.#rows = 0;
    return this.#blocks.splice(0);
  }
}

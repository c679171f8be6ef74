import {rmSync} from "node:fs";
import type {DuckDBConnection, DuckDBInstance} from "@duckdb/node-api";
import type {Room} from "./column-buffer.ts";
import {syncFile} from "./durable.ts";
import {ColumnEncoder} from "./encoder/encoder.ts";
import {ParquetFile} from "./encoder/parquet-file.ts";
import type {TableBuffer} from "./table-buffer.ts";

/** Rows in a row group: DuckDB's own size, a unit of its work. */
const rowGroupRows = 122_880;

/**
 * Writes buffered rows to Parquet files. The pages are encoded in WebAssembly, a column at a time: a tenth of what
 * DuckDB's COPY costs for the same rows (docs/decisions/parquet-encoder.md).
 */
export class ParquetWriter {
  readonly #encoder: ColumnEncoder;
  #instance: DuckDBInstance | null = null;
  #connection: DuckDBConnection | null = null;

  private constructor(encoder: ColumnEncoder) {
    this.#encoder = encoder;
  }

  static async open(): Promise<ParquetWriter> {
    return new ParquetWriter(await ColumnEncoder.load());
  }

  /** A connection of its own, for questions to files of the lake; opened when first asked for. */
  async connection(): Promise<DuckDBConnection> {
    const {openEngine} = await import("./engine.ts");
    this.#instance ??= await openEngine("384MB", "");
    this.#connection ??= await this.#instance.connect();
    return this.#connection;
  }

  /**
   * Writes the rows to a new file, sorted by the table's order, brings it to the disk, and empties the buffer,
   * whose blocks of memory are returned.
   */
  async write(buffer: TableBuffer, path: string, metadata: Readonly<Record<string, string>>): Promise<ArrayBuffer[]> {
    rmSync(path, {force: true});
    const file = await ParquetFile.create(path, buffer.table.columns);
    let isWhole = false;
    try {
      this.#writeRows(buffer, file);
      file.end(metadata);
      isWhole = true;
    } finally {
      if (!isWhole) file.abandon();
    }
    syncFile(path);
    return buffer.clear();
  }

  close(): void {
    this.#connection?.closeSync();
    this.#instance?.closeSync();
  }

  #writeRows(
    {columns, rows, sortColumns}: Pick<TableBuffer, "columns" | "rows" | "sortColumns">,
    file: ParquetFile
  ): void {
    if (rows === 0) return;
    const encoder = this.#encoder;
    const most = (of: (room: Room) => number) => columns.reduce((sum, {room}) => Math.max(sum, of(room)), 0);
    encoder.prepare(
      rows,
      most(({input}) => input),
      most(({texts}) => texts),
      most(({sources}) => sources)
    );
    for (const column of sortColumns) if (!column.sort(encoder)) break;
    for (let from = 0; from < rows; from += rowGroupRows) {
      const count = Math.min(rowGroupRows, rows - from);
      for (const column of columns) {
        column.encode(encoder, {from, count});
        file.column(encoder, count);
      }
      file.endRowGroup(count);
    }
  }
}

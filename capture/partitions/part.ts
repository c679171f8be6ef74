import {rmSync} from "node:fs";
import {join} from "node:path";
import type {RowBatch} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";
import type {Loss} from "./messages.ts";
import type {ParquetWriter} from "./parquet.ts";
import {filesMetadata, publishPart} from "./publish-part.ts";
import type {Run} from "./run.ts";
import {TableBuffer} from "./table-buffer.ts";

/**
 * Rows of a table in one file at most: one row group, five blocks of the collector, about 40 MB of features in memory. More
 * would compress by a fiftieth better, and take memory that is new to the process: that costs as much as encoding it.
 */
const fileRows = 81_920;
/** Distinct texts of a table in memory at most, in bytes. */
const fileTextBytes = 64 * 2 ** 20;

/**
 * The part that a run is filling: rows collect in memory, full files go to the run's folder, and `seal` brings them
 * all into the lake at once.
 */
export class OpenPart {
  readonly #lake: string;
  readonly #run: Run;
  readonly #writer: ParquetWriter;
  readonly #buffers = new Map<string, TableBuffer>();
  #metadata: Readonly<Record<string, string>> = {};
  /** The captures of the part; null for one still being read. */
  readonly #captures = new Map<string, Loss | null>();
  #files: {table: TableName; name: string}[] = [];
  #part = 0;
  readonly #release: (blocks: ArrayBuffer[]) => void;

  /** `release` gets the blocks of memory that rows came in, once those are written. */
  constructor(lake: string, run: Run, writer: ParquetWriter, release: (blocks: ArrayBuffer[]) => void) {
    this.#release = release;
    this.#lake = lake;
    this.#run = run;
    this.#writer = writer;
  }

  /** What files written from now on carry in their metadata. */
  describe(metadata: Readonly<Record<string, string>>): void {
    this.#metadata = metadata;
  }

  /** Says of which capture the next rows are, and at its end what it lost. */
  capture(sha256: string, loss: Loss | null): void {
    this.#captures.set(sha256, loss);
  }

  async append(batch: RowBatch): Promise<void> {
    let buffer = this.#buffers.get(batch.table);
    if (!buffer) {
      buffer = new TableBuffer(table(batch.table as TableName));
      this.#buffers.set(batch.table, buffer);
    }
    // Before the batch, not after it: a file of a few rows more would have a second row group for those.
    if (!buffer.accepts(batch) || buffer.rows + batch.rows > fileRows) await this.#flush(buffer);
    buffer.append(batch);
    if (buffer.rows >= fileRows || buffer.textBytes >= fileTextBytes) await this.#flush(buffer);
  }

  /** Makes everything since the last seal visible, with its captures' rows; returns the part's name. */
  async seal(captures: RowBatch): Promise<string> {
    for (const buffer of this.#buffers.values()) await this.#flush(buffer);
    const part = this.#name();
    const own = new TableBuffer(table("captures"));
    own.append(captures);
    const last = join(this.#run.folder, "captures.parquet");
    const files = this.#files.map(({table, name}) => ({table, name, from: join(this.#run.folder, name)}));
    await this.#writer.write(own, last, {...this.#described(), ...filesMetadata(part, files)});
    publishPart(this.#lake, part, last, files);
    this.#files = [];
    this.#captures.clear();
    this.#part++;
    return part;
  }

  /** Forgets what was not sealed. */
  discard(): void {
    for (const file of this.#files) rmSync(join(this.#run.folder, file.name), {force: true});
    for (const buffer of this.#buffers.values()) this.#release(buffer.clear());
    this.#files = [];
    this.#captures.clear();
  }

  /** Metadata of a file written now: its captures with their loss, null where the capture is still being read. */
  #described(): Record<string, string> {
    return {...this.#metadata, "flowbook.captures": JSON.stringify(Object.fromEntries(this.#captures))};
  }

  async #flush(buffer: TableBuffer): Promise<void> {
    if (buffer.rows === 0) return;
    const name = buffer.table.name as TableName;
    const file = `${this.#name()}.${name}.${this.#files.length}.parquet`;
    this.#release(await this.#writer.write(buffer, join(this.#run.folder, file), this.#described()));
    this.#files.push({table: name, name: file});
  }

  #name(): string {
    return `${this.#run.id}-${this.#part}`;
  }
}

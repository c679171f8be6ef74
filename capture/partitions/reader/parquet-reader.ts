import {closeSync, openSync, readSync} from "node:fs";
import type {TextColumn} from "../../../schema/rows.ts";
import {type Decompress, decompressor} from "../encoder/zstd.ts";
import {FloatColumn, readIdentifiers, readNumbers, readTexts} from "./columns.ts";
import {type FileFooter, readFooter} from "./footer.ts";
import {type ColumnPages, readPages} from "./pages.ts";

/**
 * Reads columns of the lake's own files, a row group at a time, as arrays: a tenth of what an engine's vectors cost
 * (docs/decisions/parquet-reader.md). It knows the forms in which the lake's writers write (parquet.ts, merge.ts), and
 * throws where a file has others.
 */
export class ParquetReader {
  readonly footer: FileFooter;
  readonly #path: string;
  readonly #descriptor: number;
  readonly #decompress: Decompress;

  private constructor(path: string, descriptor: number, footer: FileFooter, decompress: Decompress) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.footer = footer;
    this.#decompress = decompress;
  }

  /** Opens a file; the caller closes it. */
  static async open(path: string): Promise<ParquetReader> {
    const decompress = await decompressor();
    const descriptor = openSync(path, "r");
    try {
      return new ParquetReader(
        path,
        descriptor,
        within(path, "footer", () => readFooter(descriptor)),
        decompress
      );
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  floats(group: number, name: string): FloatColumn {
    return this.#read(group, name, (pages, type, rows) => new FloatColumn(`${this.#path}: ${name}`, pages, type, rows));
  }

  /** NULL is NaN; whole numbers beyond 2^53 are not exact. */
  doubles(group: number, name: string): Float64Array {
    return this.#read(group, name, (pages, type, rows) => readNumbers(pages, type, new Float64Array(rows), Number.NaN));
  }

  /** NULL is 0. */
  integers(group: number, name: string): Int32Array {
    return this.#read(group, name, (pages, type, rows) => readNumbers(pages, type, new Int32Array(rows), 0));
  }

  identifiers(group: number, name: string): BigInt64Array {
    return this.#read(group, name, (pages, type, rows) => readIdentifiers(pages, type, new BigInt64Array(rows)));
  }

  texts(group: number, name: string): TextColumn {
    return this.#read(group, name, readTexts);
  }

  #read<T>(group: number, name: string, read: (pages: ColumnPages, type: number, rows: number) => T): T {
    const {rows, columns} = this.footer.groups[group];
    return within(this.#path, name, () => {
      const place = columns.get(name);
      if (!place) throw new RangeError("is missing");
      if (place.values !== rows) throw new RangeError(`expected ${rows} values, found ${place.values}`);
      const bytes = new Uint8Array(place.bytes);
      if (readSync(this.#descriptor, bytes, 0, place.bytes, place.start) !== place.bytes)
        throw new RangeError("is cut short");
      return read(readPages(bytes, place, this.#decompress), place.type, rows);
    });
  }
}

function within<T>(path: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${path}: ${what}: ${(error as Error).message}`, {cause: error});
  }
}

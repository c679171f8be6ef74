import {closeSync, openSync, writevSync} from "node:fs";
import type {Column} from "../../../schema/column.ts";
import type {ColumnEncoder, EncodedColumn} from "./encoder.ts";
import {codecs, encodings, Footer, physicalType} from "./footer.ts";
import {ThriftWriter} from "./thrift.ts";
import {type Compress, compressor} from "./zstd.ts";

/** Texts longer than this are not written as bounds. */
const maxBoundBytes = 256;
/** Bytes collected before they are written. */
const writeBytes = 1 << 20;
/** Of a page of so many bytes, so many are tried before the whole page is compressed. */
const triedOf = 1 << 17;
const triedBytes = 1 << 14;
/** What compressing must leave at most, as a share. */
const gainful = 0.95;

/** Kinds of pages (parquet.thrift). */
const pages = {data: 0, dictionary: 2} as const;

/**
 * A Parquet file being written: row groups, of each its columns in order, then `end` with the footer. All columns are
 * optional; pages are compressed by zstd unless that gains nothing. Format: apache/parquet-format 2.11.
 */
export class ParquetFile {
  readonly #descriptor: number;
  readonly #footer: Footer;
  readonly #compress: Compress;
  readonly #header = new ThriftWriter();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #offset = 0;

  private constructor(path: string, columns: readonly Column[], compress: Compress) {
    this.#descriptor = openSync(path, "wx", 0o600);
    this.#footer = new Footer(columns);
    this.#compress = compress;
    this.#put(Buffer.from("PAR1"));
  }

  /** Creates the file; it must not be there. `compress`: by zstd, the fastest there is unless told otherwise. */
  static async create(path: string, columns: readonly Column[], compress?: Compress): Promise<ParquetFile> {
    return new ParquetFile(path, columns, compress ?? (await compressor()));
  }

  /** Writes the column that was encoded last as the next of the row group, of `rows` rows. */
  column(encoder: ColumnEncoder, rows: number): void {
    const encoded = encoder.column;
    const {nulls, distinct} = encoded;
    const stored = compressed(encoded, this.#compress);
    const start = this.#offset;
    let bytes = encoded.data.length;
    if (stored.dictionary) {
      bytes += encoded.dictionary.length;
      bytes += this.#page(pages.dictionary, encoded.dictionary.length, distinct, encodings.plain, stored.dictionary);
    }
    const dataStart = this.#offset;
    const encoding = stored.dictionary ? encodings.dictionary : encoded.encoding;
    bytes += this.#page(pages.data, encoded.data.length, rows, encoding, stored.data);
    const bounds = boundsOf(encoder, this.#footer.next);
    this.#footer.column({
      codec: stored.codec,
      encoding,
      rows,
      nulls,
      bytes,
      stored: this.#offset - start,
      start,
      dataStart,
      bounds
    });
  }

  /** Ends a row group, after its last column. */
  endRowGroup(rows: number): void {
    this.#footer.endRowGroup(rows);
  }

  /** Writes the footer and closes the file. `metadata`: key-value pairs. */
  end(metadata: Readonly<Record<string, string>>): void {
    const footer = this.#footer.bytes(metadata);
    this.#put(footer);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    this.#put(length);
    this.#put(Buffer.from("PAR1"));
    this.#flush();
    closeSync(this.#descriptor);
  }

  /** Closes a file that will not be finished. */
  abandon(): void {
    closeSync(this.#descriptor);
  }

  /** Writes a page of `length` bytes before they were compressed; returns the bytes of its header. */
  #page(kind: number, length: number, values: number, encoding: number, body: Uint8Array): number {
    const header = this.#header;
    header.clear();
    header.i32(1, kind);
    header.i32(2, length);
    header.i32(3, body.length);
    header.begin(kind === pages.data ? 5 : 7);
    header.i32(1, values);
    header.i32(2, encoding);
    if (kind === pages.data) {
      header.i32(3, encodings.rle);
      header.i32(4, encodings.rle);
    }
    header.end();
    header.end();
    const head = header.bytes;
    this.#put(head);
    this.#put(body);
    return head.length;
  }

  #put(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#offset += bytes.length;
    if (this.#waitingBytes > writeBytes) this.#flush();
  }

  #flush(): void {
    let waiting = this.#waiting;
    while (waiting.length > 0) {
      let written = writevSync(this.#descriptor, waiting.slice(0, 256));
      // A full disk writes a part: the rest is tried, and fails with the system's word for it.
      while (waiting.length > 0 && written >= waiting[0].length) {
        written -= waiting[0].length;
        waiting = waiting.slice(1);
      }
      if (written > 0) waiting = [waiting[0].subarray(written), ...waiting.slice(1)];
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/** The pages as they are stored: compressed, or copied where that gains less than a twentieth, as for packed differences. */
function compressed(
  {distinct, encoding, dictionary, data}: EncodedColumn,
  compress: Compress
): {codec: number; dictionary: Uint8Array | null; data: Uint8Array} {
  const hasDictionary = distinct >= 0;
  const bytes = dictionary.length + data.length;
  if (bytes >= 64 && encoding !== encodings.deltas && isWorth(data, compress)) {
    const small = {dictionary: hasDictionary ? compress(dictionary) : null, data: compress(data)};
    if ((small.dictionary?.length ?? 0) + small.data.length < bytes * gainful) return {codec: codecs.zstd, ...small};
  }
  return {codec: codecs.uncompressed, dictionary: hasDictionary ? dictionary.slice() : null, data: data.slice()};
}

/** Whether a long page shrinks, by a piece from its middle: identifiers do not, and to find out of a whole page takes time. */
function isWorth(data: Uint8Array, compress: Compress): boolean {
  if (data.length < triedOf) return true;
  const from = (data.length - triedBytes) >> 1;
  return compress(data.subarray(from, from + triedBytes)).length < triedBytes * gainful;
}

/** Least and greatest value of the column encoded last; null where there is none, or they are long. */
function boundsOf(encoder: ColumnEncoder, column: Column): readonly [least: Uint8Array, greatest: Uint8Array] | null {
  const physical = physicalType(column);
  if (physical === "BOOLEAN") return null;
  if (physical !== "BYTE_ARRAY") return encoder.numberBounds(physical === "INT32" || physical === "FLOAT" ? 4 : 8);
  const bounds = encoder.textBounds();
  return bounds && bounds[0].length <= maxBoundBytes && bounds[1].length <= maxBoundBytes ? bounds : null;
}

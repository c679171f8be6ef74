import {closeSync, openSync, writevSync} from "node:fs";
import type {Column, ColumnType} from "../../../schema/column.ts";
import type {ColumnEncoder, EncodedColumn} from "./encoder.ts";
import {type ThriftStruct, type ThriftValue, thriftBytes} from "./thrift.ts";
import {type Compress, compressor} from "./zstd.ts";

/** Texts longer than this are not written as bounds. */
const maxBoundBytes = 256;
/** Bytes collected before they are written. */
const writeBytes = 1 << 20;

/** Numbers of the format (parquet.thrift): types, codecs, encodings, kinds of pages. */
const physicalTypes = {BOOLEAN: 0, INT32: 1, INT64: 2, FLOAT: 4, DOUBLE: 5, BYTE_ARRAY: 6} as const;
const codecs = {uncompressed: 0, zstd: 6} as const;
const encodings = {plain: 0, rle: 3, dictionary: 8} as const;
const pages = {data: 0, dictionary: 2} as const;
const optional = 1;

/** How an SQL type stands in a file: physical type, bytes of a number, converted type (null: none). */
const forms: Record<ColumnType, {physical: keyof typeof physicalTypes; converted: number | null}> = {
  BOOLEAN: {physical: "BOOLEAN", converted: null},
  SMALLINT: {physical: "INT32", converted: 16},
  INTEGER: {physical: "INT32", converted: 17},
  BIGINT: {physical: "INT64", converted: 18},
  FLOAT: {physical: "FLOAT", converted: null},
  DOUBLE: {physical: "DOUBLE", converted: null},
  TIMESTAMP: {physical: "INT64", converted: 10},
  VARCHAR: {physical: "BYTE_ARRAY", converted: 0}
};

/**
 * A Parquet file being written: row groups, of each its columns in order, then `end` with the footer. All columns are
 * optional; pages are compressed by zstd unless that gains nothing. Format: apache/parquet-format 2.11.
 */
export class ParquetFile {
  readonly #descriptor: number;
  readonly #columns: readonly Column[];
  readonly #compress: Compress;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #offset = 0;
  #groups: ThriftValue[] = [];
  #chunks: {meta: ThriftStruct; bytes: number; compressed: number}[] = [];
  #rows = 0;

  private constructor(path: string, columns: readonly Column[], compress: Compress) {
    this.#descriptor = openSync(path, "wx", 0o600);
    this.#columns = columns;
    this.#compress = compress;
    this.#put(Buffer.from("PAR1"));
  }

  /** Creates the file; it must not be there. `compress`: by zstd, the fastest there is unless told otherwise. */
  static async create(path: string, columns: readonly Column[], compress?: Compress): Promise<ParquetFile> {
    return new ParquetFile(path, columns, compress ?? (await compressor()));
  }

  /** Writes the column that was encoded last as the next of the row group, of `rows` rows. */
  column(encoder: ColumnEncoder, rows: number): void {
    const {name, type} = this.#columns[this.#chunks.length];
    const {physical} = forms[type];
    const encoded = encoder.column;
    const stored = compressed(encoded, this.#compress);
    const start = this.#offset;
    let bytes = 0;
    const page = (header: ThriftStruct, body: Uint8Array) => {
      const head = thriftBytes(header);
      this.#put(head);
      this.#put(body);
      bytes += head.length;
    };
    if (stored.dictionary)
      page(
        {
          1: {i32: pages.dictionary},
          2: {i32: encoded.dictionary.length},
          3: {i32: stored.dictionary.length},
          7: {struct: {1: {i32: encoded.distinct}, 2: {i32: encodings.plain}}}
        },
        stored.dictionary
      );
    const dataOffset = this.#offset;
    const encoding = stored.dictionary ? encodings.dictionary : encodings.plain;
    page(
      {
        1: {i32: pages.data},
        2: {i32: encoded.data.length},
        3: {i32: stored.data.length},
        5: {struct: {1: {i32: rows}, 2: {i32: encoding}, 3: {i32: encodings.rle}, 4: {i32: encodings.rle}}}
      },
      stored.data
    );
    bytes += encoded.data.length + (stored.dictionary ? encoded.dictionary.length : 0);
    const used = stored.dictionary
      ? [encodings.plain, encodings.rle, encodings.dictionary]
      : [encodings.plain, encodings.rle];
    const meta: ThriftStruct = {
      1: {i32: physicalTypes[physical]},
      2: {list: used.map((i32) => ({i32}))},
      3: {list: [{binary: name}]},
      4: {i32: stored.codec},
      5: {i64: rows},
      6: {i64: bytes},
      7: {i64: this.#offset - start},
      9: {i64: dataOffset},
      11: stored.dictionary ? {i64: start} : undefined,
      12: {struct: statistics(encoder, physical, encoded.nulls)}
    };
    this.#chunks.push({meta, bytes, compressed: this.#offset - start});
  }

  /** Ends a row group, after its last column. */
  endRowGroup(rows: number): void {
    const sum = (of: (chunk: {bytes: number; compressed: number}) => number) =>
      this.#chunks.reduce((total, chunk) => total + of(chunk), 0);
    const columns = this.#chunks.map(({meta}): ThriftValue => ({struct: {2: {i64: 0}, 3: {struct: meta}}}));
    this.#groups.push({
      struct: {
        1: {list: columns},
        2: {i64: sum(({bytes}) => bytes)},
        3: {i64: rows},
        6: {i64: sum(({compressed}) => compressed)}
      }
    });
    this.#chunks = [];
    this.#rows += rows;
  }

  /** Writes the footer and closes the file. `metadata`: key-value pairs. */
  end(metadata: Readonly<Record<string, string>>): void {
    const footer = thriftBytes({
      1: {i32: 1},
      2: {
        list: [{struct: {4: {binary: "flowbook"}, 5: {i32: this.#columns.length}}}, ...this.#columns.map(schemaElement)]
      },
      3: {i64: this.#rows},
      4: {list: this.#groups},
      5: {list: Object.entries(metadata).map(([key, value]) => ({struct: {1: {binary: key}, 2: {binary: value}}}))},
      6: {binary: "flowbook"}
    });
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

/** The pages as they are stored: compressed, or copied where that gains less than a twentieth. */
function compressed(
  {distinct, dictionary, data}: EncodedColumn,
  compress: Compress
): {codec: number; dictionary: Uint8Array | null; data: Uint8Array} {
  const hasDictionary = distinct >= 0;
  const bytes = dictionary.length + data.length;
  if (bytes >= 64) {
    const small = {dictionary: hasDictionary ? compress(dictionary) : null, data: compress(data)};
    if ((small.dictionary?.length ?? 0) + small.data.length < bytes * 0.95) return {codec: codecs.zstd, ...small};
  }
  return {codec: codecs.uncompressed, dictionary: hasDictionary ? dictionary.slice() : null, data: data.slice()};
}

function statistics(encoder: ColumnEncoder, physical: keyof typeof physicalTypes, nulls: number): ThriftStruct {
  const bounds =
    physical === "BYTE_ARRAY"
      ? encoder.textBounds()
      : physical === "BOOLEAN"
        ? null
        : encoder.numberBounds(physical === "INT32" || physical === "FLOAT" ? 4 : 8);
  const isShort = bounds?.every((bound) => bound.length <= maxBoundBytes) ?? false;
  return {
    3: {i64: nulls},
    5: bounds && isShort ? {binary: bounds[1]} : undefined,
    6: bounds && isShort ? {binary: bounds[0]} : undefined
  };
}

function schemaElement({name, type}: Column): ThriftValue {
  const {physical, converted} = forms[type];
  return {
    struct: {
      1: {i32: physicalTypes[physical]},
      3: {i32: optional},
      4: {binary: name},
      6: converted === null ? undefined : {i32: converted},
      10: type === "TIMESTAMP" ? microsecondsWithoutZone : undefined
    }
  };
}

/** LogicalType: TimestampType{isAdjustedToUTC: false, unit: MICROS}. */
const microsecondsWithoutZone: ThriftValue = {
  struct: {8: {struct: {1: {bool: false}, 2: {struct: {2: {struct: {}}}}}}}
};

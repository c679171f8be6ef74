import type {Column, ColumnType} from "../../../schema/column.ts";
import {ThriftWriter} from "./thrift.ts";

/** Numbers of the format (parquet.thrift): types, codecs, encodings. */
const physicalTypes = {BOOLEAN: 0, INT32: 1, INT64: 2, FLOAT: 4, DOUBLE: 5, BYTE_ARRAY: 6} as const;
export const codecs = {uncompressed: 0, zstd: 6} as const;
export const encodings = {plain: 0, rle: 3, deltas: 5, dictionary: 8} as const;
const optional = 1;

/** How an SQL type stands in a file: physical type, converted type (null: none). */
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

/** The physical type of a column's values. */
export function physicalType({type}: Column): keyof typeof physicalTypes {
  return forms[type].physical;
}

/** One column of a row group, as it stands in the file. */
export interface Chunk {
  readonly codec: number;
  /** Of the data page. */
  readonly encoding: number;
  readonly rows: number;
  readonly nulls: number;
  /** With the pages' headers, not compressed and as stored. */
  readonly bytes: number;
  readonly stored: number;
  readonly start: number;
  /** Where the data page begins: behind that of the dictionary, at `start` where there is none. */
  readonly dataStart: number;
  readonly bounds: readonly [least: Uint8Array, greatest: Uint8Array] | null;
}

/** The footer of a file being written: `column` for each of a row group in order, `endRowGroup`, at last `bytes`. */
export class Footer {
  readonly #columns: readonly Column[];
  readonly #names: readonly Uint8Array[];
  readonly #groups = new ThriftWriter();
  #groupCount = 0;
  #next = 0;
  #rows = 0;
  /** Of the row group under way. */
  #bytes = 0;
  #stored = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#names = columns.map(({name}) => Buffer.from(name));
  }

  /** The column that comes next. */
  get next(): Column {
    return this.#columns[this.#next];
  }

  column({codec, encoding, rows, nulls, bytes, stored, start, dataStart, bounds}: Chunk): void {
    const groups = this.#groups;
    if (this.#next === 0) {
      groups.beginItem();
      groups.list(1, "struct", this.#columns.length);
    }
    const hasDictionary = dataStart > start;
    // A dictionary's values are PLAIN, too.
    const used = hasDictionary ? [encodings.plain, encodings.rle, encoding] : [encoding, encodings.rle];
    groups.beginItem();
    groups.i64(2, 0);
    groups.begin(3);
    groups.i32(1, physicalTypes[physicalType(this.next)]);
    groups.list(2, "i32", used.length);
    for (const one of used) groups.i32Item(one);
    groups.list(3, "binary", 1);
    groups.binaryItem(this.#names[this.#next]);
    groups.i32(4, codec);
    groups.i64(5, rows);
    groups.i64(6, bytes);
    groups.i64(7, stored);
    groups.i64(9, dataStart);
    if (hasDictionary) groups.i64(11, start);
    groups.begin(12);
    groups.i64(3, nulls);
    if (bounds) {
      groups.binary(5, bounds[1]);
      groups.binary(6, bounds[0]);
    }
    groups.end();
    groups.end();
    groups.end();
    this.#next++;
    this.#bytes += bytes;
    this.#stored += stored;
  }

  endRowGroup(rows: number): void {
    this.#groups.i64(2, this.#bytes);
    this.#groups.i64(3, rows);
    this.#groups.i64(6, this.#stored);
    this.#groups.end();
    this.#groupCount++;
    this.#next = 0;
    this.#rows += rows;
    this.#bytes = 0;
    this.#stored = 0;
  }

  /** The whole footer. `metadata`: key-value pairs. */
  bytes(metadata: Readonly<Record<string, string>>): Uint8Array {
    const writer = new ThriftWriter();
    const name = Buffer.from("flowbook");
    writer.i32(1, 1);
    writer.list(2, "struct", this.#columns.length + 1);
    writer.beginItem();
    writer.binary(4, name);
    writer.i32(5, this.#columns.length);
    writer.end();
    for (const [k, column] of this.#columns.entries()) writeSchema(writer, column, this.#names[k]);
    writer.i64(3, this.#rows);
    writer.list(4, "struct", this.#groupCount);
    writer.raw(this.#groups.bytes);
    const pairs = Object.entries(metadata);
    writer.list(5, "struct", pairs.length);
    for (const [key, value] of pairs) {
      writer.beginItem();
      writer.binary(1, Buffer.from(key));
      writer.binary(2, Buffer.from(value));
      writer.end();
    }
    writer.binary(6, name);
    writer.end();
    return writer.bytes;
  }
}

function writeSchema(writer: ThriftWriter, {type}: Column, name: Uint8Array): void {
  const {physical, converted} = forms[type];
  writer.beginItem();
  writer.i32(1, physicalTypes[physical]);
  writer.i32(3, optional);
  writer.binary(4, name);
  if (converted !== null) writer.i32(6, converted);
  if (type === "TIMESTAMP") {
    // LogicalType: TimestampType{isAdjustedToUTC: false, unit: MICROS}.
    writer.begin(10);
    writer.begin(8);
    writer.isFalse(1);
    writer.begin(2);
    writer.begin(2);
    for (let open = 4; open > 0; open--) writer.end();
  }
  writer.end();
}

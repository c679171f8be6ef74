import {fstatSync, readSync} from "node:fs";
import {ThriftReader, type ThriftStruct} from "./thrift-reader.ts";

/** One column of a row group: where its pages lie, and what they hold. */
export interface ChunkPlace {
  /** Number of the format (parquet.thrift): 0 BOOLEAN, 1 INT32, 2 INT64, 4 FLOAT, 5 DOUBLE, 6 BYTE_ARRAY. */
  readonly type: number;
  readonly codec: number;
  readonly values: number;
  readonly start: number;
  readonly bytes: number;
}

export interface RowGroup {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, ChunkPlace>;
}

export interface FileFooter {
  readonly rows: number;
  readonly groups: readonly RowGroup[];
}

const magic = 0x31524150;
const tailBytes = 8;

/** Reads the footer of an open file. Throws where there is none, or it says what cannot be. */
export function readFooter(descriptor: number): FileFooter {
  const {size} = fstatSync(descriptor);
  const tail = Buffer.alloc(tailBytes);
  if (size < tailBytes + 4 || readSync(descriptor, tail, 0, tailBytes, size - tailBytes) !== tailBytes)
    throw new RangeError("not a Parquet file");
  const length = tail.readUInt32LE(0);
  if (tail.readUInt32LE(4) !== magic || length > size - tailBytes) throw new RangeError("not a Parquet file");
  const bytes = new Uint8Array(length);
  readSync(descriptor, bytes, 0, length, size - tailBytes - length);
  const footer = new ThriftReader(bytes).struct();
  const groups = list(footer[4]).map((group) => rowGroup(group, size));
  const rows = whole(footer[3]);
  if (groups.reduce((sum, group) => sum + group.rows, 0) !== rows)
    throw new RangeError(`expected ${rows} rows in the row groups`);
  return {rows, groups};
}

function rowGroup(group: ThriftStruct, size: number): RowGroup {
  const columns = list(group[1]).map((chunk): [string, ChunkPlace] => {
    const about = struct(chunk[3]);
    const data = whole(about[9]);
    const dictionary = about[11] === undefined ? data : whole(about[11]);
    const start = dictionary > 0 ? Math.min(data, dictionary) : data;
    const bytes = whole(about[7]);
    if (start + bytes > size) throw new RangeError("a column lies outside the file");
    const [name] = about[3] as Uint8Array[];
    return [
      Buffer.from(name).toString(),
      {type: whole(about[1]), codec: whole(about[4]), values: whole(about[5]), start, bytes}
    ];
  });
  return {rows: whole(group[3]), columns: new Map(columns)};
}

function whole(value: unknown): number {
  if (typeof value !== "number" || !(value >= 0)) throw new RangeError("a number is missing");
  return value;
}

function struct(value: unknown): ThriftStruct {
  if (!Array.isArray(value)) throw new RangeError("a struct is missing");
  return value;
}

function list(value: unknown): readonly ThriftStruct[] {
  if (!Array.isArray(value)) throw new RangeError("a list is missing");
  return value;
}

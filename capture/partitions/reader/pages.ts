import {encodings} from "../encoder/footer.ts";
import type {Decompress} from "../encoder/zstd.ts";
import type {ChunkPlace} from "./footer.ts";
import {HybridReader} from "./hybrid.ts";
import {ThriftReader, type ThriftStruct} from "./thrift-reader.ts";

/** Values of one page, behind their levels. */
export interface DataPage {
  readonly bytes: Uint8Array;
  /** Where the values begin. */
  readonly at: number;
  readonly encoding: number;
  readonly rows: number;
  /** Rows that are not NULL, and for each row whether it is; null where none is NULL. */
  readonly values: number;
  readonly present: Int32Array | null;
}

export interface ColumnPages {
  /** Its values are PLAIN; null without. */
  readonly dictionary: {readonly bytes: Uint8Array; readonly count: number} | null;
  readonly data: readonly DataPage[];
}

const pages = {data: 0, dictionary: 2} as const;
const codecs = {uncompressed: 0, zstd: 6} as const;
/** Bytes of a page at most. */
const mostBytes = 1 << 30;

/** Takes a column's bytes apart into its pages. Throws a RangeError where they are of a form that this lake's writers do not use. */
export function readPages(bytes: Uint8Array, {codec, values}: ChunkPlace, decompress: Decompress): ColumnPages {
  let dictionary: ColumnPages["dictionary"] = null;
  const data: DataPage[] = [];
  let rows = 0;
  for (let at = 0; rows < values; ) {
    const thrift = new ThriftReader(bytes, at);
    const header = thrift.struct();
    const [kind, length, stored] = [header[1], header[2], header[3]].map(Number);
    const body = bytes.subarray(thrift.at, thrift.at + stored);
    if (body.length !== stored || !(length >= 0 && length <= mostBytes)) throw new RangeError("a page is cut short");
    at = thrift.at + stored;
    if (codec !== codecs.uncompressed && codec !== codecs.zstd) throw new RangeError(`pages of codec ${codec}`);
    const page = codec === codecs.zstd ? decompress(body, length) : body;
    if (page.length !== length) throw new RangeError(`expected a page of ${length} bytes, found ${page.length}`);
    if (kind === pages.dictionary) dictionary = {bytes: page, count: Number((header[7] as ThriftStruct)[1])};
    else if (kind === pages.data) {
      data.push(dataPage(page, header[5] as ThriftStruct));
      rows += data[data.length - 1].rows;
    } else throw new RangeError(`pages of kind ${kind}`);
  }
  if (rows !== values) throw new RangeError(`expected ${values} rows in the pages, found ${rows}`);
  return {dictionary, data};
}

function dataPage(bytes: Uint8Array, about: ThriftStruct): DataPage {
  const [rows, encoding, levels] = [about[1], about[2], about[3]].map(Number);
  if (levels !== encodings.rle || bytes.length < 4) throw new RangeError("levels of another form");
  const length = (bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24)) >>> 0;
  const at = 4 + length;
  if (at > bytes.length || rows > mostBytes) throw new RangeError("levels are cut short");
  if (isOneRun(bytes, at, rows)) return {bytes, at, encoding, rows, values: rows, present: null};
  const present = new Int32Array(rows);
  new HybridReader(bytes, 4, at, 1).read(present, rows);
  let values = 0;
  for (let i = 0; i < rows; i++) values += present[i];
  return {bytes, at, encoding, rows, values, present: values === rows ? null : present};
}

/** Whether the levels before `end` are a single run of ones. */
function isOneRun(bytes: Uint8Array, end: number, rows: number): boolean {
  let value = 0;
  let at = 4;
  for (let shift = 0; at < end && shift < 28; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) break;
  }
  return value === rows * 2 && at === end - 1 && bytes[at] === 1;
}

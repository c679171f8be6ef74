import {
  Bool,
  type Data,
  type DataType,
  Float,
  type Float64,
  Int,
  Int64,
  makeBuilder,
  makeData,
  TimestampMicrosecond,
  Utf8
} from "apache-arrow";
import type {Value} from "../../schema/engine.ts";

/**
 * Column `k` of rows as Arrow's own buffers: the library's builders take four times as long, as they grow theirs a value a
 * time.
 */
export function arrowColumn(type: DataType, rows: readonly (readonly Value[])[], k: number): Data {
  if (type instanceof Bool) return builtColumn(type, rows, k);
  const length = rows.length;
  const nullBitmap = new Uint8Array(Math.ceil(length / 64) * 8);
  let nullCount = 0;
  for (let row = 0; row < length; row++)
    if (rows[row][k] === null) nullCount++;
    else nullBitmap[row >> 3] |= 1 << (row & 7);
  const common = {length, nullCount, nullBitmap: nullCount === 0 ? undefined : nullBitmap};
  if (type instanceof Utf8) return makeData({type, ...common, ...textBytes(rows, k)});
  if (type instanceof Int64 || type instanceof TimestampMicrosecond) {
    const data = new BigInt64Array(length);
    for (let row = 0; row < length; row++) data[row] = BigInt((rows[row][k] as bigint | null) ?? 0);
    return makeData({type: type as Int64, ...common, data});
  }
  if (!(type instanceof Int || type instanceof Float)) throw new Error(`expected a type of the lake, found ${type}`);
  const data = new type.ArrayType(length) as Float64Array;
  for (let row = 0; row < length; row++) data[row] = Number(rows[row][k] ?? 0);
  return makeData({type: type as Float64, ...common, data});
}

function textBytes(rows: readonly (readonly Value[])[], k: number): {valueOffsets: Int32Array; data: Uint8Array} {
  const texts = rows.map((row) => (row[k] === null ? "" : String(row[k])));
  const joined = texts.join("");
  const valueOffsets = new Int32Array(texts.length + 1);
  const hasAscii = Buffer.byteLength(joined) === joined.length;
  const lengthOf = hasAscii ? (text: string) => text.length : (text: string) => Buffer.byteLength(text);
  for (let row = 0; row < texts.length; row++) valueOffsets[row + 1] = valueOffsets[row] + lengthOf(texts[row]);
  const data = Buffer.alloc(valueOffsets[texts.length]);
  // Apart where some are not ASCII: two halves of a character at the end of one text and the begin of the next stay two.
  if (hasAscii) data.write(joined, "latin1");
  else for (let row = 0; row < texts.length; row++) data.write(texts[row], valueOffsets[row]);
  return {valueOffsets, data: new Uint8Array(data.buffer, data.byteOffset, data.length)};
}

function builtColumn(type: DataType, rows: readonly (readonly Value[])[], k: number): Data {
  const builder = makeBuilder({type, nullValues: [null]});
  for (const row of rows) builder.append(row[k]);
  return builder.finish().flush();
}

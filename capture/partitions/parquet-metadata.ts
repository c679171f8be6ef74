import {closeSync, fstatSync, openSync, readSync} from "node:fs";

/** Bytes at a Parquet file's end: the length of its metadata, and the magic. */
const tailBytes = 8;

/**
 * A value of the key-value metadata of a Parquet file, read without an engine; null where it has none of that key. The
 * metadata are in Thrift's compact protocol: a KeyValue's key is followed by the header of field 2 (0x18: one further,
 * a binary), the value's length as a varint, and the value.
 */
export function metadataValue(path: string, key: string): string | null {
  const metadata = metadataOf(path);
  // The key's own length stands before it: a value that contains the key's text has none.
  const named = Buffer.concat([Buffer.of(key.length), Buffer.from(key), Buffer.of(0x18)]);
  const at = metadata.indexOf(named);
  if (at < 0) return null;
  let length = 0;
  let from = at + named.length;
  for (let shift = 0; ; shift += 7) {
    // A file of somebody else may end, or go on, in the middle of the number.
    if (from >= metadata.length || shift > 21) return null;
    const byte = metadata[from++];
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return metadata.toString("utf8", from, from + length);
}

function metadataOf(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const {size} = fstatSync(file);
    const tail = Buffer.alloc(tailBytes);
    readSync(file, tail, 0, tailBytes, size - tailBytes);
    const metadata = Buffer.alloc(Math.min(tail.readUInt32LE(0), size - tailBytes));
    readSync(file, metadata, 0, metadata.length, size - tailBytes - metadata.length);
    return metadata;
  } finally {
    closeSync(file);
  }
}

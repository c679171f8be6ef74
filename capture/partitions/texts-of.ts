import type {CodedTextColumn, EncodedTextColumn} from "../../schema/rows.ts";

const lengthBytes = 4;

/** Texts of columns whose bytes were decoded. */
const decoded = new WeakMap<EncodedTextColumn, readonly string[]>();

/**
 * The distinct texts of a column, by code. Those that come as bytes are decoded once for each column object; its bytes
 * must not change between two calls.
 */
export function textsOf(column: CodedTextColumn): readonly string[] {
  if ("values" in column) return column.values;
  let texts = decoded.get(column);
  if (!texts) decoded.set(column, (texts = decode(column)));
  return texts;
}

function decode({texts, distinct}: EncodedTextColumn): string[] {
  const bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength);
  let at = 0;
  return Array.from({length: distinct}, () => {
    const start = at + lengthBytes;
    at = start + bytes.readUInt32LE(at);
    if (at > bytes.length) throw new RangeError(`${distinct} texts: expected ${at} bytes, found ${bytes.length}`);
    return bytes.toString("utf8", start, at);
  });
}

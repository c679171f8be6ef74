import type {EncodedTextColumn} from "../../../schema/rows.ts";

/** A column of texts as bytes; the distinct ones in the order given, in memory that also holds something else. */
export function encodedColumn(codes: Int32Array, values: readonly string[]): EncodedTextColumn {
  const pieces = values.flatMap((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  const around = Buffer.concat([Buffer.alloc(3, 0x5a), ...pieces, Buffer.alloc(5, 0x5a)]);
  return {codes, texts: new Uint8Array(around).subarray(3, around.length - 5), distinct: values.length};
}

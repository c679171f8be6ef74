/** Bytes of Protocol Buffers messages: each function gives one field, and `message` puts fields together. */

/** A whole number of at least 0. */
export function varintField(number: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(number * 8), ...varint(value)]);
}

/** Bytes with their length: a text, a packed list or a message. */
export function bytesField(number: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return message([Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

/** Packed whole numbers of at least 0. */
export function packedVarints(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap(varint));
}

export function message(fields: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(fields.reduce((sum, {length}) => sum + length, 0));
  let at = 0;
  for (const field of fields) {
    all.set(field, at);
    at += field.length;
  }
  return all;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}

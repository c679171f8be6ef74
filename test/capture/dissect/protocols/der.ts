/** Values in DER (X.690), as tests send them. */

export function der(tag: number, ...content: (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === "string" ? Buffer.from(part, "utf8") : part)));
  const length =
    body.length < 0x80
      ? Buffer.from([body.length])
      : body.length < 0x100
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

/** A whole number of up to four bytes. */
export function integer(value: number, tag = 2): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  let first = 0;
  while (first < 3 && bytes[first] === (bytes[first + 1] & 0x80 ? 0xff : 0)) first++;
  return der(tag, bytes.subarray(first));
}

export const sequence = (...content: (Uint8Array | string)[]) => der(0x30, ...content);
export const octets = (text: string | Uint8Array) => der(4, text);

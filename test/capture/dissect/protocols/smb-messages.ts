/** SMB 2 messages as they are sent, for tests. */

/** Behind a session header of its length (RFC 1002 §4.3.1). */
export function framed(...messages: Buffer[]): Buffer {
  const whole = Buffer.concat(messages);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(whole.length);
  return Buffer.concat([head, whole]);
}

/** An SMB 2 message ([MS-SMB2] §2.2.1.2). */
export function smb2(command: number, id: number, body: Buffer, {status = -1, tree = 0, next = 0} = {}): Buffer {
  const head = Buffer.alloc(64);
  head.write("\xfeSMB", "latin1");
  head.writeUInt16LE(64, 4);
  if (status >= 0) head.writeUInt32LE(status, 8);
  head.writeUInt16LE(command, 12);
  head.writeUInt32LE(status >= 0 ? 1 : 0, 16);
  head.writeUInt32LE(next, 20);
  head.writeUInt32LE(id, 24);
  head.writeUInt32LE(tree, 36);
  return Buffer.concat([head, body]);
}

/** A body of fixed size with the place of a text behind it. */
export function withPath(size: number, offsetAt: number, path: string): Buffer {
  const body = Buffer.alloc(size);
  body.writeUInt16LE(64 + size, offsetAt);
  body.writeUInt16LE(2 * path.length, offsetAt + 2);
  return Buffer.concat([body, Buffer.from(path, "utf16le")]);
}

/** What a server answers to a negotiation. */
export const dialect = (revision: number) => {
  const body = Buffer.alloc(64);
  body.writeUInt16LE(revision, 4);
  return body;
};
/** A request for a share. */
export const connect = (path: string) => withPath(8, 4, path);
/** A request for a file or pipe. */
export const create = (path: string) => withPath(56, 44, path);
/** A body of which nothing is read. */
export const empty = Buffer.alloc(16);

/** A body that states some 32-bit words, by their places. */
export function body(
  size: number,
  words: Readonly<Record<number, number>>,
  behind: Uint8Array = Buffer.alloc(0)
): Buffer {
  const made = Buffer.alloc(size);
  for (const [at, word] of Object.entries(words)) made.writeUInt32LE(word, Number(at));
  return Buffer.concat([made, behind]);
}

/** A body with a token of a login behind it. */
export const token = (size: number, offsetAt: number, bytes: Uint8Array) => {
  const made = Buffer.alloc(size);
  made.writeUInt16LE(64 + size, offsetAt);
  made.writeUInt16LE(bytes.length, offsetAt + 2);
  return Buffer.concat([made, bytes]);
};

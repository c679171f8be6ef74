/** What a message of SMB says, as far as records need it. */
export interface SmbMessage {
  /** 1, or 2 for SMB 2 and 3. */
  readonly generation: 1 | 2;
  readonly command: number;
  readonly isResponse: boolean;
  /** What a response has in common with its request. */
  readonly id: number;
  /** Identifier of the share that is meant. */
  readonly tree: number;
  /** NTSTATUS of a response. */
  readonly status: number;
  /** Dialect that a server chose (`2.1`, `3.1.1`, `NT LM 0.12` …), null in other messages. */
  readonly dialect: string | null;
  /** Path of a share, or of a file within one; null where the message has none, or it is not among the bytes. */
  readonly path: string | null;
}

/** Bytes of an SMB 2 header ([MS-SMB2] §2.2.1.2), and of an SMB 1 header ([MS-CIFS] §2.2.3.1). */
const headerBytes = {1: 32, 2: 64} as const;

/** Longest path that is kept, in bytes. */
const maxPathBytes = 1024;

/** Commands of SMB 2 ([MS-SMB2] §2.2.1.2) that are read further. */
export const smb2 = {negotiate: 0, treeConnect: 3, create: 5} as const;

/** Commands of SMB 1 ([MS-CIFS] §2.2.2.1) that are read further. */
export const smb1 = {delete: 0x06, rename: 0x07, open: 0x2d, negotiate: 0x72, treeConnect: 0x75, create: 0xa2} as const;

const names: Readonly<Record<1 | 2, Readonly<Record<number, string>>>> = {
  1: {
    6: "delete",
    7: "rename",
    45: "open",
    113: "tree_disconnect",
    114: "negotiate",
    115: "session_setup",
    116: "logoff",
    117: "tree_connect",
    162: "create"
  },
  2: {0: "negotiate", 1: "session_setup", 2: "logoff", 3: "tree_connect", 4: "tree_disconnect", 5: "create"}
};

/** Name of a command that records are made of; null for the others: reads, writes and the like are too many. */
export const smbCommandName = ({generation, command}: SmbMessage): string | null => names[generation][command] ?? null;

/** Reads an SMB 2 or 3 message whose header begins at `start`; null where that is not whole. */
export function smb2Message(bytes: Uint8Array, start: number, end: number): SmbMessage | null {
  if (end - start < headerBytes[2]) return null;
  const body = start + headerBytes[2];
  const command = le16(bytes, start + 12);
  const isResponse = (bytes[start + 16] & 1) === 1;
  const is = (wanted: number, bodyBytes: number) => command === wanted && body + bodyBytes <= end;
  let path: string | null = null;
  let dialect: string | null = null;
  if (isResponse) {
    if (is(smb2.negotiate, 6)) dialect = dialectName(le16(bytes, body + 4));
  } else if (is(smb2.treeConnect, 8)) path = utf16(bytes, start + le16(bytes, body + 4), le16(bytes, body + 6), end);
  else if (is(smb2.create, 48)) path = utf16(bytes, start + le16(bytes, body + 44), le16(bytes, body + 46), end);
  return {
    generation: 2,
    command,
    isResponse,
    id: le32(bytes, start + 24),
    tree: le32(bytes, start + 36),
    status: le32(bytes, start + 8),
    dialect,
    path
  };
}

/** Reads an SMB 1 message whose header begins at `start`; null where that is not whole. */
export function smb1Message(bytes: Uint8Array, start: number, end: number): SmbMessage | null {
  if (end - start < headerBytes[1] + 3) return null;
  const command = bytes[start + 4];
  const isResponse = (bytes[start + 9] & 0x80) !== 0;
  const isUnicode = (bytes[start + 11] & 0x80) !== 0;
  const words = start + headerBytes[1] + 1;
  const wordBytes = 2 * bytes[words - 1];
  const data = words + wordBytes + 2;
  let path: string | null = null;
  let dialect: string | null = null;
  // Texts of two bytes a character begin at an even place of the message ([MS-CIFS] §2.2.1.1.2).
  const aligned = (at: number) => (isUnicode && (at - start) % 2 === 1 ? at + 1 : at);
  const textAt = (at: number, length: number) =>
    isUnicode ? utf16(bytes, aligned(at), length, end) : latin(bytes, at, length, end);
  const textFrom = (at: number) => textAt(at, lengthTo(bytes, aligned(at), end, isUnicode));
  if (data <= end) {
    if (isResponse) {
      if (command === smb1.negotiate && wordBytes >= 26) dialect = "NT LM 0.12";
      // Which of the dialects it chose, of those that lead on to SMB 2, its SMB 2 answer says.
    } else if (command === smb1.treeConnect && wordBytes >= 8) {
      path = textFrom(data + le16(bytes, words + 6));
    } else if (command === smb1.open) path = textFrom(data);
    // Behind a byte that says that a text follows ([MS-CIFS] §2.2.4.7.1).
    else if (command === smb1.delete || command === smb1.rename) path = textFrom(data + 1);
    else if (command === smb1.create && wordBytes >= 14) path = textAt(data, le16(bytes, words + 5));
  }
  return {
    generation: 1,
    command,
    isResponse,
    id: (le16(bytes, start + 26) << 16) | le16(bytes, start + 30),
    tree: le16(bytes, start + 24),
    status: le32(bytes, start + 5),
    dialect,
    path
  };
}

/** `2.0.2`, `2.1`, `3.0`, `3.0.2`, `3.1.1`; null for the wildcard that asks to negotiate again ([MS-SMB2] §2.2.4). */
function dialectName(revision: number): string | null {
  if (revision === 0x02ff) return null;
  const parts = [revision >> 8, (revision >> 4) & 15, revision & 15];
  return (parts[2] === 0 ? parts.slice(0, 2) : parts).join(".");
}

/** Bytes before the text's zero. */
function lengthTo(bytes: Uint8Array, start: number, end: number, isUnicode: boolean): number {
  const step = isUnicode ? 2 : 1;
  let at = start;
  while (at + step <= end && (bytes[at] !== 0 || (isUnicode && bytes[at + 1] !== 0))) at += step;
  return at - start;
}

function utf16(bytes: Uint8Array, start: number, length: number, end: number): string | null {
  if (start + length > end || length > 0xffff) return null;
  return written(Buffer.from(bytes.subarray(start, start + Math.min(length & ~1, maxPathBytes))).toString("utf16le"));
}

function latin(bytes: Uint8Array, start: number, length: number, end: number): string | null {
  if (start + length > end) return null;
  return written(Buffer.from(bytes.subarray(start, start + Math.min(length, maxPathBytes))).toString("latin1"));
}

/** Without the zeros at its end; zeros within and lone surrogates are what no file can hold: U+FFFD. */
function written(text: string): string {
  return text
    .replace(/\0+$/, "")
    .replaceAll("\0", "\ufffd")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

const le16 = (bytes: Uint8Array, at: number) => bytes[at] | (bytes[at + 1] << 8);

/** Little-endian 32 bits, unsigned. */
const le32 = (bytes: Uint8Array, at: number) =>
  (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;

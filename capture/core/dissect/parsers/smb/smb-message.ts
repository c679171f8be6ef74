import {appendNumber, appendText} from "../../text";
import {lengthTo, readLatin, readUtf16} from "./smb-path";

/** The SMB message last read, as far as records need it; valid until the next one. */

/** Dialects besides the revisions of SMB 2. */
export const NO_DIALECT = -1;
const NT_LM = -2;

/** 1, or 2 for SMB 2 and 3. */
export let generation: i32 = 0;
export let command: i32 = 0;
export let isResponse: bool = false;
/** What a response has in common with its request. */
export let id: i64 = 0;
/** Identifier of the share that is meant. */
export let tree: u32 = 0;
/** NTSTATUS of a response. */
export let status: u32 = 0;
/** Dialect that a server chose, as `appendDialect` takes it; NO_DIALECT in other messages. */
export let dialect: i32 = NO_DIALECT;
/** Whether it has a path (smb-path.ts) of a share, or of a file within one; false also where that is not among the bytes. */
export let hasPath: bool = false;

/** The wildcard that asks to negotiate again ([MS-SMB2] §2.2.4). */
const ANY_DIALECT = 0x02ff;

/** Bytes of an SMB 1 header ([MS-CIFS] §2.2.3.1), and of an SMB 2 header ([MS-SMB2] §2.2.1.2). */
const SMB1_HEADER_BYTES: usize = 32;
export const SMB2_HEADER_BYTES: usize = 64;

/** Commands of SMB 1 ([MS-CIFS] §2.2.2.1) that are read further. */
const SMB1_DELETE = 0x06;
const SMB1_RENAME = 0x07;
const SMB1_OPEN = 0x2d;
export const SMB1_NEGOTIATE = 0x72;
export const SMB1_TREE_CONNECT = 0x75;
const SMB1_CREATE = 0xa2;

/** Commands of SMB 2 ([MS-SMB2] §2.2.1.2) that are read further. */
export const SMB2_NEGOTIATE = 0;
export const SMB2_TREE_CONNECT = 3;
const SMB2_CREATE = 5;

/** Name of a command that records are made of; empty for the others: reads, writes and the like are too many. */
export function smbCommandName(generation: i32, command: i32): string {
  return generation === 1 ? smb1CommandName(command) : smb2CommandName(command);
}

function smb1CommandName(command: i32): string {
  switch (command) {
    case SMB1_DELETE:
      return "delete";
    case SMB1_RENAME:
      return "rename";
    case SMB1_OPEN:
      return "open";
    case 0x71:
      return "tree_disconnect";
    case SMB1_NEGOTIATE:
      return "negotiate";
    case 0x73:
      return "session_setup";
    case 0x74:
      return "logoff";
    case SMB1_TREE_CONNECT:
      return "tree_connect";
    case SMB1_CREATE:
      return "create";
  }
  return "";
}

function smb2CommandName(command: i32): string {
  switch (command) {
    case SMB2_NEGOTIATE:
      return "negotiate";
    case 1:
      return "session_setup";
    case 2:
      return "logoff";
    case SMB2_TREE_CONNECT:
      return "tree_connect";
    case 4:
      return "tree_disconnect";
    case SMB2_CREATE:
      return "create";
  }
  return "";
}

/** Reads an SMB 2 or 3 message whose header begins at `start`; false where that is not whole. */
export function readSmb2(start: usize, end: usize): bool {
  if (end - start < SMB2_HEADER_BYTES) return false;
  generation = 2;
  status = load<u32>(start, 8);
  command = <i32>load<u16>(start, 12);
  isResponse = (load<u8>(start, 16) & 1) !== 0;
  id = <i64>load<u32>(start, 24);
  tree = load<u32>(start, 36);
  dialect = NO_DIALECT;
  hasPath = false;
  const body = start + SMB2_HEADER_BYTES;
  if (isResponse) {
    if (command !== SMB2_NEGOTIATE || body + 6 > end) return true;
    const revision = <i32>load<u16>(body, 4);
    if (revision !== ANY_DIALECT) dialect = revision;
  } else if (command === SMB2_TREE_CONNECT && body + 8 <= end) readPlacedPath(start, body + 4, end);
  else if (command === SMB2_CREATE && body + 48 <= end) readPlacedPath(start, body + 44, end);
  return true;
}

/** Reads the path of which the offset in the message and the length are given there. */
function readPlacedPath(start: usize, place: usize, end: usize): void {
  hasPath = readUtf16(start + <usize>load<u16>(place), <usize>load<u16>(place, 2), end);
}

/** Reads an SMB 1 message whose header begins at `start`; false where that is not whole. */
export function readSmb1(start: usize, end: usize): bool {
  if (end - start < SMB1_HEADER_BYTES + 3) return false;
  generation = 1;
  command = <i32>load<u8>(start, 4);
  status = load<u32>(start, 5);
  isResponse = (load<u8>(start, 9) & 0x80) !== 0;
  tree = <u32>load<u16>(start, 24);
  // Of process and message. Below 0 above the middle of its range, where no identifier of SMB 2 is.
  id = <i64>(<i32>((<u32>load<u16>(start, 26) << 16) | <u32>load<u16>(start, 30)));
  dialect = NO_DIALECT;
  hasPath = false;
  const words = start + SMB1_HEADER_BYTES + 1;
  const wordBytes = <usize>load<u8>(words - 1) << 1;
  const data = words + wordBytes + 2;
  if (data > end) return true;
  if (isResponse) {
    // Which of the dialects it chose, of those that lead on to SMB 2, its SMB 2 answer says.
    if (command === SMB1_NEGOTIATE && wordBytes >= 26) dialect = NT_LM;
    return true;
  }
  const isUnicode = (load<u8>(start, 11) & 0x80) !== 0;
  if (command === SMB1_TREE_CONNECT) {
    if (wordBytes >= 8) readPathUntilZero(start, data + <usize>load<u16>(words, 6), end, isUnicode);
  } else if (command === SMB1_OPEN) readPathUntilZero(start, data, end, isUnicode);
  // Behind a byte that says that a text follows ([MS-CIFS] §2.2.4.7.1).
  else if (command === SMB1_DELETE || command === SMB1_RENAME) readPathUntilZero(start, data + 1, end, isUnicode);
  else if (command === SMB1_CREATE && wordBytes >= 14) readSmb1Path(start, data, <usize>load<u16>(words, 5), end, isUnicode);
  return true;
}

function readPathUntilZero(start: usize, at: usize, end: usize, isUnicode: bool): void {
  readSmb1Path(start, at, lengthTo(isUnicode ? aligned(start, at) : at, end, isUnicode), end, isUnicode);
}

function readSmb1Path(start: usize, at: usize, length: usize, end: usize, isUnicode: bool): void {
  hasPath = isUnicode ? readUtf16(aligned(start, at), length, end) : readLatin(at, length, end);
}

/** Texts of two bytes a character begin at an even place of the message ([MS-CIFS] §2.2.1.1.2). */
// @ts-ignore: decorator
@inline
function aligned(start: usize, at: usize): usize {
  return at + ((at - start) & 1);
}

/** Writes `2.0.2`, `2.1`, `3.0`, `3.0.2`, `3.1.1`, `NT LM 0.12`; where it ends. */
export function appendDialect(dialect: i32, to: usize): usize {
  if (dialect === NT_LM) return appendText("NT LM 0.12", to);
  to = appendNumber(dialect >> 8, to);
  store<u8>(to++, 0x2e);
  to = appendNumber((dialect >> 4) & 15, to);
  if ((dialect & 15) === 0) return to;
  store<u8>(to++, 0x2e);
  return appendNumber(dialect & 15, to);
}

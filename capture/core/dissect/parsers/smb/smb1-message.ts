import {keepWide} from "../ntlm/ntlm-exchange";
import {lengthTo, readLatin, readUtf16} from "../../wide-text";
import {
  clearMessage,
  CLOSE,
  DELETE,
  message,
  NT_LM,
  READ,
  RENAME,
  setData,
  SMB1_CLOSE,
  SMB1_CREATE,
  SMB1_DELETE,
  SMB1_NEGOTIATE,
  SMB1_NT_RENAME,
  SMB1_NT_TRANSACT,
  SMB1_OPEN,
  SMB1_PEEK_NOTHING,
  SMB1_READ,
  SMB1_RENAME,
  SMB1_SESSION_SETUP,
  SMB1_SESSION_SETUP_2,
  SMB1_TRANSACTION,
  SMB1_TRANSACTION2,
  SMB1_TREE_CONNECT,
  SMB1_WRITE,
  TRANSCEIVE,
  WRITE
} from "./smb-message";

/** Messages of SMB 1 ([MS-CIFS] §2.2). */

/** Bytes of a header (§2.2.3.1). */
const HEADER_BYTES: usize = 32;
/** No command follows in the same message. */
const NO_COMMAND: u8 = 0xff;
/** Function of a transaction that writes a call to a pipe and reads its answer (§2.2.5.6). */
const TRANSACT_PIPE: u16 = 0x26;
/** One that looks into a pipe (§2.2.5.5). */
const PEEK_PIPE: u16 = 0x23;
/** Functions that are reserved: of a transaction of the second kind (§2.2.6.15), and of NT's (§2.2.7.5). */
const SESSION_SETUP_2: u16 = 0x0e;
const NT_RENAME: u16 = 5;
/** Of a transaction that sets something of an open file (§2.2.6.9), by NT's levels and SMB's. */
const SET_FILE: u16 = 8;
const LEVEL_DISPOSED: u16 = 0x102;
const LEVEL_DISPOSED_NT: u16 = 1013;
const LEVEL_RENAMED_NT: u16 = 1010;
/** Of create (§2.2.4.64). */
const DELETE_ON_CLOSE: u32 = 0x1000;

/** Words of the command under way, how many bytes they are, and where its bytes begin. */
let words: usize = 0;
let wordBytes: usize = 0;
let data: usize = 0;

/**
 * Reads a message whose header begins at `start`; false where that is not whole. `at`: where the words of its command are
 * counted, and `link` the how-manieth command of the message it is.
 */
export function readSmb1(start: usize, end: usize, at: usize, command: i32, link: i32): bool {
  if (end - start < HEADER_BYTES + 3 || at + 3 > end) return false;
  clearMessage();
  message.generation = 1;
  message.command = link === 0 ? <i32>load<u8>(start, 4) : command;
  message.status = load<u32>(start, 5);
  message.isResponse = load<u8>(start, 9) >> 7;
  message.tree = <u32>load<u16>(start, 24);
  message.session = <u64>load<u16>(start, 28);
  // Of process and message, and of the place in it. Below 0 or beyond 32 bits, where no identifier of SMB 2 is.
  const pair = <i64>(<i32>((<u32>load<u16>(start, 26) << 16) | <u32>load<u16>(start, 30)));
  message.id = pair + (<i64>link << 33);
  words = at + 1;
  wordBytes = <usize>load<u8>(at) << 1;
  data = words + wordBytes + 2;
  if (data > end) return true;
  const isUnicode = (load<u8>(start, 11) & 0x80) !== 0;
  if (message.isResponse !== 0) readResponse(start, end);
  else readRequest(start, end, isUnicode);
  if (hasNext(message.command) && wordBytes >= 4 && load<u8>(words) !== NO_COMMAND && <usize>load<u16>(words, 2) > at - start)
    message.next = <u32>(start + <usize>load<u16>(words, 2));
  return true;
}

/** Where the words of a whole message are counted. */
// @ts-ignore: decorator
@inline
export function firstWords(start: usize): usize {
  return start + HEADER_BYTES;
}

/** The command that follows the one last read, of which `message.next` is not 0. */
// @ts-ignore: decorator
@inline
export function nextCommand(): i32 {
  return <i32>load<u8>(words);
}

/** Commands behind which another may follow (§2.2.3.4). */
function hasNext(command: i32): bool {
  return (command >= SMB1_OPEN && command <= SMB1_WRITE) || (command >= SMB1_SESSION_SETUP && command <= SMB1_TREE_CONNECT) || command === SMB1_CREATE;
}

function readRequest(start: usize, end: usize, isUnicode: bool): void {
  switch (message.command) {
    case SMB1_SESSION_SETUP:
      if (wordBytes === 24) setData(data, load<u16>(words, 14), end);
      else if (wordBytes >= 26) readLogin(start, end, isUnicode);
      return;
    case SMB1_TREE_CONNECT:
      if (wordBytes >= 8) readPathUntilZero(start, data + <usize>load<u16>(words, 6), end, isUnicode);
      return;
    case SMB1_OPEN:
      return readPathUntilZero(start, data, end, isUnicode);
    // Behind a byte that says that a text follows (§2.2.4.7.1).
    case SMB1_DELETE:
    case SMB1_RENAME:
      message.action = message.command === SMB1_DELETE ? DELETE : RENAME;
      return readPathUntilZero(start, data + 1, end, isUnicode);
    case SMB1_CREATE:
      if (wordBytes < 14) return;
      if (wordBytes >= 48) message.deletesOnClose = u8((load<u32>(words, 39) & DELETE_ON_CLOSE) !== 0);
      return readPath(start, data, <usize>load<u16>(words, 5), end, isUnicode);
    case SMB1_CLOSE:
      message.action = CLOSE;
      if (wordBytes >= 6) message.fileLow = load<u16>(words);
      return;
    case SMB1_READ:
      message.action = READ;
      if (wordBytes < 20) return;
      message.fileLow = load<u16>(words, 4);
      setOffset(wordBytes >= 24 ? 20 : 0);
      return;
    case SMB1_WRITE:
      message.action = WRITE;
      if (wordBytes < 24) return;
      message.fileLow = load<u16>(words, 4);
      setOffset(wordBytes >= 28 ? 24 : 0);
      setFileBytes(start, load<u16>(words, 22), load<u16>(words, 20), load<u16>(words, 18), end);
      return;
    case SMB1_TRANSACTION:
      if (wordBytes < 32) return;
      if (load<u16>(words, 28) === PEEK_PIPE && load<u16>(words, 30) === 0) message.command = SMB1_PEEK_NOTHING;
      if (load<u16>(words, 28) !== TRANSACT_PIPE) return;
      message.action = TRANSCEIVE;
      message.fileLow = load<u16>(words, 30);
      setFileBytes(start, load<u16>(words, 24), load<u16>(words, 22), 0, end);
      return;
    case SMB1_TRANSACTION2:
      if (wordBytes < 30) return;
      if (load<u16>(words, 28) === SET_FILE) readSet(start, end);
      else if (load<u16>(words, 28) === SESSION_SETUP_2) message.command = SMB1_SESSION_SETUP_2;
      return;
    case SMB1_NT_TRANSACT:
      if (wordBytes >= 38 && load<u16>(words, 36) === NT_RENAME) message.command = SMB1_NT_RENAME;
  }
}

/** The file and the level are parameters, what is set stands among the data. */
function readSet(start: usize, end: usize): void {
  const its = start + <usize>load<u16>(words, 20);
  const set = start + <usize>load<u16>(words, 24);
  if (its + 4 > end || set + 1 > end) return;
  const level = load<u16>(its, 2);
  if (level === LEVEL_RENAMED_NT && set + 12 <= end) {
    message.action = RENAME;
    message.hasPath = u8(readUtf16(set + 12, <usize>load<u32>(set, 8), end));
  } else if ((level === LEVEL_DISPOSED || level === LEVEL_DISPOSED_NT) && load<u8>(set) !== 0) message.action = DELETE;
  message.fileLow = load<u16>(its);
}

/** A login by user, domain and responses of old (§2.2.4.53): the responses are passed over. */
function readLogin(start: usize, end: usize, isUnicode: bool): void {
  let at = data + <usize>load<u16>(words, 14) + <usize>load<u16>(words, 16);
  for (let i = 0; i < 2; i++) {
    if (isUnicode) at = aligned(start, at);
    if (at >= end) return;
    const length = lengthTo(at, end, isUnicode);
    if (!(isUnicode ? readUtf16(at, length, end) : readLatin(at, length, end))) return;
    if (i === 0) message.user = keepWide();
    else message.domain = keepWide();
    at += length + (isUnicode ? 2 : 1);
  }
}

function readResponse(start: usize, end: usize): void {
  switch (message.command) {
    case SMB1_NEGOTIATE:
      // Which of the dialects it chose, of those that lead on to SMB 2, its SMB 2 answer says.
      if (wordBytes >= 26) message.dialect = NT_LM;
      return;
    case SMB1_SESSION_SETUP:
      if (wordBytes === 8) setData(data, load<u16>(words, 6), end);
      return;
    case SMB1_CREATE:
      if (wordBytes < 68) return;
      message.fileLow = load<u16>(words, 5);
      message.createAction = <i32>load<u32>(words, 7);
      message.amount = <f64>load<u64>(words, 55);
      return;
    case SMB1_OPEN:
      if (wordBytes < 30) return;
      message.fileLow = load<u16>(words, 4);
      message.createAction = <i32>load<u16>(words, 22) & 3;
      message.amount = <f64>load<u32>(words, 12);
      return;
    case SMB1_READ:
      message.action = READ;
      if (wordBytes >= 24) setFileBytes(start, load<u16>(words, 12), load<u16>(words, 10), load<u16>(words, 14), end);
      return;
    case SMB1_WRITE:
      message.action = WRITE;
      if (wordBytes >= 12) message.amount = <f64>(<u32>load<u16>(words, 4) | (<u32>load<u16>(words, 8) << 16));
      return;
    case SMB1_TRANSACTION:
      message.action = TRANSCEIVE;
      if (wordBytes >= 20) setFileBytes(start, load<u16>(words, 14), load<u16>(words, 12), 0, end);
  }
}

/** The offset in the file, with its upper half at a place of the words (§2.2.4.42.1, §2.2.4.43.1); 0 without one. */
function setOffset(high: usize): void {
  message.offset = <u64>load<u32>(words, 6) | (high === 0 ? 0 : <u64>load<u32>(words + high) << 32);
}

/** Bytes of a file or pipe, of which the offset in the message and the length are given. */
function setFileBytes(start: usize, offset: u16, length: u16, high: u16, end: usize): void {
  const bytes = <u32>length | (<u32>high << 16);
  message.amount = <f64>bytes;
  if (bytes > 0) setData(start + <usize>offset, bytes, end);
}

function readPathUntilZero(start: usize, at: usize, end: usize, isUnicode: bool): void {
  readPath(start, at, lengthTo(isUnicode ? aligned(start, at) : at, end, isUnicode), end, isUnicode);
}

function readPath(start: usize, at: usize, length: usize, end: usize, isUnicode: bool): void {
  message.hasPath = u8(isUnicode ? readUtf16(aligned(start, at), length, end) : readLatin(at, length, end));
}

/** Texts of two bytes a character begin at an even place of the message (§2.2.1.1.2). */
// @ts-ignore: decorator
@inline
function aligned(start: usize, at: usize): usize {
  return at + ((at - start) & 1);
}

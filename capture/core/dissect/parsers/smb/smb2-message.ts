import {readUtf16} from "../../wide-text";
import {
  clearMessage,
  CLOSE,
  DELETE,
  message,
  READ,
  RENAME,
  setData,
  SMB2_CLOSE,
  SMB2_CREATE,
  SMB2_IOCTL,
  SMB2_NEGOTIATE,
  SMB2_READ,
  SMB2_SESSION_SETUP,
  SMB2_SET_INFO,
  SMB2_TREE_CONNECT,
  SMB2_WRITE,
  TRANSCEIVE,
  WRITE
} from "./smb-message";

/** Messages of SMB 2 and 3 ([MS-SMB2] §2.2). */

/** Bytes of a header (§2.2.1.2). */
const HEADER_BYTES: usize = 64;
/** Flags of a header: a response, and one that has no share. */
const RESPONSE: u8 = 1;
const ASYNCHRONOUS: u8 = 2;
/** The wildcard that asks to negotiate again (§2.2.4). */
const ANY_DIALECT = 0x02ff;
/** FSCTL_PIPE_TRANSCEIVE (§2.2.31). */
const PIPE_TRANSCEIVE: u32 = 0x0011c017;
/** Of create (§2.2.13). */
const DELETE_ON_CLOSE: u32 = 0x1000;
/** What is set of a file ([MS-FSCC] §2.4). */
const OF_FILE: u8 = 1;
const RENAMED: u8 = 10;
const DISPOSED: u8 = 13;
const DISPOSED_EXTENDED: u8 = 64;

/** Reads a message whose header begins at `start`; false where that is not whole. */
export function readSmb2(start: usize, end: usize): bool {
  if (end - start < HEADER_BYTES) return false;
  clearMessage();
  message.generation = 2;
  message.status = load<u32>(start, 8);
  message.command = <i32>load<u16>(start, 12);
  const flags = load<u8>(start, 16);
  message.isResponse = flags & RESPONSE;
  message.id = <i64>load<u32>(start, 24);
  if ((flags & ASYNCHRONOUS) === 0) message.tree = load<u32>(start, 36);
  message.session = load<u64>(start, 40);
  const next = <usize>load<u32>(start, 20);
  if (next >= HEADER_BYTES && next <= end - start) message.next = <u32>(start + next);
  const last = message.next !== 0 ? <usize>message.next : end;
  const body = start + HEADER_BYTES;
  if (message.isResponse !== 0) readResponse(start, body, last);
  else readRequest(start, body, last);
  return true;
}

function readRequest(start: usize, body: usize, end: usize): void {
  switch (message.command) {
    case SMB2_SESSION_SETUP:
      if (body + 16 <= end) setPlaced(start, load<u16>(body, 12), load<u16>(body, 14), end);
      return;
    case SMB2_TREE_CONNECT:
      if (body + 8 <= end) readPlacedPath(start, body + 4, end);
      return;
    case SMB2_CREATE:
      if (body + 48 > end) return;
      message.deletesOnClose = u8((load<u32>(body, 40) & DELETE_ON_CLOSE) !== 0);
      readPlacedPath(start, body + 44, end);
      return;
    case SMB2_CLOSE:
      message.action = CLOSE;
      if (body + 24 <= end) setFile(body + 8);
      return;
    case SMB2_READ:
      message.action = READ;
      if (body + 32 > end) return;
      setFile(body + 16);
      message.offset = load<u64>(body, 8);
      return;
    case SMB2_WRITE:
      message.action = WRITE;
      if (body + 32 > end) return;
      setFile(body + 16);
      message.amount = <f64>load<u32>(body, 4);
      message.offset = load<u64>(body, 8);
      setPlaced(start, load<u16>(body, 2), load<u32>(body, 4), end);
      return;
    case SMB2_IOCTL:
      if (body + 36 > end || load<u32>(body, 4) !== PIPE_TRANSCEIVE) return;
      message.action = TRANSCEIVE;
      setFile(body + 8);
      message.amount = <f64>load<u32>(body, 28);
      setPlaced(start, load<u32>(body, 24), load<u32>(body, 28), end);
      return;
    case SMB2_SET_INFO:
      if (body + 32 <= end && load<u8>(body, 2) === OF_FILE) readSet(start, body, end);
  }
}

function readSet(start: usize, body: usize, end: usize): void {
  const kind = load<u8>(body, 3);
  const set = start + <usize>load<u16>(body, 8);
  if (set < body || set + 1 > end) return;
  if (kind === RENAMED) {
    if (set + 20 > end) return;
    message.action = RENAME;
    message.hasPath = u8(readUtf16(set + 20, <usize>load<u32>(set, 16), end));
  } else if ((kind === DISPOSED || kind === DISPOSED_EXTENDED) && (load<u8>(set) & 1) !== 0) message.action = DELETE;
  else return;
  setFile(body + 16);
}

function readResponse(start: usize, body: usize, end: usize): void {
  switch (message.command) {
    case SMB2_NEGOTIATE:
      if (body + 6 <= end && <i32>load<u16>(body, 4) !== ANY_DIALECT) message.dialect = <i32>load<u16>(body, 4);
      return;
    case SMB2_SESSION_SETUP:
      if (body + 8 <= end) setPlaced(start, load<u16>(body, 4), load<u16>(body, 6), end);
      return;
    case SMB2_CREATE:
      if (message.status !== 0 || body + 80 > end) return;
      message.createAction = <i32>load<u32>(body, 4);
      message.amount = <f64>load<u64>(body, 48);
      setFile(body + 64);
      return;
    case SMB2_READ:
      message.action = READ;
      if (body + 16 > end || load<u16>(body) !== 17) return;
      message.amount = <f64>load<u32>(body, 4);
      setPlaced(start, load<u8>(body, 2), load<u32>(body, 4), end);
      return;
    case SMB2_WRITE:
      message.action = WRITE;
      if (body + 16 <= end && load<u16>(body) === 17) message.amount = <f64>load<u32>(body, 4);
      return;
    case SMB2_IOCTL:
      if (body + 48 > end || load<u16>(body) !== 49 || load<u32>(body, 4) !== PIPE_TRANSCEIVE) return;
      message.action = TRANSCEIVE;
      message.amount = <f64>load<u32>(body, 36);
      setPlaced(start, load<u32>(body, 32), load<u32>(body, 36), end);
  }
}

// @ts-ignore: decorator
@inline
function setFile(at: usize): void {
  message.fileLow = load<u64>(at);
  message.fileHigh = load<u64>(at, 8);
}

/** Bytes of which the offset in the message and the length are given; those within the header are none. */
function setPlaced(start: usize, offset: u32, length: u32, end: usize): void {
  if (length > 0 && <usize>offset >= HEADER_BYTES && <usize>offset <= end - start) setData(start + <usize>offset, length, end);
  else if (length > 0) message.dataMissing = length;
}

/** Reads the path of which the offset in the message and the length are given there. */
function readPlacedPath(start: usize, place: usize, end: usize): void {
  message.hasPath = u8(readUtf16(start + <usize>load<u16>(place), <usize>load<u16>(place, 2), end));
}

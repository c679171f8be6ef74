import {keepText} from "../../heap";
import {addContent, BY_SMB, closeTransfer, missContent, openTransfer, PARTLY, UNKNOWN, WHOLE} from "../files/transfer";
import {Handle, Handles} from "./smb-handle";
import {message} from "./smb-message";

/** Contents of files as they are read and written: in order from their beginning on, or with holes. */

/** Content of a direction that goes on behind what was looked at of its message. */
@unmanaged
export class Flowing {
  /** The file (a `Transfer`), 0 without, and how many of its bytes are to come. */
  file: u32 = 0;
  remaining: u32 = 0;
}

// @ts-ignore: decorator
@inline
export function flowingOf(all: Handles, direction: i32): Flowing {
  return changetype<Flowing>(changetype<usize>(all) + offsetof<Handles>("originatorFile") + <usize>direction * offsetof<Flowing>());
}

/** Takes what the message last read has of an open file, from offset `offset` of it on; `direction` is the message's. */
export function takeContent(all: Handles, handle: Handle, isWritten: bool, offset: u64, direction: u8, ts: f64): void {
  const length = <u64>(message.dataEnd - message.dataAt) + <u64>message.dataMissing;
  if (length === 0) return;
  let file = <usize>(isWritten ? handle.writtenFile : handle.readFile);
  if (file === 0) {
    file = openTransfer(ts, direction, isWritten ? NaN : handle.size, nameOf(handle), 0, 0);
    if (file === 0) return;
    if (isWritten) handle.writtenFile = <u32>file;
    else handle.readFile = <u32>file;
  }
  const next = isWritten ? handle.writtenNext : handle.readNext;
  // What was read is read again; what was written is written over, and is another file then.
  const known = offset < next ? next - offset : 0;
  if (offset > next || (known > 0 && isWritten) || message.dataAt === 0) missContent(file);
  if (known >= length) return;
  if (isWritten) handle.writtenNext = offset + length;
  else handle.readNext = offset + length;
  if (message.dataAt === 0) return;
  const here = <u64>(message.dataEnd - message.dataAt);
  if (known < here) addContent(file, <usize>message.dataAt + <usize>known, <usize>message.dataEnd);
  else if (known > here) missContent(file);
  if (message.dataMissing === 0 || message.next !== 0) return;
  const flowing = flowingOf(all, direction);
  flowing.file = <u32>file;
  flowing.remaining = message.dataMissing;
}

/** The last part of the path; 0 where the file's opening was not seen. */
function nameOf(handle: Handle): usize {
  if (handle.path === 0) return 0;
  const start = <usize>handle.path + 4;
  const end = start + <usize>load<u32>(handle.path);
  let at = end;
  while (at > start && load<u8>(at - 1) !== 0x5c && load<u8>(at - 1) !== 0x2f) at--;
  return at === end ? 0 : keepText(at, <u32>(end - at));
}

/** Takes what goes on of a file's content. */
export function flowOn(flowing: Flowing, start: usize, end: usize): void {
  const length = min(flowing.remaining, <u32>(end - start));
  if (length > 0) addContent(<usize>flowing.file, start, start + <usize>length);
  endFlowing(flowing, length);
}

/** Bytes of it will not come: so many, or (`isAll`) as many as there are. */
export function flowAway(flowing: Flowing, missing: u32, isAll: bool): void {
  if (flowing.file === 0) return;
  missContent(<usize>flowing.file);
  endFlowing(flowing, isAll ? flowing.remaining : min(flowing.remaining, missing));
}

function endFlowing(flowing: Flowing, length: u32): void {
  flowing.remaining -= length;
  if (flowing.remaining === 0) flowing.file = 0;
}

/** The file is closed (`isClosed`), or forgotten: its rows are written. */
export function closeContent(all: Handles, handle: Handle, id: u64, isClosed: bool): void {
  const read = <usize>handle.readFile;
  const written = <usize>handle.writtenFile;
  for (let direction = 0; direction < 2; direction++) {
    const flowing = flowingOf(all, direction);
    if (flowing.file !== 0 && (<usize>flowing.file === read || <usize>flowing.file === written)) flowAway(flowing, 0, true);
  }
  if (read !== 0) closeTransfer(read, id, BY_SMB, isNaN(handle.size) ? UNKNOWN : <f64>handle.readNext >= handle.size ? WHOLE : PARTLY);
  if (written !== 0) closeTransfer(written, id, BY_SMB, isClosed ? WHOLE : UNKNOWN);
  handle.readFile = handle.writtenFile = 0;
}

import {u16At} from "../../../meter/bytes";
import {allocate, moved, release} from "../../heap";
import {countGivenUp, releaseHeld, reserveHeld} from "../../streams/held";
import {closeStream, Stream} from "../../streams/stream";
import {dropMessage, findMessage, HANDSHAKE, messageAt, messageEnd, messageNext} from "./handshake-message";
import {session, takeMessage} from "./tls-session";

/** Finds the hello at the beginning of one direction, over as many records and segments as it takes. */
@unmanaged
export class HelloReader extends Stream {
  /** Records' bytes from the first not yet read one on, the room of their block, and the time of their packet. */
  held: u32 = 0;
  heldLength: i32 = 0;
  room: u32 = 0;
  /** True once nothing more is looked for in this direction. */
  isClosed: bool = false;
  /** Bytes are missing: the next hello is looked for at the beginning of a segment. */
  isAstray: bool = false;
  reserved: u16 = 0;
  heldTs: f64 = 0;
}

/** RFC 8446 §5.1, with the 2,048 bytes that older versions allow on top. */
export const MAX_RECORD_BYTES: u32 = 16_384 + 2_048;

/** Bytes of a direction within which its hello is looked for. */
const MAX_HELLO_BYTES: i32 = 65_536;

const CHANGE_CIPHER_SPEC: u8 = 20;

/** Takes the next bytes of the stream `to` that a reader is. */
export function readBytes(to: usize, start: usize, end: usize, ts: f64): void {
  const reader = changetype<HelloReader>(to);
  if (reader.isClosed || session.isDone) return;
  if (reader.isAstray) {
    if (!beginsHello(start, end)) return;
    reader.isAstray = false;
  }
  if (reader.heldLength === 0) {
    reader.heldTs = ts;
    hold(reader, read(reader, start, end), end);
  } else if (join(reader, start, end)) {
    const all = <usize>reader.held + reader.heldLength + (end - start);
    hold(reader, read(reader, reader.held, all), all);
  } else giveUp(reader);
}

/** Whether a record with a hello begins here (RFC 8446 §5.1, §4). */
function beginsHello(start: usize, end: usize): bool {
  if (start + 9 > end || load<u8>(start) !== HANDSHAKE || load<u8>(start, 1) !== 3) return false;
  const type = load<u8>(start, 5);
  return (type === 1 || type === 2) && load<u8>(start, 6) === 0 && u16At(start + 3) <= MAX_RECORD_BYTES;
}

/** Of what was never seen nothing is known: the next hello is looked for behind it. */
export function readGap(to: usize, missing: i32): void {
  const reader = changetype<HelloReader>(to);
  reader.isAstray = true;
  drop(reader);
}

/** Ends the search and lets go of what is held. */
export function closeReader(reader: HelloReader): void {
  reader.isClosed = true;
  closeStream(reader);
  drop(reader);
}

/** Where the bytes that still wait for more begin. */
function read(reader: HelloReader, start: usize, end: usize): usize {
  while (start + 5 <= end) {
    const type = load<u8>(start);
    const length = u16At(start + 3);
    // ChangeCipherSpec may stand between two ClientHellos; alerts and data end the search.
    const isRead = type === HANDSHAKE || type === CHANGE_CIPHER_SPEC;
    if (!isRead || load<u8>(start, 1) !== 3 || length > MAX_RECORD_BYTES) {
      reader.isClosed = true;
      return end;
    }
    if (type === CHANGE_CIPHER_SPEC) {
      if (start + 5 + length > end) return start;
      start += 5 + length;
      continue;
    }
    if (!findMessage(start, end)) return start;
    start = messageNext;
    const goesOn = takeMessage(messageAt, messageEnd, reader.heldTs);
    dropMessage();
    // What follows the hello that the search ends with is not read.
    if (session.isDone) return end;
    if (!goesOn) {
      reader.isClosed = true;
      return end;
    }
  }
  return start;
}

/** Puts new bytes behind those held; they are not counted yet. False where memory is out. */
function join(reader: HelloReader, start: usize, end: usize): bool {
  const length = <usize>reader.heldLength + (end - start);
  if (length > reader.room) {
    const block = moved(reader.held, reader.room, reader.heldLength, roomFor(length));
    if (block === 0) return false;
    reader.held = <u32>block;
    reader.room = <u32>roomFor(length);
  }
  memory.copy(<usize>reader.held + reader.heldLength, start, end - start);
  return true;
}

/** Holds the bytes `start .. end`, which may be among those held, and nothing else. */
function hold(reader: HelloReader, start: usize, end: usize): void {
  const length = <i32>(end - start);
  if (length === 0) {
    if (reader.held !== 0) drop(reader);
    return;
  }
  releaseHeld(reader.heldLength);
  reader.heldLength = 0;
  if (length > MAX_HELLO_BYTES || !reserveHeld(length)) return giveUp(reader);
  reader.heldLength = length;
  const room = roomFor(length);
  // A block that is much too large is not kept: what is held is counted by its bytes.
  if (<usize>reader.room >= room && <usize>reader.room <= 4 * room) {
    memory.copy(reader.held, start, length);
    return;
  }
  const block = allocate(room);
  if (block === 0) return giveUp(reader);
  memory.copy(block, start, length);
  if (reader.held !== 0) release(reader.held, reader.room);
  reader.held = <u32>block;
  reader.room = <u32>room;
}

function giveUp(reader: HelloReader): void {
  countGivenUp();
  reader.isClosed = true;
  drop(reader);
}

function drop(reader: HelloReader): void {
  releaseHeld(reader.heldLength);
  reader.heldLength = 0;
  if (reader.held !== 0) release(reader.held, reader.room);
  reader.held = reader.room = 0;
}

/** Blocks are of powers of two: more room than that for some bytes costs nothing. */
// @ts-ignore: decorator
@inline
function roomFor(length: usize): usize {
  return length <= 64 ? 64 : <usize>1 << (32 - <usize>clz<u32>(<u32>length - 1));
}

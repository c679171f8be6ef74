import {u32At} from "../../../meter/core/bytes";
import {Event} from "../../../meter/core/layout";
import {allocate, release} from "../heap";
import {countGivenUp, releaseHeld, reserveHeld} from "../held";
import {closeStream, openStream, push, Stream} from "../stream";
import {isText} from "../text";
import {takeMessage} from "./smb";
import {readSmb1, readSmb2, SMB2_HEADER_BYTES} from "./smb-message";

/** Messages of SMB behind their session headers (RFC 1002 §4.3.1), in each direction of a flow. */

const SESSION_HEADER_BYTES: usize = 4;

/** Bytes of a message that are looked at: its header and a path behind it. */
const MAX_MESSAGE_BYTES: usize = 4096;

/** Messages behind one another in one packet ([MS-SMB2] §3.3.4.1.3) that are looked at. */
const MAX_COMPOUNDED = 16;

/** One direction of a flow. */
@unmanaged
class Side extends Stream {
  parser: u32 = 0;
  /** Bytes of a message that are still to come and not wanted. */
  skip: u32 = 0;
  /** A message of which not all is there that is looked at. */
  held: u32 = 0;
  heldLength: i32 = 0;
  /** Nothing can be read any more: bytes are missing, or something else was met. */
  isLost: u8 = 0;
  reserved: u8 = 0;
  reserved2: u16 = 0;
}

/** Both directions of a flow, for the parser in `parser`; 0 where memory is out. */
export function openSides(parser: usize): usize {
  const sides = allocate(2 * offsetof<Side>());
  if (sides === 0) {
    countGivenUp();
    return 0;
  }
  memory.fill(sides, 0, 2 * offsetof<Side>());
  for (let i = 0; i < 2; i++) {
    const side = sideOf(sides, i);
    openStream(side, true);
    side.parser = <u32>parser;
  }
  return sides;
}

/** Takes a segment; false where nothing more can be read of either direction. */
export function takeSegment(sides: usize, event: Event, start: usize, end: usize): bool {
  const side = sideOf(sides, event.direction);
  if (side.isLost === 0)
    push(side, start, end, event.cut, event.streamOffset, event.time, changetype<usize>(side), takeBytes, passGap);
  return side.isLost === 0 || sideOf(sides, 1 - event.direction).isLost === 0;
}

/** Lets go of all that waits, and of the directions. */
export function closeSides(sides: usize): void {
  for (let i = 0; i < 2; i++) {
    const side = sideOf(sides, i);
    closeStream(side);
    letGo(side);
  }
  release(sides, 2 * offsetof<Side>());
}

// @ts-ignore: decorator
@inline
function sideOf(sides: usize, side: i32): Side {
  return changetype<Side>(sides + <usize>side * offsetof<Side>());
}

function takeBytes(to: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<Side>(to);
  if (side.isLost !== 0) return;
  const before = <usize>side.heldLength;
  if (before === 0) {
    const rest = takeMessages(side, start, end, ts);
    return hold(side, rest, end);
  }
  const length = before + (end - start);
  const joined = allocate(length);
  if (joined === 0) return giveUp(side);
  memory.copy(joined, <usize>side.held, before);
  memory.copy(joined + before, start, end - start);
  letGo(side);
  const rest = takeMessages(side, joined, joined + length, ts);
  hold(side, rest, joined + length);
  release(joined, length);
}

function passGap(to: usize, missing: i32): void {
  const side = changetype<Side>(to);
  // A hole within what is not wanted does no harm: writes are long, and are the ones that get lost or cut.
  if (<u32>missing <= side.skip && side.heldLength === 0) side.skip -= missing;
  else lose(side);
}

/** Takes the messages of which enough is there; where the bytes that wait for more begin. */
function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  let at = passUnwanted(side, start, end);
  while (side.skip === 0 && end - at >= SESSION_HEADER_BYTES) {
    // A message has a type of zero; over port 445 three bytes of length, over 139 seventeen bits of it.
    const length = <usize>(u32At(at) & 0xffffff);
    const message = at + SESSION_HEADER_BYTES;
    const looked = min(length, MAX_MESSAGE_BYTES);
    if (end - message < looked) break;
    if (load<u8>(at) === 0) takeCompounded(side, message, message + looked, ts);
    if (side.isLost !== 0) return end;
    side.skip = <u32>(length - looked);
    at = passUnwanted(side, message + looked, end);
  }
  return at;
}

/** Passes over what is there of what is not wanted; where it went on to. */
// @ts-ignore: decorator
@inline
function passUnwanted(side: Side, at: usize, end: usize): usize {
  const passed = min(side.skip, <u32>(end - at));
  side.skip -= passed;
  return at + <usize>passed;
}

/** Takes the messages that have one session header in common. */
function takeCompounded(side: Side, at: usize, end: usize, ts: f64): void {
  for (let i = 0; i < MAX_COMPOUNDED; i++) {
    if (end - at < 8) return;
    const first = load<u8>(at);
    // Encrypted and compressed ones tell nothing.
    if (first === 0xfd || first === 0xfc) return;
    if ((first !== 0xfe && first !== 0xff) || !isText(at + 1, end, "SMB")) return lose(side);
    const isSmb2 = first === 0xfe;
    if (!(isSmb2 ? readSmb2(at, end) : readSmb1(at, end))) return;
    takeMessage(<usize>side.parser, ts);
    // Where the next of several messages in one begins; 0 after the last.
    const next = isSmb2 ? <usize>load<u32>(at, 20) : 0;
    if (next < SMB2_HEADER_BYTES || next > end - at) return;
    at += next;
  }
}

/** Holds a copy of the bytes until the next ones come; nothing is held when it is called. */
function hold(side: Side, at: usize, end: usize): void {
  if (at >= end || side.isLost !== 0) return;
  const length = <i32>(end - at);
  if (!reserveHeld(length)) return giveUp(side);
  const block = allocate(length);
  if (block === 0) {
    releaseHeld(length);
    return giveUp(side);
  }
  memory.copy(block, at, length);
  side.held = <u32>block;
  side.heldLength = length;
}

function letGo(side: Side): void {
  if (side.heldLength === 0) return;
  releaseHeld(side.heldLength);
  release(<usize>side.held, side.heldLength);
  side.heldLength = 0;
}

function lose(side: Side): void {
  letGo(side);
  side.isLost = 1;
}

function giveUp(side: Side): void {
  lose(side);
  countGivenUp();
}

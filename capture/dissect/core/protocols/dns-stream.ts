import {u16At} from "../../../meter/core/bytes";
import {Event} from "../../../meter/core/layout";
import {allocate, release} from "../heap";
import {countGivenUp, releaseHeld, reserveHeld} from "../held";
import {closeStream, openStream, push, Stream} from "../stream";
import {takeMessage} from "./dns";

/** DNS over TCP: messages with their length before them (RFC 1035 §4.2.2). */

/** Longest message that is put together; the length field allows 65,535. */
const MAX_MESSAGE_BYTES: i32 = 65_537;

/** One direction of a flow. */
@unmanaged
class Side {
  /** A `Stream`. */
  stream: u64 = 0;
  stream2: u64 = 0;
  parser: u32 = 0;
  side: i32 = 0;
  isLost: i32 = 0;
  /** A message that is not whole yet, its length before it. */
  held: u32 = 0;
  heldLength: i32 = 0;
  reserved: u32 = 0;
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
    openStream(streamOf(side), true);
    side.parser = <u32>parser;
    side.side = i;
  }
  return sides;
}

/** Takes a segment; false where nothing more can be read of either direction. */
export function takeSegment(sides: usize, event: Event, start: usize, end: usize): bool {
  const side = sideOf(sides, event.direction);
  if (side.isLost === 0)
    push(streamOf(side), start, end, event.cut, event.streamOffset, event.time, changetype<usize>(side), takeBytes, loseBytes);
  return side.isLost === 0 || sideOf(sides, 1 - event.direction).isLost === 0;
}

/** Lets go of all that waits, and of the directions. */
export function closeSides(sides: usize): void {
  for (let i = 0; i < 2; i++) {
    const side = sideOf(sides, i);
    closeStream(streamOf(side));
    letGo(side);
  }
  release(sides, 2 * offsetof<Side>());
}

// @ts-ignore: decorator
@inline
function sideOf(sides: usize, side: i32): Side {
  return changetype<Side>(sides + <usize>side * offsetof<Side>());
}

// @ts-ignore: decorator
@inline
function streamOf(side: Side): Stream {
  return changetype<Stream>(changetype<usize>(side));
}

function takeBytes(to: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<Side>(to);
  if (side.isLost !== 0) return;
  if (side.heldLength === 0) {
    const rest = takeMessages(side, start, end, ts);
    return hold(side, rest, <i32>(end - rest));
  }
  const before = <usize>side.heldLength;
  const length = before + (end - start);
  const joined = allocate(length);
  if (joined === 0) return lose(side);
  memory.copy(joined, <usize>side.held, before);
  memory.copy(joined + before, start, end - start);
  letGo(side);
  const rest = takeMessages(side, joined, joined + length, ts);
  hold(side, rest, <i32>(joined + length - rest));
  release(joined, length);
}

function loseBytes(to: usize, _missing: i32): void {
  const side = changetype<Side>(to);
  side.isLost = 1;
  letGo(side);
}

/** Takes the whole messages; where the bytes that wait for more begin. */
function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  while (end - start >= 2 && end - start >= 2 + <usize>u16At(start)) {
    const last = start + 2 + <usize>u16At(start);
    takeMessage(<usize>side.parser, start + 2, last, ts, side.side);
    start = last;
  }
  return start;
}

/** Holds a copy of the bytes until the next ones come; nothing is held when it is called. */
function hold(side: Side, at: usize, length: i32): void {
  if (length === 0) return;
  if (length > MAX_MESSAGE_BYTES || !reserveHeld(length)) return lose(side);
  const block = allocate(length);
  if (block === 0) {
    releaseHeld(length);
    return lose(side);
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
  countGivenUp();
}

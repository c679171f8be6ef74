import {u16At} from "../../../meter/core/bytes";
import {Event} from "../../../meter/core/layout";
import {allocate, release} from "../heap";
import {countGivenUp} from "../held";
import {closeHeld, from, gather, HeldStream, keepRest, loseBytes, to} from "../held-stream";
import {openStream, push} from "../stream";
import {takeMessage} from "./dns";

/** DNS over TCP: messages with their length before them (RFC 1035 §4.2.2). */

/** Longest message that is put together; the length field allows 65,535. */
const MAX_MESSAGE_BYTES: u32 = 65_537;

/** One direction of a flow. */
@unmanaged
class Side extends HeldStream {
  side: u8 = 0;
  reserved: u16 = 0;
  parser: u32 = 0;
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
    side.side = <u8>i;
  }
  return sides;
}

/** Takes a segment; false where nothing more can be read of either direction. */
export function takeSegment(sides: usize, event: Event, start: usize, end: usize): bool {
  const side = sideOf(sides, event.direction);
  if (side.isLost === 0)
    push(side, start, end, event.cut, event.streamOffset, event.time, changetype<usize>(side), takeBytes, loseBytes);
  return side.isLost === 0 || sideOf(sides, 1 - event.direction).isLost === 0;
}

/** Lets go of all that waits, and of the directions. */
export function closeSides(sides: usize): void {
  for (let i = 0; i < 2; i++) closeHeld(sideOf(sides, i));
  release(sides, 2 * offsetof<Side>());
}

// @ts-ignore: decorator
@inline
function sideOf(sides: usize, side: i32): Side {
  return changetype<Side>(sides + <usize>side * offsetof<Side>());
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<Side>(at);
  if (gather(side, start, end)) keepRest(side, takeMessages(side, from, to, ts), MAX_MESSAGE_BYTES);
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

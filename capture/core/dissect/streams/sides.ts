import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countGivenUp} from "./held";
import {closeHeld, HeldStream} from "./held-stream";
import {Bytes, Gap, openStream, passAllHoles, passHoles, push} from "./stream";

/** Both directions of a flow, for a reader of messages that takes each of them alike. */

/** One direction of a flow. */
@unmanaged
export class Side extends HeldStream {
  /** 0 the originator's, 1 the responder's. */
  direction: u8 = 0;
  reserved: u8 = 0;
  parser: u32 = 0;
  /** Bytes that are still to come and not wanted, where the reader says so. */
  skip: u32 = 0;
}

/** Both directions, for the parser in `parser`; 0 where memory is out. */
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
    side.direction = <u8>i;
  }
  return sides;
}

/** Takes a segment; false where nothing more can be read of either direction. `bytes` and `gap` are told the `Side`. */
export function takeSegment(sides: usize, event: Event, start: usize, end: usize, bytes: Bytes, gap: Gap): bool {
  const other = sideOf(sides, 1 - event.direction);
  if (other.first !== 0) passHoles(other, event.acknowledged, changetype<usize>(other), bytes, gap);
  const side = sideOf(sides, event.direction);
  if (side.isLost === 0)
    push(side, start, end, event.cut, event.streamOffset, event.time, changetype<usize>(side), bytes, gap);
  return side.isLost === 0 || other.isLost === 0;
}

/** The flow has ended: what waits behind holes is read, for `bytes` and `gap` as above. */
export function finishSides(sides: usize, bytes: Bytes, gap: Gap): void {
  for (let i = 0; i < 2; i++) {
    const side = sideOf(sides, i);
    if (side.isLost === 0) passAllHoles(side, changetype<usize>(side), bytes, gap);
  }
}

/** Lets go of all that waits, and of the directions. */
export function closeSides(sides: usize): void {
  for (let i = 0; i < 2; i++) closeHeld(sideOf(sides, i));
  release(sides, 2 * offsetof<Side>());
}

// @ts-ignore: decorator
@inline
export function sideOf(sides: usize, direction: i32): Side {
  return changetype<Side>(sides + <usize>direction * offsetof<Side>());
}

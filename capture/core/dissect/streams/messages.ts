import {from, gather, keepRest, loseBytes, to} from "./held-stream";
import {Side} from "./sides";

/** Messages behind one another in the bytes of a direction, of each of which the beginning is looked at. */

/** Where a message begins, behind a hole; 0 without. */
export type FindMessage = (start: usize, end: usize) => usize;
/** Takes the messages of which enough is there; where the bytes that wait for more begin. */
export type TakeMessages = (side: Side, start: usize, end: usize, ts: f64) => usize;

/** Takes bytes that follow the ones before them; of what has to wait, `limit` bytes at most. */
// @ts-ignore: decorator
@inline
export function takeMessageBytes(at: usize, start: usize, end: usize, ts: f64, find: FindMessage, take: TakeMessages, limit: u32): void {
  const side = changetype<Side>(at);
  if (side.isAstray !== 0) {
    start = find(start, end);
    if (start === 0) return;
    side.isAstray = 0;
  }
  if (gather(side, start, end)) keepRest(side, take(side, from, to, ts), limit);
}

/** A `Gap` of the stream. Within what is passed over it does no harm: long content is what gets lost or cut. */
export function passGap(at: usize, missing: i32): void {
  const side = changetype<Side>(at);
  if (<u32>missing <= side.skip && side.heldLength === 0) side.skip -= missing;
  else {
    side.skip = 0;
    loseBytes(at, missing);
  }
}

/** Passes over what is there of what is not wanted; where it went on to. */
// @ts-ignore: decorator
@inline
export function pass(side: Side, at: usize, end: usize): usize {
  const passed = min(side.skip, <u32>(end - at));
  side.skip -= passed;
  return at + <usize>passed;
}

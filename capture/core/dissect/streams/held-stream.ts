import {allocate, moved, release} from "../heap";
import {countGivenUp, releaseHeld, reserveHeld} from "./held";
import {lineEnd} from "../text";
import {closeStream, Stream} from "./stream";

/** Reassembled bytes of one direction; an incomplete tail is kept for the next segment. */
@unmanaged
export class HeldStream extends Stream {
  /** What waits for its end: its block and how many bytes. */
  held: u32 = 0;
  heldLength: u32 = 0;
  /** Nothing can be read any more: too many bytes would have to be held. A reader may say so as well. */
  isLost: u8 = 0;
  /** Bytes are missing: the reader looks for where the next message begins. */
  isAstray: u8 = 0;
}

/** What is to be read now. */
export let from: usize = 0;
export let to: usize = 0;

/** Puts the bytes behind what is held, to be read in `from .. to`; false where nothing can be read any more. */
export function gather(stream: HeldStream, start: usize, end: usize): bool {
  if (stream.isLost !== 0) return false;
  from = start;
  to = end;
  const before = stream.heldLength;
  if (before === 0) return true;
  const total = before + <u32>(end - start);
  let block = <usize>stream.held;
  if (total > blockBytes(before)) block = moved(block, before, before, total);
  if (block === 0) {
    stream.isLost = 1;
    letGo(stream);
    countGivenUp();
    return false;
  }
  memory.copy(block + before, start, end - start);
  stream.held = <u32>block;
  from = block;
  to = block + total;
  return true;
}

/** Within a reader of gathered bytes others may be gathered: what was to be read before is so again. */
export function regather(start: usize, end: usize): void {
  from = start;
  to = end;
}

/** After `gather`: what was read went on to `at`; the rest, `limit` bytes at most, comes again with what follows it. */
export function keepRest(stream: HeldStream, at: usize, limit: u32): void {
  const gathered = <usize>stream.held;
  const total = to - from;
  const length = stream.isLost !== 0 ? 0 : <u32>(to - at);
  releaseHeld(stream.heldLength);
  stream.held = 0;
  stream.heldLength = 0;
  if (length > 0) hold(stream, gathered !== 0 && at === from ? gathered : 0, at, length, limit);
  if (gathered !== 0 && gathered !== <usize>stream.held) release(gathered, total);
}

/** As `gather`, for lines: behind missing bytes the rest of a line is passed over. */
export function gatherLines(stream: HeldStream, start: usize, end: usize): bool {
  if (stream.isAstray !== 0) {
    const line = lineEnd(start, end);
    if (line === 0) return false;
    start = line + 1;
    stream.isAstray = 0;
    if (start >= end) return false;
  }
  return gather(stream, start, end);
}

/** Holds the bytes: in `own`, a block that has them already, else (0) as a copy. */
function hold(stream: HeldStream, own: usize, at: usize, length: u32, limit: u32): void {
  if (length <= limit && reserveHeld(length)) {
    const block = own !== 0 ? own : allocate(length);
    if (block !== 0) {
      if (own === 0) memory.copy(block, at, length);
      stream.held = <u32>block;
      stream.heldLength = length;
      return;
    }
    releaseHeld(length);
  }
  stream.isLost = 1;
  countGivenUp();
}

/** A `Gap` of the stream: bytes will not come, what is held has no end, and the next message has to be found. */
export function loseBytes(to: usize, _missing: i32): void {
  const stream = changetype<HeldStream>(to);
  stream.isAstray = 1;
  letGo(stream);
}

/** Lets go of all that waits. */
export function closeHeld(stream: HeldStream): void {
  closeStream(stream);
  letGo(stream);
}

function letGo(stream: HeldStream): void {
  if (stream.heldLength === 0) return;
  releaseHeld(stream.heldLength);
  release(<usize>stream.held, stream.heldLength);
  stream.held = 0;
  stream.heldLength = 0;
}

/** Bytes of a block that was allocated for so many. */
function blockBytes(bytes: u32): u32 {
  return bytes <= 16 ? 16 : 1 << (32 - clz<u32>(bytes - 1));
}

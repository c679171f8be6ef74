import {Event} from "../../meter/layout";
import {allocate, dropText, keepText, release} from "../heap";
import {releaseHeld, reserveHeld} from "./held";

/**
 * What a TCP connection said first and what names no protocol yet: a short beginning of one direction, which the bytes
 * behind it may complete, and segments that came before that beginning.
 */
@unmanaged
export class Opening {
  /** The beginning, a kept text; 0 without. */
  prefix: u32 = 0;
  /** The first of the early segments. */
  early: u32 = 0;
  /** Held by the early segments. */
  bytes: u32 = 0;
  /** Of the prefix. */
  direction: u8 = 0;
  reserved: u8 = 0;
  reserved2: u16 = 0;
}

/** A segment that came early: its event and its bytes follow. */
@unmanaged
export class Early {
  next: u32 = 0;
  length: u32 = 0;
}

const EVENT_BYTES: usize = offsetof<Event>();
const HEAD: usize = offsetof<Early>();
/** A first payload shorter than this may be the beginning of a message cut by segments. */
export const BEGINNING_BYTES: usize = 256;
/** Bytes of early segments that a connection may hold, with their events. */
const MAX_EARLY: u32 = 8192;

/** An empty one; 0 where memory is out. */
export function newOpening(): usize {
  const opening = allocate(offsetof<Opening>());
  if (opening !== 0) memory.fill(opening, 0, offsetof<Opening>());
  return opening;
}

// @ts-ignore: decorator
@inline
export function eventOf(early: Early): Event {
  return changetype<Event>(changetype<usize>(early) + HEAD);
}

// @ts-ignore: decorator
@inline
export function bytesOf(early: Early): usize {
  return changetype<usize>(early) + HEAD + EVENT_BYTES;
}

/** Keeps the bytes as the prefix, in place of the one before. */
export function keepBeginning(opening: Opening, direction: u8, start: usize, end: usize): void {
  dropBeginning(opening);
  const length = <u32>(end - start);
  if (!reserveHeld(length)) return;
  opening.prefix = <u32>keepText(start, length);
  opening.direction = direction;
  if (opening.prefix === 0) releaseHeld(length);
}

export function dropBeginning(opening: Opening): void {
  if (opening.prefix === 0) return;
  releaseHeld(load<u32>(<usize>opening.prefix));
  dropText(<usize>opening.prefix);
  opening.prefix = 0;
}

/** Keeps a segment until those before it have come; false where too many wait. */
export function keepEarly(opening: Opening, event: Event, start: usize, end: usize): bool {
  const length = <u32>(end - start);
  const block = <u32>(HEAD + EVENT_BYTES) + length;
  if (opening.bytes + block > MAX_EARLY || !reserveHeld(block)) return false;
  const early = changetype<Early>(allocate(block));
  if (changetype<usize>(early) === 0) {
    releaseHeld(block);
    return false;
  }
  early.length = length;
  early.next = opening.early;
  opening.early = <u32>changetype<usize>(early);
  opening.bytes += block;
  memory.copy(changetype<usize>(eventOf(early)), changetype<usize>(event), EVENT_BYTES);
  memory.copy(bytesOf(early), start, length);
  return true;
}

/** The early segment of a direction that begins at an offset of it; null without. */
export function earlyAt(opening: Opening, direction: i32, offset: i32): Early | null {
  for (let at = <usize>opening.early; at !== 0; at = changetype<Early>(at).next) {
    const event = eventOf(changetype<Early>(at));
    if (event.direction === direction && event.streamOffset === offset) return changetype<Early>(at);
  }
  return null;
}

/** Bytes of the block made last by `join`. */
export let joinedBytes: usize = 0;

/**
 * A block, the caller's to release, of the payload `start .. end` at an offset of a direction with the prefix before it and
 * the early segments that follow it; 0 where there are none, or memory is out.
 */
export function join(opening: Opening, direction: i32, offset: i32, start: usize, end: usize): usize {
  const prefix = <usize>opening.prefix;
  const isBehind = prefix !== 0 && direction === <i32>opening.direction && offset === load<i32>(prefix);
  if (offset !== 0 && !isBehind) return 0;
  const before = isBehind ? <usize>load<u32>(prefix) : 0;
  const own = before + (end - start);
  let bytes = own;
  for (let early = earlyAt(opening, direction, <i32>bytes); early !== null; early = earlyAt(opening, direction, <i32>bytes)) bytes += <usize>early.length;
  if (bytes === end - start) return 0;
  const block = allocate(bytes);
  if (block === 0) return 0;
  memory.copy(block, prefix + 4, before);
  memory.copy(block + before, start, end - start);
  for (let at = own; at < bytes; ) {
    const early = earlyAt(opening, direction, <i32>at);
    if (early === null) break;
    memory.copy(block + at, bytesOf(early), early.length);
    at += <usize>early.length;
  }
  joinedBytes = bytes;
  return block;
}

/** Takes the first of the early segments, which is the caller's to drop; null without. */
export function shiftEarly(opening: Opening): Early | null {
  if (opening.early === 0) return null;
  const early = changetype<Early>(<usize>opening.early);
  opening.early = early.next;
  return early;
}

export function dropEarly(early: Early): void {
  const block = <u32>(HEAD + EVENT_BYTES) + early.length;
  releaseHeld(block);
  release(changetype<usize>(early), block);
}

/** Lets go of all of it. */
export function dropOpening(opening: Opening): void {
  dropBeginning(opening);
  for (let early = shiftEarly(opening); early !== null; early = shiftEarly(opening)) dropEarly(early);
  release(changetype<usize>(opening), offsetof<Opening>());
}

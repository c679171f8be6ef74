import {allocate, release} from "../heap";
import {countGap, countGivenUp, releaseHeld, reserveHeld} from "./held";

/**
 * Puts the payloads of one direction of a TCP connection in order: repeated bytes are passed over, segments that come
 * early wait, and where too many wait the hole before them is given up.
 */
@unmanaged
export class Stream {
  /** Offset of the next byte, modulo 2^32 as sequence numbers are; unknown until the first payload where `isMet` is 0. */
  next: i32 = 0;
  isMet: u8 = 0;
  waiting: u8 = 0;
  waitingBytes: i32 = 0;
  /** The first segment that waits, in order of their offsets. */
  first: u32 = 0;
}

@unmanaged
class Segment {
  next: u32 = 0;
  offset: i32 = 0;
  length: i32 = 0;
  /** Bytes behind it that were not captured. */
  cut: i32 = 0;
  ts: f64 = 0;
  /** Whether it counts among the bytes held. */
  isHeld: i32 = 0;
  reserved: i32 = 0;
}

/** Takes a direction's bytes in order, valid during the call only, for the reader at `to`. */
export type Bytes = (to: usize, start: usize, end: usize, ts: f64) => void;
/** Is told of bytes that were never seen and will not come: lost, or cut off by the snapshot length. */
export type Gap = (to: usize, missing: i32) => void;

/** Segments and bytes of one direction that wait for an earlier segment. */
const MAX_WAITING: u8 = 64;
const MAX_WAITING_BYTES: i32 = 98_304;

/**
 * What a full payload costs of the most that is read of a connection. A shorter one costs its bytes, so that a handshake
 * in small segments is read as far as one in large ones.
 */
export const FULL_COST: u32 = 512;

export function costOf(start: usize, end: usize): u32 {
  return min(<u32>(end - start), FULL_COST);
}

/** A stream that begins with offset 0, or where the first payload says. */
export function openStream(stream: Stream, isFromStart: bool): void {
  memory.fill(changetype<usize>(stream), 0, offsetof<Stream>());
  stream.isMet = isFromStart ? 1 : 0;
}

/** The stream, of which nothing was met, begins there. */
export function beginStreamAt(stream: Stream, offset: i32): void {
  stream.isMet = 1;
  stream.next = offset;
}

/** Takes the payload `start .. end` of stream offset `offset`, of which `cut` more bytes were sent than captured. */
// @ts-ignore: decorator
@inline
export function push(stream: Stream, start: usize, end: usize, cut: i32, offset: i32, ts: f64, to: usize, bytes: Bytes, gap: Gap): void {
  if (stream.isMet !== 0 && offset === stream.next && cut === 0 && stream.waiting === 0) {
    stream.next = offset + <i32>(end - start);
    if (start < end) bytes(to, start, end, ts);
  } else pushSlowly(stream, start, end, cut, offset, ts, to, bytes, gap);
}

function pushSlowly(stream: Stream, start: usize, end: usize, cut: i32, offset: i32, ts: f64, to: usize, bytes: Bytes, gap: Gap): void {
  if (stream.isMet === 0) {
    stream.isMet = 1;
    stream.next = offset;
  }
  if (offset - stream.next > 0) return wait(stream, start, end, cut, offset, ts, to, bytes, gap);
  deliver(stream, start, <i32>(end - start), cut, offset, ts, to, bytes, gap);
  while (stream.first !== 0 && changetype<Segment>(<usize>stream.first).offset - stream.next <= 0) deliverFirst(stream, to, bytes, gap);
}

/** Lets go of what waits. */
export function closeStream(stream: Stream): void {
  while (stream.first !== 0) drop(unlinkFirst(stream));
}

function wait(stream: Stream, start: usize, end: usize, cut: i32, offset: i32, ts: f64, to: usize, bytes: Bytes, gap: Gap): void {
  const length = <i32>(end - start);
  const fits = stream.waiting < MAX_WAITING && stream.waitingBytes + length <= MAX_WAITING_BYTES && reserveHeld(length);
  if (!fits) countGivenUp();
  const block = allocate(offsetof<Segment>() + length);
  if (block === 0) {
    if (fits) releaseHeld(length);
    return;
  }
  const segment = changetype<Segment>(block);
  segment.offset = offset;
  segment.length = length;
  segment.cut = cut;
  segment.ts = ts;
  segment.isHeld = fits ? 1 : 0;
  memory.copy(block + offsetof<Segment>(), start, length);
  let link = changetype<usize>(stream) + offsetof<Stream>("first");
  while (load<u32>(link) !== 0 && changetype<Segment>(<usize>load<u32>(link)).offset - offset <= 0) link = <usize>load<u32>(link);
  segment.next = load<u32>(link);
  store<u32>(link, <u32>block);
  stream.waiting++;
  if (fits) {
    stream.waitingBytes += length;
    return;
  }
  // The hole will not be filled: go on behind it, with everything that waits, which counts as held until all of it is read.
  const held = stream.waitingBytes;
  stream.waitingBytes = 0;
  for (let waits = <usize>stream.first; waits !== 0; waits = changetype<Segment>(waits).next) changetype<Segment>(waits).isHeld = 0;
  while (stream.first !== 0) {
    passHole(stream, to, gap);
    // A reader that is told of a gap may have closed the stream.
    if (stream.first !== 0) deliverFirst(stream, to, bytes, gap);
  }
  releaseHeld(held);
}

/** Goes on at the first segment that waits: what is missing before it will not come. */
function passHole(stream: Stream, to: usize, gap: Gap): void {
  const hole = changetype<Segment>(<usize>stream.first).offset - stream.next;
  if (hole <= 0) return;
  countGap();
  isHole = true;
  gap(to, hole);
  isHole = false;
  stream.next += hole;
}

/** Whether the gap under way is a hole between segments; else it is what the snapshot length cut off. */
export let isHole: bool = false;

/**
 * The other side has acknowledged all before offset `acknowledged`: holes before it are bytes that were sent and not
 * captured, and what waits behind them is read.
 */
export function passHoles(stream: Stream, acknowledged: i32, to: usize, bytes: Bytes, gap: Gap): void {
  while (stream.first !== 0) {
    const offset = changetype<Segment>(<usize>stream.first).offset;
    if (offset - stream.next > 0 && offset - acknowledged > 0) return;
    passHole(stream, to, gap);
    if (stream.first !== 0) deliverFirst(stream, to, bytes, gap);
  }
}

/** No more will come: all that waits is read. */
export function passAllHoles(stream: Stream, to: usize, bytes: Bytes, gap: Gap): void {
  while (stream.first !== 0) passHoles(stream, changetype<Segment>(<usize>stream.first).offset, to, bytes, gap);
}

function unlinkFirst(stream: Stream): Segment {
  const segment = changetype<Segment>(<usize>stream.first);
  stream.first = segment.next;
  stream.waiting--;
  if (segment.isHeld !== 0) {
    stream.waitingBytes -= segment.length;
    releaseHeld(segment.length);
  }
  return segment;
}

function drop(segment: Segment): void {
  release(changetype<usize>(segment), offsetof<Segment>() + segment.length);
}

function deliverFirst(stream: Stream, to: usize, bytes: Bytes, gap: Gap): void {
  const segment = unlinkFirst(stream);
  const start = changetype<usize>(segment) + offsetof<Segment>();
  deliver(stream, start, segment.length, segment.cut, segment.offset, segment.ts, to, bytes, gap);
  drop(segment);
}

/** Hands on what of the `length` bytes from `start` on is new. */
function deliver(stream: Stream, start: usize, length: i32, cut: i32, offset: i32, ts: f64, to: usize, bytes: Bytes, gap: Gap): void {
  const known = stream.next - offset;
  const all = length + cut;
  // Below 0 only where it lies half of all sequence numbers behind.
  if (known < 0 || known >= all) return;
  stream.next += all - known;
  if (known < length) bytes(to, start + known, start + length, ts);
  if (cut > 0) gap(to, min(cut, all - known));
}

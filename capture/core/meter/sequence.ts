import {FIN, RST, SYN} from "./constants";
import {SEEN_ACK_NUMBER} from "./history";
import {Direction, HAS_FIN, Packet} from "./layout";
import {disorderOf, MOST_RUNS, noteDisorder, RUNS} from "./rare";

/** A hole or a jump beyond this is a change of numbering, not loss. */
const LARGEST_HOLE: i32 = 1 << 30;

/** Begins the numbering of one direction. */
export function startSequence(me: Direction, start: u32, highest: u32): void {
  me.start = start;
  me.acknowledged = start;
  me.highest = highest;
  me.next = start + 1;
  me.runs = 0;
  me.sequenced = 1;
}

/**
 * Sorts one segment with data: new, repeated, out of order, or a keep-alive. Four runs of bytes beyond holes are kept;
 * with a fifth the last hole is taken for filled.
 */
// @ts-ignore: decorator
@inline
export function observeSegment(me: Direction, sequence: u32, length: u32, flags: u32): void {
  if ((flags & (RST | SYN)) !== 0 && length === 0) return;
  if (length === 0 && (flags & FIN) === 0) {
    if (sequence === me.next - 1 && (me.ended & HAS_FIN) === 0 && me.dataPackets !== 0) noteDisorder(me).keepAlives++;
    return;
  }
  if ((flags & RST) !== 0) return;
  const from = (flags & SYN) !== 0 ? sequence + 1 : sequence;
  const to = from + length + (flags & FIN);
  if ((flags & FIN) !== 0) me.ended |= HAS_FIN;
  const ahead = <i32>(from - me.next);
  if (ahead > 0) observeBeyondHole(me, from, to, ahead, length);
  else if (<i32>(to - me.next) > 0) {
    me.next = to;
    if (me.runs !== 0) fill(me, to);
  } else if (length === 1 && to === me.next) noteDisorder(me).keepAlives++;
  else if (length > 0) noteDisorder(me).retransmits++;
}

/** Takes the runs that bytes up to `to` have reached. */
function fill(me: Direction, to: u32): void {
  noteDisorder(me).outOfOrder++;
  let reached: u32 = 0;
  while (reached < <u32>me.runs && <i32>(runStart(me, reached) - me.next) <= 0) {
    const end = runEnd(me, reached);
    if (<i32>(end - me.next) > 0) me.next = end;
    reached++;
  }
  dropRuns(me, reached);
}

function observeBeyondHole(me: Direction, from: u32, to: u32, ahead: i32, length: u32): void {
  if (ahead > LARGEST_HOLE) return;
  const runs = <u32>me.runs;
  let first: u32 = 0;
  while (first < runs && <i32>(runEnd(me, first) - from) < 0) first++;
  if (first === runs) return append(me, from, to);
  if (<i32>(from - runStart(me, first)) >= 0 && <i32>(to - runEnd(me, first)) <= 0) {
    if (length > 0) noteDisorder(me).retransmits++;
    return;
  }
  // Bytes behind all others are in order, whatever holes there are before them.
  if (<i32>(from - runEnd(me, runs - 1)) < 0) noteDisorder(me).outOfOrder++;
  let start = from;
  let end = to;
  let last = first;
  while (last < runs && <i32>(runStart(me, last) - to) <= 0) {
    if (<i32>(runStart(me, last) - start) < 0) start = runStart(me, last);
    if (<i32>(runEnd(me, last) - end) > 0) end = runEnd(me, last);
    last++;
  }
  if (last === first) return insert(me, first, from, to);
  setRun(me, first, start, end);
  close(me, first + 1, last);
}

function append(me: Direction, from: u32, to: u32): void {
  const runs = <u32>me.runs;
  if (runs === MOST_RUNS) return setRun(me, runs - 1, runStart(me, runs - 1), to);
  setRun(me, runs, from, to);
  me.runs++;
}

/** Puts a run before another; where there is no room the last hole is given up. */
function insert(me: Direction, at: u32, from: u32, to: u32): void {
  if (<u32>me.runs === MOST_RUNS) {
    const end = runEnd(me, MOST_RUNS - 1);
    me.runs--;
    if (at === MOST_RUNS - 1) {
      setRun(me, at, from, end);
      me.runs++;
      return;
    }
    setRun(me, MOST_RUNS - 2, runStart(me, MOST_RUNS - 2), end);
  }
  for (let i = <u32>me.runs; i > at; i--) setRun(me, i, runStart(me, i - 1), runEnd(me, i - 1));
  setRun(me, at, from, to);
  me.runs++;
}

/** Takes the runs `from` to `to` out of the list. */
function close(me: Direction, from: u32, to: u32): void {
  const runs = <u32>me.runs;
  for (let i = to; i < runs; i++) setRun(me, from + i - to, runStart(me, i), runEnd(me, i));
  me.runs = <u8>(runs - (to - from));
}

// @ts-ignore: decorator
@inline
function dropRuns(me: Direction, count: u32): void {
  if (count !== 0) close(me, 0, count);
}

// @ts-ignore: decorator
@inline
function runStart(me: Direction, number: u32): u32 {
  return load<u32>(changetype<usize>(disorderOf(me)) + RUNS + ((<usize>number) << 3));
}

// @ts-ignore: decorator
@inline
function runEnd(me: Direction, number: u32): u32 {
  return load<u32>(changetype<usize>(disorderOf(me)) + RUNS + ((<usize>number) << 3), 4);
}

// @ts-ignore: decorator
@inline
function setRun(me: Direction, number: u32, start: u32, end: u32): void {
  const at = changetype<usize>(noteDisorder(me)) + RUNS + ((<usize>number) << 3);
  store<u32>(at, start);
  store<u32>(at, end, 4);
}

/** Follows an acknowledgment by `me`; the holes it covers, bytes of the peer that were never captured. */
// @ts-ignore: decorator
@inline
export function observeAcknowledgment(me: Direction, peer: Direction, packet: Packet): u32 {
  const acknowledgment = packet.acknowledgment;
  if (packet.payloadBytes === 0 && (packet.flags & (SYN | FIN | RST)) === 0) {
    if ((me.seen & SEEN_ACK_NUMBER) !== 0 && acknowledgment === me.lastAck && packet.window === <u32>me.window && <i32>(peer.highest - acknowledgment) > 0) noteDisorder(me).duplicateAcks++;
  }
  me.seen |= SEEN_ACK_NUMBER;
  me.lastAck = acknowledgment;
  me.window = <u16>packet.window;
  if (peer.packets === 0 || (packet.flags & RST) !== 0) return 0;
  const beyond = <i32>(acknowledgment - peer.next);
  return beyond <= 0 || beyond > LARGEST_HOLE ? 0 : giveUp(peer, acknowledgment);
}

/** Counts what is missing before an acknowledged number. */
function giveUp(peer: Direction, acknowledgment: u32): u32 {
  let holes: u32 = 0;
  let passed: u32 = 0;
  while (passed < <u32>peer.runs && <i32>(runStart(peer, passed) - acknowledgment) <= 0) {
    holes += miss(peer, runStart(peer, passed));
    peer.next = runEnd(peer, passed);
    passed++;
  }
  dropRuns(peer, passed);
  if (<i32>(acknowledgment - peer.next) > 0) {
    holes += miss(peer, acknowledgment);
    peer.next = acknowledgment;
  }
  return holes;
}

/** One octet may be the other side's FIN, unseen; a connection that was joined midway starts one short. */
function miss(peer: Direction, upTo: u32): u32 {
  const missing = upTo - peer.next;
  if (missing <= 1) return 0;
  noteDisorder(peer).missingBytes += <f64>missing;
  return 1;
}

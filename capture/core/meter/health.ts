import {ACK, FIN, RST, SYN} from "./constants";
import {dataOf, Direction, Flow, noteTimes, Packet, TimedDirection, timesOf} from "./layout";
import {Disorder, noteDisorder} from "./rare";

/**
 * Health of a TCP connection by the rules of Wireshark 4.0's sequence analysis: retransmissions, segments out of order,
 * duplicate ACKs, zero windows; and the round trip from data to their acknowledgment. Sequence numbers are followed apart
 * from those of sequence.ts, whose features stay as models learnt them.
 */

/** Of an endpoint's last segment. */
const KEEP_ALIVE: u8 = 1;

/** A repeated segment within this time (µs) of the duplicate ACKs that asked for it is a fast retransmission. */
const FAST_WITHIN: f64 = 20_000;
/** A segment behind the highest one within this time is late, not repeated, where no handshake gave a round trip. */
const LATE_WITHIN: f64 = 3_000;

/** Follows one segment; called before the endpoint's numbering is begun by it. */
// @ts-ignore: decorator
@inline
export function followHealth(flow: Flow, me: Direction, peer: Direction, packet: Packet, side: u32, time: f64): void {
  const flags = packet.flags;
  const length = packet.payloadBytes;
  const sequence = packet.sequence;
  const acknowledgment = packet.acknowledgment;
  const window = packet.window;
  const control = flags & (SYN | FIN | RST);
  if ((flags & (SYN | ACK)) === SYN && me.sequenced !== 0 && sequence !== me.start) {
    forget(me);
    forget(peer);
  }
  const next = me.nextSequence;
  let marks: u8 = 0;
  let probes = false;
  if (length === 1 && sequence === next && peer.saidWindow === 1) probes = true;
  else if (control === 0) {
    if (window === 0) noteDisorder(me).zeroWindowPackets++;
    if (length <= 1) {
      if (sequence === next - 1) marks = KEEP_ALIVE;
      else if (length === 0 && sequence === next && window !== 0 && saysNothingNew(me, peer, acknowledgment, window)) countRepeatedAck(me);
    }
  }
  if (acknowledgment !== me.saidAck) me.repeatedAcks = 0;
  if ((flags & ACK) !== 0) followAck(flow, peer, acknowledgment, side, time);
  const taken = length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
  if (taken !== 0) {
    const past = sequence + taken;
    if (next === 0 || <i32>(past - next) > 0) {
      if (!probes) {
        // What goes on where the last segment ended is neither late nor repeated.
        if (next !== 0 && <i32>(sequence - next) < 0) sort(flow, me, peer, sequence, length, taken, marks, time);
        else if (length !== 0) {
          if (isKnown(peer, sequence + length)) sort(flow, me, peer, sequence, length, taken, marks, time);
          else if (me.timedPast === 0) beginTiming(flow, me, side, past, time);
        }
        me.nextSequence = past;
        me.nextTime = time;
      }
    } else sort(flow, me, peer, sequence, length, taken, marks, time);
    if (!probes && (sequence === me.wholeSequence || me.wholeSequence === 0)) me.wholeSequence = me.nextSequence;
  } else {
    if (next === 0 || <i32>(sequence - next) > 0) {
      me.nextSequence = sequence;
      me.nextTime = time;
    }
    if (sequence === me.wholeSequence || me.wholeSequence === 0) me.wholeSequence = me.nextSequence;
  }
  me.saidWindow = window + 1;
  me.saidAck = acknowledgment;
  me.marks = marks;
}

/**
 * As `followHealth` does, for a segment that goes on where the one before it ended, which is not 0: an acknowledgment
 * without SYN, FIN or RST, with a window, of no data or of more than a byte.
 */
// @ts-ignore: decorator
@inline
export function followInOrder(flow: Flow, me: Direction, peer: Direction, packet: Packet, side: u32, time: f64): void {
  const length = packet.payloadBytes;
  const sequence = packet.sequence;
  const acknowledgment = packet.acknowledgment;
  const window = packet.window;
  if (length === 0 && saysNothingNew(me, peer, acknowledgment, window)) countRepeatedAck(me);
  if (acknowledgment !== me.saidAck) me.repeatedAcks = 0;
  followAck(flow, peer, acknowledgment, side, time);
  const past = sequence + length;
  if (length !== 0) {
    if (isKnown(peer, past)) sort(flow, me, peer, sequence, length, length, 0, time);
    else if (me.timedPast === 0) beginTiming(flow, me, side, past, time);
    me.nextSequence = past;
    me.nextTime = time;
  }
  if (sequence === me.wholeSequence || me.wholeSequence === 0) me.wholeSequence = past;
  me.saidWindow = window + 1;
  me.saidAck = acknowledgment;
  me.marks = 0;
}

/** Follows what an acknowledgment says of the other endpoint. */
// @ts-ignore: decorator
@inline
function followAck(flow: Flow, peer: Direction, acknowledgment: u32, side: u32, time: f64): void {
  const whole = peer.wholeSequence;
  if (whole !== 0 && <i32>(acknowledgment - whole) > 0) {
    if (whole > peer.nextSequence) peer.wholeSequence = peer.nextSequence;
    else peer.repeatedAcks = -1;
  }
  if (peer.timedPast !== 0 && <i32>(acknowledgment - peer.timedPast) >= 0) endTiming(peer, timesOf(flow, side ^ 1), time);
}

// @ts-ignore: decorator
@inline
function saysNothingNew(me: Direction, peer: Direction, acknowledgment: u32, window: u32): bool {
  return acknowledgment === me.saidAck && window + 1 === me.saidWindow && (peer.marks & KEEP_ALIVE) === 0;
}

function countRepeatedAck(me: Direction): void {
  me.repeatedAcks = me.repeatedAcks < 0 ? 1 : me.repeatedAcks < 127 ? me.repeatedAcks + 1 : 127;
  noteDisorder(me).repeatedAcks++;
}

/** True of bytes that were acknowledged before they were seen: they are repeated all the same. */
// @ts-ignore: decorator
@inline
function isKnown(peer: Direction, past: u32): bool {
  return peer.saidAck !== 0 && <i32>(past - peer.saidAck) <= 0;
}

function forget(me: Direction): void {
  me.nextSequence = 0;
  me.wholeSequence = 0;
  me.saidAck = 0;
  me.saidWindow = 0;
  me.repeatedAcks = 0;
  me.marks = 0;
}

/** Sorts a segment that does not continue the numbering. */
function sort(flow: Flow, me: Direction, peer: Direction, sequence: u32, length: u32, taken: u32, marks: u8, time: f64): void {
  if ((marks & KEEP_ALIVE) !== 0) return;
  const next = me.nextSequence;
  // New bytes behind a byte that probed a closed window.
  const isBehind = next !== 0 && <i32>(sequence - next) < 0 && !(length > 1 && next - 1 === sequence);
  if (length > 0 && peer.saidAck !== 0 && <i32>(sequence + length - peer.saidAck) <= 0) {
    const disorder = noteDisorder(me);
    disorder.spurious = more(disorder.spurious);
    countRepeated(flow, disorder);
  } else if (isBehind) {
    const since = time - peer.lastTime;
    const lateBy = time - me.nextTime;
    const lateWithin = flow.handshake === 3 && flow.synTime > 0 ? flow.synTime : LATE_WITHIN;
    if (peer.repeatedAcks >= 2 && peer.saidAck === sequence && since >= 0 && since < FAST_WITHIN) {
      const disorder = noteDisorder(me);
      disorder.fast = more(disorder.fast);
      countRepeated(flow, disorder);
    } else if (lateBy >= 0 && lateBy < lateWithin && next !== sequence + taken) {
      noteDisorder(me).late++;
      return;
    } else countRepeated(flow, noteDisorder(me));
  } else return;
  // Which of the two was acknowledged cannot be known (Karn's algorithm, RFC 6298 §3).
  me.timedPast = 0;
}

// @ts-ignore: decorator
@inline
function countRepeated(flow: Flow, disorder: Disorder): void {
  disorder.repeated++;
  flow.repeated++;
}

/** Begins to time a segment with new data, where none of its direction is being timed (RFC 6298 §3). */
// @ts-ignore: decorator
@inline
function beginTiming(flow: Flow, me: Direction, side: u32, past: u32, time: f64): void {
  if (dataOf(flow).isTimed === 0) noteTimes(flow);
  me.timedPast = past;
  timesOf(flow, side).since = time;
}

// @ts-ignore: decorator
@inline
function endTiming(me: Direction, timed: TimedDirection, time: f64): void {
  me.timedPast = 0;
  const took = time - timed.since;
  if (took < 0) return;
  if (timed.count === 0 || took < timed.least) timed.least = took;
  timed.sum += took;
  timed.count++;
}

// @ts-ignore: decorator
@inline
function more(count: u16): u16 {
  return count < 65535 ? count + 1 : count;
}

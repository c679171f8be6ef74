import {FIN, RST, SYN} from "./constants";
import {Direction, Packet} from "./layout";

/** A hole or a jump beyond this is a change of numbering, not loss. */
const LARGEST_HOLE: i32 = 1 << 30;

/** Begins the numbering of one direction. */
export function startSequence(me: Direction, start: u32, highest: u32): void {
  me.start = start;
  me.acknowledged = start;
  me.highest = highest;
  me.next = start + 1;
  me.hasPending = 0;
  me.sequenced = 1;
}

/**
 * Sorts one segment with data: new, repeated, out of order, or a keep-alive. One run of bytes beyond a hole is kept;
 * holes inside that run are not seen.
 */
// @ts-ignore: decorator
@inline
export function observeSegment(me: Direction, sequence: u32, length: u32, flags: u32): void {
  if ((flags & (RST | SYN)) !== 0 && length === 0) return;
  if (length === 0 && (flags & FIN) === 0) {
    if (sequence === me.next - 1 && me.finSeen === 0 && me.dataPackets !== 0) me.keepAlives++;
    return;
  }
  if ((flags & RST) !== 0) return;
  const from = (flags & SYN) !== 0 ? sequence + 1 : sequence;
  const to = from + length + (flags & FIN);
  if ((flags & FIN) !== 0) me.finSeen = 1;
  const ahead = <i32>(from - me.next);
  if (ahead > 0) observeBeyondHole(me, from, to, ahead, length);
  else if (<i32>(to - me.next) > 0) advance(me, to);
  else if (length === 1 && to === me.next) me.keepAlives++;
  else if (length > 0) me.retransmits++;
}

// @ts-ignore: decorator
@inline
function advance(me: Direction, to: u32): void {
  me.next = to;
  if (me.hasPending === 0) return;
  me.outOfOrder++;
  if (<i32>(me.pendingStart - to) > 0) return;
  if (<i32>(me.pendingEnd - to) > 0) me.next = me.pendingEnd;
  me.hasPending = 0;
}

function observeBeyondHole(me: Direction, from: u32, to: u32, ahead: i32, length: u32): void {
  if (ahead > LARGEST_HOLE) return;
  if (me.hasPending === 0) {
    me.hasPending = 1;
    me.pendingStart = from;
    me.pendingEnd = to;
    return;
  }
  const early = <i32>(from - me.pendingStart) < 0;
  const late = <i32>(to - me.pendingEnd) > 0;
  if (!early && !late) {
    if (length > 0) me.retransmits++;
    return;
  }
  if (early) {
    me.outOfOrder++;
    me.pendingStart = from;
  }
  if (late) me.pendingEnd = to;
}

/** Follows an acknowledgment by `me`; true where it covers bytes of the peer that were never captured. */
// @ts-ignore: decorator
@inline
export function observeAcknowledgment(me: Direction, peer: Direction, packet: Packet): bool {
  const acknowledgment = packet.acknowledgment;
  if (packet.payloadBytes === 0 && (packet.flags & (SYN | FIN | RST)) === 0) {
    if (me.hasAck !== 0 && acknowledgment === me.lastAck && packet.window === me.window && <i32>(peer.highest - acknowledgment) > 0) me.duplicateAcks++;
  }
  me.hasAck = 1;
  me.lastAck = acknowledgment;
  me.window = packet.window;
  if (peer.packets === 0 || (packet.flags & RST) !== 0) return false;
  const beyond = <i32>(acknowledgment - peer.next);
  if (beyond <= 0 || beyond > LARGEST_HOLE) return false;
  let missing = beyond;
  if (peer.hasPending !== 0) {
    const hole = <i32>(peer.pendingStart - peer.next);
    if (hole <= beyond) {
      missing = hole;
      peer.next = <i32>(peer.pendingEnd - acknowledgment) > 0 ? peer.pendingEnd : acknowledgment;
      missing += max<i32>(<i32>(acknowledgment - peer.pendingEnd), 0);
      peer.hasPending = 0;
    } else peer.next = acknowledgment;
  } else peer.next = acknowledgment;
  // The unseen octet may be the other side's FIN; a connection that was joined midway starts one short.
  if (missing <= 1) return false;
  peer.missingBytes += <f64>missing;
  return true;
}

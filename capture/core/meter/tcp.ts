import {flipActivity} from "./activity";
import {ACK, END_FIN, END_RST, FIN, RST, SYN} from "./constants";
import {followHealth, followInOrder} from "./health";
import {addFlip, addLetter, addOnce, addScaled, historyIs, restartHistory, SEEN_ACK, SEEN_DATA, SEEN_FIN, SEEN_FIN_RST, SEEN_MULTI, SEEN_RST, SEEN_SYN} from "./history";
import {anyDataOf, DID_CLOSE, Direction, directionOf, DIRECTION_SIZE, Flow, noteResponder, Packet, senderOf, SIZES} from "./layout";
import {reserve} from "./memory";
import {noteDisorder} from "./rare";
import {RESPONDER, speakerOf, UNTOLD} from "./speaker";
import {observeAcknowledgment, observeSegment, startSequence} from "./sequence";

/** Connection states of one endpoint, by the meaning Zeek's TCP analyzer gives them. */
export const INACTIVE: u8 = 0;
export const SYN_SENT: u8 = 1;
export const SYN_ACK_SENT: u8 = 2;
export const PARTIAL: u8 = 3;
export const ESTABLISHED: u8 = 4;
export const CLOSED: u8 = 5;
export const RESET: u8 = 6;

/** A jump in sequence numbers beyond this is not believed of a SYN or RST. */
const LARGE_JUMP: i32 = 1048576;

let swap: usize = 0;

export function reserveTcp(): void {
  swap = reserve(DIRECTION_SIZE);
}

/**
 * True where the segment begins another connection on the same ports: a SYN with another initial sequence number, or
 * any SYN after the close (Zeek's IsReuse).
 */
export function isReuse(flow: Flow, packet: Packet, side: u32): bool {
  if ((packet.flags & SYN) === 0) return false;
  const originator = directionOf(flow, 0);
  const responder = directionOf(flow, 1);
  const acked = (packet.flags & ACK) !== 0;
  if (acked && originator.state !== INACTIVE) return false;
  if (((originator.ended | responder.ended) & DID_CLOSE) !== 0) return true;
  if (!acked && side === 1) {
    // The other side opens too (RFC 9293 §3.5, figure 8), or says so again.
    if (originator.state === SYN_SENT && responder.state === INACTIVE) return false;
    if (responder.state !== INACTIVE && packet.sequence === responder.start) return false;
  }
  const initial = acked ? responder : originator;
  if (packet.sequence === initial.start) return false;
  // SYN and SYN-ACK captured in the wrong order.
  return !(!acked && originator.state === SYN_ACK_SENT && responder.state === INACTIVE && packet.sequence === responder.start);
}

/**
 * Exchanges the roles where the first packet was a SYN-ACK and now ordinary traffic or the SYN itself follows: its
 * sender was the responder. A SYN-ACK alone stays with its sender, as it may be a stealth scan.
 */
export function flipIfReversed(flow: Flow, packet: Packet, side: u32): bool {
  const flags = packet.flags;
  if ((flags & (SYN | FIN | RST)) === 0) {
    if (isLoop(flow)) return false;
    if (flow.lastDataFrom === 2 && packet.payloadBytes !== 0 && isToldOtherwise(flow, packet, side)) {
      flip(flow);
      addFlip(flow);
      return true;
    }
    if ((packet.payloadBytes === 0 && (flags & ACK) === 0) || !historyIs(flow, 0x48)) return false;
    flip(flow);
    restartHistory(flow, 0x5e, 0x68);
    return true;
  }
  if (side !== 1 || (flags & (SYN | ACK)) !== SYN || isLoop(flow)) return false;
  const me = directionOf(flow, 1);
  const peer = directionOf(flow, 0);
  if (me.state !== INACTIVE || peer.state !== SYN_ACK_SENT || packet.sequence !== me.start) return false;
  flip(flow);
  addFlip(flow);
  move(directionOf(flow, 1), ESTABLISHED);
  return true;
}

/** True where both endpoints are the same address and port: there are no roles to exchange. */
export function isLoop(flow: Flow): bool {
  return flow.lowA === flow.highA && flow.lowB === flow.highB && ((flow.ports >> 16) & 0xffff) === (flow.ports & 0xffff);
}

/** True where no SYN was seen, packets were, and the first data say that the roles are the other way round. */
function isToldOtherwise(flow: Flow, packet: Packet, side: u32): bool {
  const originator = directionOf(flow, 0);
  const responder = directionOf(flow, 1);
  if (originator.synCount + responder.synCount !== 0 || originator.packets + responder.packets === 0) return false;
  const speaker = speakerOf(packet);
  return speaker !== UNTOLD && (side === 1) !== (speaker === RESPONDER);
}

/** Exchanges originator and responder of a flow. */
export function flip(flow: Flow): void {
  noteResponder(flow);
  const originator = changetype<usize>(directionOf(flow, 0));
  const responder = changetype<usize>(directionOf(flow, 1));
  memory.copy(swap, originator, DIRECTION_SIZE);
  memory.copy(originator, responder, DIRECTION_SIZE);
  memory.copy(responder, swap, DIRECTION_SIZE);
  flipActivity(flow);
  flow.originatorIsLow ^= 1;
  if (flow.lastDataFrom < 2) flow.lastDataFrom ^= 1;
  for (let i: usize = 0; i < <usize>anyDataOf(flow).firstSizeCount; i++) {
    const size = changetype<usize>(flow) + SIZES + (i << 1);
    store<i16>(size, -load<i16>(size));
  }
}

/** True for a connection whose responder has sent nothing yet. */
// @ts-ignore: decorator
@inline
export function isAttempt(flow: Flow): bool {
  const state = directionOf(flow, 0).state;
  return (state === SYN_SENT || state === SYN_ACK_SENT) && directionOf(flow, 1).state === INACTIVE;
}

/** Follows one segment: history, sequence numbers and state of both endpoints. */
export function followTcp(flow: Flow, packet: Packet, side: u32, time: f64): void {
  const me = senderOf(flow, side);
  const peer = directionOf(flow, side ^ 1);
  if (goesOn(flow, me, peer, packet)) followOrdinary(flow, me, peer, packet, side, time);
  else followAny(flow, me, peer, packet, side, time);
}

/**
 * True of nearly all segments: within a connection that both have begun, going on where the sender's last one ended, with
 * an acknowledgment and a window, of no data or of more than a byte.
 */
// @ts-ignore: decorator
@inline
function goesOn(flow: Flow, me: Direction, peer: Direction, packet: Packet): bool {
  const sequence = packet.sequence;
  if ((packet.flags & (SYN | FIN | RST | ACK)) !== ACK || sequence !== me.next || sequence !== me.nextSequence || sequence !== me.highest) return false;
  const isOpen = (me.state === ESTABLISHED || me.state === PARTIAL) && peer.state !== INACTIVE && flow.handshake !== 2;
  return isOpen && sequence !== 0 && packet.payloadBytes !== 1 && packet.window !== 0 && me.runs === 0;
}

/** As `followAny` does, for a segment that goes on. */
// @ts-ignore: decorator
@inline
function followOrdinary(flow: Flow, me: Direction, peer: Direction, packet: Packet, side: u32, time: f64): void {
  followInOrder(flow, me, peer, packet, side, time);
  const length = packet.payloadBytes;
  if (length !== 0) {
    addOnce(flow, me, SEEN_DATA, 0x44, side);
    me.highest = me.next = packet.sequence + length;
  } else addOnce(flow, me, SEEN_ACK, 0x41, side);
  advanceAcknowledged(peer, packet.acknowledgment);
  acknowledge(flow, me, peer, packet, side);
}

function followAny(flow: Flow, me: Direction, peer: Direction, packet: Packet, side: u32, time: f64): void {
  const flags = packet.flags;
  const length = packet.payloadBytes;
  const control = flags & (SYN | FIN | RST);
  const bytes = segmentLength(flags, length);
  const sequence = packet.sequence;

  followHealth(flow, me, peer, packet, side, time);
  beginEndpoint(me, flags, sequence, bytes);
  if (control !== 0) noteControl(flow, me, flags, control, sequence, length, side);
  else if (length !== 0) addOnce(flow, me, SEEN_DATA, 0x44, side);
  else if ((flags & ACK) !== 0) addOnce(flow, me, SEEN_ACK, 0x41, side);
  if (packet.window === 0 && (flags & RST) === 0 && peer.state !== CLOSED && me.state !== RESET) {
    const disorder = noteDisorder(me);
    disorder.zeroWindows++;
    addScaled(flow, disorder.zeroWindows, 0x57, side);
  }
  if ((flags & ACK) !== 0) {
    if (peer.state === INACTIVE) {
      if (peer.sequenced === 0) startSequence(peer, packet.acknowledgment - 1, packet.acknowledgment - 1);
    } else if ((flags & RST) === 0) advanceAcknowledged(peer, packet.acknowledgment);
  }
  if (advanceHighest(me, flags, sequence + bytes, length)) {
    const disorder = noteDisorder(me);
    disorder.repeats++;
    addScaled(flow, disorder.repeats, 0x54, side);
  }
  observeSegment(me, sequence, length, flags);
  timeHandshake(flow, me, peer, packet, side, time);
  if (me.state === ESTABLISHED && control === 0) {
    if ((flags & ACK) !== 0) acknowledge(flow, me, peer, packet, side);
    return;
  }
  const closes = step(flow, me, peer, flags, length, side);
  if ((flags & ACK) !== 0) acknowledge(flow, me, peer, packet, side);
  if (closes) close(flow, me, peer);
  if ((flags & RST) !== 0 && flow.closeReason === 0) flow.closeReason = <u8>(1 + END_RST);
}

/** Sequence space a segment takes: SYN and FIN count one each; what a RST carries is no part of the stream. */
// @ts-ignore: decorator
@inline
function segmentLength(flags: u32, length: u32): u32 {
  return ((flags & RST) !== 0 ? 0 : length) + ((flags & SYN) >> 1) + (flags & FIN);
}

// @ts-ignore: decorator
@inline
function move(direction: Direction, state: u8): void {
  if (direction.state === state) return;
  direction.previousState = direction.state;
  direction.state = state;
}

// @ts-ignore: decorator
@inline
function beginEndpoint(me: Direction, flags: u32, sequence: u32, bytes: u32): void {
  if (me.state === INACTIVE) {
    // Without a SYN the numbering starts as though there had been one just before.
    if ((flags & SYN) !== 0) startSequence(me, sequence, sequence + bytes);
    else startSequence(me, sequence - 1, sequence);
  } else if ((flags & SYN) !== 0 && me.state !== CLOSED && sequence !== me.start) {
    if (me.state !== RESET || me.previousState === INACTIVE) startSequence(me, sequence, sequence + bytes);
  }
}

function noteControl(flow: Flow, me: Direction, flags: u32, control: u32, sequence: u32, length: u32, side: u32): void {
  if (control === SYN) {
    const letter: u8 = (flags & ACK) !== 0 ? 0x48 : 0x53;
    if (addOnce(flow, me, SEEN_SYN, letter, side) && sequence !== me.lastSyn) addLetter(flow, letter, side);
    me.lastSyn = sequence;
  } else if (control === FIN) {
    if (addOnce(flow, me, SEEN_FIN, 0x46, side) && sequence + length !== me.lastFin) addLetter(flow, 0x46, side);
    me.lastFin = sequence + length;
  } else if (control === RST) {
    if (addOnce(flow, me, SEEN_RST, 0x52, side) && sequence !== me.lastRst) addLetter(flow, 0x52, side);
    me.lastRst = sequence;
  } else if ((control & (FIN | RST)) === (FIN | RST)) addOnce(flow, me, SEEN_FIN_RST, 0x49, side);
  else addOnce(flow, me, SEEN_MULTI, 0x51, side);
}

// @ts-ignore: decorator
@inline
function advanceAcknowledged(peer: Direction, acknowledgment: u32): void {
  const delta = <i32>(acknowledgment - peer.acknowledged);
  // An acknowledgment of 0 far ahead is a broken one, not a long connection.
  if (delta > 0 && !(acknowledgment === 0 && delta > LARGE_JUMP)) peer.acknowledged = acknowledgment;
}

/** Advances the highest sequence number sent; true for a segment with data that does not. */
// @ts-ignore: decorator
@inline
function advanceHighest(me: Direction, flags: u32, past: u32, length: u32): bool {
  const delta = <i32>(past - me.highest);
  if ((flags & (SYN | RST)) !== 0 && (delta > LARGE_JUMP || delta < -LARGE_JUMP)) return false;
  if ((flags & FIN) !== 0 && me.highest === me.start + 1) {
    me.highest = past;
    return false;
  }
  if (me.state === RESET) return false;
  if (delta > 0) {
    me.highest = past;
    return false;
  }
  return length > 0;
}

/** Round trip of the handshake: the last SYN before its SYN-ACK, to the originator's first ACK of that SYN-ACK or of data behind it. */
// @ts-ignore: decorator
@inline
function timeHandshake(flow: Flow, me: Direction, peer: Direction, packet: Packet, side: u32, time: f64): void {
  if (flow.handshake === 3) return;
  const flags = packet.flags & (SYN | ACK | RST | FIN);
  if (side === 0) {
    if (flags === SYN && flow.handshake < 2) {
      flow.synTime = time;
      flow.handshake = 1;
    } else if (flow.handshake === 2 && (flags & (SYN | ACK | RST)) === ACK && time >= flow.synTime && packet.acknowledgment - peer.start - 1 <= peer.highest - peer.start - 1) {
      flow.synTime = time - flow.synTime;
      flow.handshake = 3;
    }
  } else if (flow.handshake === 1 && flags === (SYN | ACK) && time >= flow.synTime && isAnswered(flow, peer, packet.acknowledgment)) {
    flow.synAckAfter = time - flow.synTime;
    flow.handshake = 2;
  }
}

/** Whether the originator's SYN is acknowledged, or more where it had data with it (TCP Fast Open, RFC 7413). */
// @ts-ignore: decorator
@inline
function isAnswered(flow: Flow, originator: Direction, acknowledgment: u32): bool {
  const beyond = acknowledgment - originator.start - 1;
  return beyond === 0 || (originator.firstDataTime === flow.synTime && originator.dataPackets !== 0 && beyond <= originator.highest - originator.start - 1);
}

// @ts-ignore: decorator
@inline
function acknowledge(flow: Flow, me: Direction, peer: Direction, packet: Packet, side: u32): void {
  const clean = (me.state === ESTABLISHED || me.state === CLOSED) && (peer.state === ESTABLISHED || peer.state === CLOSED);
  for (let holes = observeAcknowledgment(me, peer, packet); holes > 0 && clean; holes--) {
    const disorder = noteDisorder(peer);
    disorder.gaps++;
    addScaled(flow, disorder.gaps, 0x47, side ^ 1);
  }
}

/** One step of the endpoint's state; true where it has closed its side. */
function step(flow: Flow, me: Direction, peer: Direction, flags: u32, length: u32, side: u32): bool {
  switch (me.state) {
    case INACTIVE:
      return stepInactive(me, peer, flags, length, side);
    case SYN_SENT:
    case SYN_ACK_SENT:
      if ((flags & FIN) !== 0) move(me, CLOSED);
      if ((flags & RST) !== 0) move(me, RESET);
      return (flags & (FIN | RST)) !== 0;
    case ESTABLISHED:
    case PARTIAL:
      return stepEstablished(me, peer, flags);
    case CLOSED:
      if ((flags & RST) !== 0 && peer.state !== CLOSED) {
        move(me, RESET);
        return (me.ended & DID_CLOSE) === 0;
      }
      return false;
    default:
      return false;
  }
}

function stepInactive(me: Direction, peer: Direction, flags: u32, length: u32, side: u32): bool {
  if ((flags & SYN) !== 0) {
    if (side === 0) move(me, (flags & ACK) !== 0 ? SYN_ACK_SENT : SYN_SENT);
    else {
      if (peer.state === SYN_SENT) move(peer, ESTABLISHED);
      move(me, ESTABLISHED);
    }
  }
  if ((flags & FIN) !== 0) move(me, CLOSED);
  if ((flags & RST) !== 0) move(me, RESET);
  if (me.state === INACTIVE) {
    // Some hosts acknowledge a SYN before they answer it; that makes no partial connection.
    if (side === 1 && length === 0 && peer.state === SYN_SENT) return false;
    // The SYN was missed, its answer was not.
    move(me, (flags & ACK) !== 0 && peer.state === ESTABLISHED ? ESTABLISHED : PARTIAL);
  }
  return (flags & (FIN | RST)) !== 0;
}

function stepEstablished(me: Direction, peer: Direction, flags: u32): bool {
  if ((flags & SYN) !== 0 && (flags & ACK) === 0 && me.state === PARTIAL && peer.state === INACTIVE) move(me, SYN_SENT);
  if ((flags & (FIN | RST)) === FIN) {
    move(me, CLOSED);
    // The peer's FIN was followed by a RST: this is an ordinary end after all.
    if (peer.state === RESET && peer.previousState === CLOSED) move(peer, CLOSED);
  }
  if ((flags & RST) !== 0) move(me, RESET);
  return (flags & (FIN | RST)) !== 0;
}

/** Notes the end of one side; the flow is over with a RST, with both sides closed, or where only one side was seen. */
function close(flow: Flow, me: Direction, peer: Direction): void {
  if ((me.ended & DID_CLOSE) !== 0) return;
  me.ended |= DID_CLOSE;
  if (me.state === RESET) flow.closeReason = <u8>(1 + END_RST);
  else if ((peer.ended & DID_CLOSE) !== 0 || peer.state === INACTIVE) flow.closeReason = <u8>(1 + END_FIN);
}

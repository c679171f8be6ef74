import {endActivity, firstBinEnd} from "./activity";
import {ACK, END_ACTIVE, END_EVICTED, END_IDLE, END_REUSE, SYN, TCP} from "./constants";
import {add, countersAddress, EVICTED, FLOWS} from "./counters";
import {depth, packetAt, tunnelAt, tunnelDepth} from "./decode/frame";
import {eventRoom, FLOW_END, nextEvent} from "./events";
import {exportFlow} from "./export";
import {mix} from "./hash";
import {addFlip} from "./history";
import {hash, sourceIsLow} from "./key";
import {directionOf, Event, Flow, noteOriginator, Packet} from "./layout";
import {isLikelyServer} from "./likely-servers";
import {follow, isPlainSyn, noteLone} from "./lone";
import * as output from "./output";
import {noteOuter, OUTER_TUNNELS} from "./rare";
import {keepSequences, keepSyn, NONE, placeOf, resumeSequences} from "./past-sequences";
import {activeTimeout, attemptWait, captureSeed, CLOSE_GRACE, idleTimeout} from "./settings";
import {ATTEMPTS, CLOSING, find, firstOf, firstsAreSame, flowAt, insert, isFull, LIVE, noteFirsts, readFollowing, remove, touch} from "./table";
import {RESPONDER, speakerOf, UNTOLD} from "./speaker";
import {isLoop, isReuse} from "./tcp";
import {noteEnd, noteStart} from "./windows";

/** No flow is over before this time while the same ones stand first in their lists: what they see later makes it later. */
let nextEnd: f64 = 0;
/** Times need not be whole microseconds: what is closer than this to its end is looked at. */
const ROUNDING: f64 = 1;

/** Ends flows whose grace, wait for an answer or idle time is over; false where there is no room for them all. */
// @ts-ignore: decorator
@inline
export function expire(time: f64): bool {
  return (firstsAreSame && time < nextEnd) || endAllOver(time);
}

function endAllOver(time: f64): bool {
  let next: f64 = Infinity;
  for (let slot = firstOf(CLOSING); slot >= 0; slot = firstOf(CLOSING)) {
    const flow = flowAt(slot);
    if (time - flow.moved < CLOSE_GRACE) {
      next = flow.moved + CLOSE_GRACE;
      break;
    }
    if (output.outputRoom() === 0 || eventRoom() === 0) return false;
    endFlow(slot, flow.closeReason - 1);
  }
  for (let slot = firstOf(ATTEMPTS); slot >= 0; slot = firstOf(ATTEMPTS)) {
    const flow = flowAt(slot);
    if (time - flow.moved < attemptWait) {
      next = min(next, flow.moved + attemptWait);
      break;
    }
    if (output.outputRoom() === 0 || eventRoom() === 0) return false;
    endFlow(slot, END_IDLE);
  }
  for (let slot = firstOf(LIVE); slot >= 0; slot = firstOf(LIVE)) {
    const flow = flowAt(slot);
    if (time - flow.last <= idleTimeout) {
      next = min(next, flow.last + idleTimeout);
      break;
    }
    if (output.outputRoom() === 0 || eventRoom() === 0) return false;
    endFlow(slot, END_IDLE);
  }
  nextEnd = next - ROUNDING;
  noteFirsts();
  return true;
}

/** Slot of the flow that is given up first: the longest closed one, else the one that has rested longest; -1 without any. */
export function leastWanted(): i32 {
  const closed = firstOf(CLOSING);
  if (closed >= 0) return closed;
  const live = firstOf(LIVE);
  const attempt = firstOf(ATTEMPTS);
  if (live < 0 || attempt < 0) return max(live, attempt);
  return flowAt(attempt).moved < flowAt(live).moved ? attempt : live;
}

/** Why a flow ends: its own close, else the reason given. */
export function reasonOf(flow: Flow, otherwise: i32): i32 {
  return flow.closeReason !== 0 ? flow.closeReason - 1 : otherwise;
}

export function endFlow(slot: i32, reason: i32): Event {
  const flow = flowAt(slot);
  readFollowing(slot, flow.list);
  const event = nextEvent(FLOW_END, slot, flow);
  event.row = exportFlow(flow, reason);
  event.continuedIn = -1;
  if (flow.isLone !== 0) {
    keepSyn(flow);
    noteEnd(flow, 0);
  } else {
    keepSequences(flow);
    noteEnd(flow, directionOf(flow, 0).payloadBytes + directionOf(flow, 1).payloadBytes);
    endActivity(flow);
  }
  remove(slot);
  return event;
}

/** Slot of the packet's flow: the live one, or a new one after the old one's end. */
// @ts-ignore: decorator
@inline
export function flowOf(packet: Packet, time: f64): i32 {
  const slot = find();
  if (slot < 0) return beginFlow(packet, time, -1);
  const flow = flowAt(slot);
  if (time - flow.last > idleTimeout || (flow.list !== LIVE && hasWaited(flow, time))) {
    endFlow(slot, reasonOf(flow, END_IDLE));
    return beginFlow(packet, time, -1);
  }
  if (time - flow.first > activeTimeout) {
    // What goes on is the same conversation: the roles stay.
    const originatorIsLow = <i32>flow.originatorIsLow;
    const end = endFlow(slot, reasonOf(flow, END_ACTIVE));
    end.continuedIn = beginFlow(packet, time, originatorIsLow);
    return end.continuedIn;
  }
  if (flow.isLone !== 0) follow(flow);
  if ((packet.flags & SYN) !== 0 && packet.hasTcp !== 0 && isReuse(flow, packet, sourceIsLow ^ <u32>flow.originatorIsLow)) {
    endFlow(slot, reasonOf(flow, END_REUSE));
    return beginFlow(packet, time, -1);
  }
  touch(slot, flow, time);
  return slot;
}

/** True where a closed flow's grace or an attempt's wait is over: with times that run backwards others may hold it up. */
function hasWaited(flow: Flow, time: f64): bool {
  return time - flow.moved >= (flow.list === CLOSING ? CLOSE_GRACE : attemptWait);
}

/** A new flow for the key just made. `originatorIsLow` is known where a longer conversation goes on, else -1. */
function beginFlow(packet: Packet, time: f64, originatorIsLow: i32): i32 {
  if (isFull()) evict();
  const isSyn = originatorIsLow < 0 && isPlainSyn(packet);
  const slot = insert(isSyn ? ATTEMPTS : LIVE);
  const flow = flowAt(slot);
  flow.version = <u8>packet.version;
  flow.proto = <u8>packet.proto;
  flow.oneWay = <u8>packet.oneWay;
  flow.wantsPayload = 1;
  flow.lastDataFrom = 2;
  flow.first = time;
  flow.last = time;
  flow.moved = time;
  flow.binEnd = firstBinEnd(time);
  // The packet's number makes identifiers differ where times repeat.
  flow.id = mix(mix(mix(captureSeed, hash), reinterpret<u64>(time)), <u64>load<f64>(countersAddress()));
  notePath(flow);
  flow.originatorIsLow = <u8>sourceIsLow;
  if (originatorIsLow >= 0) flow.originatorIsLow = <u8>originatorIsLow;
  else if (!isSyn && isFromResponder(packet) && !isLoop(flow)) {
    flow.originatorIsLow ^= 1;
    addFlip(flow);
  }
  const past = packet.proto === TCP ? placeOf(flow) : NONE;
  if (isSyn && past === NONE) noteLone(flow, packet);
  if (flow.isLone === 0) noteOriginator(flow);
  if (past !== NONE) resumeSequences(past, flow, packet, sourceIsLow ^ <u32>flow.originatorIsLow);
  add(FLOWS, 1);
  noteStart(flow, time);
  return slot;
}

function evict(): void {
  const slot = leastWanted();
  const flow = flowAt(slot);
  if (flow.closeReason === 0) add(EVICTED, 1);
  endFlow(slot, reasonOf(flow, END_EVICTED));
}

/** Outermost addresses by endpoint, and the tunnels, of the flow's first packet, where it is within another. */
function notePath(flow: Flow): void {
  const outer = packetAt(0);
  flow.outerVersion = <u8>outer.version;
  flow.tunnelDepth = <u8>tunnelDepth();
  if (depth === 0 && tunnelDepth() === 0) return;
  const low = noteOuter(flow);
  const size: usize = outer.version === 4 ? 4 : 16;
  memory.copy(sourceIsLow !== 0 ? low : low + 16, outer.source, size);
  memory.copy(sourceIsLow !== 0 ? low + 16 : low, outer.destination, size);
  for (let i = 0; i < tunnelDepth(); i++) store<u64>(low + OUTER_TUNNELS + ((<usize>i) << 3), tunnelAt(i));
}

/**
 * True where the first packet seen is the responder's: an initial SYN is the originator's, whatever address it claims; else
 * no group speaks (and nobody answers to one), what is said tells who says it, and where nothing is, the ports do.
 */
function isFromResponder(packet: Packet): bool {
  if (packet.proto === TCP && packet.hasTcp !== 0 && (packet.flags & (SYN | ACK)) === SYN) return false;
  const toGroup = isGroup(packet.destination, packet.version);
  if (toGroup || isGroup(packet.source, packet.version)) return !toGroup;
  const speaker = speakerOf(packet);
  return speaker === UNTOLD ? isFromServer(packet) : speaker === RESPONDER;
}

/** Multicast (RFC 1112, RFC 4291 §2.7) and the limited broadcast; anonymised captures have hosts in 240.0.0.0/4. */
function isGroup(address: usize, version: u32): bool {
  if (version !== 4) return load<u8>(address) === 0xff;
  return (load<u8>(address) & 0xf0) === 0xe0 || load<u32>(address) === 0xffff_ffff;
}

/** True where the first packet seen is no initial SYN and comes from a usual server port to none (as Zeek guesses). */
function isFromServer(packet: Packet): bool {
  const flags = packet.flags & (SYN | ACK);
  if (packet.proto === TCP && (packet.hasTcp === 0 || flags === SYN)) return false;
  if (!isLikelyServer(packet.proto, packet.sourcePort)) return false;
  if (!isLikelyServer(packet.proto, packet.destinationPort)) return true;
  return packet.proto === TCP && (flags & SYN) === 0 && packet.sourcePort < packet.destinationPort;
}

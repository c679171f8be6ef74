import {arpAddress, arpCount, clearArp, recordArp, reserveArp} from "./arp";
import {writeCommunities, reserveCommunity} from "./community-id";
import {ACK, ARP, END_ACTIVE, END_CAPTURE, END_EVICTED, END_IDLE, END_REUSE, FLOW, RST, SYN, TCP, UDP} from "./constants";
import {add, CORRUPT_PACKETS, countersAddress, countOther, countPacket, EVICTED, FLOWS, linksAddress, reserveCounters} from "./counters";
import {beginFrame, innerVlan, packetAt, reserveFrame, tunnelAt, tunnelDepth, vlan} from "./decode/frame";
import {fragmentsForgotten, reserveFragments} from "./decode/fragments";
import {decodeLink} from "./decode/link";
import {clearEvents, eventCount, eventRoom, eventsAddress, FLOW_END, nextEvent, PAYLOAD, reserveEvents} from "./events";
import {exportFlow} from "./export";
import {observe} from "./features";
import {mix} from "./hash";
import {addFlip, addOnce, addScaled, SEEN_DATA} from "./history";
import {hash, innermost, makeKey, sourceIsLow} from "./key";
import {directionOf, Event, Flow, OUTER, Packet, ROW_BYTES, TUNNEL} from "./layout";
import {isLikelyServer, reserveLikelyServers} from "./likely-servers";
import {reserve} from "./memory";
import * as output from "./output";
import {activeTimeout, attemptWait, captureSeed, CLOSE_GRACE, idleTimeout, PAYLOADS, setSettings} from "./settings";
import {reserveSha1} from "./sha1";
import {beginSnapshot, countUnwritten, openSlots, reserveSnapshot, writeSnapshot} from "./snapshot";
import {ATTEMPTS, CLOSING, find, firstOf, flowAt, insert, isFull, LIVE, liveFlows, moveTo, readAhead, remove, reserveTable, rowsAddress, touch} from "./table";
import {flipIfReversed, followTcp, isAttempt, isLoop, isReuse, reserveTcp} from "./tcp";
import {noteAnswer, noteStart, pairsEvicted, reserveWindows, startsDropped} from "./windows";

/** Packets of a batch and bytes of its buffer; the slack lets a source keep the rest of a block. */
export const BATCH_PACKETS = 8192;
export const BATCH_BYTES = 4 << 20;
const BATCH_SLACK = 1 << 20;
/** Rows and events one packet may need beside expiries: its flow's end, an eviction, its payload. */
const ROWS_NEEDED = 2;
const EVENTS_NEEDED = 4;

let bytes: usize = 0;
let offsets: usize = 0;
let captureds: usize = 0;
let wires: usize = 0;
let times: usize = 0;
let links: usize = 0;
let flowIds: usize = 0;
/** What reading ahead summed up: of no use but that the reads are made. */
let ahead: u64 = 0;

/** Reserves all memory. Called once, before anything else. */
export function initialize(maxFlows: i32, idle: f64, active: f64, seed: u64, verifies: bool): void {
  setSettings(idle, active, seed, verifies);
  bytes = reserve(BATCH_BYTES + BATCH_SLACK);
  offsets = reserve(BATCH_PACKETS * 4);
  captureds = reserve(BATCH_PACKETS * 4);
  wires = reserve(BATCH_PACKETS * 4);
  times = reserve(BATCH_PACKETS * 8);
  links = reserve(BATCH_PACKETS * 4);
  flowIds = reserve(BATCH_PACKETS * 8);
  reserveCounters();
  reserveFrame();
  reserveFragments();
  reserveEvents();
  output.reserveOutput();
  reserveCommunity();
  reserveSha1();
  reserveTcp();
  reserveLikelyServers();
  reserveWindows();
  reserveSnapshot();
  reserveArp();
  reserveTable(maxFlows);
}

/** Address of a region, by number: the host's only way to learn the layout. */
export function region(number: i32): usize {
  switch (number) {
    case 0:
      return bytes;
    case 1:
      return offsets;
    case 2:
      return captureds;
    case 3:
      return wires;
    case 4:
      return times;
    case 5:
      return links;
    case 6:
      return countersAddress();
    case 7:
      return linksAddress();
    case 8:
      return eventsAddress();
    case 9:
      return output.numbers;
    case 10:
      return output.features;
    case 11:
      return output.identifiers;
    case 12:
      return output.marks;
    case 13:
      return output.addresses;
    case 14:
      return output.histories;
    case 15:
      return output.tunnels;
    case 16:
      return output.communities;
    case 17:
      return flowIds;
    case 18:
      return openSlots;
    case 19:
      return arpAddress();
    default:
      return 0;
  }
}

export function bytesCapacity(): i32 {
  return BATCH_BYTES + BATCH_SLACK;
}
export function eventBytes(): i32 {
  return offsetof<Event>();
}
export function outputRows(): i32 {
  return output.OUTPUT_ROWS;
}
export function columnStride(): i32 {
  return output.COLUMN_STRIDE;
}
export function featureCount(): i32 {
  return output.FEATURES;
}
export function numberCount(): i32 {
  return output.NUMBERS;
}
export function rowBytes(): i32 {
  return <i32>ROW_BYTES;
}
export function events(): i32 {
  return eventCount;
}
export function rows(): i32 {
  return output.outputCount;
}
export function live(): i32 {
  return liveFlows();
}
/** Records of ARP packets since `arpDone`. */
export function arp(): i32 {
  return arpCount;
}
export function arpDone(): void {
  clearArp();
}
export function eventsDone(): void {
  clearEvents();
}
export function rowsDone(): void {
  output.clearOutput();
}
export function communities(): void {
  writeCommunities(output.outputCount);
}

/** What bounded side tables lost: 0 fragments forgotten, 1 context starts dropped, 2 pairs evicted. */
export function lost(number: i32): f64 {
  return number === 0 ? fragmentsForgotten : number === 1 ? startsDropped : pairsEvicted;
}

/** Sends no more payload of the flow in that slot, if it is still the same. */
export function mute(slot: i32, high: i32, low: i32): void {
  const flow = flowAt(slot);
  if (flow.live !== 0 && flow.id === (((<u64>(<u32>high)) << 32) | <u64>(<u32>low))) flow.wantsPayload = 0;
}

/** Meters packets `from` to `count`; the first one not yet metered: the log or the output is full before `count`. */
export function run(from: i32, count: i32): i32 {
  for (let i = from; i < count; i++) {
    const time = load<f64>(times + ((<usize>i) << 3));
    if (!expire(time) || output.outputRoom() < ROWS_NEEDED || eventRoom() < EVENTS_NEEDED) return i;
    meterPacket(i, time);
  }
  return count;
}

/** Ends flows whose grace or idle time is over at `time`, as a packet of that time would; false where there is no room. */
export function advance(time: f64): bool {
  return expire(time);
}

/** Ends all flows, closed ones first, then those that have rested longest; false where the output is full before the last. */
export function finish(): bool {
  for (;;) {
    const slot = leastWanted();
    if (slot < 0) return true;
    if (output.outputRoom() === 0 || eventRoom() === 0) return false;
    endFlow(slot, reasonOf(flowAt(slot), END_CAPTURE));
  }
  return true;
}

/** Rows of flows under way, as they are now (snapshot.ts). */
export function snapshotFrom(time: f64, most: i32): void {
  beginSnapshot(time, most);
}
export function snapshot(): bool {
  return writeSnapshot();
}
export function snapshotLeft(): i32 {
  return countUnwritten();
}

/** Ends flows whose grace, wait for an answer or idle time is over; false where there is no room for them all. */
// @ts-ignore: decorator
@inline
function expire(time: f64): bool {
  for (let slot = firstOf(CLOSING); slot >= 0; slot = firstOf(CLOSING)) {
    const flow = flowAt(slot);
    if (time - flow.moved < CLOSE_GRACE) break;
    if (output.outputRoom() === 0 || eventRoom() === 0) return false;
    endFlow(slot, flow.closeReason - 1);
  }
  for (let slot = firstOf(ATTEMPTS); slot >= 0; slot = firstOf(ATTEMPTS)) {
    if (time - flowAt(slot).moved < attemptWait) break;
    if (output.outputRoom() === 0 || eventRoom() === 0) return false;
    endFlow(slot, END_IDLE);
  }
  for (let slot = firstOf(LIVE); slot >= 0; slot = firstOf(LIVE)) {
    const flow = flowAt(slot);
    if (time - flow.last <= idleTimeout) break;
    if (output.outputRoom() === 0 || eventRoom() === 0) return false;
    endFlow(slot, END_IDLE);
  }
  return true;
}

/** Slot of the flow that is given up first: the longest closed one, else the one that has rested longest; -1 without any. */
function leastWanted(): i32 {
  const closed = firstOf(CLOSING);
  if (closed >= 0) return closed;
  const live = firstOf(LIVE);
  const attempt = firstOf(ATTEMPTS);
  if (live < 0 || attempt < 0) return max(live, attempt);
  return flowAt(attempt).moved < flowAt(live).moved ? attempt : live;
}

/** Why a flow ends: its own close, else the reason given. */
function reasonOf(flow: Flow, otherwise: i32): i32 {
  return flow.closeReason !== 0 ? flow.closeReason - 1 : otherwise;
}

function endFlow(slot: i32, reason: i32): Event {
  const flow = flowAt(slot);
  // What follows in the list ends next, mostly.
  if (flow.next >= 0) ahead = readAhead(flow.next);
  const event = nextEvent(FLOW_END, slot, flow);
  event.row = exportFlow(flow, reason);
  event.continuedIn = -1;
  remove(slot);
  return event;
}

// @ts-ignore: decorator
@inline
function meterPacket(i: i32, time: f64): void {
  const at = (<usize>i) << 2;
  const start = bytes + <usize>load<u32>(offsets + at);
  const captured = load<u32>(captureds + at);
  const wire = load<u32>(wires + at);
  countPacket(captured, wire, time);
  beginFrame(start, wire);
  const link = load<i32>(links + at);
  const outcome = decodeLink(link, start, start + captured);
  store<u64>(flowIds + ((<usize>i) << 3), 0);
  if (outcome === ARP) recordArp(time, vlan);
  if (outcome !== FLOW) return countOther(outcome, link);
  const packet = innermost();
  if (packet.corrupt !== 0) disregard(packet);
  makeKey(packet);
  const slot = flowOf(packet, time);
  const flow = flowAt(slot);
  store<u64>(flowIds + ((<usize>i) << 3), flow.id);
  if (packet.hasTcp !== 0) flipIfReversed(flow, packet, sideOf(flow));
  const side = sideOf(flow);
  observe(flow, packet, side, time, wire);
  if (packet.corrupt !== 0) {
    const me = directionOf(flow, side);
    me.corrupt++;
    return addScaled(flow, me.corrupt, 0x43, side);
  }
  if (side === 1 && directionOf(flow, 1).packets === 1 && (packet.flags & RST) === 0) noteAnswer(flow);
  if (packet.hasTcp !== 0) {
    followTcp(flow, packet, side, time);
    sortByState(slot, flow, time);
  } else if (packet.proto === UDP) addOnce(flow, directionOf(flow, side), SEEN_DATA, 0x44, side);
  if (packet.payloadCaptured !== 0 && flow.wantsPayload !== 0) logPayload(slot, flow, packet, side, time);
}

/** Takes from a packet with a wrong checksum what it says beyond its addresses, ports and lengths. */
function disregard(packet: Packet): void {
  packet.hasTcp = 0;
  packet.flags = 0;
  packet.payloadCaptured = 0;
  add(CORRUPT_PACKETS, 1);
}

/** Moves a connection between the lists where a segment has closed it, or answered it, or was its first SYN. */
// @ts-ignore: decorator
@inline
function sortByState(slot: i32, flow: Flow, time: f64): void {
  if (flow.closeReason !== 0) {
    if (flow.list !== CLOSING) moveTo(CLOSING, slot, flow, time);
  } else if (flow.list === ATTEMPTS) {
    if (!isAttempt(flow)) moveTo(LIVE, slot, flow, time);
  } else if (directionOf(flow, 0).packets === 1 && directionOf(flow, 1).packets === 0 && isAttempt(flow)) moveTo(ATTEMPTS, slot, flow, time);
}

// @ts-ignore: decorator
@inline
function sideOf(flow: Flow): u32 {
  return <u32>flow.originatorIsLow ^ sourceIsLow;
}

/** Slot of the packet's flow: the live one, or a new one after the old one's end. */
// @ts-ignore: decorator
@inline
function flowOf(packet: Packet, time: f64): i32 {
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
  if ((packet.flags & SYN) !== 0 && packet.hasTcp !== 0 && isReuse(flow, packet)) {
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
  const slot = insert();
  const flow = flowAt(slot);
  flow.version = <u8>packet.version;
  flow.proto = <u8>packet.proto;
  flow.oneWay = <u8>packet.oneWay;
  flow.wantsPayload = 1;
  flow.lastDataFrom = 2;
  flow.first = time;
  flow.last = time;
  flow.activeStart = time;
  flow.moved = time;
  flow.vlan = <i16>vlan;
  flow.innerVlan = <i16>innerVlan;
  // The packet's number makes identifiers differ where times repeat.
  flow.id = mix(mix(mix(captureSeed, hash), reinterpret<u64>(time)), <u64>load<f64>(countersAddress()));
  noteOuter(flow);
  flow.originatorIsLow = <u8>sourceIsLow;
  if (originatorIsLow >= 0) flow.originatorIsLow = <u8>originatorIsLow;
  else if (isFromServer(packet) && !isLoop(flow)) {
    flow.originatorIsLow ^= 1;
    addFlip(flow);
  }
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

/** Outermost addresses by endpoint, and the tunnels, of the flow's first packet. */
function noteOuter(flow: Flow): void {
  const outer = packetAt(0);
  const size: usize = outer.version === 4 ? 4 : 16;
  const low = changetype<usize>(flow) + OUTER;
  flow.outerVersion = <u8>outer.version;
  memory.copy(sourceIsLow !== 0 ? low : low + 16, outer.source, size);
  memory.copy(sourceIsLow !== 0 ? low + 16 : low, outer.destination, size);
  flow.tunnelDepth = <u8>tunnelDepth();
  for (let i = 0; i < tunnelDepth(); i++) store<u64>(changetype<usize>(flow) + TUNNEL + ((<usize>i) << 3), tunnelAt(i));
}

/** True where the first packet seen is no initial SYN and comes from a usual server port to none (as Zeek guesses). */
function isFromServer(packet: Packet): bool {
  const flags = packet.flags & (SYN | ACK);
  if (packet.proto === TCP && (packet.hasTcp === 0 || flags === SYN)) return false;
  if (!isLikelyServer(packet.proto, packet.sourcePort)) return false;
  if (!isLikelyServer(packet.proto, packet.destinationPort)) return true;
  return packet.proto === TCP && (flags & SYN) === 0 && packet.sourcePort < packet.destinationPort;
}

// @ts-ignore: decorator
@inline
function logPayload(slot: i32, flow: Flow, packet: Packet, side: u32, time: f64): void {
  const me = directionOf(flow, side);
  if (<u32>me.events >= PAYLOADS) return;
  me.events++;
  const event = nextEvent(PAYLOAD, slot, flow);
  event.direction = <i32>side;
  event.proto = <i32>packet.proto;
  event.start = <i32>(packet.payload - bytes);
  event.end = event.start + <i32>packet.payloadCaptured;
  event.cut = <i32>packet.payloadBytes - <i32>packet.payloadCaptured;
  // The byte after the SYN is byte 0 of the stream.
  event.streamOffset = packet.hasTcp !== 0 ? <i32>(packet.sequence + ((packet.flags & SYN) >> 1) - me.start - 1) : 0;
  const low = <i32>((flow.ports >> 16) & 0xffff);
  const high = <i32>(flow.ports & 0xffff);
  event.sourcePort = flow.originatorIsLow !== 0 ? low : high;
  event.destinationPort = flow.originatorIsLow !== 0 ? high : low;
  event.time = time;
}

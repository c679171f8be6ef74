import {FEATURES, NUMBERS} from "./columns";
import {reserveActivity} from "./activity";
import {arpAddress, arpCount, clearArp, recordArp, reserveArp, restartArp} from "./arp";
import {writeCommunities, reserveCommunity} from "./community-id";
import {ACK, ARP, END_CAPTURE, FLOW, LINK_FRAME, RST, SYN, UDP} from "./constants";
import {add, CORRUPT_PACKETS, countersAddress, DUPLICATE_PACKETS, MALFORMED_PACKETS, PACKETS, countOther, countPacket, clearCounters, linksAddress, reserveCounters} from "./counters";
import {beginFrame, reserveFrame, vlan} from "./decode/frame";
import {clearFragments, fragmentsForgotten, reserveFragments} from "./decode/fragments";
import {decodeLink} from "./decode/link";
import {beginDuplicates, clearDuplicates, isDuplicate, reserveDuplicates} from "./duplicates";
import {clearEvents, eventCount, eventRoom, eventsAddress, nextEvent, PAYLOAD, reserveEvents} from "./events";
import {observe} from "./features";
import {addOnce, addScaled, SEEN_DATA} from "./history";
import {historyBytes, historyCodes, historyCount, historyTexts, numberHistories, reserveHistories} from "./histories";
import {innermost, likelyHash, makeKey, sourceIsLow} from "./key";
import {directionOf, Event, Flow, Packet, ROW_BYTES} from "./layout";
import {hostsEvicted} from "./last-flows";
import {endFlow, expire, flowOf, leastWanted, reasonOf} from "./lifetime";
import {endLinkFrames, logLinkFrame} from "./link-frames";
import {reserveLikelyServers} from "./likely-servers";
import {reserve, reserveReadings} from "./memory";
import * as output from "./output";
import {pairsEvicted} from "./pairs";
import {clearPastSequences, reservePastSequences} from "./past-sequences";
import {noteDisorder} from "./rare";
import {startsDropped} from "./recent-starts";
import {askPayloads, hostAsks, leavesOut, PAYLOADS, readerAsks, setSettings} from "./settings";
import {reserveSha1} from "./sha1";
import {beginSnapshot, countUnwritten, openSlots, reserveSnapshot, writeSnapshot} from "./snapshot";
import {ATTEMPTS, capacity, clearTable, CLOSING, flowAt, LIVE, liveFlows, moveTo, readPlace, reserveTable} from "./table";
import {flipIfReversed, followTcp, isAttempt, reserveTcp} from "./tcp";
import {clearWindows, noteAnswer, reserveWindows, settle} from "./windows";

/** Packets of a batch and bytes of its buffer; the slack lets a source keep the rest of a block. */
export const BATCH_PACKETS = 8192;
export const BATCH_BYTES = 4 << 20;
const BATCH_SLACK = 1 << 20;
/** Rows and events one packet may need beside expiries: its flow's end, an eviction, its payload. */
const ROWS_NEEDED = 2;
const EVENTS_NEEDED = 4;
/** Packets whose places in the table's index are read together. */
const GROUP = 32;

let bytes: usize = 0;
let offsets: usize = 0;
let captureds: usize = 0;
let wires: usize = 0;
let times: usize = 0;
let links: usize = 0;
let flowIds: usize = 0;
let hashes: usize = 0;

/**
 * Begins a capture: the first time all memory is reserved; afterwards, with as many flows at most, when all flows of the
 * one before have ended and were handed out.
 */
export function initialize(maxFlows: i32, idle: f64, active: f64, seed: u64, verifies: bool, dedups: bool): void {
  setSettings(idle, active, seed, verifies, dedups);
  if (bytes !== 0) return begin();
  bytes = reserve(BATCH_BYTES + BATCH_SLACK);
  offsets = reserve(BATCH_PACKETS * 4);
  captureds = reserve(BATCH_PACKETS * 4);
  wires = reserve(BATCH_PACKETS * 4);
  times = reserve(BATCH_PACKETS * 8);
  links = reserve(BATCH_PACKETS * 4);
  flowIds = reserve(BATCH_PACKETS * 8);
  hashes = reserve(GROUP * 8);
  reserveCounters();
  reserveDuplicates();
  reserveFrame();
  reserveFragments();
  reserveEvents();
  output.reserveOutput();
  reserveCommunity();
  reserveHistories();
  reservePastSequences();
  reserveSha1();
  reserveTcp();
  reserveLikelyServers();
  reserveWindows();
  reserveSnapshot();
  reserveArp();
  reserveActivity(maxFlows);
  reserveReadings(maxFlows);
  reserveTable(maxFlows);
}

/** Forgets all of the capture before. */
function begin(): void {
  clearCounters();
  clearDuplicates();
  clearFragments();
  clearEvents();
  output.clearOutput();
  restartArp();
  clearWindows();
  clearPastSequences();
  clearTable();
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
    case 20:
      return historyCodes;
    case 21:
      return historyTexts;
    case 22:
      return output.activityCodes;
    case 23:
      return output.activityTexts;
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
  return FEATURES;
}
export function numberCount(): i32 {
  return NUMBERS;
}
export function rowBytes(): i32 {
  return <i32>ROW_BYTES;
}
/** Rows that there is room for now. */
export function rowCapacity(): i32 {
  return capacity;
}
export function events(): i32 {
  return eventCount;
}
/** Rows of the output; all of them stand in their columns then. */
export function rows(): i32 {
  if (output.outputCount > 0) output.writeTile();
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
/** How many texts of activity the output has, and their bytes. */
export function activities(): i32 {
  return output.activityCount;
}
export function activityBytes(): i32 {
  return <i32>(output.activityEnd - output.activityTexts);
}
/** Makes the column of histories; how many distinct ones there are. */
export function histories(): i32 {
  numberHistories(output.outputCount);
  return historyCount;
}
/** Bytes of those texts. */
export function historiesBytes(): i32 {
  return historyBytes;
}

/** What bounded side tables lost: 0 fragments forgotten; 1 starts, 2 pairs and 3 hosts of the context windows. */
export function lost(number: i32): f64 {
  settle();
  switch (number) {
    case 0:
      return fragmentsForgotten;
    case 1:
      return startsDropped;
    case 2:
      return pairsEvicted();
    default:
      return hostsEvicted();
  }
}

/** Whether the host wants payloads of the packets that come. */
export function ask(payloads: bool): void {
  askPayloads(payloads);
}

/** Sends no more payload of the flow in that slot, if it is still the same. */
export function mute(slot: i32, high: i32, low: i32): void {
  const flow = flowAt(slot);
  if (flow.live !== 0 && flow.id === (((<u64>(<u32>high)) << 32) | <u64>(<u32>low))) flow.wantsPayload = 0;
}

/** Meters packets `from` to `count`; the first one not yet metered: the log or the output is full before `count`. */
export function run(from: i32, count: i32): i32 {
  if (from === 0) beginDuplicates();
  for (let i = from; i < count; i++) {
    const time = load<f64>(times + ((<usize>i) << 3));
    if ((i - from) % GROUP === 0) readPlaces(i, min(i + GROUP, count));
    if (!expire(time) || output.outputRoom() < ROWS_NEEDED || eventRoom() < EVENTS_NEEDED) return i;
    meterPacket(i, time);
  }
  return count;
}

/** What reading ahead summed up: of no use but that the reads are made. */
let ahead: u64 = 0;

/** Reads the places of packets of the usual form, so that all of them come from memory together. */
function readPlaces(from: i32, to: i32): void {
  let end = hashes;
  for (let i = from; i < to; i++) {
    const hash = likelyHash(bytes + <usize>load<u32>(offsets + ((<usize>i) << 2)));
    if (hash === 0) continue;
    store<u64>(end, hash);
    end += 8;
  }
  let sum: u64 = 0;
  for (let at = hashes; at < end; at += 8) sum += readPlace(load<u64>(at));
  ahead = sum;
}

/** Ends flows whose grace or idle time is over at `time`, as a packet of that time would; false where there is no room. */
export function advance(time: f64): bool {
  return expire(time);
}

/** Ends all flows, closed ones first, then those that have rested longest; false where the output is full before the last. */
export function finish(): bool {
  for (;;) {
    const slot = leastWanted();
    if (slot < 0) return endLinkFrames();
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

// @ts-ignore: decorator
@inline
function meterPacket(i: i32, time: f64): void {
  const at = (<usize>i) << 2;
  const start = bytes + <usize>load<u32>(offsets + at);
  const captured = load<u32>(captureds + at);
  const wire = load<u32>(wires + at);
  // A record of no bytes is no packet, and its time no time: zeros behind the last packet of a file.
  if ((captured | wire) === 0) {
    store<u64>(flowIds + ((<usize>i) << 3), 0);
    add(PACKETS, 1);
    return add(MALFORMED_PACKETS, 1);
  }
  countPacket(captured, wire, time);
  if (isDuplicate(start, captured, wire, time)) {
    add(DUPLICATE_PACKETS, 1);
    if (leavesOut) return store<u64>(flowIds + ((<usize>i) << 3), 0);
  }
  beginFrame(start, wire);
  const link = load<i32>(links + at);
  const outcome = decodeLink(link, start, start + captured);
  store<u64>(flowIds + ((<usize>i) << 3), 0);
  if (outcome === ARP) recordArp(time, vlan);
  if (outcome !== FLOW) {
    if (outcome === LINK_FRAME) logLinkFrame(bytes, start, wire, link, time);
    return countOther(outcome, link);
  }
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
    const disorder = noteDisorder(directionOf(flow, side));
    disorder.corrupt++;
    return addScaled(flow, disorder.corrupt, 0x43, side);
  }
  if (side === 1 && directionOf(flow, 1).packets === 1 && (packet.flags & RST) === 0) noteAnswer(flow);
  if (packet.hasTcp !== 0) {
    followTcp(flow, packet, side, time);
    sortByState(slot, flow, packet, side, time);
  } else if (packet.proto === UDP) addOnce(flow, directionOf(flow, side), SEEN_DATA, 0x44, side);
  if (packet.payloadCaptured !== 0 && packet.isLaterFragment === 0 && flow.wantsPayload !== 0 && (readerAsks || hostAsks)) logPayload(slot, flow, packet, side, time);
}

/** Takes from a packet with a wrong checksum what it says beyond its addresses, ports and lengths. */
function disregard(packet: Packet): void {
  packet.hasTcp = 0;
  packet.flags = 0;
  packet.payloadCaptured = 0;
  add(CORRUPT_PACKETS, 1);
}

/** Moves a connection between the lists where a segment has closed it, or answered it, or was its first or last SYN. */
// @ts-ignore: decorator
@inline
function sortByState(slot: i32, flow: Flow, packet: Packet, side: u32, time: f64): void {
  if (flow.closeReason !== 0) {
    if (flow.list !== CLOSING) moveTo(CLOSING, slot, flow, time);
  } else if (flow.list === ATTEMPTS) {
    if (!isAttempt(flow)) moveTo(LIVE, slot, flow, time);
    // The wait for an answer runs from the last SYN.
    else if (side === 0 && (packet.flags & SYN) !== 0) moveTo(ATTEMPTS, slot, flow, time);
  } else if (directionOf(flow, 0).packets === 1 && directionOf(flow, 1).packets === 0 && isAttempt(flow)) moveTo(ATTEMPTS, slot, flow, time);
}

// @ts-ignore: decorator
@inline
function sideOf(flow: Flow): u32 {
  return <u32>flow.originatorIsLow ^ sourceIsLow;
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
  const peer = directionOf(flow, side ^ 1);
  const acknowledges = packet.hasTcp !== 0 && (packet.flags & ACK) !== 0 && peer.packets !== 0;
  event.acknowledged = acknowledges ? <i32>(packet.acknowledgment - peer.start - 1) : 0;
  const low = <i32>((flow.ports >> 16) & 0xffff);
  const high = <i32>(flow.ports & 0xffff);
  event.sourcePort = flow.originatorIsLow !== 0 ? low : high;
  event.destinationPort = flow.originatorIsLow !== 0 ? high : low;
  event.time = time;
}

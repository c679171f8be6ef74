import {recordArp} from "./arp";
import {bytes, captureds, flowIds, links, offsets, times, wires} from "./batch";
import {ACK, ARP, FLOW, LINK_FRAME, RST, SYN, UDP} from "./constants";
import {add, CORRUPT_PACKETS, countOther, countPacket, DUPLICATE_PACKETS, MALFORMED_PACKETS, MISDATED_PACKETS, PACKETS} from "./counters";
import {beginFrame, vlan} from "./decode/frame";
import {decodeLink} from "./decode/link";
import {hasFragment, takeFragment} from "./decode/overlaps";
import {decodeUsual} from "./decode/usual";
import {beginDuplicates, isDuplicate} from "./duplicates";
import {eventRoom, nextEvent, PAYLOAD} from "./events";
import {observe} from "./features";
import {addOnce, addScaled, SEEN_DATA} from "./history";
import {innermost, likelyHash, makeKey, sourceIsLow} from "./key";
import {directionOf, Flow, noteResponder, Packet, senderOf} from "./layout";
import {expire, flowOf} from "./lifetime";
import {logLinkFrame} from "./link-frames";
import {reserve} from "./memory";
import {outputRoom} from "./output";
import {noteDisorder} from "./rare";
import {isSignal, logSignal} from "./signals";
import {hostAsks, leavesOut, PAYLOADS, readerAsks} from "./settings";
import {ATTEMPTS, CLOSING, flowAt, LIVE, moveTo, readPlace} from "./table";
import {flipIfReversed, followTcp, isAttempt} from "./tcp";
import {beginTunnelCopies, isTunnelCopy} from "./tunnel-copies";
import {noteAnswer} from "./windows";

/** The path of a packet through the meter: decoded, keyed, counted in its flow, followed as a segment, its payload logged. */

/** Rows and events one packet may need beside expiries: its flow's end, an eviction, its payload, two signals. */
const ROWS_NEEDED = 2;
const EVENTS_NEEDED = 6;
/** Packets whose places in the table's index are read together. */
const GROUP = 32;

let hashes: usize = 0;

export function reservePath(): void {
  hashes = reserve(GROUP * 8);
}

/** Meters packets `from` to `count`; the first one not yet metered: the log or the output is full before `count`. */
export function run(from: i32, count: i32): i32 {
  if (from === 0) {
    beginDuplicates();
    beginTunnelCopies();
  }
  for (let i = from; i < count; i++) {
    let time = timeAt(i);
    // Of the first packet nothing is near.
    const isOff = !(abs(time - timeBefore) <= FAR) && isMisdated(i, time, count);
    if (isOff) time = isNaN(timeBefore) ? timeAt(i + 1) : timeBefore;
    if ((i - from) % GROUP === 0) readPlaces(i, min(i + GROUP, count));
    if (!expire(time) || outputRoom() < ROWS_NEEDED || eventRoom() < EVENTS_NEEDED) return i;
    meterPacket(i, time);
    if (isOff) add(MISDATED_PACKETS, 1);
    timeBefore = time;
  }
  return count;
}

/** Time of the packet before, NaN before the first. */
let timeBefore: f64 = NaN;
/** Time of a packet that nothing followed, and that was not believed; NaN without. */
let lastOff: f64 = NaN;
/** What is so far from both neighbours, which are near each other, is dated wrongly: such a jump would end most flows. */
const FAR: f64 = 120_000_000;
/** Where a neighbour is missing only what is years off is a mistake. */
const YEAR: f64 = 31_536_000_000_000;
/** Packets behind one another that may be off together. */
const OFF_TOGETHER = 4;

/** Forgets the time of the packet before. */
export function forgetTime(): void {
  timeBefore = NaN;
  lastOff = NaN;
}

// @ts-ignore: decorator
@inline
function timeAt(i: i32): f64 {
  return load<f64>(times + ((<usize>i) << 3));
}

/** Whether the time of a packet, which is far from that of the packet before, is its own mistake: those behind it are near that one. */
function isMisdated(i: i32, time: f64, count: i32): bool {
  if (load<u32>(wires + ((<usize>i) << 2)) === 0) return false;
  if (isNaN(timeBefore)) return isFirstMisdated(i, time, count);
  if (abs(time - lastOff) <= FAR) return false;
  for (let next = i + 1; next < count && next <= i + OFF_TOGETHER; next++)
    if (abs(timeAt(next) - timeBefore) <= FAR && abs(timeAt(next) - time) > FAR) return true;
  if (i + 1 < count || abs(time - timeBefore) <= YEAR) return false;
  lastOff = time;
  return true;
}

/** The first packet's: the two behind it are near each other, and long before it, or years after. */
function isFirstMisdated(i: i32, time: f64, count: i32): bool {
  if (i + 2 >= count || !(abs(timeAt(i + 1) - timeAt(i + 2)) <= FAR)) return false;
  return time - timeAt(i + 1) > FAR || timeAt(i + 1) - time > YEAR;
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
  const link = load<i32>(links + at);
  const isCopy = isDuplicate(start, captured, wire, time, link);
  if (isCopy) {
    add(DUPLICATE_PACKETS, 1);
    if (leavesOut) return store<u64>(flowIds + ((<usize>i) << 3), 0);
  }
  beginFrame(start, wire);
  const outcome = decodeUsual(link, start, captured) ? FLOW : decodeLink(link, start, start + captured);
  const overlap = hasFragment() ? takeFragment(time) : 0;
  store<u64>(flowIds + ((<usize>i) << 3), 0);
  if (outcome === ARP) recordArp(time, vlan);
  if (outcome !== FLOW) {
    if (outcome === LINK_FRAME) logLinkFrame(bytes, start, wire, link, time);
    return countOther(outcome, link);
  }
  const packet = innermost();
  if (!isCopy && isTunnelCopy(packet, start, captured, time)) {
    add(DUPLICATE_PACKETS, 1);
    if (leavesOut) return;
  }
  if (packet.corrupt !== 0) disregard(packet);
  makeKey(packet);
  const slot = flowOf(packet, time);
  const flow = flowAt(slot);
  store<u64>(flowIds + ((<usize>i) << 3), flow.id);
  // It has just begun, and the SYN that began it is noted.
  if (flow.isLone !== 0) return;
  if (packet.hasTcp !== 0) flipIfReversed(flow, packet, sideOf(flow));
  const side = sideOf(flow);
  // An acknowledgment says something of the other endpoint.
  if (side === 1 || (packet.flags & ACK) !== 0) noteResponder(flow);
  observe(flow, packet, side, time, wire);
  if (overlap !== 0) logSignal(slot, flow, packet, side, time, bytes, link, overlap);
  if (isSignal(packet)) logSignal(slot, flow, packet, side, time, bytes, link, 0);
  if (packet.corrupt !== 0) {
    const disorder = noteDisorder(senderOf(flow, side));
    disorder.corrupt++;
    return addScaled(flow, disorder.corrupt, 0x43, side);
  }
  if (side === 1 && directionOf(flow, 1).packets === 1 && (packet.flags & RST) === 0) noteAnswer(flow);
  if (packet.hasTcp !== 0) {
    followTcp(flow, packet, side, time);
    sortByState(slot, flow, packet, side, time);
  } else if (packet.proto === UDP) addOnce(flow, senderOf(flow, side), SEEN_DATA, 0x44, side);
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
  const me = senderOf(flow, side);
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
  event.continuedIn = packet.hasTcp !== 0 && me.synCount !== 0 ? 1 : 0;
  const peer = directionOf(flow, side ^ 1);
  const acknowledges = packet.hasTcp !== 0 && (packet.flags & ACK) !== 0 && peer.packets !== 0;
  event.acknowledged = acknowledges ? <i32>(packet.acknowledgment - peer.start - 1) : 0;
  const low = <i32>((flow.ports >> 16) & 0xffff);
  const high = <i32>(flow.ports & 0xffff);
  event.sourcePort = flow.originatorIsLow !== 0 ? low : high;
  event.destinationPort = flow.originatorIsLow !== 0 ? high : low;
  event.time = time;
}

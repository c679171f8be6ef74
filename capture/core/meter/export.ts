import {FEATURES, DST_ACK_RTT_MIN_US, DST_IP_BYTES, DST_PAYLOAD_BYTES, DST_PKTS, DST_PORT, DST_WIRE_BYTES, DURATION_US, PROTO, RESPONSE_MAX_US, RESPONSE_MEAN_US, RTT_US, SRC_ACK_RTT_MIN_US, SRC_DUP_ACKS, SRC_FAST_RETRANSMITS, SRC_IP_BYTES, SRC_LATE_PKTS, SRC_PAYLOAD_BYTES, SRC_PKTS, SRC_PORT, SRC_RETRANSMITS, SRC_SPURIOUS_RETRANSMITS, SRC_WIRE_BYTES, SRC_ZERO_WINDOW_PKTS, TS_END, TS_START, VLAN, VLAN_INNER} from "./columns";
import {connState, S0} from "./conn-state";
import {packetsOf} from "./features";
import {innerVlanOf, vlanOf} from "./key";
import {anyDataOf, anyTimesOf, CONTEXT, CONTEXT_FEATURES, Direction, directionOf, FIRST_SIZES, Flow, HISTORY, HISTORY_CAPACITY, MAX_NESTING, pausesOf, SIZES, TimedDirection} from "./layout";
import {ADDRESS_BYTES, addresses, featuresOf, histories, identifiers, Mark, marks, followsLone, NEXT_FEATURE, NEXT_NUMBER, numbersOf, putActivity, putNoActivity, takeRow, tunnels} from "./output";
import {saidOf, wholeOf} from "./lone";
import {Disorder, disorderOf, OUTER_TUNNELS, outerOf, periodsOf} from "./rare";
import {isSettled, settle} from "./windows";

// @ts-ignore: decorator
@inline
function number(at: usize, place: usize, value: f64): void {
  store<f64>(at + place * NEXT_NUMBER, value);
}

// @ts-ignore: decorator
@inline
function feature(at: usize, place: usize, value: f64): void {
  store<f32>(at + place * NEXT_FEATURE, <f32>value);
}

// @ts-ignore: decorator
@inline
function ratio(value: f64, by: f64): f64 {
  return by > 0 ? value / by : 0;
}

/** Rounded; NaN of none. */
// @ts-ignore: decorator
@inline
function mean(sum: f64, count: u32): f64 {
  return count > 0 ? nearest(sum / <f64>count) : NaN;
}

/** Sample standard deviation of `n` values by their sum and sum of squares; 0 below two. */
function deviation(squares: f64, sum: f64, n: f64): f64 {
  if (n < 2) return 0;
  const variance = (squares - (sum * sum) / n) / (n - 1);
  return variance > 0 ? Math.sqrt(variance) : 0;
}

/** Places of features that differ between flows of one SYN. */
const SRC_HEADER_BYTES: usize = 11;
const SRC_HEADER_MIN: usize = 15;
const INITIAL_WINDOW: usize = 57;

/** Writes the flow as a row of the output; the row's number. */
export function exportFlow(flow: Flow, endReason: i32): i32 {
  if (!isSettled(flow)) settle();
  const row = takeRow();
  store<u64>(identifiers + ((<usize>row) << 3), flow.id);
  exportAddresses(flow, row);
  if (followsLone(row, flow.isLone !== 0)) exportLone(row, flow, endReason);
  else exportWhole(row, wholeOf(flow), endReason);
  return row;
}

/** The order of features is that of schema/features.ts. */
function exportWhole(row: i32, flow: Flow, endReason: i32): void {
  const originator = directionOf(flow, 0);
  const responder = directionOf(flow, 1);
  exportMark(flow, row, endReason, connState(flow), flow.historyLength);
  exportHistory(flow, row);
  putActivity(row, flow);
  exportNumbers(numbersOf(row), flow, originator, responder);
  const seconds = (flow.last - flow.first) / 1e6;
  // Each writes its features from there on and says where the next ones go.
  let at = featuresOf(row);
  at = exportVolume(at, flow, originator, responder, seconds);
  at = exportPayloadLengths(at, originator, responder);
  at = exportGaps(at, flow.gapMin, flow.gapMax, flow.gapSquares, gapsOf(flow, originator, responder), <f64>packetsOf(flow) - 1);
  at = exportDirectionGaps(at, originator);
  at = exportDirectionGaps(at, responder);
  at = exportFlags(at, originator);
  at = exportFlags(at, responder);
  at = exportWindows(at, originator, responder);
  at = exportActivity(at, flow);
  at = exportBulks(at, disorderOf(originator));
  at = exportBulks(at, disorderOf(responder));
  at = exportSubflows(at, flow, originator, responder);
  at = exportLoss(at, originator, responder);
  at = exportTiming(at, flow, originator, responder);
  const sizes = <usize>anyDataOf(flow).firstSizeCount;
  for (let i: usize = 0; i < <usize>FIRST_SIZES; i++) feature(at, i, i < sizes ? <f64>load<i16>(changetype<usize>(flow) + SIZES + (i << 1)) : 0);
  at += <usize>FIRST_SIZES * NEXT_FEATURE;
  exportContext(at, flow);
}

/** Of a flow of one SYN what differs from one to the next: all else stands in the row's place of the tile already. */
function exportLone(row: i32, flow: Flow, endReason: i32): void {
  const said = saidOf(flow);
  exportMark(flow, row, endReason, S0, 1);
  const text = histories + <usize>row * HISTORY_CAPACITY;
  v128.store(text, i8x16(0x53, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  v128.store(text, i64x2.splat(0), 16);
  putNoActivity(row);
  exportPlace(numbersOf(row), flow);
  number(numbersOf(row), SRC_WIRE_BYTES, <f64>said.wire);
  number(numbersOf(row), SRC_IP_BYTES, <f64>said.ipBytes);
  const at = featuresOf(row);
  feature(at, SRC_HEADER_BYTES, <f64>said.ipBytes);
  feature(at, SRC_HEADER_MIN, <f64>min<u32>(said.ipBytes, 65535));
  feature(at, INITIAL_WINDOW, <f64>said.window);
  exportContext(at + (FEATURES - CONTEXT_FEATURES) * NEXT_FEATURE, flow);
}

// @ts-ignore: decorator
@inline
function exportContext(at: usize, flow: Flow): void {
  for (let i: usize = 0; i < <usize>CONTEXT_FEATURES; i++) store<f32>(at + i * NEXT_FEATURE, load<f32>(changetype<usize>(flow) + CONTEXT + (i << 2)));
}

// @ts-ignore: decorator
@inline
function exportMark(flow: Flow, row: i32, endReason: i32, state: i32, historyLength: u8): void {
  const mark = changetype<Mark>(marks + ((<usize>row) << 3));
  mark.connState = <u8>state;
  mark.endReason = <u8>endReason;
  mark.version = flow.version;
  mark.outerVersion = flow.outerVersion;
  mark.tunnelDepth = flow.tunnelDepth;
  mark.historyLength = historyLength;
  mark.oneWay = flow.oneWay;
  mark.proto = flow.proto;
}

/** The places of a history's letters. */
const FIRST_PLACES = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
const LAST_PLACES = i8x16(16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);

/** Addresses as originator, responder, outer originator, outer responder; tunnels. */
function exportAddresses(flow: Flow, row: i32): void {
  const at = addresses + <usize>row * ADDRESS_BYTES;
  const low: usize = flow.originatorIsLow !== 0 ? 0 : 16;
  const high: usize = 16 - low;
  const key = changetype<usize>(flow) + offsetof<Flow>("lowA");
  store<u64>(at, load<u64>(key + low));
  store<u64>(at, load<u64>(key + low, 8), 8);
  store<u64>(at, load<u64>(key + high), 16);
  store<u64>(at, load<u64>(key + high, 8), 24);
  // A packet within no other one has no other addresses.
  const outer = flow.outer !== 0 ? outerOf(flow) : key;
  store<u64>(at, load<u64>(outer + low), 32);
  store<u64>(at, load<u64>(outer + low, 8), 40);
  store<u64>(at, load<u64>(outer + high), 48);
  store<u64>(at, load<u64>(outer + high, 8), 56);
  if (flow.tunnelDepth !== 0) memory.copy(tunnels + <usize>row * MAX_NESTING * 8, outer + OUTER_TUNNELS, MAX_NESTING * 8);
}

// @ts-ignore: decorator
@inline
function exportHistory(flow: Flow, row: i32): void {
  const text = histories + <usize>row * HISTORY_CAPACITY;
  const from = changetype<usize>(flow) + HISTORY;
  const length = i8x16.splat(<i8>flow.historyLength);
  v128.store(text, v128.and(v128.load(from), i8x16.lt_u(FIRST_PLACES, length)));
  v128.store(text, v128.and(v128.load(from, 16), i8x16.lt_u(LAST_PLACES, length)), 16);
}

// @ts-ignore: decorator
@inline
function vlanNumber(id: i32): f64 {
  return id < 0 ? NaN : <f64>id;
}

/** When and where the flow was. */
// @ts-ignore: decorator
@inline
function exportPlace(at: usize, flow: Flow): void {
  const low = <f64>((flow.ports >> 16) & 0xffff);
  const high = <f64>(flow.ports & 0xffff);
  number(at, TS_START, flow.first);
  number(at, TS_END, flow.last);
  number(at, SRC_PORT, flow.originatorIsLow !== 0 ? low : high);
  number(at, DST_PORT, flow.originatorIsLow !== 0 ? high : low);
  number(at, VLAN, vlanNumber(vlanOf(flow)));
  number(at, VLAN_INNER, vlanNumber(innerVlanOf(flow)));
}

function exportNumbers(at: usize, flow: Flow, originator: Direction, responder: Direction): void {
  exportPlace(at, flow);
  number(at, DURATION_US, flow.last - flow.first);
  number(at, PROTO, <f64>flow.proto);
  number(at, SRC_PKTS, <f64>originator.packets);
  number(at, DST_PKTS, <f64>responder.packets);
  number(at, SRC_WIRE_BYTES, originator.wireBytes);
  number(at, DST_WIRE_BYTES, responder.wireBytes);
  number(at, SRC_IP_BYTES, originator.ipBytes);
  number(at, DST_IP_BYTES, responder.ipBytes);
  number(at, SRC_PAYLOAD_BYTES, originator.payloadBytes);
  number(at, DST_PAYLOAD_BYTES, responder.payloadBytes);
  number(at, RTT_US, flow.handshake === 3 ? flow.synTime : NaN);
  exportHealth(at, disorderOf(originator));
  exportHealth(at + NEXT_NUMBER, disorderOf(responder));
  exportRoundTrips(at + SRC_ACK_RTT_MIN_US * NEXT_NUMBER, anyTimesOf(flow, 0));
  exportRoundTrips(at + DST_ACK_RTT_MIN_US * NEXT_NUMBER, anyTimesOf(flow, 1));
  const data = anyDataOf(flow);
  number(at, RESPONSE_MEAN_US, mean(data.responseSum, data.responses));
  number(at, RESPONSE_MAX_US, data.responses > 0 ? data.responseMax : NaN);
}

/** TCP health of one direction; the places of the other's numbers follow each of these. */
function exportHealth(at: usize, disorder: Disorder): void {
  number(at, SRC_RETRANSMITS, <f64>disorder.repeated);
  number(at, SRC_FAST_RETRANSMITS, <f64>disorder.fast);
  number(at, SRC_SPURIOUS_RETRANSMITS, <f64>disorder.spurious);
  number(at, SRC_LATE_PKTS, <f64>disorder.late);
  number(at, SRC_DUP_ACKS, <f64>disorder.repeatedAcks);
  number(at, SRC_ZERO_WINDOW_PKTS, <f64>disorder.zeroWindowPackets);
}

/** Least and mean. */
function exportRoundTrips(at: usize, timed: TimedDirection): void {
  number(at, 0, timed.count > 0 ? timed.least : NaN);
  number(at, 1, mean(timed.sum, timed.count));
}

function exportVolume(at: usize, flow: Flow, originator: Direction, responder: Direction, seconds: f64): usize {
  const sent = <f64>originator.packets;
  const received = <f64>responder.packets;
  feature(at, 0, seconds);
  feature(at, 1, ratio(sent + received, seconds));
  feature(at, 2, ratio(originator.payloadBytes + responder.payloadBytes, seconds));
  feature(at, 3, ratio(sent, seconds));
  feature(at, 4, ratio(received, seconds));
  feature(at, 5, ratio(received, sent));
  feature(at, 6, ratio(responder.payloadBytes, originator.payloadBytes));
  feature(at, 7, sent);
  feature(at, 8, received);
  feature(at, 9, originator.payloadBytes);
  feature(at, 10, responder.payloadBytes);
  feature(at, SRC_HEADER_BYTES, max<f64>(originator.ipBytes - originator.payloadBytes, 0));
  feature(at, SRC_HEADER_BYTES + 1, max<f64>(responder.ipBytes - responder.payloadBytes, 0));
  feature(at, 13, <f64>originator.dataPackets);
  feature(at, 14, <f64>responder.dataPackets);
  feature(at, SRC_HEADER_MIN, <f64>originator.headerMin);
  feature(at, SRC_HEADER_MIN + 1, <f64>responder.headerMin);
  return at + 17 * NEXT_FEATURE;
}

function exportPayloadLengths(at: usize, originator: Direction, responder: Direction): usize {
  const both = responder.packets > 0;
  const only = originator.packets > 0;
  const least = both && only ? min(originator.payloadMin, responder.payloadMin) : both ? responder.payloadMin : originator.payloadMin;
  const n = <f64>originator.packets + <f64>responder.packets;
  const sum = originator.payloadBytes + responder.payloadBytes;
  feature(at, 0, <f64>least);
  feature(at, 1, ratio(sum, n));
  feature(at, 2, <f64>max(originator.payloadMax, responder.payloadMax));
  feature(at, 3, deviation(originator.payloadSquares + responder.payloadSquares, sum, n));
  at = exportDirectionLengths(at + 4 * NEXT_FEATURE, originator);
  return exportDirectionLengths(at, responder);
}

function exportDirectionLengths(at: usize, direction: Direction): usize {
  const n = <f64>direction.packets;
  feature(at, 0, <f64>direction.payloadMin);
  feature(at, 1, ratio(direction.payloadBytes, n));
  feature(at, 2, <f64>direction.payloadMax);
  feature(at, 3, deviation(direction.payloadSquares, direction.payloadBytes, n));
  return at + 4 * NEXT_FEATURE;
}

/** Sum of the gaps between packets as they were stored; times that run backwards have none. */
// @ts-ignore: decorator
@inline
function gapsOf(flow: Flow, originator: Direction, responder: Direction): f64 {
  return flow.last - flow.first - disorderOf(originator).early - disorderOf(responder).early;
}

/** Inter-arrival times of `n` gaps, in seconds; 0 without any. */
function exportGaps(at: usize, least: f64, most: f64, squares: f64, sum: f64, n: f64): usize {
  if (n < 1) return exportZeros(at, 4);
  feature(at, 0, least / 1e6);
  feature(at, 1, ratio(sum, n) / 1e6);
  feature(at, 2, most / 1e6);
  feature(at, 3, deviation(squares, sum, n) / 1e6);
  return at + 4 * NEXT_FEATURE;
}

// @ts-ignore: decorator
@inline
function exportZeros(at: usize, count: usize): usize {
  for (let place: usize = 0; place < count; place++) feature(at, place, 0);
  return at + count * NEXT_FEATURE;
}

function exportDirectionGaps(at: usize, direction: Direction): usize {
  return exportGaps(at, direction.gapMin, direction.gapMax, direction.gapSquares, direction.lastTime - direction.firstTime, <f64>direction.packets - 1);
}

function exportFlags(at: usize, direction: Direction): usize {
  const disorder = disorderOf(direction);
  feature(at, 0, <f64>direction.finCount);
  feature(at, 1, <f64>direction.synCount);
  feature(at, 2, <f64>direction.rstCount);
  feature(at, 3, <f64>direction.pshCount);
  feature(at, 4, <f64>direction.ackCount);
  feature(at, 5, <f64>disorder.urgCount);
  feature(at, 6, <f64>disorder.eceCount);
  feature(at, 7, <f64>disorder.cwrCount);
  return at + 8 * NEXT_FEATURE;
}

function exportWindows(at: usize, originator: Direction, responder: Direction): usize {
  feature(at, 0, originator.packets > 0 ? <f64>originator.initialWindow : -1);
  feature(at, 1, responder.packets > 0 ? <f64>responder.initialWindow : -1);
  feature(at, 2, <f64>disorderOf(originator).zeroWindows);
  feature(at, 3, <f64>disorderOf(responder).zeroWindows);
  return at + 4 * NEXT_FEATURE;
}

/** The last active period is not among the flow's yet: it may go on. */
function exportActivity(at: usize, flow: Flow): usize {
  const last = max<f64>(flow.last - pausesOf(flow).activeStart, 0);
  if (flow.periods === 0) return exportOnePeriod(at, last / 1e6);
  const periods = periodsOf(flow);
  const n = <f64>periods.count;
  at = exportPeriods(at, min<f64>(periods.activeMin, last), max<f64>(periods.activeMax, last), periods.activeSum + last, periods.activeSquares + last * last, n + 1);
  return exportPeriods(at, periods.idleMin, periods.idleMax, periods.idleSum, periods.idleSquares, n);
}

/** One active period of so many seconds, and no idle one. */
function exportOnePeriod(at: usize, seconds: f64): usize {
  for (let place: usize = 0; place < 3; place++) feature(at, place, seconds);
  return exportZeros(at + 3 * NEXT_FEATURE, 5);
}

function exportPeriods(at: usize, least: f64, most: f64, sum: f64, squares: f64, n: f64): usize {
  feature(at, 0, least / 1e6);
  feature(at, 1, ratio(sum, n) / 1e6);
  feature(at, 2, most / 1e6);
  feature(at, 3, deviation(squares, sum, n) / 1e6);
  return at + 4 * NEXT_FEATURE;
}

function exportBulks(at: usize, disorder: Disorder): usize {
  if (disorder.bulks === 0) return exportZeros(at, 3);
  feature(at, 0, ratio(disorder.bulkBytes, <f64>disorder.bulks));
  feature(at, 1, ratio(<f64>disorder.bulkPackets, <f64>disorder.bulks));
  feature(at, 2, ratio(disorder.bulkBytes * 1e6, disorder.bulkTime));
  return at + 3 * NEXT_FEATURE;
}

function exportSubflows(at: usize, flow: Flow, originator: Direction, responder: Direction): usize {
  const n = <f64>pausesOf(flow).subflows + 1;
  feature(at, 0, n);
  feature(at, 1, <f64>originator.packets / n);
  feature(at, 2, originator.payloadBytes / n);
  feature(at, 3, <f64>responder.packets / n);
  feature(at, 4, responder.payloadBytes / n);
  return at + 5 * NEXT_FEATURE;
}

function exportLoss(at: usize, originator: Direction, responder: Direction): usize {
  const sent = disorderOf(originator);
  const received = disorderOf(responder);
  feature(at, 0, ratio(<f64>sent.retransmits, <f64>originator.dataPackets));
  feature(at, 1, ratio(<f64>received.retransmits, <f64>responder.dataPackets));
  feature(at, 2, <f64>sent.outOfOrder);
  feature(at, 3, <f64>received.outOfOrder);
  feature(at, 4, <f64>sent.duplicateAcks);
  feature(at, 5, <f64>received.duplicateAcks);
  feature(at, 6, sent.missingBytes);
  feature(at, 7, received.missingBytes);
  feature(at, 8, <f64>sent.keepAlives);
  feature(at, 9, <f64>received.keepAlives);
  return at + 10 * NEXT_FEATURE;
}

function exportTiming(at: usize, flow: Flow, originator: Direction, responder: Direction): usize {
  feature(at, 0, flow.handshake === 3 ? flow.synTime / 1e6 : -1);
  feature(at, 1, flow.handshake >= 2 ? flow.synAckAfter / 1e6 : -1);
  const answered = originator.dataPackets > 0 && responder.dataPackets > 0;
  feature(at, 2, answered ? max<f64>(responder.firstDataTime - originator.firstDataTime, 0) / 1e6 : -1);
  feature(at, 3, <f64>anyDataOf(flow).turns);
  return at + 4 * NEXT_FEATURE;
}

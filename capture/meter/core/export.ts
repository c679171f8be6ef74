import {connState} from "./conn-state";
import {packetsOf} from "./features";
import {CONTEXT, CONTEXT_FEATURES, Direction, directionOf, FIRST_SIZES, Flow, HISTORY, HISTORY_CAPACITY, MAX_NESTING, SIZES} from "./layout";
import {ADDRESS_BYTES, addresses, COLUMN_STRIDE, features, histories, identifiers, Mark, marks, numbers, takeRow, tunnels} from "./output";
import {Disorder, disorderOf, OUTER_TUNNELS, outerOf, periodsOf} from "./rare";
import {isSettled, settle} from "./windows";

/** Where the next number and the next feature of the row being written go. */
let numberAt: usize = 0;
let featureAt: usize = 0;

// @ts-ignore: decorator
@inline
function number(value: f64): void {
  store<f64>(numberAt, value);
  numberAt += COLUMN_STRIDE * 8;
}

// @ts-ignore: decorator
@inline
function feature(value: f64): void {
  store<f32>(featureAt, <f32>value);
  featureAt += COLUMN_STRIDE * 4;
}

// @ts-ignore: decorator
@inline
function ratio(value: f64, by: f64): f64 {
  return by > 0 ? value / by : 0;
}

/** Sample standard deviation of `n` values by their sum and sum of squares; 0 below two. */
function deviation(squares: f64, sum: f64, n: f64): f64 {
  if (n < 2) return 0;
  const variance = (squares - (sum * sum) / n) / (n - 1);
  return variance > 0 ? Math.sqrt(variance) : 0;
}

/** Writes the flow as a row of the output; the row's number. The order is that of wasm-meter.ts and schema/features.ts. */
export function exportFlow(flow: Flow, endReason: i32): i32 {
  if (!isSettled(flow)) settle();
  const row = takeRow();
  const originator = directionOf(flow, 0);
  const responder = directionOf(flow, 1);
  store<u64>(identifiers + ((<usize>row) << 3), flow.id);
  exportMark(flow, row, endReason);
  exportTexts(flow, row);
  numberAt = numbers + ((<usize>row) << 3);
  exportNumbers(flow, originator, responder);
  featureAt = features + ((<usize>row) << 2);
  const seconds = (flow.last - flow.first) / 1e6;
  exportVolume(flow, originator, responder, seconds);
  exportPayloadLengths(originator, responder);
  exportGaps(flow.gapMin, flow.gapMax, flow.gapSquares, seconds * 1e6, <f64>packetsOf(flow) - 1);
  exportDirectionGaps(originator);
  exportDirectionGaps(responder);
  exportFlags(originator);
  exportFlags(responder);
  exportWindows(originator, responder);
  exportActivity(flow);
  exportBulks(disorderOf(originator));
  exportBulks(disorderOf(responder));
  exportSubflows(flow, originator, responder);
  exportLoss(originator, responder);
  exportTiming(flow, originator, responder);
  for (let i = 0; i < FIRST_SIZES; i++) feature(<f64>load<i16>(changetype<usize>(flow) + SIZES + ((<usize>i) << 1)));
  for (let i = 0; i < CONTEXT_FEATURES; i++) feature(<f64>load<f32>(changetype<usize>(flow) + CONTEXT + ((<usize>i) << 2)));
  return row;
}

function exportMark(flow: Flow, row: i32, endReason: i32): void {
  const mark = changetype<Mark>(marks + ((<usize>row) << 3));
  mark.connState = <u8>connState(flow);
  mark.endReason = <u8>endReason;
  mark.version = flow.version;
  mark.outerVersion = flow.outerVersion;
  mark.tunnelDepth = flow.tunnelDepth;
  mark.historyLength = flow.historyLength;
  mark.oneWay = flow.oneWay;
  mark.proto = flow.proto;
}

/** Addresses as originator, responder, outer originator, outer responder; history; tunnels. */
function exportTexts(flow: Flow, row: i32): void {
  const at = addresses + <usize>row * ADDRESS_BYTES;
  const base = changetype<usize>(flow);
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
  memory.copy(histories + <usize>row * HISTORY_CAPACITY, base + HISTORY, HISTORY_CAPACITY);
  if (flow.tunnelDepth !== 0) memory.copy(tunnels + <usize>row * MAX_NESTING * 8, outer + OUTER_TUNNELS, MAX_NESTING * 8);
}

function exportNumbers(flow: Flow, originator: Direction, responder: Direction): void {
  const low = <f64>((flow.ports >> 16) & 0xffff);
  const high = <f64>(flow.ports & 0xffff);
  number(flow.first);
  number(flow.last);
  number(flow.last - flow.first);
  number(flow.originatorIsLow !== 0 ? low : high);
  number(flow.originatorIsLow !== 0 ? high : low);
  number(<f64>flow.proto);
  number(flow.vlan < 0 ? NaN : <f64>flow.vlan);
  number(flow.innerVlan < 0 ? NaN : <f64>flow.innerVlan);
  number(<f64>originator.packets);
  number(<f64>responder.packets);
  number(originator.wireBytes);
  number(responder.wireBytes);
  number(originator.ipBytes);
  number(responder.ipBytes);
  number(originator.payloadBytes);
  number(responder.payloadBytes);
  number(flow.handshake === 3 ? flow.roundTrip : NaN);
  number(<f64>disorderOf(originator).retransmits);
  number(<f64>disorderOf(responder).retransmits);
}

function exportVolume(flow: Flow, originator: Direction, responder: Direction, seconds: f64): void {
  const sent = <f64>originator.packets;
  const received = <f64>responder.packets;
  feature(seconds);
  feature(ratio(sent + received, seconds));
  feature(ratio(originator.payloadBytes + responder.payloadBytes, seconds));
  feature(ratio(sent, seconds));
  feature(ratio(received, seconds));
  feature(ratio(received, sent));
  feature(ratio(responder.payloadBytes, originator.payloadBytes));
  feature(sent);
  feature(received);
  feature(originator.payloadBytes);
  feature(responder.payloadBytes);
  feature(max<f64>(originator.ipBytes - originator.payloadBytes, 0));
  feature(max<f64>(responder.ipBytes - responder.payloadBytes, 0));
  feature(<f64>originator.dataPackets);
  feature(<f64>responder.dataPackets);
  feature(<f64>originator.headerMin);
  feature(<f64>responder.headerMin);
}

function exportPayloadLengths(originator: Direction, responder: Direction): void {
  const both = responder.packets > 0;
  const only = originator.packets > 0;
  const least = both && only ? min(originator.payloadMin, responder.payloadMin) : both ? responder.payloadMin : originator.payloadMin;
  const n = <f64>originator.packets + <f64>responder.packets;
  const sum = originator.payloadBytes + responder.payloadBytes;
  feature(<f64>least);
  feature(ratio(sum, n));
  feature(<f64>max(originator.payloadMax, responder.payloadMax));
  feature(deviation(originator.payloadSquares + responder.payloadSquares, sum, n));
  exportDirectionLengths(originator);
  exportDirectionLengths(responder);
}

function exportDirectionLengths(direction: Direction): void {
  const n = <f64>direction.packets;
  feature(<f64>direction.payloadMin);
  feature(ratio(direction.payloadBytes, n));
  feature(<f64>direction.payloadMax);
  feature(deviation(direction.payloadSquares, direction.payloadBytes, n));
}

/** Inter-arrival times of `n` gaps, in seconds; 0 without any. */
function exportGaps(least: f64, most: f64, squares: f64, sum: f64, n: f64): void {
  feature(least / 1e6);
  feature(ratio(sum, n) / 1e6);
  feature(most / 1e6);
  feature(deviation(squares, sum, n) / 1e6);
}

function exportDirectionGaps(direction: Direction): void {
  exportGaps(direction.gapMin, direction.gapMax, direction.gapSquares, direction.lastTime - direction.firstTime, <f64>direction.packets - 1);
}

function exportFlags(direction: Direction): void {
  const disorder = disorderOf(direction);
  feature(<f64>direction.finCount);
  feature(<f64>direction.synCount);
  feature(<f64>direction.rstCount);
  feature(<f64>direction.pshCount);
  feature(<f64>direction.ackCount);
  feature(<f64>disorder.urgCount);
  feature(<f64>disorder.eceCount);
  feature(<f64>disorder.cwrCount);
}

function exportWindows(originator: Direction, responder: Direction): void {
  feature(originator.packets > 0 ? <f64>originator.initialWindow : -1);
  feature(responder.packets > 0 ? <f64>responder.initialWindow : -1);
  feature(<f64>disorderOf(originator).zeroWindows);
  feature(<f64>disorderOf(responder).zeroWindows);
}

/** The last active period is not among the flow's yet: it may go on. */
function exportActivity(flow: Flow): void {
  const periods = periodsOf(flow);
  const n = <f64>periods.count;
  const last = max<f64>(flow.last - flow.activeStart, 0);
  const least = periods.count === 0 ? last : min<f64>(periods.activeMin, last);
  exportPeriods(least, max<f64>(periods.activeMax, last), periods.activeSum + last, periods.activeSquares + last * last, n + 1);
  exportPeriods(periods.idleMin, periods.idleMax, periods.idleSum, periods.idleSquares, n);
}

function exportPeriods(least: f64, most: f64, sum: f64, squares: f64, n: f64): void {
  feature(least / 1e6);
  feature(ratio(sum, n) / 1e6);
  feature(most / 1e6);
  feature(deviation(squares, sum, n) / 1e6);
}

function exportBulks(disorder: Disorder): void {
  feature(ratio(disorder.bulkBytes, <f64>disorder.bulks));
  feature(ratio(<f64>disorder.bulkPackets, <f64>disorder.bulks));
  feature(ratio(disorder.bulkBytes * 1e6, disorder.bulkTime));
}

function exportSubflows(flow: Flow, originator: Direction, responder: Direction): void {
  const n = <f64>flow.subflows + 1;
  feature(n);
  feature(<f64>originator.packets / n);
  feature(originator.payloadBytes / n);
  feature(<f64>responder.packets / n);
  feature(responder.payloadBytes / n);
}

function exportLoss(originator: Direction, responder: Direction): void {
  const sent = disorderOf(originator);
  const received = disorderOf(responder);
  feature(ratio(<f64>sent.retransmits, <f64>originator.dataPackets));
  feature(ratio(<f64>received.retransmits, <f64>responder.dataPackets));
  feature(<f64>sent.outOfOrder);
  feature(<f64>received.outOfOrder);
  feature(<f64>sent.duplicateAcks);
  feature(<f64>received.duplicateAcks);
  feature(sent.missingBytes);
  feature(received.missingBytes);
  feature(<f64>sent.keepAlives);
  feature(<f64>received.keepAlives);
}

function exportTiming(flow: Flow, originator: Direction, responder: Direction): void {
  feature(flow.handshake === 3 ? flow.roundTrip / 1e6 : -1);
  feature(flow.handshake >= 2 ? (flow.synAckTime - flow.synTime) / 1e6 : -1);
  const answered = originator.dataPackets > 0 && responder.dataPackets > 0;
  feature(answered ? max<f64>(responder.firstDataTime - originator.firstDataTime, 0) / 1e6 : -1);
  feature(<f64>flow.turns);
}

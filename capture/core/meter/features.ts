import {addToEarlierBin, openBin, SECOND} from "./activity";
import {Data, dataOf, Direction, directionOf, FIRST_SIZES, Flow, noteData, Packet, pausesOf, senderOf, SIZES} from "./layout";
import {Disorder, noteDisorder, notePeriods} from "./rare";

/** Silence after which a flow is idle, a subflow ends, and a bulk transfer ends (CICFlowMeter's 5 s, 1 s and 1 s). */
const IDLE_GAP: f64 = 5e6;
const SUBFLOW_GAP: f64 = 1e6;
const BULK_GAP: f64 = 1e6;
/** Data packets in a row that make a bulk transfer. */
const BULK_PACKETS: u32 = 4;

/** Adds one packet to its flow and direction. Times may run backwards: gaps are never negative. */
// @ts-ignore: decorator
@inline
export function observe(flow: Flow, packet: Packet, side: u32, time: f64, wire: u32): void {
  const me = senderOf(flow, side);
  if (time >= flow.binEnd) openBin(flow, time);
  else if (time < flow.binEnd - SECOND) addToEarlierBin(flow, side, time, wire);
  observeTime(flow, me, time);
  me.packets++;
  me.wireBytes += <f64>wire;
  me.ipBytes += <f64>packet.ipBytes;
  const length = packet.payloadBytes;
  const header = min<u32>(packet.ipBytes > length ? packet.ipBytes - length : 0, 65535);
  if (me.packets === 1) {
    me.payloadMin = length;
    me.payloadMax = length;
    me.headerMin = <u16>header;
    me.initialWindow = packet.hasTcp !== 0 ? <i32>packet.window : -1;
  } else {
    if (length < me.payloadMin) me.payloadMin = length;
    if (length > me.payloadMax) me.payloadMax = length;
    if (header < <u32>me.headerMin) me.headerMin = <u16>header;
  }
  if (packet.flags !== 0) countFlags(me, packet.flags);
  if (length !== 0) observeData(flow, me, side, time, length);
}

// @ts-ignore: decorator
@inline
function observeTime(flow: Flow, me: Direction, time: f64): void {
  if (me.packets === 0) {
    me.firstTime = time;
    me.lastTime = time;
  } else {
    const gap = max<f64>(time - me.lastTime, 0);
    if (me.packets === 1 || gap < me.gapMin) me.gapMin = gap;
    if (gap > me.gapMax) me.gapMax = gap;
    me.gapSquares += gap * gap;
    if (time > me.lastTime) me.lastTime = time;
  }
  if (packetsOf(flow) === 0) return;
  const gap = max<f64>(time - flow.last, 0);
  if (packetsOf(flow) === 1 || gap < flow.gapMin) flow.gapMin = gap;
  if (gap > flow.gapMax) flow.gapMax = gap;
  flow.gapSquares += gap * gap;
  if (gap > SUBFLOW_GAP) {
    pausesOf(flow).subflows++;
    if (gap > IDLE_GAP) endActivity(flow, gap, time);
  }
  if (time > flow.last) flow.last = time;
  else if (time < flow.first) {
    noteDisorder(me).early += flow.first - time;
    flow.first = time;
  }
}

// @ts-ignore: decorator
@inline
export function packetsOf(flow: Flow): u32 {
  return directionOf(flow, 0).packets + directionOf(flow, 1).packets;
}

/** Ends an active period with the silence behind it. */
function endActivity(flow: Flow, silence: f64, time: f64): void {
  const periods = notePeriods(flow);
  const pauses = pausesOf(flow);
  const length = flow.last - pauses.activeStart;
  pauses.activeStart = time;
  const isFirst = periods.count === 0;
  if (isFirst || length < periods.activeMin) periods.activeMin = length;
  if (length > periods.activeMax) periods.activeMax = length;
  periods.activeSum += length;
  periods.activeSquares += length * length;
  if (isFirst || silence < periods.idleMin) periods.idleMin = silence;
  if (silence > periods.idleMax) periods.idleMax = silence;
  periods.idleSum += silence;
  periods.idleSquares += silence * silence;
  periods.count++;
}

// @ts-ignore: decorator
@inline
function countFlags(me: Direction, flags: u32): void {
  // ACK and PSH are on nearly every segment, the others on few.
  me.ackCount += (flags >> 4) & 1;
  me.pshCount += (flags >> 3) & 1;
  if ((flags & 0xe7) === 0) return;
  if ((flags & 1) !== 0) me.finCount = next(me.finCount);
  if ((flags & 2) !== 0) me.synCount = next(me.synCount);
  if ((flags & 4) !== 0) me.rstCount = next(me.rstCount);
  if ((flags & 0xe0) !== 0) countRareFlags(noteDisorder(me), flags);
}

function countRareFlags(disorder: Disorder, flags: u32): void {
  if ((flags & 32) !== 0) disorder.urgCount = next(disorder.urgCount);
  if ((flags & 64) !== 0) disorder.eceCount = next(disorder.eceCount);
  if ((flags & 128) !== 0) disorder.cwrCount = next(disorder.cwrCount);
}

// @ts-ignore: decorator
@inline
function next(count: u16): u16 {
  return count < 65535 ? count + 1 : count;
}

/** Data: sums, first sizes, turns, and runs of data packets in one direction. */
// @ts-ignore: decorator
@inline
function observeData(flow: Flow, me: Direction, side: u32, time: f64, length: u32): void {
  const bytes = <f64>length;
  const data = dataOf(flow);
  if (me.dataPackets === 0) me.firstDataTime = time;
  me.dataPackets++;
  me.payloadBytes += bytes;
  me.payloadSquares += bytes * bytes;
  if (<u32>flow.lastDataFrom !== side || time - flow.lastData > BULK_GAP) {
    if (<u32>flow.lastDataFrom === (side ^ 1)) {
      data.turns++;
      if (side === 1) observeResponse(data, time - flow.lastData);
    } else if (flow.lastDataFrom === 2) noteData(flow);
    flow.lastDataFrom = <u8>side;
    data.runPackets = 1;
    data.runBytes = bytes;
    data.runStart = time;
  } else {
    data.runPackets++;
    data.runBytes += bytes;
    if (data.runPackets >= BULK_PACKETS) observeBulk(flow, data, noteDisorder(me), time, bytes);
  }
  flow.lastData = time;
  if (data.firstSizeCount < <u16>FIRST_SIZES) {
    const size = <i32>min<u32>(length, 32767);
    store<i16>(changetype<usize>(flow) + SIZES + ((<usize>data.firstSizeCount) << 1), <i16>(side === 0 ? size : -size));
    data.firstSizeCount++;
  }
}

/** The responder's first data after the originator's, so many µs behind their last. */
// @ts-ignore: decorator
@inline
function observeResponse(data: Data, took: f64): void {
  if (took < 0) return;
  data.responses++;
  data.responseSum += took;
  if (took > data.responseMax) data.responseMax = took;
}

/** A run of data packets that is long enough for a bulk transfer, or goes on as one. */
// @ts-ignore: decorator
@inline
function observeBulk(flow: Flow, data: Data, disorder: Disorder, time: f64, bytes: f64): void {
  if (data.runPackets === BULK_PACKETS) {
    disorder.bulks++;
    disorder.bulkPackets += BULK_PACKETS;
    disorder.bulkBytes += data.runBytes;
    disorder.bulkTime += max<f64>(time - data.runStart, 0);
  } else {
    disorder.bulkPackets++;
    disorder.bulkBytes += bytes;
    disorder.bulkTime += max<f64>(time - flow.lastData, 0);
  }
}

import {zero} from "./memory";

/** Records of the meter's memory. Unmanaged classes are addresses with named, typed offsets: no objects are made. */

/** Most levels of encapsulation followed; what is deeper is keyed on the level reached. */
export const MAX_NESTING = 8;
export const HISTORY_CAPACITY = 32;
export const FIRST_SIZES = 8;

/** One IP packet of a frame as decoded; a tunnel's inner packet is the next record. */
@unmanaged
export class Packet {
  /** Addresses of the two IP addresses in the batch. */
  source: usize = 0;
  destination: usize = 0;
  /** Captured transport payload, and its length by the headers (what the wire carried). */
  payload: usize = 0;
  payloadCaptured: u32 = 0;
  payloadBytes: u32 = 0;
  /** IP total length by the header. */
  ipBytes: u32 = 0;
  version: u32 = 0;
  proto: u32 = 0;
  sourcePort: u32 = 0;
  destinationPort: u32 = 0;
  /** ICMP messages without a counterpart make flows of one direction. */
  oneWay: u32 = 0;
  /** 1 where a whole TCP header was there. */
  hasTcp: u32 = 0;
  /** 1 where a checksum is wrong, if they are verified. */
  corrupt: u32 = 0;
  flags: u32 = 0;
  sequence: u32 = 0;
  acknowledgment: u32 = 0;
  window: u32 = 0;
  /** 1 of a fragment behind the first: its bytes begin no message. */
  isLaterFragment: u32 = 0;
}

/** What one endpoint of a flow has sent, in three cache lines: for every packet, for every segment, and for some. */
@unmanaged
export class Direction {
  lastTime: f64 = 0;
  gapMin: f64 = 0;
  gapMax: f64 = 0;
  gapSquares: f64 = 0;
  ipBytes: f64 = 0;
  ackCount: u32 = 0;
  pshCount: u32 = 0;
  dataPackets: u32 = 0;
  payloadMin: u32 = 0;
  payloadMax: u32 = 0;
  start: u32 = 0;

  // All that is looked at when the other endpoint's segments come, or a bin ends, stands in this line.
  wireBytes: f64 = 0;
  packets: u32 = 0;
  highest: u32 = 0;
  acknowledged: u32 = 0;
  /** Next byte expected. */
  next: u32 = 0;
  /** Last acknowledgment number this endpoint sent. */
  lastAck: u32 = 0;
  // As Wireshark follows them (health.ts): past the highest segment, past those without a hole, and what it said last.
  nextSequence: u32 = 0;
  wholeSequence: u32 = 0;
  saidAck: u32 = 0;
  /** The window plus one; 0 before any. */
  saidWindow: u32 = 0;
  /** Past its segment that is being timed (rare.ts); 0 while none is. */
  timedPast: u32 = 0;
  /** Its block of what few have (rare.ts); 0 without. */
  disorder: u32 = 0;
  window: u16 = 0;
  headerMin: u16 = 0;
  // TCP endpoint, as in Zeek's TCP_Endpoint.
  state: u8 = 0;
  previousState: u8 = 0;
  /** Letters already written once. */
  seen: u8 = 0;
  /** 1 once `start`, `highest` and `acknowledged` hold. */
  sequenced: u8 = 0;
  /** Whether its FIN has come (sequence.ts), and whether it has closed its side (tcp.ts). */
  ended: u8 = 0;
  /** Runs of bytes beyond holes that have come. */
  runs: u8 = 0;
  /** ACKs it has repeated; -1 where it acknowledged what was not captured. */
  repeatedAcks: i8 = 0;
  /** What its last segment was (health.ts). */
  marks: u8 = 0;

  payloadBytes: f64 = 0;
  payloadSquares: f64 = 0;
  /** When its highest segment came (health.ts). */
  nextTime: f64 = 0;
  firstTime: f64 = 0;
  firstDataTime: f64 = 0;
  lastSyn: u32 = 0;
  lastFin: u32 = 0;
  lastRst: u32 = 0;
  initialWindow: i32 = 0;
  /** Payload events handed out. */
  events: u16 = 0;
  // These stop at 65,535.
  finCount: u16 = 0;
  synCount: u16 = 0;
  rstCount: u16 = 0;
}

export const HAS_FIN: u8 = 1;
export const DID_CLOSE: u8 = 2;

/**
 * A flow in three cache lines: its key and place, what every packet changes, and the rest. What stands in its row behind
 * it is listed at ROW_BYTES.
 */
@unmanaged
export class Flow {
  // The key: the lower endpoint's address, the higher one's, then ports, protocol and version, then VLANs and tunnel.
  lowA: u64 = 0;
  lowB: u64 = 0;
  highA: u64 = 0;
  highB: u64 = 0;
  ports: u64 = 0;
  path: u64 = 0;
  last: f64 = 0;
  /** When the flow last went to the recent end of its list. */
  moved: f64 = 0;

  first: f64 = 0;
  id: u64 = 0;
  /** When its open bin of activity is over (activity.ts). */
  binEnd: f64 = 0;
  gapMin: f64 = 0;
  gapMax: f64 = 0;
  gapSquares: f64 = 0;
  lastData: f64 = 0;
  /** The list it stands in (table.ts). */
  list: u8 = 0;
  closeReason: u8 = 0;
  originatorIsLow: u8 = 0;
  wantsPayload: u8 = 0;
  /** 1 while all that was seen of it is one SYN (lone.ts). */
  isLone: u8 = 0;
  /** 1 once there is something to note of its responder. */
  hasResponder: u8 = 0;
  /** 0 or 1: who sent data last; 2 before any data, while its `Data` are not to be read. */
  lastDataFrom: u8 = 0;
  handshake: u8 = 0;

  /** Of the handshake (tcp.ts): when the last SYN came, once it is whole the round trip; from that SYN to its SYN-ACK. */
  synTime: f64 = 0;
  synAckAfter: f64 = 0;
  /** In the context windows the key of its pair and port, and the number of its start (its lower half). */
  pairPort: u64 = 0;
  startNumber: u32 = 0;
  /** Both halves of its key's hash. */
  hash: u32 = 0;
  lowHash: u32 = 0;
  // Its blocks of what few have (rare.ts); 0 without. With many bins `activity` is a profile's (activity.ts).
  periods: u32 = 0;
  outer: u32 = 0;
  activity: u32 = 0;
  /** Retransmissions of both directions. */
  repeated: u32 = 0;
  live: u8 = 0;
  version: u8 = 0;
  proto: u8 = 0;
  oneWay: u8 = 0;
  tunnelDepth: u8 = 0;
  outerVersion: u8 = 0;
  /** Bins of activity that are over (activity.ts). */
  bins: u8 = 0;
  historyLength: u8 = 0;
}

/** Of a flow what its silences say. */
@unmanaged
export class Pauses {
  activeStart: f64 = 0;
  subflows: u32 = 0;
}

/** Of a flow with data what they say, in a cache line. */
@unmanaged
export class Data {
  runBytes: f64 = 0;
  runStart: f64 = 0;
  /** From the last data of the originator to the first of the responder's that follow, in µs. */
  responseSum: f64 = 0;
  responseMax: f64 = 0;
  runPackets: u32 = 0;
  turns: u32 = 0;
  responses: u32 = 0;
  /** 1 once data of it were timed (health.ts). */
  isTimed: u16 = 0;
  firstSizeCount: u16 = 0;
  /** Eight first sizes (i16). */
  sizes: u64 = 0;
  moreSizes: u64 = 0;
}

/** Round trips of one direction's data, in µs: the segment that is being timed, and those that were. */
@unmanaged
export class TimedDirection {
  since: f64 = 0;
  sum: f64 = 0;
  least: f64 = 0;
  count: u32 = 0;
}

export const CONTEXT_FEATURES = 17;
export const CACHE_LINE: usize = 64;
const DIRECTION_BYTES: usize = (offsetof<Direction>() + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
/** The context ends with a cache line. */
export const CONTEXT: usize = offsetof<Flow>();
const DIRECTIONS: usize = (CONTEXT + CONTEXT_FEATURES * 4 + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
/** What a flow of one SYN has ends here. */
export const ORIGINATOR: usize = DIRECTIONS;
export const HISTORY: usize = DIRECTIONS + DIRECTION_BYTES;
const PAUSES: usize = (HISTORY + HISTORY_CAPACITY + 7) & ~7;
/** What every flow has ends here. */
export const RESPONDER: usize = (PAUSES + offsetof<Pauses>() + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
export const DATA: usize = RESPONDER + DIRECTION_BYTES;
export const SIZES: usize = DATA + offsetof<Data>("sizes");
export const TIMES: usize = DATA + CACHE_LINE;
const TIMED_BYTES: usize = 32;
/**
 * Whole cache lines: the flow and its context; its originator, history and pauses; then its responder, its data and their
 * times. None of these but the first are zeroed or read before there is something to note of them: most flows of a scan
 * have no more than that.
 */
export const ROW_BYTES: usize = TIMES + 2 * TIMED_BYTES;

/** What was not noted is read here: all zero. */
const NOTHING: usize = memory.data(<i32>DIRECTION_BYTES, <i32>CACHE_LINE);

/** To read, and to write once the flow has it (`noteResponder`). */
// @ts-ignore: decorator
@inline
export function directionOf(flow: Flow, side: u32): Direction {
  return changetype<Direction>(select<usize>(placeOf(flow, side), NOTHING, (<u32>flow.hasResponder | (side ^ 1)) !== 0));
}

// @ts-ignore: decorator
@inline
function placeOf(flow: Flow, side: u32): usize {
  return changetype<usize>(flow) + DIRECTIONS + <usize>side * (RESPONDER - DIRECTIONS);
}

/** The direction of a packet's sender, which the flow has. */
// @ts-ignore: decorator
@inline
export function senderOf(flow: Flow, side: u32): Direction {
  return changetype<Direction>(placeOf(flow, side));
}

/** Called before anything of the originator is noted. */
// @ts-ignore: decorator
@inline
export function noteOriginator(flow: Flow): void {
  zero(changetype<usize>(flow) + DIRECTIONS, DIRECTION_BYTES);
  const pauses = pausesOf(flow);
  pauses.activeStart = flow.first;
  pauses.subflows = 0;
}

/** Called before anything of the responder is noted. */
// @ts-ignore: decorator
@inline
export function noteResponder(flow: Flow): void {
  if (flow.hasResponder !== 0) return;
  flow.hasResponder = 1;
  zero(changetype<usize>(flow) + RESPONDER, DIRECTION_BYTES);
}

// @ts-ignore: decorator
@inline
export function pausesOf(flow: Flow): Pauses {
  return changetype<Pauses>(changetype<usize>(flow) + PAUSES);
}

/** To write, and to read where there were data. */
// @ts-ignore: decorator
@inline
export function dataOf(flow: Flow): Data {
  return changetype<Data>(changetype<usize>(flow) + DATA);
}

export function noteData(flow: Flow): void {
  zero(changetype<usize>(flow) + DATA, CACHE_LINE);
}

/** To read: all zero where there were no data. */
// @ts-ignore: decorator
@inline
export function anyDataOf(flow: Flow): Data {
  return changetype<Data>(select<usize>(changetype<usize>(flow) + DATA, NOTHING, flow.lastDataFrom !== 2));
}

/** Times of a direction's data, where any were timed. */
// @ts-ignore: decorator
@inline
export function timesOf(flow: Flow, side: u32): TimedDirection {
  return changetype<TimedDirection>(changetype<usize>(flow) + TIMES + <usize>side * TIMED_BYTES);
}

export function noteTimes(flow: Flow): void {
  dataOf(flow).isTimed = 1;
  zero(changetype<usize>(flow) + TIMES, 2 * TIMED_BYTES);
}

/** To read: all zero where no data were timed. */
// @ts-ignore: decorator
@inline
export function anyTimesOf(flow: Flow, side: u32): TimedDirection {
  return anyDataOf(flow).isTimed !== 0 ? timesOf(flow, side) : changetype<TimedDirection>(NOTHING);
}

export const DIRECTION_SIZE = DIRECTION_BYTES;

/** One entry of the log: payload of a live flow, or the end of a flow. */
@unmanaged
export class Event {
  /** 0 payload, 1 end of the flow. */
  kind: i32 = 0;
  slot: i32 = 0;
  /** Row of the output (end), else 0. */
  row: i32 = 0;
  direction: i32 = 0;
  flowHigh: i32 = 0;
  flowLow: i32 = 0;
  proto: i32 = 0;
  /** Offsets in the batch's bytes. */
  start: i32 = 0;
  end: i32 = 0;
  streamOffset: i32 = 0;
  sourcePort: i32 = 0;
  destinationPort: i32 = 0;
  version: i32 = 0;
  /** Bytes of the payload behind `end` that were not captured. */
  cut: i32 = 0;
  time: f64 = 0;
  /** Addresses of originator and responder. */
  originatorA: u64 = 0;
  originatorB: u64 = 0;
  responderA: u64 = 0;
  responderB: u64 = 0;
  /**
   * Of an end: slot of the flow that continues this one after the active timeout, else -1. Of a TCP payload: 1 where the SYN
   * of its direction was captured, so that it is known where the direction's bytes begin.
   */
  continuedIn: i32 = 0;
  /** Of a TCP payload: how far its sender acknowledges the other direction, as an offset in that; 0 where it does not. */
  acknowledged: i32 = 0;
}

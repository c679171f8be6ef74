import {ACK, SYN, TCP} from "./constants";
import {Direction, directionOf, Flow, noteResponder, Packet} from "./layout";
import {saidOf} from "./lone";
import {reserve} from "./memory";

/**
 * Numbering of TCP flows that ended, so that what comes after a timeout is still known to be repeated, as Wireshark
 * knows it, which ends no conversation. The last 4,096 or fewer: sets of four by the lower bits of the key's hash, of
 * which the first kept is the first forgotten.
 */
const SETS: u32 = 1024;
const WAYS: u32 = 4;
/** The tags of a set are compared at once. */
const TAGS_BYTES: usize = <usize>WAYS * 4;
export const NONE: i32 = -1;

@unmanaged
class PastEndpoint {
  /** As they lie in `Direction`: past the highest segment, past those without a hole, what it said last. */
  nextSequence: u32 = 0;
  wholeSequence: u32 = 0;
  saidAck: u32 = 0;
  saidWindow: u32 = 0;
  nextTime: f64 = 0;
  start: u32 = 0;
}

const ENDPOINT_BYTES: usize = (offsetof<PastEndpoint>() + 7) & ~7;
const PLACE_BYTES: usize = 2 * ENDPOINT_BYTES;

let places: usize = 0;
/** By place what tells its flow from others of the set: 32 bits. */
let tags: usize = 0;
/** By set the way that is taken next. */
let turns: usize = 0;

export function reservePastSequences(): void {
  places = reserve(<usize>SETS * WAYS * PLACE_BYTES);
  tags = reserve(<usize>SETS * TAGS_BYTES);
  turns = reserve(SETS);
}

/** Forgets all of the capture before. */
export function clearPastSequences(): void {
  memory.fill(tags, 0, <usize>SETS * TAGS_BYTES);
  memory.fill(turns, 0, SETS);
}

/** Place of an earlier flow with the same key; NONE where there is none. */
// @ts-ignore: decorator
@inline
export function placeOf(flow: Flow): i32 {
  const set = flow.hash & (SETS - 1);
  const same = i32x4.eq(v128.load(tags + <usize>set * TAGS_BYTES), i32x4.splat(<i32>flow.lowHash));
  return v128.any_true(same) ? <i32>(set * WAYS + ctz<u32>(i32x4.bitmask(same))) : NONE;
}

/** The place that a flow takes. */
// @ts-ignore: decorator
@inline
function take(flow: Flow): i32 {
  const found = placeOf(flow);
  if (found !== NONE) return found;
  const set = flow.hash & (SETS - 1);
  const turn = turns + <usize>set;
  const place = set * WAYS + <u32>load<u8>(turn);
  store<u8>(turn, (load<u8>(turn) + 1) & <u8>(WAYS - 1));
  store<u32>(tags + (<usize>place << 2), flow.lowHash);
  return <i32>place;
}

// @ts-ignore: decorator
@inline
function endpointOf(place: i32, flow: Flow, side: u32): PastEndpoint {
  const isHigh = side ^ <u32>flow.originatorIsLow ^ 1;
  return changetype<PastEndpoint>(places + <usize>place * PLACE_BYTES + <usize>isHigh * ENDPOINT_BYTES);
}

/** Keeps the numbering of a flow that ends. */
export function keepSequences(flow: Flow): void {
  if (flow.proto !== <u8>TCP) return;
  const place = take(flow);
  keep(endpointOf(place, flow, 0), directionOf(flow, 0));
  keep(endpointOf(place, flow, 1), directionOf(flow, 1));
}

/** Keeps the numbering of a TCP flow of one SYN. */
export function keepSyn(flow: Flow): void {
  const place = take(flow);
  const said = saidOf(flow);
  const me = endpointOf(place, flow, 0);
  me.nextSequence = said.sequence + 1;
  me.wholeSequence = said.sequence + 1;
  me.saidAck = said.acknowledgment;
  me.saidWindow = said.window + 1;
  me.nextTime = flow.first;
  me.start = said.sequence;
  const peer = changetype<usize>(endpointOf(place, flow, 1));
  v128.store(peer, i64x2.splat(0));
  v128.store(peer, i64x2.splat(0), 16);
}

// @ts-ignore: decorator
@inline
function keep(past: PastEndpoint, me: Direction): void {
  v128.store(changetype<usize>(past), v128.load(changetype<usize>(me) + offsetof<Direction>("nextSequence")));
  past.nextTime = me.nextTime;
  past.start = me.start;
}

/** Takes up the numbering that was kept at a place, unless the packet begins another. */
export function resumeSequences(place: i32, flow: Flow, packet: Packet, side: u32): void {
  if (packet.hasTcp === 0) return;
  if ((packet.flags & (SYN | ACK)) === SYN && packet.sequence !== endpointOf(place, flow, side).start) return;
  resume(endpointOf(place, flow, 0), directionOf(flow, 0));
  const responder = endpointOf(place, flow, 1);
  if ((responder.nextSequence | responder.wholeSequence | responder.saidAck | responder.saidWindow) === 0) return;
  noteResponder(flow);
  resume(responder, directionOf(flow, 1));
}

// @ts-ignore: decorator
@inline
function resume(past: PastEndpoint, me: Direction): void {
  v128.store(changetype<usize>(me) + offsetof<Direction>("nextSequence"), v128.load(changetype<usize>(past)));
  me.nextTime = past.nextTime;
}

import {ACK, SYN, TCP} from "./constants";
import {Direction, directionOf, Flow, noteResponder, Packet} from "./layout";
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
const NONE: i32 = -1;

@unmanaged
class PastEndpoint {
  nextTime: f64 = 0;
  start: u32 = 0;
  nextSequence: u32 = 0;
  wholeSequence: u32 = 0;
  saidAck: u32 = 0;
  saidWindow: u32 = 0;
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

// @ts-ignore: decorator
@inline
function tagOf(flow: Flow): u32 {
  const key = flow.lowA ^ flow.lowB ^ rotl<u64>(flow.highA ^ flow.highB, 29) ^ rotl<u64>(flow.ports, 17);
  return flow.hash ^ <u32>((key * 0x9e3779b97f4a7c15) >> 32);
}

/** The flow's place; NONE where it has none. */
// @ts-ignore: decorator
@inline
function placeOf(flow: Flow): i32 {
  const set = flow.hash & (SETS - 1);
  const same = i32x4.eq(v128.load(tags + <usize>set * TAGS_BYTES), i32x4.splat(<i32>tagOf(flow)));
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
  store<u32>(tags + (<usize>place << 2), tagOf(flow));
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

// @ts-ignore: decorator
@inline
function keep(past: PastEndpoint, me: Direction): void {
  past.nextTime = me.nextTime;
  past.start = me.start;
  past.nextSequence = me.nextSequence;
  past.wholeSequence = me.wholeSequence;
  past.saidAck = me.saidAck;
  past.saidWindow = me.saidWindow;
}

/** Takes up the numbering of an earlier flow with the same key, unless the packet begins another. */
export function resumeSequences(flow: Flow, packet: Packet, side: u32): void {
  const place = placeOf(flow);
  if (place === NONE || packet.hasTcp === 0) return;
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
  me.nextTime = past.nextTime;
  me.nextSequence = past.nextSequence;
  me.wholeSequence = past.wholeSequence;
  me.saidAck = past.saidAck;
  me.saidWindow = past.saidWindow;
}

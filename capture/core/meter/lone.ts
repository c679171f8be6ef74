import {SECOND} from "./activity";
import {SYN} from "./constants";
import {frameWire} from "./decode/frame";
import {observe} from "./features";
import {Flow, noteOriginator, ORIGINATOR, Packet, ROW_BYTES} from "./layout";
import {reserve} from "./memory";
import {followTcp} from "./tcp";

/**
 * Flows of which one SYN was seen: half of those of a scanned network. What the SYN said stands in the flow's own cache
 * lines, where nothing else is noted yet; its originator's are written once a second packet comes, by following the SYN
 * then. One that ends before is followed in a row apart, which stays in the processor's cache.
 */

/** What the SYN said. */
@unmanaged
export class Said {
  sequence: u32 = 0;
  acknowledgment: u32 = 0;
  window: u32 = 0;
  wire: u32 = 0;
  ipBytes: u32 = 0;
}

/** Four numbers of a flow, of no use before its second packet. */
const PLACE: usize = offsetof<Flow>("gapMin");
const PLACE_BYTES: usize = 32;

let apart: usize = 0;
let syn: usize = 0;

export function reserveLone(): void {
  assert(offsetof<Flow>("lastData") + 8 === PLACE + PLACE_BYTES);
  apart = reserve(ROW_BYTES);
  syn = reserve(offsetof<Packet>());
}

/** True for a SYN that says nothing beyond the usual. */
// @ts-ignore: decorator
@inline
export function isPlainSyn(packet: Packet): bool {
  return packet.flags === SYN && packet.payloadBytes === 0 && packet.hasTcp !== 0 && packet.window !== 0;
}

/** Notes the SYN that begins a flow, if the flow's first bin has it. */
// @ts-ignore: decorator
@inline
export function noteLone(flow: Flow, packet: Packet): void {
  if (!(flow.first < flow.binEnd && flow.first >= flow.binEnd - SECOND)) return;
  flow.isLone = 1;
  const said = saidOf(flow);
  said.sequence = packet.sequence;
  said.acknowledgment = packet.acknowledgment;
  said.window = packet.window;
  said.wire = frameWire;
  said.ipBytes = packet.ipBytes;
}

/** Follows the SYN of a flow of one. */
export function follow(flow: Flow): void {
  const place = changetype<usize>(flow) + PLACE;
  const said = saidOf(flow);
  const packet = changetype<Packet>(syn);
  packet.hasTcp = 1;
  packet.flags = SYN;
  packet.sequence = said.sequence;
  packet.acknowledgment = said.acknowledgment;
  packet.window = said.window;
  packet.ipBytes = said.ipBytes;
  const wire = said.wire;
  const nothing = i64x2.splat(0);
  v128.store(place, nothing);
  v128.store(place, nothing, 16);
  flow.isLone = 0;
  noteOriginator(flow);
  observe(flow, packet, 0, flow.first, wire);
  followTcp(flow, packet, 0, flow.first);
}

/** Of a flow of one SYN. */
// @ts-ignore: decorator
@inline
export function saidOf(flow: Flow): Said {
  return changetype<Said>(changetype<usize>(flow) + PLACE);
}

/** The flow with all that is known of it: itself, or if it is one of a single SYN a copy, until the next call. */
export function wholeOf(flow: Flow): Flow {
  if (flow.isLone === 0) return flow;
  for (let at: usize = 0; at < ORIGINATOR; at += 16) v128.store(apart + at, v128.load(changetype<usize>(flow) + at));
  const whole = changetype<Flow>(apart);
  follow(whole);
  return whole;
}

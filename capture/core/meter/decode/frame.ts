import {MAX_NESTING, Packet} from "../layout";
import {reserve} from "../memory";

/** The frame being decoded: where it begins, its IP packets from the outside in, its VLAN tags and tunnels. */

export let frameStart: usize = 0;
export let frameWire: u32 = 0;
/** Outer and inner VLAN id of the innermost Ethernet header; -1 without. */
export let vlan: i32 = -1;
export let innerVlan: i32 = -1;
/** Index of the innermost packet decoded; -1 before the first IP header. */
export let depth: i32 = -1;

/** Most times an EtherType is followed in one frame: frames within frames would else exhaust the stack. */
const MAX_LAYERS: i32 = 32;

let packets: usize = 0;
let tunnels: usize = 0;
let tunnelCount: i32 = 0;
let layers: i32 = 0;

export function reserveFrame(): void {
  packets = reserve(<usize>(MAX_NESTING + 1) * offsetof<Packet>());
  tunnels = reserve(<usize>MAX_NESTING * 8);
}

// @ts-ignore: decorator
@inline
export function beginFrame(start: usize, wire: u32): void {
  frameStart = start;
  frameWire = wire;
  vlan = -1;
  innerVlan = -1;
  depth = -1;
  tunnelCount = 0;
  layers = 0;
}

/** False where the frame holds too many link layers to follow. */
// @ts-ignore: decorator
@inline
export function enterLayer(): bool {
  return ++layers <= MAX_LAYERS;
}

// @ts-ignore: decorator
@inline
export function packetAt(level: i32): Packet {
  return changetype<Packet>(packets + <usize>level * offsetof<Packet>());
}

/** The next packet's record, emptied. */
// @ts-ignore: decorator
@inline
export function openPacket(): Packet {
  depth++;
  const packet = packetAt(depth);
  packet.payload = 0;
  packet.payloadCaptured = 0;
  packet.payloadBytes = 0;
  packet.sourcePort = 0;
  packet.destinationPort = 0;
  packet.oneWay = 0;
  packet.hasTcp = 0;
  packet.corrupt = 0;
  packet.flags = 0;
  packet.isLaterFragment = 0;
  return packet;
}

/** Forgets packets and tunnels beyond a level: what was inside could not be read. */
export function backTo(level: i32, tunnelLevel: i32, outerVlan: i32, inner: i32): void {
  depth = level;
  tunnelCount = tunnelLevel;
  vlan = outerVlan;
  innerVlan = inner;
}

/** Notes a VLAN tag: the first is the outer one, the last the inner one. */
export function tag(id: i32): void {
  if (vlan < 0) vlan = id;
  else innerVlan = id;
}

// @ts-ignore: decorator
@inline
export function tunnelDepth(): i32 {
  return tunnelCount;
}

/** Kind in the upper half, identifier in the lower. */
// @ts-ignore: decorator
@inline
export function tunnelAt(level: i32): u64 {
  return load<u64>(tunnels + ((<usize>level) << 3));
}

/** False where the frame is nested too deeply to follow. */
export function enterTunnel(kind: u32, id: u32): bool {
  if (tunnelCount >= MAX_NESTING || depth >= MAX_NESTING) return false;
  store<u64>(tunnels + ((<usize>tunnelCount) << 3), ((<u64>kind) << 32) | id);
  tunnelCount++;
  return true;
}

import {depth, innerVlan, packetAt, tunnelAt, tunnelDepth, vlan} from "./decode/frame";
import {TUNNEL_GTPU, TUNNEL_L2TP, TUNNEL_L2TP3} from "./constants";
import {mix} from "./hash";
import {Flow, Packet} from "./layout";
import {captureSeed} from "./settings";

/**
 * The key of the innermost packet of the frame, both directions alike: the lower endpoint (address, then port) comes
 * first. Addresses are compared as they lie in memory: any fixed order will do.
 */
export let lowA: u64 = 0;
export let lowB: u64 = 0;
export let highA: u64 = 0;
export let highB: u64 = 0;
export let ports: u64 = 0;
export let path: u64 = 0;
export let hash: u64 = 0;
export let sourceIsLow: u32 = 1;

// @ts-ignore: decorator
@inline
export function makeKey(packet: Packet): void {
  let sourceA: u64 = 0;
  let sourceB: u64 = 0;
  let destinationA: u64 = 0;
  let destinationB: u64 = 0;
  if (packet.version === 4) {
    sourceA = load<u32>(packet.source);
    destinationA = load<u32>(packet.destination);
  } else {
    sourceA = load<u64>(packet.source);
    sourceB = load<u64>(packet.source, 8);
    destinationA = load<u64>(packet.destination);
    destinationB = load<u64>(packet.destination, 8);
  }
  const low =
    packet.oneWay !== 0 ||
    (sourceA !== destinationA
      ? sourceA < destinationA
      : sourceB !== destinationB
        ? sourceB < destinationB
        : packet.sourcePort <= packet.destinationPort);
  const rest = ((<u64>packet.proto) << 32) | ((<u64>packet.version) << 40) | ((<u64>packet.oneWay) << 48);
  // Which one it is nobody can predict: selected, not branched on.
  lowA = select(sourceA, destinationA, low);
  highA = select(destinationA, sourceA, low);
  lowB = select(sourceB, destinationB, low);
  highB = select(destinationB, sourceB, low);
  const forward = (packet.sourcePort << 16) | packet.destinationPort;
  ports = rest | select(forward, rotl<u32>(forward, 16), low);
  sourceIsLow = low ? 1 : 0;
  path = tunnelDepth() === 0 ? vlanPath() : vlanPath() | (tunnelHash() << 26);
  let h = mix(captureSeed, lowA ^ (highA << 32 | highA >> 32));
  if (packet.version !== 4) h = mix(h, lowB ^ (highB << 32 | highB >> 32));
  hash = mix(h, ports ^ (path << 7));
}

const NO_OPTIONS = 0x45;

/** The hash that `makeKey` will make of an IPv4 packet in an Ethernet frame, both of the shortest form; 0 of others. */
// @ts-ignore: decorator
@inline
export function likelyHash(frame: usize): u64 {
  if (load<u16>(frame, 12) !== bswap<u16>(0x0800) || load<u8>(frame, 14) !== NO_OPTIONS) return 0;
  const source = <u64>load<u32>(frame, 26);
  const destination = <u64>load<u32>(frame, 30);
  const sourcePort = <u64>bswap<u16>(load<u16>(frame, 34));
  const destinationPort = <u64>bswap<u16>(load<u16>(frame, 36));
  const low = source !== destination ? source < destination : sourcePort <= destinationPort;
  const rest = ((<u64>load<u8>(frame, 23)) << 32) | ((<u64>4) << 40);
  const ports = rest | (low ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort);
  return mix(mix(captureSeed, min(source, destination) ^ (max(source, destination) << 32)), ports);
}

// @ts-ignore: decorator
@inline
function vlanPath(): u64 {
  return <u64>(vlan + 1) | (<u64>(innerVlan + 1) << 13);
}

/** Outer VLAN id of a flow; -1 without. */
// @ts-ignore: decorator
@inline
export function vlanOf(flow: Flow): i32 {
  return <i32>(flow.path & 0x1fff) - 1;
}

/** Inner VLAN id of a flow; -1 without. */
// @ts-ignore: decorator
@inline
export function innerVlanOf(flow: Flow): i32 {
  return <i32>((flow.path >> 13) & 0x1fff) - 1;
}

/** What GTP-U and L2TP number differs by direction and is left out, so that both directions are one flow. */
function tunnelHash(): u64 {
  let h: u64 = 0;
  for (let i = 0; i < tunnelDepth(); i++) {
    const tunnel = tunnelAt(i);
    const kind = <u32>(tunnel >> 32);
    const isOneWay = kind === TUNNEL_GTPU || kind === TUNNEL_L2TP || kind === TUNNEL_L2TP3;
    h = mix(h, isOneWay ? tunnel & 0xffffffff00000000 : tunnel);
  }
  return h | 1;
}

// @ts-ignore: decorator
@inline
export function sameKey(flow: Flow): bool {
  return flow.lowA === lowA && flow.highA === highA && flow.ports === ports && flow.path === path && flow.lowB === lowB && flow.highB === highB;
}

/** The innermost packet of the frame. */
// @ts-ignore: decorator
@inline
export function innermost(): Packet {
  return packetAt(depth);
}

import {u32At} from "../bytes";
import {Packet} from "../layout";
import {reserve} from "../memory";
import {mix} from "../hash";

/**
 * Ports of the first fragments seen, so that later fragments join their flow. Bounded: an entry is overwritten by the
 * next first fragment of its place, and counted.
 */
const ENTRIES = 4096;

@unmanaged
class Entry {
  tag: u64 = 0;
  ports: u32 = 0;
  set: u32 = 0;
}

let table: usize = 0;
export let fragmentsForgotten: f64 = 0;

export function reserveFragments(): void {
  table = reserve(<usize>ENTRIES * offsetof<Entry>());
}

export function rememberPorts(packet: Packet, id: u32): void {
  const tag = tagOf(packet, id);
  const entry = place(tag);
  if (entry.set !== 0 && entry.tag !== tag) fragmentsForgotten += 1;
  entry.tag = tag;
  entry.ports = (packet.sourcePort << 16) | packet.destinationPort;
  entry.set = 1 + packet.oneWay;
}

/** Gives a later fragment its first one's ports; leaves 0 where that was not seen. */
export function recallPorts(packet: Packet, id: u32): void {
  const tag = tagOf(packet, id);
  const entry = place(tag);
  if (entry.set === 0 || entry.tag !== tag) return;
  packet.sourcePort = entry.ports >> 16;
  packet.destinationPort = entry.ports & 0xffff;
  packet.oneWay = entry.set - 1;
}

// @ts-ignore: decorator
@inline
function place(tag: u64): Entry {
  return changetype<Entry>(table + <usize>(tag & (ENTRIES - 1)) * offsetof<Entry>());
}

/** Source, destination, identification and protocol (RFC 791 §3.2, RFC 8200 §4.5) as one number. */
function tagOf(packet: Packet, id: u32): u64 {
  let tag = mix((<u64>id << 16) | (packet.proto << 4) | packet.version, 0x9e3779b97f4a7c15);
  if (packet.version === 4) return mix(tag, (<u64>u32At(packet.source) << 32) | u32At(packet.destination));
  tag = mix(tag, load<u64>(packet.source));
  tag = mix(tag, load<u64>(packet.source, 8));
  tag = mix(tag, load<u64>(packet.destination));
  return mix(tag, load<u64>(packet.destination, 8));
}

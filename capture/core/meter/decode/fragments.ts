import {u32At} from "../bytes";
import {Packet} from "../layout";
import {reserve} from "../memory";
import {mix} from "../hash";

/**
 * Ports of the first fragments seen, so that later fragments join their flow. Bounded: sets of four entries, of which
 * the oldest gives way and is counted.
 */
const SETS = 1024;
const WAYS = 4;

@unmanaged
class Entry {
  tag: u64 = 0;
  /** Number of the first fragment it was written for; 0 while empty. */
  age: u64 = 0;
  ports: u32 = 0;
  oneWay: u32 = 0;
}

let table: usize = 0;
let age: u64 = 0;
export let fragmentsForgotten: f64 = 0;

export function reserveFragments(): void {
  table = reserve(<usize>SETS * WAYS * offsetof<Entry>());
}

/** Forgets all fragments. */
export function clearFragments(): void {
  memory.fill(table, 0, <usize>SETS * WAYS * offsetof<Entry>());
  age = 0;
  fragmentsForgotten = 0;
}

export function rememberPorts(packet: Packet, id: u32): void {
  const tag = tagOf(packet, id);
  let entry = entryAt(tag, 0);
  for (let way = 0; way < WAYS; way++) {
    const other = entryAt(tag, way);
    if (other.age !== 0 && other.tag === tag) {
      entry = other;
      break;
    }
    if (other.age < entry.age) entry = other;
  }
  if (entry.age !== 0 && entry.tag !== tag) fragmentsForgotten += 1;
  entry.tag = tag;
  entry.age = ++age;
  entry.ports = (packet.sourcePort << 16) | packet.destinationPort;
  entry.oneWay = packet.oneWay;
}

/** Gives a later fragment its first one's ports; leaves 0 where that was not seen. */
export function recallPorts(packet: Packet, id: u32): void {
  const tag = tagOf(packet, id);
  for (let way = 0; way < WAYS; way++) {
    const entry = entryAt(tag, way);
    if (entry.age === 0 || entry.tag !== tag) continue;
    packet.sourcePort = entry.ports >> 16;
    packet.destinationPort = entry.ports & 0xffff;
    packet.oneWay = entry.oneWay;
    return;
  }
}

// @ts-ignore: decorator
@inline
function entryAt(tag: u64, way: i32): Entry {
  return changetype<Entry>(table + (<usize>(tag & <u64>(SETS - 1)) * WAYS + <usize>way) * offsetof<Entry>());
}

/** Source, destination, identification and protocol (RFC 791 §3.2, RFC 8200 §4.5) as one number. */
export function tagOf(packet: Packet, id: u32): u64 {
  let tag = mix((<u64>id << 16) | (packet.proto << 4) | packet.version, 0x9e3779b97f4a7c15);
  if (packet.version === 4) return mix(tag, (<u64>u32At(packet.source) << 32) | u32At(packet.destination));
  tag = mix(tag, load<u64>(packet.source));
  tag = mix(tag, load<u64>(packet.source, 8));
  tag = mix(tag, load<u64>(packet.destination));
  return mix(tag, load<u64>(packet.destination, 8));
}

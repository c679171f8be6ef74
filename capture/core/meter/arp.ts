import {u16At} from "./bytes";
import {reserve} from "./memory";

/** Records of ARP packets (RFC 826) between two visits of the host at most, and in one second of packet time. */
export const ARP_CAPACITY = 2048;
const PER_SECOND = 1000;

/** Kinds and lengths of addresses, Ethernet's and IPv4's: ARP of others is counted and not recorded. */
const ETHERNET = 1;
const IPV4 = 0x0800;
const LENGTHS = 0x0604;

/** One ARP packet between Ethernet and IPv4 addresses: time, outer VLAN (-1: none), operation, and the addresses as sent. */
@unmanaged
export class ArpRecord {
  time: f64 = 0;
  vlan: i32 = 0;
  operation: u32 = 0;
  /** Sender's hardware and protocol address, then the target's: 20 bytes as on the wire. */
  addresses0: u64 = 0;
  addresses1: u64 = 0;
  addresses2: u64 = 0;
}

let log: usize = 0;
let second: f64 = -1;
let ofSecond: i32 = 0;
/** Where the packet just decoded has its ARP, and where the captured bytes end. */
let at: usize = 0;
let end: usize = 0;
export let arpCount: i32 = 0;

export function reserveArp(): void {
  log = reserve(<usize>ARP_CAPACITY * offsetof<ArpRecord>());
}

export function arpAddress(): usize {
  return log;
}

export function clearArp(): void {
  arpCount = 0;
}

/** Begins with another capture. */
export function restartArp(): void {
  clearArp();
  second = -1;
}

/** Remembers where the frame being decoded has its ARP. */
export function foundArp(from: usize, to: usize): void {
  at = from;
  end = to;
}

/** Records the ARP just found, unless there were too many. */
export function recordArp(time: f64, vlan: i32): void {
  if (at + 28 > end || u16At(at) !== ETHERNET || u16At(at + 2) !== IPV4 || u16At(at + 4) !== LENGTHS) return;
  const now = Math.floor(time / 1e6);
  if (now !== second) {
    second = now;
    ofSecond = 0;
  }
  if (ofSecond >= PER_SECOND || arpCount >= ARP_CAPACITY) return;
  ofSecond++;
  const address = log + <usize>arpCount * offsetof<ArpRecord>();
  const record = changetype<ArpRecord>(address);
  arpCount++;
  record.time = time;
  record.vlan = vlan;
  record.operation = u16At(at + 6);
  memory.copy(address + offsetof<ArpRecord>("addresses0"), at + 8, 20);
}

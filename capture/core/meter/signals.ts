import {u16At, u8At} from "./bytes";
import {ICMP, ICMPV6} from "./constants";
import {frameStart} from "./decode/frame";
import {NETWORK_SIGNAL, nextEvent} from "./events";
import {Flow, Packet} from "./layout";
import {readerAsks} from "./settings";

/** Messages of IP that tell hosts which router to use, and overlapping fragments, on their way to who writes their rows. */

/** Rows in a second of packet time at most. */
const PER_SECOND = 1000;
const ETHERNET: i32 = 1;
/** Types of redirects and router advertisements. */
const REDIRECT: u32 = 5;
const ADVERTISEMENT: u32 = 9;
const ADVERTISEMENT_6: u32 = 134;
const NEIGHBOUR_6: u32 = 136;
const REDIRECT_6: u32 = 137;
/** Of an IPv6 message that has not passed a router (RFC 4861 §6.1.2). */
const FROM_HERE: u32 = 255;
/** Header that the payload does not have. */
const ICMP_HEADER: u32 = 8;

let second: f64 = -1;
let ofSecond: i32 = 0;

/** Begins with another capture. */
export function restartSignals(): void {
  second = -1;
  ofSecond = 0;
}

/** Whether the packet is an ICMP message that tells of a router, and that hosts are not to discard. */
// @ts-ignore: decorator
@inline
export function isSignal(packet: Packet): bool {
  return packet.proto === ICMP || packet.proto === ICMPV6 ? tellsOfRouter(packet) : false;
}

function tellsOfRouter(packet: Packet): bool {
  if (packet.isLaterFragment !== 0 || packet.corrupt !== 0 || packet.payloadCaptured === 0) return false;
  const type = packet.sourcePort;
  if (packet.proto === ICMP) return packet.version === 4 && (type === REDIRECT || type === ADVERTISEMENT);
  if (packet.version !== 6) return false;
  if (type === NEIGHBOUR_6) return overridesNeighbour(packet);
  if (type !== ADVERTISEMENT_6 && type !== REDIRECT_6) return false;
  // The hop limit stands before the source, which is of the link itself.
  return u8At(packet.source - 1) === FROM_HERE && (u16At(packet.source) & 0xffc0) === 0xfe80;
}

/** Whether a neighbour says that what others know of an address is to be replaced (RFC 4861 §4.4), in a message that they may trust (§7.1.2). */
function overridesNeighbour(packet: Packet): bool {
  return packet.payloadCaptured >= 16 && u8At(packet.source - 1) === FROM_HERE && (u8At(packet.payload - 4) & 0x20) !== 0;
}

/** Logs a message of the packet just counted in a flow, or that `overlap` bytes of a fragment overlap. */
export function logSignal(slot: i32, flow: Flow, packet: Packet, side: u32, time: f64, bytes: usize, link: i32, overlap: u32): void {
  if (!readerAsks) return;
  const now = Math.floor(time / 1e6);
  if (now !== second) {
    second = now;
    ofSecond = 0;
  }
  if (ofSecond >= PER_SECOND) return;
  ofSecond++;
  const event = nextEvent(NETWORK_SIGNAL, slot, flow);
  event.direction = <i32>side;
  event.proto = <i32>packet.proto;
  event.cut = <i32>overlap;
  event.sourcePort = <i32>packet.sourcePort;
  event.start = <i32>(packet.payload - bytes) - <i32>ICMP_HEADER;
  event.end = <i32>(packet.payload - bytes) + <i32>packet.payloadCaptured;
  event.streamOffset = link === ETHERNET ? <i32>(frameStart - bytes) : -1;
  event.time = time;
}

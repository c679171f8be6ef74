import {ethernet, tcp, udp} from "../../capture/meter/frames.ts";
import type {Random} from "../random.ts";
import type {Add, Kind} from "./kind.ts";

/** Where the IP header of an Ethernet frame begins, and its transport behind a header without options. */
const ipAt = 14;
const ipv4TransportAt = 34;

/** Headers whose lengths contradict the frame and each other: IPv4, TCP, UDP, IPv6 and its extension headers. */
export const lengths: Kind = {
  name: "lengths that contradict each other",
  share: 0.13,
  begin: (random) => (add) => random.of(attacks)(random, add)
};

const hosts4 = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "192.168.9.9"];
const hosts6 = ["fd00::1", "fd00::2", "2001:db8::ffff"];

const attacks: readonly ((random: Random, add: Add) => void)[] = [
  ipv4Lengths,
  tcpOffsets,
  udpLengths,
  ipv6Extensions,
  ipv6Lengths
];

/** IHL 0 to 15 against total lengths from 0 to 65,535 (RFC 791 §3.1). */
function ipv4Lengths(random: Random, add: Add): void {
  const make = random.chance(0.5) ? tcp : udp;
  const payload = random.bytes(random.length(60, 1400));
  const frame = make({src: random.of(hosts4), dst: random.of(hosts4), payload});
  frame[ipAt] = 0x40 | random.below(16);
  new DataView(frame.buffer, frame.byteOffset).setUint16(ipAt + 2, random.word());
  if (random.chance(0.2)) frame[ipAt + 9] = random.below(256);
  add(frame, 1, random.chance(0.5) ? frame.length : random.word());
}

/** Data offsets 0 to 15 and numbers anywhere (RFC 9293 §3.1), with windows and flags of every value. */
function tcpOffsets(random: Random, add: Add): void {
  const at = {src: random.of(hosts4), dst: random.of(hosts4), srcPort: 40_000 + random.below(8), dstPort: 80};
  for (let n = random.between(1, 6); n > 0; n--) {
    const frame = tcp({...at, payload: random.bytes(random.length(80, 1400))});
    const view = new DataView(frame.buffer, frame.byteOffset);
    frame[ipv4TransportAt + 12] = random.below(256);
    frame[ipv4TransportAt + 13] = random.below(256);
    view.setUint32(ipv4TransportAt + 4, random.of([0, 1, 0x7fffffff, 0x80000000, 0xffffffff, random.below(2 ** 32)]));
    view.setUint32(ipv4TransportAt + 8, random.of([0, 1, 0x7fffffff, 0x80000000, 0xffffffff, random.below(2 ** 32)]));
    add(frame, 1, frame.length + (random.chance(0.1) ? random.word() : 0));
  }
}

/** UDP lengths below 8 and beyond the packet, under tunnels' ports too (RFC 768). */
function udpLengths(random: Random, add: Add): void {
  const dstPort = random.of([53, 443, 2152, 3544, 4754, 4789, 6081, 8472, 40_001]);
  const frame = udp({src: random.of(hosts4), dst: random.of(hosts4), dstPort, payload: random.bytes(random.below(90))});
  new DataView(frame.buffer, frame.byteOffset).setUint16(ipv4TransportAt + 4, random.word());
  add(frame);
}

/** Chains of extension headers (RFC 8200 §4) of any number, with lengths that end in and beyond the packet. */
function ipv6Extensions(random: Random, add: Add): void {
  const types = [0, 43, 44, 51, 60, 60, 135, 59];
  const chain: Buffer[] = [];
  const count = random.below(random.chance(0.1) ? 40 : 8);
  const first = random.of(types);
  for (let i = 0; i < count; i++) {
    const honest = random.chance(0.7);
    const words = random.below(4);
    const header = random.bytes(8 + 8 * words);
    header[0] = i === count - 1 ? random.of([6, 17, 58, 4, 41, 47, 59]) : random.of(types);
    header[1] = honest ? words : random.byte();
    chain.push(header);
  }
  const rest = random.bytes(random.below(60));
  const packet = ethernet(first, Buffer.concat([...chain, rest]), {src: random.of(hosts6), dst: random.of(hosts6)});
  if (random.chance(0.3)) new DataView(packet.buffer, packet.byteOffset).setUint16(ipAt + 4, random.word());
  add(packet, 1, random.chance(0.9) ? packet.length : random.word());
}

/** Payload lengths against the frame, jumbograms (length 0) among them. */
function ipv6Lengths(random: Random, add: Add): void {
  const make = random.chance(0.5) ? tcp : udp;
  const packet = make({src: random.of(hosts6), dst: random.of(hosts6), payload: random.bytes(random.length(60, 1400))});
  new DataView(packet.buffer, packet.byteOffset).setUint16(ipAt + 4, random.chance(0.3) ? 0 : random.word());
  add(packet, 1, random.chance(0.6) ? packet.length : random.of([0, 40, 54, 1500, 70_000, 0x7fff_ffff]));
}

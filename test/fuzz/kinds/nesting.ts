import {ethernet, ip, tcp, udp} from "../../capture/meter/frames.ts";
import type {Random} from "../random.ts";
import type {Kind} from "./kind.ts";

const etherIpv4 = 0x0800;
const etherIpv6 = 0x86dd;

/** Packets in tunnels in tunnels, tags and labels in stacks, deeper than any meter follows. */
export const nesting: Kind = {
  name: "tunnels, tags and labels without end",
  share: 0.1,
  begin: (random) => (add) => {
    if (random.chance(0.002)) return add(longestNest(random));
    let packet = innermost(random);
    for (let level = random.below(random.chance(0.2) ? 16 : 4); level > 0; level--)
      packet = random.of(tunnels)(packet, random);
    let frame = asFrame(packet, random);
    for (let layer = random.below(random.chance(0.1) ? 45 : 3); layer > 0; layer--)
      frame = random.of(layers)(frame, random);
    if (random.chance(0.15)) frame = frame.subarray(0, random.below(frame.length + 1)) as Buffer;
    add(frame);
  }
};

const hosts4 = ["10.1.0.1", "10.1.0.2", "172.16.0.1"];
const hosts6 = ["fd00::1", "fd00::2"];
const isIpv6 = (packet: Uint8Array) => packet[0] >> 4 === 6;

function innermost(random: Random): Buffer {
  const [src, dst] = random.chance(0.3) ? hosts6 : [random.of(hosts4), random.of(hosts4)];
  const make = random.chance(0.5) ? udp : tcp;
  return Buffer.from(
    make({src, dst, srcPort: random.below(8), dstPort: 53, payload: random.bytes(random.below(40))}).subarray(14)
  );
}

function outer(proto: number, content: Uint8Array, random: Random): Buffer {
  const [src, dst] = random.chance(0.2) ? hosts6 : [random.of(hosts4), random.of(hosts4)];
  return Buffer.from(ip(proto, content, {src, dst}));
}

function overUdp(port: number, header: string, content: Uint8Array, random: Random): Buffer {
  const payload = Buffer.concat([Buffer.from(header, "hex"), content]);
  return outer(17, udp({dstPort: port, srcPort: random.chance(0.5) ? port : 5000, payload}).subarray(34), random);
}

const typeOf = (packet: Uint8Array) => (isIpv6(packet) ? etherIpv6 : etherIpv4);
const hex = (value: number, bytes: number) => value.toString(16).padStart(2 * bytes, "0");
const asEthernet = (packet: Uint8Array, type = typeOf(packet)) =>
  Buffer.concat([Buffer.alloc(12, 2), Buffer.from(hex(type, 2), "hex"), packet]);

/** Each puts an IP packet into another one. */
const tunnels: readonly ((packet: Buffer, random: Random) => Buffer)[] = [
  (packet, random) => outer(isIpv6(packet) ? 41 : 4, packet, random),
  (packet, random) => outer(47, Buffer.concat([Buffer.from(`0000${hex(typeOf(packet), 2)}`, "hex"), packet]), random),
  // Checksum, key and sequence number (RFC 2890), routing bits that are not followed, ERSPAN, PPTP.
  (packet, random) =>
    outer(
      47,
      Buffer.concat([
        Buffer.from(
          random.of(["b000", "f000", "2000", "3001", "1000", "3081"]) +
            random.of(["0800", "86dd", "6558", "88be", "22eb", "880b"]),
          "hex"
        ),
        random.bytes(random.of([4, 8, 12, 16])),
        random.chance(0.5) ? asEthernet(packet) : packet
      ]),
      random
    ),
  (packet, random) => overUdp(4789, `08000000${hex(random.below(2 ** 24), 3)}00`, asEthernet(packet), random),
  (packet, random) => {
    const words = random.below(64);
    const options = random.bytes(random.chance(0.8) ? words * 4 : random.below(20));
    return overUdp(
      6081,
      `${hex(words, 1)}006558${hex(random.below(2 ** 24), 3)}00`,
      Buffer.concat([options, asEthernet(packet)]),
      random
    );
  },
  (packet, random) => overUdp(2152, `30ff${hex(packet.length, 2)}0000000${random.below(10)}`, packet, random),
  // Extension headers of GTP-U whose lengths may be 0 or too long.
  (packet, random) =>
    overUdp(
      2152,
      `34ff${hex(packet.length, 2)}0000000100000085${hex(random.of([0, 1, 1, 2, 255]), 1)}00${random.of(["8500", "0000"])}`,
      packet,
      random
    ),
  (packet, random) => overUdp(3544, random.of(["", "00010000000000000000000000", "0000ffff7f000001"]), packet, random),
  (packet, random) => outer(97, Buffer.concat([Buffer.from("3000", "hex"), asEthernet(packet)]), random),
  (packet, random) => outer(137, Buffer.concat([labels(random), packet]), random)
];

function labels(random: Random): Buffer {
  const count = random.between(1, random.chance(0.1) ? 40 : 4);
  const stack = random.bytes(4 * count);
  for (let i = 0; i < count; i++) stack[4 * i + 2] = (stack[4 * i + 2] & 0xfe) | (i === count - 1 ? 1 : 0);
  return stack;
}

function asFrame(packet: Buffer, random: Random): Buffer {
  if (random.chance(0.8)) return asEthernet(packet);
  if (random.chance(0.5)) return asEthernet(Buffer.concat([labels(random), packet]), random.of([0x8847, 0x8848]));
  const ppp = Buffer.from(isIpv6(packet) ? "0057" : "0021", "hex");
  return asEthernet(Buffer.concat([Buffer.from("11000001", "hex"), random.bytes(2), ppp, packet]), 0x8864);
}

const insert = (frame: Buffer, tag: string) =>
  Buffer.concat([frame.subarray(0, 12), Buffer.from(tag, "hex"), frame.subarray(12)]);

/** Each puts something between an Ethernet frame's addresses and its content, or the frame into another one. */
const layers: readonly ((frame: Buffer, random: Random) => Buffer)[] = [
  (frame, random) => insert(frame, random.of(["8100", "88a8", "9100", "9200"]) + hex(random.below(65_536), 2)),
  (frame) => insert(frame, "8926000000000000".slice(0, 12)),
  (frame) => insert(frame, "8909010100010000"),
  (frame) => asEthernet(frame, 0x6558),
  (frame) => asEthernet(Buffer.concat([Buffer.alloc(4), frame]), 0x88e7),
  (frame, random) =>
    asEthernet(Buffer.concat([labels(random), Buffer.alloc(random.chance(0.5) ? 4 : 0), frame]), 0x8847),
  (frame) => asEthernet(Buffer.concat([Buffer.from("aaaa03000000", "hex"), frame.subarray(12)]), frame.length & 0x3ff)
];

/** A frame of the longest length that is read, of nothing but headers. */
function longestNest(random: Random): Buffer {
  const header = Buffer.from(
    random.of([
      "0202020202020202020202026558",
      "02020202020202020202020288e700000000",
      "0202020202020202020202028847000001ff",
      "02020202020202020202020205dcaaaa030000008100000005dc",
      "81000001",
      "00000000"
    ]),
    "hex"
  );
  const first = random.chance(0.5) ? Buffer.alloc(0) : ethernet(17, Buffer.alloc(0)).subarray(0, 14);
  return Buffer.concat([first, ...Array(Math.floor(262_000 / header.length)).fill(header)]);
}

import {ethernet, ip, udp} from "./frames.ts";

/** Frames of rarer link types and tunnels, each around one UDP packet with a source port of its own. */
export interface WrappedFrame {
  readonly name: string;
  /** LINKTYPE_ number. */
  readonly link: number;
  readonly bytes: Uint8Array;
  /** Source port of the innermost packet. */
  readonly port: number;
  /** `flows.tunnel`. */
  readonly tunnel: string | null;
  readonly vlan?: number;
}

const outer = {src: "172.16.0.1", dst: "172.16.0.2"};
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const zeros = (n: number) => "00".repeat(n);

/** IEEE 802.11 data frame with an LLC header, its two bytes of frame control first. */
const wlan = (packet: Uint8Array, control = "0800") =>
  Buffer.concat([hex(control), Buffer.alloc(22, 2), hex("aaaa030000000800"), packet]);
const behindEthernet = (head: string, content: Uint8Array) => Buffer.concat([Buffer.alloc(12, 2), hex(head), content]);
const little = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString("hex");
};

type Build = (packet: Uint8Array, frame: Uint8Array) => Uint8Array;

/** Link types: name, number, what stands around an IP packet or an Ethernet frame. */
const links: readonly [string, number, Build, number?][] = [
  ["token ring", 6, (packet) => Buffer.concat([hex("1040"), Buffer.alloc(12, 2), hex("aaaa030000000800"), packet])],
  [
    "token ring with a source route",
    6,
    (packet) =>
      Buffer.concat([hex("1040"), Buffer.alloc(6, 2), hex("820202020202 06300011 0012 aaaa030000000800"), packet])
  ],
  ["frame relay, RFC 2427", 107, (packet) => Buffer.concat([hex("184103cc"), packet])],
  ["frame relay, Cisco", 107, (packet) => Buffer.concat([hex("18410800"), packet])],
  ["frame relay, bridged", 107, (_, frame) => Buffer.concat([hex("18410300800080c20007"), frame])],
  ["OpenBSD enc", 109, (packet) => Buffer.concat([hex(`${little(2)}0000000100000000`), packet])],
  ["pflog", 117, (packet) => Buffer.concat([hex(`3d020000${zeros(60)}`), packet])],
  ["Prism", 119, (packet) => Buffer.concat([hex(`${little(0x41)}${little(144)}${zeros(136)}`), wlan(packet)])],
  ["AVS", 163, (packet) => Buffer.concat([hex(`8021100100000040${zeros(56)}`), wlan(packet)])],
  ["802.11", 105, (packet) => wlan(packet)],
  ["IP over Fibre Channel", 122, (packet) => Buffer.concat([hex(`${zeros(16)}aaaa030000000800`), packet])],
  ["IEEE 1394", 138, (packet) => Buffer.concat([hex(`${zeros(16)}0800`), packet])],
  ["PPP with pppd's direction", 166, (packet) => Buffer.concat([hex("01030021"), packet])],
  ["multilink frame relay", 182, (packet) => Buffer.concat([hex("c000184103cc"), packet])],
  ["PPI, 802.11", 192, (packet) => Buffer.concat([hex(`00000800${little(105)}`), wlan(packet)])],
  ["PPI, Ethernet", 192, (_, frame) => Buffer.concat([hex(`00000c00${little(1)}${zeros(4)}`), frame])],
  ["PPP with direction", 204, (packet) => Buffer.concat([hex("01ff030021"), packet])],
  ["Cisco HDLC with direction", 205, (packet) => Buffer.concat([hex("010f000800"), packet])],
  ["frame relay with direction", 206, (packet) => Buffer.concat([hex("01184103cc"), packet])],
  [
    "Solaris ipnet",
    226,
    (packet) => Buffer.concat([hex(`01020000000000${packet.length.toString(16)}${zeros(16)}`), packet])
  ],
  ["netANALYZER", 240, (_, frame) => Buffer.concat([hex("50014000"), frame, Buffer.alloc(4)])],
  ["PKTAP", 258, (_, frame) => Buffer.concat([hex(`${little(108)}${little(1)}${little(1)}${zeros(96)}`), frame])],
  ["Ethernet with preamble", 274, (_, frame) => Buffer.concat([hex("55555555555555d5"), frame])],
  [
    "Broadcom's switch tag",
    281,
    (_, frame) => Buffer.concat([frame.subarray(0, 12), hex("20000001"), frame.subarray(12)])
  ],
  ["Broadcom's switch tag before", 282, (_, frame) => Buffer.concat([hex("20000001"), frame])],
  ["Marvell DSA", 284, (_, frame) => Buffer.concat([frame.subarray(0, 12), hex("60080007"), frame.subarray(12)]), 7],
  [
    "Marvell EDSA",
    285,
    (_, frame) => Buffer.concat([frame.subarray(0, 12), hex("dada000040080000"), frame.subarray(12)])
  ],
  ["FabricPath", 1, (_, frame) => behindEthernet("89030060", frame)],
  ["TRILL", 1, (_, frame) => behindEthernet("22f3 000100020003", frame)],
  [
    "MACsec, authenticated only",
    1,
    (packet) => Buffer.concat([behindEthernet("88e5 20000000 0001 0202020202020001 0800", packet), Buffer.alloc(16)])
  ],
  ["network service header", 1, (packet) => behindEthernet(`894f 0fc60101 000001ff ${zeros(16)}`, packet)]
];

const gre = (head: string, content: Uint8Array) => ethernet(47, Buffer.concat([hex(head), content]), outer);
const overUdp = (dstPort: number, head: string, content: Uint8Array, srcPort = 50_000) =>
  udp({...outer, srcPort, dstPort, payload: Buffer.concat([hex(head), content])});

/** Tunnels over IP: name, `flows.tunnel`, the frame around an IP packet or an Ethernet frame. */
const tunnels: readonly [string, string, Build][] = [
  ["NVGRE", "nvgre:5001", (_, frame) => gre("20006558 00138977", frame)],
  ["GRE of Ethernet with a small key", "gre:9", (_, frame) => gre("20006558 00000009", frame)],
  ["L2TP", "l2tp:5/7", (packet) => overUdp(1701, "0002 0005 0007 ff03 0021", packet)],
  ["L2TP from its port", "l2tp:5/7", (packet) => overUdp(50_000, "0002 0005 0007 ff03 0021", packet, 1701)],
  [
    "L2TP with length, sequence and offset",
    "l2tp:5/7",
    (packet) =>
      overUdp(
        1701,
        `4a02 ${(18 + packet.length).toString(16).padStart(4, "0")} 0005 0007 00010002 0002 0000 0021`,
        packet
      )
  ],
  ["L2TPv3 over IP", "l2tpv3:9", (_, frame) => ethernet(115, Buffer.concat([hex("00000009"), frame]), outer)],
  ["L2TPv3 over UDP with a cookie", "l2tpv3:9", (_, frame) => overUdp(1701, "00030000 00000009 11223344", frame)],
  ["AYIYA", "ayiya", (packet) => overUdp(5072, `44521104 00000000 ${zeros(16)} ${zeros(20)}`, packet, 50_001)],
  ["TZSP, Ethernet", "tzsp", (_, frame) => overUdp(37_008, "01000001 0a0120 00 01", frame)],
  ["TZSP, 802.11", "tzsp", (packet) => overUdp(37_008, "01000012 01", wlan(packet))],
  ["CAPWAP, 802.11", "capwap", (packet) => overUdp(5247, "00100300 00000000", wlan(packet))],
  ["CAPWAP, swapped 802.11", "capwap", (packet) => overUdp(5247, "00100300 00000000", wlan(packet, "0108"))],
  ["CAPWAP, Ethernet", "capwap", (_, frame) => overUdp(50_000, "00100200 00000000", frame, 5247)],
  ["LISP", "lisp:7", (packet) => overUdp(4341, "c8000001 00000701", packet)],
  ["LISP without an instance", "lisp", (packet) => overUdp(4341, "80000001 00000000", packet)],
  ["MPLS in UDP", "mpls-in-ip", (packet) => overUdp(6635, "00010140", packet)],
  [
    "VXLAN-GPE with a service header",
    "vxlan:5000",
    (packet) => overUdp(4790, `0c000004 00138800 0fc60101 000001ff ${zeros(16)}`, packet)
  ]
];

/** All of them. */
export const wrappedFrames: readonly WrappedFrame[] = [
  ...links.map(([name, link, build, vlan]) => ({name, link, build, tunnel: null, vlan})),
  ...tunnels.map(([name, tunnel, build]) => ({name, link: 1, build, tunnel, vlan: undefined}))
].map(({name, link, build, tunnel, vlan}, i) => {
  const inner = {src: "10.0.0.1", dst: "10.0.0.2", srcPort: 30_000 + i, dstPort: 9, payload: "x".repeat(20)};
  const bytes = build(udp(inner).subarray(14), udp(inner));
  return {name, link, bytes, port: inner.srcPort, tunnel, ...(vlan === undefined ? {} : {vlan})};
});

/** IP packet that is not read as one of the tunnels: their control messages and what is encrypted or cut. */
export const unopened: readonly {readonly name: string; readonly bytes: Uint8Array}[] = [
  {name: "L2TP control", bytes: overUdp(1701, "c802000c 00010000 00000000", Buffer.alloc(0))},
  {name: "L2TP with compressed PPP", bytes: overUdp(1701, "0002 0005 0007 00fd", Buffer.alloc(40, 7))},
  {name: "L2TPv3 control over IP", bytes: ethernet(115, hex("00000000c8030014"), outer)},
  {name: "AYIYA heartbeat", bytes: overUdp(5072, `4452103b 00000000 ${zeros(36)}`, Buffer.alloc(0))},
  {name: "CAPWAP keep-alive", bytes: overUdp(5247, "00100208 00000000", Buffer.alloc(40))},
  {name: "CAPWAP over DTLS", bytes: overUdp(5247, "01000000 16feff", Buffer.alloc(40))},
  {name: "TZSP without an end", bytes: overUdp(37_008, "01000001 0a0120", Buffer.alloc(0))},
  {name: "LISP control bits", bytes: overUdp(4341, "90000001 00000000", ip(17, Buffer.alloc(8), {}))}
];

import {ethernet, tcp, udp} from "../meter/frames.ts";

/** Frames of routers and switches, made by their documentation, with the rows of `neighbours` that they give. */
export const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
export const latin = (text: string) => Buffer.from(text, "latin1");
export const u16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const from = "0a:0b:0c:0d:0e:0f";
const mac = hex("0a0b0c0d0e0f");

const frame = (to: string, typeOrLength: Uint8Array, content: Uint8Array, vlan = "") =>
  Buffer.concat([hex(to), mac, hex(vlan), typeOrLength, content]);
/** A frame of LLC is as long as its length says. */
export const llc = (to: string, ...parts: Uint8Array[]) => {
  const content = Buffer.concat(parts);
  return frame(to, u16(content.length), Buffer.concat([content, Buffer.alloc(Math.max(0, 46 - content.length))]));
};

const lldpPart = (type: number, ...parts: Uint8Array[]) => {
  const content = Buffer.concat(parts);
  return Buffer.concat([u16((type << 9) | content.length), content]);
};
const lldp = (ttl: number, name: string | null, port = latin("\x05Gi0/1")) =>
  frame(
    "0180c200000e",
    hex("88cc"),
    Buffer.concat([
      lldpPart(1, Buffer.from([4]), mac),
      lldpPart(2, port),
      lldpPart(3, u16(ttl)),
      ...(name === null
        ? []
        : [
            lldpPart(5, latin(name)),
            lldpPart(6, latin("An OS, version 1")),
            lldpPart(8, hex("05 01 0a000001 02 00000001 00")),
            lldpPart(8, hex("11 02 20010db8000000000000000000000001 02 00000001 00"))
          ]),
      lldpPart(0)
    ]),
    "8100 0005"
  );

const cdpPart = (type: number, content: Uint8Array) => Buffer.concat([u16(type), u16(content.length + 4), content]);
const cdp = llc(
  "01000ccccccc",
  hex("aaaa03 00000c 2000"),
  hex("02 b4 0000"),
  cdpPart(1, latin("core-1.example")),
  cdpPart(2, hex("00000001 01 01 cc 0004 0a000002")),
  cdpPart(3, latin("GigabitEthernet1/1")),
  cdpPart(5, latin("Software 12.2")),
  cdpPart(6, latin("cisco WS-C3560"))
);

const bridge = (kind: string, root: string, flags = "00") =>
  hex(`0000 ${kind} ${flags} ${root} 00000004 8003 0a0b0c0d0e0f 8001 0100 1400 0200 0f00`);
const root = "1003 020000000001";

const ospf = (dr: string, auth = 0) =>
  ethernet(
    89,
    hex(
      `02 01 0030 c0a80001 00000102 0000 ${auth.toString(16).padStart(4, "0")} 0000000000000000
      ffffff00 000a 02 07 00000028 ${dr} 00000000 0a000063`.replaceAll("\n", "")
    ),
    {src: "10.0.0.1", dst: "224.0.0.5"}
  );
const ospf6 = ethernet(
  89,
  hex("03 01 0024 c0a80002 00000000 0000 00 00 00000005 09 000013 000a 001e 00000000 00000000"),
  {src: "fe80::1", dst: "ff02::5"}
);
const vrrp = (priority: string, auth = "00") =>
  ethernet(112, hex(`21 2a ${priority} 01 ${auth} 03 0000 0a0000fe 0000000000000000`), {
    src: "10.0.0.1",
    dst: "224.0.0.18"
  });
const vrrp6 = ethernet(112, hex(`31 07 64 01 0064 0000 ${"fe80"}${"00".repeat(13)}07`), {
  src: "fe80::1",
  dst: "ff02::12"
});
const hsrp = (operation: string, state: string, digest = "") =>
  udp({
    src: "10.0.0.1",
    dst: "224.0.0.2",
    srcPort: 1985,
    dstPort: 1985,
    payload: hex(
      `00 ${operation} ${state} 03 0a 6e 01 00 ${digest ? "00".repeat(8) : "636973636f000000"} 0a0000fe ${digest}`
    )
  });
const hsrp2 = udp({
  src: "10.0.0.1",
  dst: "224.0.0.102",
  srcPort: 1985,
  dstPort: 1985,
  payload: hex(
    `01 28 02 00 05 04 0197 0a0b0c0d0e0f 0000005a 00000bb8 00002710 0a0000fd ${"00".repeat(12)} 03 08 636973636f000000`
  )
});

const bgpMessage = (type: number, content: string) => {
  const bytes = hex(content);
  return Buffer.concat([Buffer.alloc(16, 255), u16(19 + bytes.length), Buffer.from([type]), bytes]);
};
// The AS does not fit: the capability of four bytes, behind another one in the same option, has it.
const open = bgpMessage(1, "04 5ba0 00b4 0a000001 0e 02 0c 0104 00010001 4104 0001fde8");
// Withdrawn 10.1.0.0/16; announced 10.2.0.0/15, 0.0.0.0/0 and, of IPv6, 2001:db8::/32 and one more; another one withdrawn.
const update = bgpMessage(
  2,
  `0003 10 0a01 003b 400101 00 400200 400304 0a000001 800e ${(5 + 16 + 5 + 5).toString(16)} 0002 01 10 ${"00".repeat(16)} 00
   20 20010db8 20 20010db9 800f 08 0002 01 20 20010dba 0f 0a02 00`.replaceAll("\n", "")
);
const bgp = (...messages: Uint8Array[]) => messages;
const segments = (messages: readonly Uint8Array[], size: number) => {
  const bytes = Buffer.concat(messages);
  const made: Uint8Array[] = [tcp({srcPort: 40000, dstPort: 179, flags: "S", seq: 99})];
  for (let at = 0; at < bytes.length; at += size)
    made.push(tcp({srcPort: 40000, dstPort: 179, flags: "PA", seq: 100 + at, payload: bytes.subarray(at, at + size)}));
  return made;
};
const session = bgp(open, bgpMessage(4, ""), update, update, bgpMessage(3, "06 02"), bgpMessage(3, "02 06"));

export interface NeighbourFrames {
  readonly name: string;
  readonly frames: readonly Uint8Array[];
  /** What each row has, by columns that are not NULL, without times. */
  readonly rows: readonly Readonly<Record<string, string | number | undefined>>[];
}

export const station = {src_mac: from};
const inIp = {src_ip: "10.0.0.1"};
const routing = {...inIp, dst_ip: "224.0.0.5", protocol: "ospf", message: "hello", device: "192.168.0.1"};
const peers = {src_ip: "10.0.0.1", dst_ip: "10.0.0.2", protocol: "bgp"};
const standby = {protocol: "hsrp", message: "hello", address: "10.0.0.254", group_id: 1, priority: 110, hold_s: 10};

export const neighbourFrames: readonly NeighbourFrames[] = [
  {
    name: "LLDP",
    frames: [
      lldp(120, "sw-1"),
      lldp(120, "sw-1"),
      lldp(120, "sw-2"),
      lldp(60, null, Buffer.concat([Buffer.from([3]), mac]))
    ],
    rows: [
      {device: "sw-1", port: "Gi0/1", platform: "An OS, version 1", address: "10.0.0.1", hold_s: 120, messages: 2},
      {device: "sw-2", port: "Gi0/1", platform: "An OS, version 1", address: "10.0.0.1", hold_s: 120, messages: 1},
      {device: from, port: from, hold_s: 60, messages: 1}
    ].map((row) => ({...station, vlan: 5, protocol: "lldp", message: "announcement", ...row}))
  },
  {
    name: "CDP",
    frames: [cdp],
    rows: [
      {
        ...{...station, protocol: "cdp", message: "announcement", device: "core-1.example", port: "GigabitEthernet1/1"},
        ...{platform: "cisco WS-C3560", address: "10.0.0.2", hold_s: 180, messages: 1}
      }
    ]
  },
  {
    name: "spanning tree",
    frames: [
      llc("0180c2000000", hex("424203"), bridge("00 00", root)),
      llc("0180c2000000", hex("424203"), bridge("00 00", root)),
      llc("0180c2000000", hex("424203"), bridge("00 00", "0003 020000000002", "01")),
      llc("01000ccccccd", hex("aaaa03 00000c 010b"), bridge("02 02", root), hex("00 0000 0002 0003")),
      llc("0180c2000000", hex("424203"), hex("0000 00 80"))
    ],
    rows: [
      {message: "configuration", leader: "02:00:00:00:00:01", leader_priority: 4096, messages: 2},
      {
        ...{message: "configuration", leader: "02:00:00:00:00:02", leader_priority: 0, messages: 1},
        state: "topology_change"
      },
      {message: "rapid", leader: "02:00:00:00:00:01", leader_priority: 4096, messages: 1},
      {message: "topology_change", messages: 1}
    ].map((row) => ({
      ...{...station, protocol: "stp"},
      ...(row.leader ? {device: from, port: "0x8001", group_id: 3, priority: 32768, hold_s: 20} : {}),
      ...row
    }))
  },
  {
    name: "OSPF",
    frames: [ospf("00000000"), ospf("00000000"), ospf("0a000001"), ospf("0a000001", 2), ospf6],
    rows: [
      {...routing, group_id: 258, priority: 7, auth: "none", hold_s: 40, messages: 2},
      {...routing, group_id: 258, priority: 7, leader: "10.0.0.1", auth: "none", hold_s: 40, messages: 1},
      {...routing, group_id: 258, priority: 7, leader: "10.0.0.1", auth: "digest", hold_s: 40, messages: 1},
      {
        ...{src_ip: "fe80::1", dst_ip: "ff02::5", protocol: "ospf", message: "hello", device: "192.168.0.2"},
        ...{group_id: 0, priority: 9, hold_s: 30, messages: 1}
      }
    ]
  },
  {
    name: "VRRP",
    frames: [vrrp("64"), vrrp("00", "01"), vrrp6],
    rows: [
      ...[
        {priority: 100, auth: "none"},
        {priority: 0, auth: "password"}
      ].map((row) => ({
        ...{...inIp, dst_ip: "224.0.0.18", protocol: "vrrp", message: "announcement", address: "10.0.0.254"},
        ...{group_id: 42, hold_s: 3, messages: 1, ...row}
      })),
      {
        ...{src_ip: "fe80::1", dst_ip: "ff02::12", protocol: "vrrp", message: "announcement", address: "fe80::7"},
        ...{group_id: 7, priority: 100, auth: "none", hold_s: 1, messages: 1}
      }
    ]
  },
  {
    name: "HSRP",
    frames: [
      hsrp("00", "08"),
      hsrp("00", "08"),
      hsrp("00", "10"),
      hsrp("01", "04", `04 1c 01 00 0000 0a000001 00000000 ${"ab".repeat(16)}`),
      hsrp("02", "10"),
      hsrp2
    ],
    rows: [
      ...[
        {state: "standby", auth: "password", messages: 2},
        {state: "active", auth: "password", messages: 1},
        {state: "speak", auth: "digest", messages: 1, message: "coup"},
        {state: "active", auth: "password", messages: 1, message: "resign"}
      ].map((row) => ({...inIp, dst_ip: "224.0.0.2", ...standby, ...row})),
      {
        ...{...inIp, dst_ip: "224.0.0.102", ...standby, address: "10.0.0.253", group_id: 407, priority: 90},
        ...{state: "standby", auth: "password", messages: 1}
      }
    ]
  },
  ...[4000, 7].map((size) => ({
    name: `BGP in segments of ${size} bytes`,
    frames: segments(session, size),
    rows: [
      {...peers, message: "open", device: "10.0.0.1", group_id: 130_536, hold_s: 180, messages: 1},
      {...peers, message: "update", prefixes: 8, withdrawn: 4, messages: 2},
      {...peers, message: "notification", error: "cease: administrative shutdown", messages: 1},
      {...peers, message: "notification", error: "open message: 6", messages: 1}
    ]
  }))
];

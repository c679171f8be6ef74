import {ethernet, udp} from "../meter/frames.ts";
import {hex, latin, llc, type NeighbourFrames, station, u16} from "./neighbour-frames.ts";

/** Frames of routing protocols, of their redundancy and of trunks, made by their documentation, with the rows of `neighbours` that they give. */
const src = "10.0.0.1";
const eigrp = (operation: string, parts: string, {acknowledges = "00000000", dst = "224.0.0.10"} = {}) =>
  ethernet(88, hex(`02 ${operation} 0000 00000000 00000007 ${acknowledges} 0000 0064 ${parts}`), {src, dst});
/** A part of EIGRP: its type and the length of all of it come first. */
const part = (type: string, content: string) =>
  `${type} ${(4 + hex(content).length).toString(16).padStart(4, "0")} ${content} `;
const parameters = part("0001", "01 00 01 00 00 00 000f");
const metric = (delay = "00000b00") => `${delay} 00000100 0005dc 00 ff 01 0000`;
// Two networks of the AS, a default route from elsewhere, and one that is gone. tshark reads no more than one of a part.
const routes = [
  part("0102", `00000000 ${metric()} 18 0a0102`),
  part("0102", `00000000 ${metric()} 10 0a03`),
  part("0103", `00000000 0a000009 00000001 00000000 00000000 0000 03 00 ${metric()} 00`),
  part("0102", `00000000 ${metric("ffffffff")} 18 0a0909`)
].join("");
const routes6 =
  part("0402", `${"00".repeat(16)} ${metric()} 20 20010db800`) +
  part("0402", `${"00".repeat(16)} ${metric()} 3f 20010db800010002`);
const wide = (delay: string, networks: string) =>
  part("0602", `0000 0001 0a000001 00 80 ff 01 0005dc 00 ${delay} 0000000f4240 0000 0000 00000000 ${networks}`);

const area = "c0a80001 00000000";
const state = (age: string, type: string, id: string, sequence: string, content: string) =>
  `${age} 02 ${type} ${id} c0a80009 ${sequence} 0000 ${(20 + hex(content).length).toString(16).padStart(4, "0")} ${content}`;
const ospf = (version: string, head: string, states: readonly string[], dst: string, from: string) => {
  const body = hex(`0000000${states.length} ${states.join("")}`);
  const length = u16(4 + hex(head).length + body.length);
  return ethernet(89, Buffer.concat([hex(`${version} 04`), length, hex(head), body]), {src: from, dst});
};
const update = ospf(
  "02",
  `${area} 0000 0000 0000000000000000`,
  [
    // A router's links: one to another router, one to a network of its own.
    state("0001", "01", "c0a80009", "80000005", "00000002 0a000002 0a000001 01000001 0a040000 ffff0000 03000001"),
    state("0e10", "05", "0a080000", "8000000a", "ffff0000 80000014 00000000 00000000"),
    state("0002", "05", "00000000", "80000001", "00000000 80000001 00000000 00000000"),
    state("0002", "03", "0a020000", "80000002", "fffe0000 00000003")
  ],
  "224.0.0.5",
  src
);
const state6 = (type: string, content: string) =>
  `0001 ${type} 00000001 c0a80009 80000003 0000 ${(20 + hex(content).length).toString(16).padStart(4, "0")} ${content}`;
const update6 = ospf(
  "03",
  "c0a80002 00000000 0000 00 00",
  [
    state6("2003", "00000001 40 00 0000 20010db800010000"),
    state6("2009", "0002 2001 00000000 c0a80009 80 02 0000 20010db8000000000000000000000001 00 00 0005"),
    state6("0008", `01000013 fe80${"00".repeat(13)}01 00000001 30 00 0000 20010db800020000`)
  ],
  "ff02::5",
  "fe80::1"
);

const rip = (content: string, port = 520, from = src, dst = "224.0.0.9") =>
  udp({src: from, dst, srcPort: port, dstPort: port, payload: hex(content)});
const route = (network: string, mask: string, gauge: number) =>
  `0002 0000 ${network} ${mask} 00000000 000000${gauge.toString(16).padStart(2, "0")}`;
const ripng = rip(
  `02 01 0000 20010db8000100000000000000000000 0000 40 01 fe80${"00".repeat(13)}07 0000 00 ff ${"00".repeat(16)} 0000 00 02 20010db8000200000000000000000000 0000 40 10`,
  521,
  "fe80::1",
  "ff02::9"
);

const glbp = (gateState: string, priority: string, rest = "") =>
  udp({
    src,
    dst: "224.0.0.102",
    srcPort: 3222,
    dstPort: 3222,
    payload: hex(
      `01 00 0007 0000 0007b4000701 01 1c 00 ${gateState} 00 ${priority} 0000 00000bb8 00002710 0258 3840 0000 01 04 0a0000fe ${rest}`
    )
  });

const vtpName = Buffer.alloc(32);
vtpName.write("CAMPUS");
const vtp = (code: string, rest: string) =>
  llc("01000ccccccc", hex("aaaa03 00000c 2003"), hex(`01 ${code} 01 06`), vtpName, hex(rest));
const summary = vtp("01", `0000002a 0a000003 ${Buffer.from("930301000000").toString("hex")} ${"ab".repeat(16)}`);
const dtp = (status: string) =>
  llc(
    "01000ccccccc",
    hex("aaaa03 00000c 2004"),
    hex("01 0001 000b"),
    latin("CAMPUS\0"),
    hex(`0002 0005 ${status} 0003 0005 45 0004 000a 0a0b0c0d0e0f`)
  );

const inEigrp = {src_ip: src, dst_ip: "224.0.0.10", protocol: "eigrp", group_id: 100, messages: 1};
const inRip = {src_ip: src, dst_ip: "224.0.0.9", protocol: "rip", messages: 1};
const inGlbp = {src_ip: src, dst_ip: "224.0.0.102", protocol: "glbp", message: "hello", address: "10.0.0.254"};
const onTrunk = {...station, messages: 1, device: "CAMPUS"};

export const routingFrames: readonly NeighbourFrames[] = [
  {
    name: "EIGRP",
    frames: [
      eigrp("05", parameters),
      eigrp("05", parameters),
      eigrp("05", "", {acknowledges: "00000003", dst: "10.0.0.2"}),
      eigrp("05", "0001 000c ff ff ff ff ff 00 000f"),
      eigrp("05", part("0002", `0002 0010 00000001 00000000 ${"00".repeat(8)} ${"ab".repeat(16)}`) + parameters),
      eigrp("01", routes),
      eigrp("01", routes6),
      eigrp("04", wide("00000000abcd", "18 0a0505")),
      eigrp("03", wide("ffffffffffff", "10 0a06"))
    ],
    rows: [
      {message: "hello", auth: "none", hold_s: 15, messages: 2},
      {message: "goodbye", auth: "none", hold_s: 15},
      {message: "hello", auth: "digest", hold_s: 15},
      {
        ...{message: "update", auth: "none", networks: "10.1.2.0/24 10.3.0.0/16 0.0.0.0/0", default_route: 1},
        ...{prefixes: 3, withdrawn: 1}
      },
      {
        ...{message: "update", auth: "none", networks: "2001:db8::/32 2001:db8:1:2::/63", default_route: 0},
        ...{prefixes: 2, withdrawn: 0}
      },
      {
        ...{message: "reply", auth: "none", networks: "10.5.5.0/24", default_route: 0},
        ...{prefixes: 1, withdrawn: 0}
      },
      {message: "query", auth: "none", prefixes: 0, withdrawn: 1}
    ].map((row) => ({...inEigrp, ...row}))
  },
  {
    name: "updates of OSPF",
    frames: [update, update, update6],
    rows: [
      {
        ...{src_ip: src, dst_ip: "224.0.0.5", protocol: "ospf", message: "update", device: "192.168.0.1"},
        ...{address: "192.168.0.9", group_id: 0, auth: "none", sequence: 10, default_route: 1},
        ...{networks: "10.4.0.0/16 0.0.0.0/0 10.2.0.0/15", prefixes: 6, withdrawn: 2, messages: 2}
      },
      {
        ...{src_ip: "fe80::1", dst_ip: "ff02::5", protocol: "ospf", message: "update", device: "192.168.0.2"},
        ...{address: "192.168.0.9", group_id: 0, sequence: 3, default_route: 1, prefixes: 4, withdrawn: 0},
        ...{networks: "2001:db8:1::/64 2001:db8::1/128 ::/0 2001:db8:2::/48", messages: 1}
      }
    ]
  },
  {
    name: "RIP",
    frames: [
      rip(`01 02 0000 0000 0000 00000000 00000000 00000000 00000010`),
      rip(
        `02 02 0000 ${route("0a010000", "ffff0000", 1)} ${route("00000000", "00000000", 1)} ${route("0a020000", "ffff0000", 16)}`
      ),
      rip(`02 01 0000 ${route("0a010000", "00000000", 1)} ${route("00000000", "00000000", 2)}`),
      rip(`02 02 0000 ffff 0002 ${"73".repeat(16)} ${route("0a010000", "ffff0000", 1)}`),
      rip(`02 02 0000 ${Array.from({length: 10}, (_, i) => route(`0a01000${i}`, "ffffffff", 3)).join("")}`),
      ripng
    ],
    rows: [
      {message: "request", auth: "none"},
      {
        ...{message: "response", auth: "none", networks: "10.1.0.0/16 0.0.0.0/0", default_route: 1},
        ...{prefixes: 2, withdrawn: 1}
      },
      {
        ...{message: "response", auth: "none", networks: "10.1.0.0 0.0.0.0/0", default_route: 1},
        ...{prefixes: 2, withdrawn: 0}
      },
      {
        ...{message: "response", auth: "password", networks: "10.1.0.0/16", default_route: 0},
        ...{prefixes: 1, withdrawn: 0}
      },
      {
        ...{message: "response", auth: "none", default_route: 0, prefixes: 10, withdrawn: 0},
        networks: Array.from({length: 8}, (_, i) => `10.1.0.${i}/32`).join(" ")
      },
      {
        ...{protocol: "ripng", src_ip: "fe80::1", dst_ip: "ff02::9", message: "response"},
        ...{networks: "2001:db8:1::/64 ::/0", default_route: 1, prefixes: 2, withdrawn: 1}
      }
    ].map((row) => ({...inRip, ...row}))
  },
  {
    name: "GLBP",
    frames: [glbp("20", "6e"), glbp("20", "6e"), glbp("10", "ff", "03 0c 01 08 636973636f313200")],
    rows: [
      {...inGlbp, group_id: 7, priority: 110, state: "active", auth: "none", hold_s: 10, messages: 2},
      {...inGlbp, group_id: 7, priority: 255, state: "standby", auth: "password", hold_s: 10, messages: 1}
    ]
  },
  {
    name: "VTP and DTP",
    frames: [
      summary,
      vtp("02", "0000002a 14 00 01 07 0001 05dc 000186a1 64656661756c7400"),
      vtp("03", "0000 0000"),
      dtp("03"),
      dtp("81"),
      dtp("04")
    ],
    rows: [
      {...onTrunk, protocol: "vtp", message: "summary", address: "10.0.0.3", sequence: 42},
      {...onTrunk, protocol: "vtp", message: "subset", sequence: 42},
      {...onTrunk, protocol: "vtp", message: "request"},
      {...onTrunk, protocol: "dtp", message: "announcement", state: "access desirable"},
      {...onTrunk, protocol: "dtp", message: "announcement", state: "trunk on"},
      {...onTrunk, protocol: "dtp", message: "announcement", state: "access auto"}
    ]
  }
];

/** Several networks in one part, the last a default route with a byte of its own, and a part that is cut off: tshark reads them wrongly. */
export const severalNetworks: NeighbourFrames = {
  name: "several networks of one part",
  frames: [
    eigrp("01", part("0102", `00000000 ${metric()} 18 0a0102 10 0a03 00 00`)),
    eigrp("01", `0102 001e 00000000 ${metric()} 10 0a03 18 0a04`)
  ],
  rows: [
    {
      ...{...inEigrp, message: "update", auth: "none", default_route: 1, prefixes: 3, withdrawn: 0},
      networks: "10.1.2.0/24 10.3.0.0/16 0.0.0.0/0"
    },
    {
      ...{...inEigrp, message: "update", auth: "none", default_route: 0, prefixes: 1, withdrawn: 0},
      networks: "10.3.0.0/16"
    }
  ]
};

import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

/** A column of one protocol's rows beside the fields of packets of a filter; equal messages are one row. */
const compared = (
  protocol: string,
  column: string,
  filter: string,
  fields: readonly string[],
  theirs: Comparison["theirs"] = ([values]) => values.slice(0, 1),
  isCompared: (row: RecordRow) => boolean = () => true
): Comparison => ({
  table: "neighbours",
  field: `${column} of ${protocol}`,
  filter,
  fields,
  theirs,
  ours: (row) =>
    row.protocol === protocol && isCompared(row) && row[column] !== null
      ? Array<string>(Number(row.messages)).fill(String(row[column]))
      : []
});

const numbers: Comparison["theirs"] = ([values]) => values.slice(0, 1).map((value) => String(Number(value)));
const known: Comparison["theirs"] = ([values]) => values.filter((value) => value !== "0.0.0.0").slice(0, 1);
const either: Comparison["theirs"] = (packet) => packet.flat().slice(0, 1);
/** An area as a number. */
const area: Comparison["theirs"] = ([areas]) =>
  areas.slice(0, 1).map((text) => String(text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0)));

const lldp: Comparison[] = [
  compared("lldp", "device", "lldp", ["lldp.tlv.system.name", "lldp.chassis.id.mac"], either),
  compared("lldp", "port", "lldp", ["lldp.port.id.mac", "lldp.port.id"], either),
  compared("lldp", "hold_s", "lldp", ["lldp.time_to_live"]),
  compared("lldp", "address", "lldp", ["lldp.mgn.addr.ip4", "lldp.mgn.addr.ip6"], either)
];
const cdp: Comparison[] = [
  compared("cdp", "device", "cdp", ["cdp.deviceid"]),
  compared("cdp", "port", "cdp", ["cdp.portid"]),
  compared("cdp", "platform", "cdp", ["cdp.platform"]),
  compared("cdp", "hold_s", "cdp", ["cdp.ttl"])
];
const stp: Comparison[] = [
  compared("stp", "device", "stp", ["stp.bridge.hw"]),
  compared("stp", "leader", "stp", ["stp.root.hw"]),
  compared("stp", "priority", "stp", ["stp.bridge.prio"]),
  compared("stp", "leader_priority", "stp", ["stp.root.prio"]),
  compared("stp", "group_id", "stp", ["stp.bridge.ext"]),
  compared("stp", "port", "stp", ["stp.port"])
];
const hello = "ospf.msg.hello == 1";
const isHello = (row: RecordRow) => row.message === "hello";
const ospf: Comparison[] = [
  compared("ospf", "device", hello, ["ospf.srcrouter"], undefined, isHello),
  compared("ospf", "group_id", hello, ["ospf.area_id"], area, isHello),
  compared("ospf", "priority", hello, ["ospf.hello.router_priority"], numbers),
  compared("ospf", "hold_s", hello, ["ospf.hello.router_dead_interval"], numbers),
  compared("ospf", "leader", hello, ["ospf.hello.designated_router"], known)
];
/** How many values of the fields there are, as often as "1". */
const ones: Comparison["theirs"] = (packet) => packet.flat().map(() => "1");
/** A column that is summed over the messages of a row. */
const summed = (protocol: string, column: string, filter: string, fields: readonly string[], theirs = ones) => ({
  ...compared(protocol, column, filter, fields, theirs),
  ours: (row: RecordRow) =>
    row.protocol === protocol && row.message !== "hello" ? Array<string>(Number(row[column] ?? 0)).fill("1") : []
});
const update = "ospf.msg.lsupdate == 1";
const isUpdate = (row: RecordRow) => row.message === "update";
const linkStates: Comparison[] = [
  compared("ospf", "address", update, ["ospf.advrouter"], undefined, isUpdate),
  compared("ospf", "sequence", update, ["ospf.lsa.seqnum"], ([values]) => [
    String(Math.max(...values.map((value) => (Number(value) ^ 0x80000000) >>> 0)))
  ]),
  summed("ospf", "withdrawn", update, ["ospf.lsa.age"], ([ages]) => ages.filter((age) => age === "3600").map(() => "1"))
];
const eigrp: Comparison[] = [
  compared("eigrp", "group_id", "eigrp.as && !(eigrp.opcode == 5 && eigrp.ack >= 1)", ["eigrp.as"]),
  summed("eigrp", "prefixes", "!(eigrp.opcode == 5) && !(eigrp.old_metric.delay == 4294967295)", [
    "eigrp.ipv4.prefixlen"
  ])
];
const first = (row: RecordRow) => String(row.networks).split(" ")[0].split("/")[0];
const rip: Comparison[] = [
  summed("rip", "prefixes", "rip.command == 2 && !(rip.metric >= 16)", ["rip.ip"]),
  {
    ...compared("rip", "networks", "rip.command == 2 && !(rip.metric >= 16)", ["rip.ip"]),
    ours: (row) => (row.protocol === "rip" && row.networks ? Array<string>(Number(row.messages)).fill(first(row)) : [])
  }
];
const glbp: Comparison[] = [
  compared("glbp", "group_id", "glbp.hello.priority", ["glbp.group"]),
  compared("glbp", "priority", "glbp.hello.priority", ["glbp.hello.priority"]),
  compared("glbp", "address", "glbp.hello.priority", ["glbp.hello.virtualipv4"])
];
const trunks: Comparison[] = [
  compared("vtp", "device", "vtp", ["vtp.md"]),
  compared("vtp", "sequence", "vtp", ["vtp.conf_rev_num"]),
  compared("vtp", "address", "vtp", ["vtp.upd_id"]),
  compared("dtp", "device", "dtp", ["dtp.domain"])
];
const hsrp: Comparison[] = [
  compared("hsrp", "address", "hsrp", ["hsrp.virt_ip", "hsrp2.virt_ip", "hsrp2.virt_ip_v6"], (packet) =>
    packet
      .flat()
      .filter((value) => value !== "0.0.0.0")
      .slice(0, 1)
  ),
  compared("hsrp", "group_id", "hsrp", ["hsrp.group", "hsrp2.group"], either),
  compared("hsrp", "priority", "hsrp", ["hsrp.priority", "hsrp2.priority"], either)
];
const vrrp: Comparison[] = [
  compared("vrrp", "group_id", "vrrp", ["vrrp.virt_rtr_id"]),
  compared("vrrp", "priority", "vrrp", ["vrrp.prio"]),
  compared("vrrp", "address", "vrrp", ["vrrp.ip_addr", "vrrp.ipv6_addr"], either)
];
const bgp: Comparison[] = [
  compared("bgp", "device", "bgp.open.identifier", ["bgp.open.identifier"], ([values]) => values),
  compared("bgp", "hold_s", "bgp.open.identifier", ["bgp.open.holdtime"], ([values]) => values),
  {
    ...compared("bgp", "error", "bgp.notify.major_error", ["bgp.notify.major_error"], ([values]) => values),
    ours: (row) => (row.message === "notification" ? Array<string>(Number(row.messages)).fill(code(row)) : [])
  },
  {
    ...compared(
      "bgp",
      "prefixes",
      "bgp.type == 2",
      ["bgp.nlri_prefix", "bgp.mp_reach_nlri_ipv4_prefix", "bgp.mp_reach_nlri_ipv6_prefix"],
      ones
    ),
    ours: (row) => (row.protocol === "bgp" ? Array<string>(Number(row.prefixes ?? 0)).fill("1") : [])
  },
  {
    ...compared(
      "bgp",
      "withdrawn",
      "bgp.type == 2",
      ["bgp.withdrawn_prefix", "bgp.mp_unreach_nlri_ipv4_prefix", "bgp.mp_unreach_nlri_ipv6_prefix"],
      ones
    ),
    ours: (row) => (row.protocol === "bgp" ? Array<string>(Number(row.withdrawn ?? 0)).fill("1") : [])
  }
];

/** tshark's number of an error. */
function code({error}: RecordRow): string {
  const names = ["message header", "open message", "update message", "hold timer", "finite state machine", "cease"];
  return String(1 + names.findIndex((name) => String(error).startsWith(name)));
}

/** What routers and switches say of themselves beside tshark's fields. */
export const neighbours: readonly Comparison[] = [
  ...lldp,
  ...cdp,
  ...trunks,
  ...stp,
  ...ospf,
  ...linkStates,
  ...eigrp,
  ...rip,
  ...hsrp,
  ...vrrp,
  ...glbp,
  ...bgp
];

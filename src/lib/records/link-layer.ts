import {oneOf} from "../sql.js";
import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

/** Frames without IP; equal messages of two stations are one record. */
export const linkFrames: RecordSource = {
  name: "link_layer",
  title: "frames without IP",
  flowless: true,
  columns: [
    {name: "src_mac", label: "Sender", kind: "text"},
    {name: "dst_mac", label: "Receiver", kind: "text"},
    {name: "protocol", label: "Protocol", kind: "text"},
    {name: "message", label: "Message", kind: "text"},
    {name: "function", label: "Function", kind: "text", sql: 'r."function"'},
    {name: "unit", label: "Unit", kind: "port"},
    {name: "address", label: "Address", kind: "text"},
    {name: "error", label: "Error", kind: "text"},
    {name: "messages", label: "Frames", kind: "count"}
  ],
  derived: {is_write: "r.is_write", vlan: "r.vlan", points: "r.points", duration_us: "r.duration_us"},
  nothing:
    "No frame without IP was seen, apart from ARP: LLDP, spanning tree, EAPOL, PROFINET, GOOSE, Sampled Values, EtherCAT, POWERLINK and others."
};

/** ARP packets: who claims which address, and who asks for it. */
export const arpPackets: RecordSource = {
  name: "arp",
  title: "ARP packets",
  flowless: true,
  columns: [
    {name: "sender_mac", label: "MAC address", kind: "text"},
    {name: "sender_ip", label: "Address", kind: "host"},
    {name: "target_ip", label: "Asked for", kind: "host"}
  ],
  derived: {
    is_request: "r.operation = 1",
    is_claim: "r.sender_ip <> '0.0.0.0'",
    vlan: "r.vlan"
  },
  nothing: "No ARP packet was seen."
};

/** What routers and switches say of themselves; equal messages of one are one record. */
export const neighbourRecords: RecordSource = {
  name: "neighbours",
  title: "what routers and switches say of themselves",
  flowless: true,
  columns: [
    {name: "protocol", label: "Protocol", kind: "text"},
    {name: "message", label: "Message", kind: "text"},
    {name: "device", label: "Device", kind: "text"},
    {name: "messages", label: "Messages", kind: "count"}
  ],
  derived: Object.fromEntries(
    [
      ...["src_mac", "src_ip", "port", "platform", "address", "group_id", "priority", "leader", "leader_priority"],
      ...["state", "auth", "sequence", "networks", "default_route", "prefixes", "withdrawn", "error", "duration_us"]
    ].map((name) => [name, `r.${name}`])
  ),
  nothing: "No router or switch was heard: LLDP, CDP, VTP, DTP, spanning tree, OSPF, EIGRP, RIP, HSRP, VRRP, GLBP, BGP."
};

/** What IP tells hosts about routers, and fragments that overlap. */
export const routerRecords: RecordSource = {
  name: "network_layer",
  title: "messages about routers",
  flowless: true,
  columns: [
    {name: "kind", label: "Kind", kind: "text"},
    {name: "src_mac", label: "Sender", kind: "text"},
    {name: "router", label: "Router", kind: "host"}
  ],
  derived: Object.fromEntries(
    ["destination", "prefix", "prefix_bits", "name_server", "lifetime_s", "overlap_bytes"].map((name) => [
      name,
      `r.${name}`
    ])
  ),
  nothing: "No router advertisement, no redirect and no overlapping fragments were seen."
};

/** Those of industrial automation; the page Industrial shows their operations. */
const industrialProtocols = oneOf("protocol", [
  "profinet-rt",
  "profinet-dcp",
  "goose",
  "sampled-values",
  "ethercat",
  "powerlink"
]);

const frames = {name: "frames", label: "Frames", kind: "count"} as const;
const first = {name: "first_us", label: "First", kind: "time"} as const;
const last = {name: "last_us", label: "Last", kind: "time"} as const;
const summed = "CAST(coalesce(sum(messages), 0) AS BIGINT) AS frames";
const span = "min(ts_us) AS first_us, CAST(max(ts_us + coalesce(duration_us, 0)) AS BIGINT) AS last_us";

/** Vendors of MAC addresses, as `host_marks` has them: by the longest of their prefixes. */
const vendorSql = (mac: string) => `CASE WHEN substr(${mac}, 2, 1) IN ('2', '6', 'a', 'e') THEN 'locally administered'
    ELSE (SELECT arg_max(v.vendor, length(v.prefix)) FROM mac_vendors AS v WHERE starts_with(replace(${mac}, ':', ''), v.prefix)) END`;

export const linkFigures: RecordQuestion = {
  name: "link-figures",
  title: "Link layer in figures",
  source: linkFrames,
  columns: [
    frames,
    {name: "senders", label: "Stations that send", kind: "count"},
    {name: "protocols", label: "Protocols", kind: "count"},
    {name: "writes", label: "Writes", kind: "count"}
  ],
  sql: () => `SELECT ${summed}, CAST(count(DISTINCT src_mac) AS BIGINT) AS senders, CAST(count(DISTINCT protocol) AS BIGINT) AS protocols,
  CAST(coalesce(sum(messages) FILTER (is_write AND message <> 'response'), 0) AS BIGINT) AS writes
FROM records`
};

export const linkOverTime: RecordQuestion = {
  name: "link-over-time",
  title: "Frames without IP over time",
  source: linkFrames,
  columns: [{name: "ts_us", label: "From", kind: "time"}, {name: "protocol", label: "Protocol", kind: "text"}, frames],
  sql: (grid) => `SELECT ${bucketSql(grid)}, protocol, ${summed}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const linkProtocols: RecordQuestion = {
  name: "link-protocols",
  title: "Protocols",
  source: linkFrames,
  columns: [
    {name: "protocol", label: "Protocol", kind: "text"},
    frames,
    {name: "senders", label: "Stations that send", kind: "count"},
    {name: "functions", label: "Functions", kind: "text"},
    first,
    last
  ],
  sql: () => `SELECT protocol, ${summed}, CAST(count(DISTINCT src_mac) AS BIGINT) AS senders,
  string_agg(DISTINCT "function", ', ' ORDER BY "function") AS functions, ${span}
FROM records\nGROUP BY protocol\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const linkPairs: RecordQuestion = {
  name: "link-pairs",
  title: "Who sends to whom",
  source: linkFrames,
  columns: [
    {name: "src_mac", label: "Sender", kind: "text"},
    {name: "vendor", label: "Vendor", kind: "text"},
    {name: "dst_mac", label: "Receiver", kind: "text"},
    {name: "vlan", label: "VLAN", kind: "port"},
    {name: "protocol", label: "Protocol", kind: "text"},
    frames,
    {name: "functions", label: "Functions", kind: "text"},
    first,
    last
  ],
  sql: () => `SELECT p.src_mac, n.vendor, p.dst_mac, p.vlan, p.protocol, p.frames, p.functions, p.first_us, p.last_us
FROM (SELECT src_mac, dst_mac, vlan, protocol, ${summed}, string_agg(DISTINCT "function", ', ' ORDER BY "function") AS functions, ${span}
  FROM records GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4 LIMIT 500) AS p
LEFT JOIN (SELECT src_mac, ${vendorSql("src_mac")} AS vendor FROM (SELECT DISTINCT src_mac FROM records) AS m) AS n ON n.src_mac = p.src_mac
ORDER BY 6 DESC, 1, 3, 4, 5`
};

/** Operations of industrial protocols without IP: writes first, then what comes most often. */
export const linkOperations: RecordQuestion = {
  name: "link-operations",
  title: "Operations without IP",
  source: linkFrames,
  columns: [
    {name: "src_mac", label: "Sender", kind: "text"},
    {name: "dst_mac", label: "Receiver", kind: "text"},
    {name: "protocol", label: "Protocol", kind: "text"},
    {name: "message", label: "Message", kind: "text"},
    {name: "function", label: "Function", kind: "text"},
    {name: "unit", label: "Unit", kind: "port"},
    {name: "address", label: "Address", kind: "text"},
    {name: "writes", label: "Writes", kind: "text"},
    {name: "error", label: "Error", kind: "text"},
    frames,
    first,
    last
  ],
  sql: () => `SELECT src_mac, dst_mac, protocol, message, "function", unit, address, CASE WHEN is_write THEN 'writes' END AS writes, error, ${summed}, ${span}
FROM records\nWHERE ${industrialProtocols}\nGROUP BY ALL\nORDER BY writes NULLS LAST, frames DESC, 1, 2, 3, 4, 5, 6, 7, 9\nLIMIT 500`
};

/** Each address with the hardware that claims it, those that several claim first. */
export const arpHolders: RecordQuestion = {
  name: "arp-holders",
  title: "Who holds which address",
  source: arpPackets,
  columns: [
    {name: "ip", label: "Address", kind: "host"},
    {name: "mac", label: "MAC address", kind: "text"},
    {name: "vendor", label: "Vendor", kind: "text"},
    {name: "others", label: "Other holders", kind: "count"},
    {name: "addresses", label: "Addresses it holds", kind: "count"},
    {name: "packets", label: "ARP packets", kind: "count"},
    {name: "asks", label: "Asks for", kind: "count"},
    first,
    last
  ],
  sql: () => `, claims AS (
  SELECT sender_ip AS ip, sender_mac AS mac, CAST(count(*) AS BIGINT) AS packets, CAST(count(DISTINCT target_ip) FILTER (is_request AND target_ip <> sender_ip) AS BIGINT) AS asks,
    min(ts_us) AS first_us, max(ts_us) AS last_us
  FROM records WHERE is_claim GROUP BY 1, 2
), made AS (
  SELECT mac, CAST(count(*) AS BIGINT) AS addresses, ${vendorSql("mac")} AS vendor FROM claims GROUP BY mac
), held AS (
  SELECT ip, count(*) AS holders FROM claims GROUP BY ip
)
SELECT c.ip, c.mac, m.vendor, CAST(h.holders - 1 AS BIGINT) AS others, m.addresses, c.packets, c.asks, c.first_us, c.last_us
FROM claims AS c JOIN made AS m ON m.mac = c.mac JOIN held AS h ON h.ip = c.ip
ORDER BY others DESC, c.packets DESC, c.ip, c.mac\nLIMIT 500`
};

/** Each speaker with what it says: those whose words changed most often first within their protocol. */
export const neighbourList: RecordQuestion = {
  name: "neighbour-list",
  title: "Routers and switches",
  source: neighbourRecords,
  columns: [
    {name: "protocol", label: "Protocol", kind: "text"},
    {name: "message", label: "Message", kind: "text"},
    {name: "speaker", label: "Speaks from", kind: "text"},
    {name: "device", label: "Device", kind: "text"},
    {name: "port", label: "Port", kind: "text"},
    {name: "platform", label: "Platform", kind: "text"},
    {name: "address", label: "Address", kind: "host"},
    {name: "group_id", label: "Area, group, AS", kind: "port"},
    {name: "priority", label: "Priority", kind: "port"},
    {name: "leader", label: "Leader", kind: "text"},
    {name: "told", label: "State", kind: "text"},
    {name: "auth", label: "Authentication", kind: "text"},
    {name: "announced", label: "Prefixes", kind: "count"},
    {name: "sent", label: "Messages", kind: "count"},
    first,
    last
  ],
  sql: () => `SELECT protocol, message, coalesce(src_ip, src_mac) AS speaker, device, port, platform, address, group_id, priority, leader, coalesce(error, state) AS told, auth,
  CAST(sum(prefixes) AS BIGINT) AS announced, CAST(sum(messages) AS BIGINT) AS sent, ${span}
FROM records\nGROUP BY protocol, message, speaker, device, port, platform, address, group_id, priority, leader, told, auth
ORDER BY protocol, first_us, speaker, message, device, group_id, priority, leader, told, auth, port, platform, address\nLIMIT 500`
};

/** Routers that hosts are told to use, and fragments that overlap. */
export const routerList: RecordQuestion = {
  name: "router-list",
  title: "What hosts are told about routers",
  source: routerRecords,
  columns: [
    {name: "told", label: "Message", kind: "text"},
    {name: "router", label: "Router", kind: "host"},
    {name: "mac", label: "MAC address", kind: "text"},
    {name: "destination", label: "For", kind: "host"},
    {name: "network", label: "Prefix", kind: "text"},
    {name: "name_server", label: "Name server", kind: "host"},
    {name: "lifetime", label: "Lifetime in s", kind: "count"},
    {name: "overlap", label: "Overlapping bytes", kind: "bytes"},
    {name: "sent", label: "Messages", kind: "count"},
    first,
    {name: "last_us", label: "Last", kind: "time"}
  ],
  sql: () => `SELECT replace(kind, '_', ' ') AS told, router, src_mac AS mac, destination, prefix || '/' || prefix_bits AS network, name_server, lifetime_s AS lifetime,
  CAST(sum(overlap_bytes) AS BIGINT) AS overlap, CAST(count(*) AS BIGINT) AS sent, min(ts_us) AS first_us, max(ts_us) AS last_us
FROM records\nGROUP BY told, router, mac, destination, network, name_server, lifetime
ORDER BY sent DESC, told, router, mac, destination, network, name_server, lifetime\nLIMIT 500`
};

export const linkLayerPage: RecordPage = {
  path: "/link-layer",
  sources: [],
  beside: ["mac_vendors"],
  questions: [linkFigures, linkOverTime, linkProtocols, linkPairs, arpHolders, neighbourList, routerList]
};

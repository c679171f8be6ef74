import type {Table} from "./column.ts";

/** Roles of a host, each with the services whose responder has it. */
const roles: Readonly<Record<string, readonly string[]>> = {
  "name server": ["dns"],
  "directory server": ["kerberos", "ldap"],
  "file server": ["smb", "ftp", "nfs", "tftp"],
  "web server": ["http", "http2"],
  "mail server": ["smtp", "imap", "pop3"],
  database: ["mysql", "postgresql", "mssql", "mongodb", "redis", "oracle", "cassandra", "drda", "elasticsearch", "memcached"],
  "time server": ["ntp"],
  proxy: ["socks", "proxy-protocol"],
  controller: ["modbus", "dnp3", "s7comm", "s7comm-plus", "mms", "iec104", "bacnet", "enip", "opcua", "melsec", "fins", "ads", "ge-srtp", "hart-ip", "c37118", "knxnet-ip", "ether-s-bus"],
  "shell server": ["ssh", "telnet", "rdp", "vnc"]
};

/** Operating systems by banner or header text: LIKE pattern in lower case, and the system. The first matching pattern is used. */
const systems: readonly (readonly [pattern: string, system: string])[] = [
  ["%android%", "Android"],
  ["%iphone%", "iOS"],
  ["%ipad%", "iOS"],
  ["%openssh_for_windows%", "Windows"],
  ["%windows nt 10.0%", "Windows 10 or newer"],
  ["%windows nt 6.1%", "Windows 7"],
  ["%windows nt 5.1%", "Windows XP"],
  ["%windows%", "Windows"],
  ["msft %", "Windows"],
  ["%microsoft-%", "Windows"],
  ["%mac os x%", "macOS"],
  ["%darwin%", "macOS or iOS"],
  ["%cros %", "ChromeOS"],
  ["%ubuntu%", "Linux (Ubuntu)"],
  ["%debian%", "Linux (Debian)"],
  ["%raspbian%", "Linux (Raspbian)"],
  ["%fedora%", "Linux (Fedora)"],
  ["%centos%", "Linux (CentOS)"],
  ["%freebsd%", "FreeBSD"],
  ["udhcp%", "Linux (embedded)"],
  ["%linux%", "Linux"]
];

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

const systemOf = (column: string) => `CASE ${systems.map(([pattern, system]) => `WHEN lower(${column}) LIKE ${text(pattern)} THEN ${text(system)}`).join(" ")} END`;

const roleOf = (column: string) =>
  `CASE ${Object.entries(roles)
    .map(([role, services]) => `WHEN ${column} IN (${services.map(text).join(", ")}) THEN ${text(role)}`)
    .join(" ")} END`;

/** The vendor of a column's MAC address, by the longest of the IEEE's prefixes: a join, and the expression. */
export const vendorOf = (mac: string, as = "vendor") => ({
  join: [9, 7, 6].map((digits) => `LEFT JOIN mac_vendors AS ${as}_${digits} ON ${as}_${digits}.prefix = left(replace(${mac}, ':', ''), ${digits})`).join("\n  "),
  sql: `CASE WHEN substr(${mac}, 2, 1) IN ('2', '6', 'a', 'e') THEN 'locally administered' ELSE coalesce(${as}_9.vendor, ${as}_7.vendor, ${as}_6.vendor) END`
});

const vendor = vendorOf("macs.mac");

/**
 * A view over records: per capture and address of a host what its hardware and its system are. `mac` comes from ARP and DHCP,
 * so only hosts on the captured network have one.
 */
export const hostMarksView: Table & {readonly sql: string} = {
  name: "host_marks",
  doc: "A view: hardware address, vendor and operating system of hosts, one row per capture and address that says any of it.",
  columns: [
    {name: "capture_sha256", type: "VARCHAR", doc: "The capture."},
    {name: "ip", type: "VARCHAR", doc: "Address of the host."},
    {name: "mac", type: "VARCHAR", nullable: true, doc: "Its MAC address, the last one that ARP or DHCP gave; NULL for hosts behind a router."},
    {name: "vendor", type: "VARCHAR", nullable: true, doc: "Who made the network interface, by the IEEE's registry of prefixes (loaders/lake/vendors); `locally administered` where the address is random or given by software; NULL without a MAC address, and for prefixes that are not listed.", source: "IEEE 802 §8.2"},
    {name: "system", type: "VARCHAR", nullable: true, doc: "Guess at the operating system; NULL where nothing tells it."},
    {name: "evidence", type: "VARCHAR", nullable: true, doc: "The text that the guess is based on: a DHCP vendor class, an SSH banner, a User-Agent or Server header."}
  ],
  sortBy: [],
  sql: `WITH leases AS (
  SELECT capture_sha256, ts, client_mac, coalesce(assigned, client, requested) AS ip,
    max(vendor_class) OVER (PARTITION BY capture_sha256, client_mac) AS its_class
  FROM dhcp WHERE client_mac IS NOT NULL
), macs AS (
  SELECT capture_sha256, ip, arg_max(mac, ts) AS mac FROM (
    SELECT capture_sha256, sender_ip AS ip, sender_mac AS mac, ts FROM arp WHERE sender_ip <> '0.0.0.0'
    UNION ALL SELECT capture_sha256, ip, client_mac, ts FROM leases WHERE ip IS NOT NULL
  ) GROUP BY ALL
), told AS (
  SELECT capture_sha256, ip, its_class AS words, 1 AS rank FROM leases WHERE ip IS NOT NULL AND its_class IS NOT NULL
  UNION SELECT s.capture_sha256, f.src_ip, s.client_banner, 2 FROM ssh AS s JOIN flows AS f USING (flow_id, capture_sha256)
  UNION SELECT s.capture_sha256, f.dst_ip, s.server_banner, 2 FROM ssh AS s JOIN flows AS f USING (flow_id, capture_sha256)
  UNION SELECT h.capture_sha256, f.src_ip, h.user_agent, 3 FROM http AS h JOIN flows AS f USING (flow_id, capture_sha256)
  UNION SELECT h.capture_sha256, f.dst_ip, h.server, 4 FROM http AS h JOIN flows AS f USING (flow_id, capture_sha256)
), hints AS (
  SELECT capture_sha256, ip, arg_min(system, (rank, words)) AS system, arg_min(words, (rank, words)) AS evidence
  FROM (SELECT *, ${systemOf("words")} AS system FROM told WHERE words IS NOT NULL) AS judged
  WHERE system IS NOT NULL GROUP BY ALL
), made AS (
  SELECT macs.capture_sha256, macs.ip, macs.mac, ${vendor.sql} AS vendor
  FROM macs
  ${vendor.join}
)
SELECT capture_sha256, ip, mac, vendor, system, evidence FROM made FULL JOIN hints USING (capture_sha256, ip)`
};

/**
 * A view over flows and records: one row per capture and address. `names` is a list of `{name, source}`. `system` is a guess
 * at the operating system, `evidence` the text it is based on. `services` lists what the host answered as responder, with ports.
 */
export const hostsView = {
  name: "hosts",
  sql: `WITH ends AS (
  SELECT capture_sha256, src_ip AS ip, ts_start, ts_end, 1 AS begun, 0 AS answered,
    src_wire_bytes AS sent, dst_wire_bytes AS received, NULL AS offered, NULL AS service
  FROM flows
  UNION ALL
  SELECT capture_sha256, dst_ip, ts_start, ts_end, 0, CAST(dst_pkts > 0 AS INTEGER),
    dst_wire_bytes, src_wire_bytes,
    CASE WHEN dst_pkts > 0 AND service NOT IN ('ftp-data', 'dcc') THEN service || ' ' || dst_port END,
    CASE WHEN dst_pkts > 0 THEN service END
  FROM flows
), seen AS (
  SELECT capture_sha256, ip, min(ts_start) AS first_seen, max(ts_end) AS last_seen,
    CAST(sum(begun) AS BIGINT) AS flows_begun, CAST(sum(answered) AS BIGINT) AS flows_answered,
    CAST(sum(sent) AS BIGINT) AS sent_bytes, CAST(sum(received) AS BIGINT) AS received_bytes,
    list_sort(list_distinct(list(offered) FILTER (offered IS NOT NULL))) AS services,
    list(${roleOf("service")}) FILTER (service IS NOT NULL) AS all_roles
  FROM ends GROUP BY ALL
), leases AS (
  SELECT capture_sha256, coalesce(assigned, client, requested) AS ip,
    max(host_name) OVER (PARTITION BY capture_sha256, client_mac) AS its_name
  FROM dhcp WHERE client_mac IS NOT NULL
), answers AS (
  SELECT d.capture_sha256, d.query, CASE WHEN f.service IN ('mdns', 'llmnr') THEN f.service ELSE 'dns' END AS source,
    unnest(string_split(trim(d.answers, '[]"'), '","')) AS ip
  FROM dns AS d LEFT JOIN flows AS f USING (flow_id, capture_sha256)
  WHERE d.qtype IN (1, 28) AND d.answers IS NOT NULL AND d.query IS NOT NULL
), named AS (
  SELECT capture_sha256, ip, its_name AS name, 'dhcp' AS source FROM leases WHERE ip IS NOT NULL AND its_name IS NOT NULL
  UNION SELECT capture_sha256, ip, query, source FROM answers
  UNION SELECT capture_sha256, dst_ip, server_name, coalesce(service, 'tls') FROM flows WHERE server_name <> dst_ip
  UNION SELECT n.capture_sha256, f.src_ip, n.host, 'ntlm' FROM ntlm AS n JOIN flows AS f USING (flow_id, capture_sha256) WHERE n.host IS NOT NULL
  UNION SELECT n.capture_sha256, f.dst_ip, coalesce(n.server_dns, n.server_name), 'ntlm'
    FROM ntlm AS n JOIN flows AS f USING (flow_id, capture_sha256) WHERE coalesce(n.server_dns, n.server_name) IS NOT NULL
  UNION SELECT k.capture_sha256, f.src_ip, rtrim(k.client, '$'), 'kerberos'
    FROM kerberos AS k JOIN flows AS f USING (flow_id, capture_sha256) WHERE k.client LIKE '%$'
), all_names AS (
  SELECT capture_sha256, ip, list({name: name, source: source} ORDER BY source, name)[1:50] AS names FROM named GROUP BY ALL
), special AS (
  SELECT capture_sha256, server AS ip, 'address server' AS role FROM dhcp WHERE server IS NOT NULL
  UNION SELECT capture_sha256, router, 'router' FROM dhcp WHERE router IS NOT NULL
), special_roles AS (
  SELECT capture_sha256, ip, list(role) AS roles FROM special GROUP BY ALL
)
SELECT seen.capture_sha256, seen.ip, marks.mac, marks.vendor, all_names.names, marks.system, marks.evidence,
  list_sort(list_distinct(list_filter(list_concat(seen.all_roles, special_roles.roles), role -> role IS NOT NULL))) AS roles,
  seen.services, seen.first_seen, seen.last_seen, seen.flows_begun, seen.flows_answered, seen.sent_bytes, seen.received_bytes
FROM seen
LEFT JOIN host_marks AS marks USING (capture_sha256, ip)
LEFT JOIN all_names USING (capture_sha256, ip)
LEFT JOIN special_roles USING (capture_sha256, ip)`
};

import type {Filter} from "../filter.js";
import {literal, oneOf} from "../sql.js";
import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";

/** Each flow once for either of its hosts, with what that host did in it. */
export const hostEnds: RecordSource = {
  name: "flows",
  title: "flows",
  // A host that talks to itself is there once.
  from: "flows AS f\n  JOIN (VALUES (1), (2)) AS e(place) ON e.place = 1 OR f.src_ip <> f.dst_ip",
  columns: [
    {name: "host", label: "Host", kind: "host", sql: "CASE e.place WHEN 1 THEN f.src_ip ELSE f.dst_ip END"},
    {name: "peer", label: "Peer", kind: "host", sql: "CASE e.place WHEN 1 THEN f.dst_ip ELSE f.src_ip END"}
  ],
  derived: {
    is_originator: "e.place = 1",
    // A port that only resets, or never answers, offers no service.
    refused: "f.proto = 6 AND f.service IS NULL AND coalesce(f.conn_state IN ('REJ', 'S0', 'RSTOS0', 'SH'), FALSE)",
    sent: "CASE e.place WHEN 1 THEN f.src_wire_bytes ELSE f.dst_wire_bytes END",
    received: "CASE e.place WHEN 1 THEN f.dst_wire_bytes ELSE f.src_wire_bytes END",
    answered: "f.dst_pkts > 0",
    service: "f.service",
    service_name:
      "coalesce(f.service, CASE f.proto WHEN 6 THEN 'tcp/' || f.dst_port WHEN 17 THEN 'udp/' || f.dst_port WHEN 1 THEN 'icmp' WHEN 58 THEN 'icmpv6' ELSE 'ip/' || f.proto END)",
    end_us: "epoch_us(f.ts_start) + f.duration_us",
    server_name: "f.server_name"
  },
  nothing: "No flow was seen."
};

/** Flows as they are, of which {@link pairsMade} makes the ends of each pair of hosts. */
const spoken: RecordSource = {
  ...hostEnds,
  from: "flows AS f",
  columns: [],
  derived: {
    sent: "f.src_wire_bytes",
    received: "f.dst_wire_bytes",
    answered: "f.dst_pkts > 0",
    service: "f.service",
    end_us: "epoch_us(f.ts_start) + f.duration_us",
    server_name: "f.server_name"
  }
};

/** What each host did with each other, added up by service and name: mostly far fewer rows than flows, which are read once. */
const pairsMade = `, summed AS (
  SELECT originator, responder, service, server_name, answered, CAST(count(*) AS BIGINT) AS flows, CAST(sum(sent) AS BIGINT) AS sent,
    CAST(sum(received) AS BIGINT) AS received, min(ts_us) AS first_us, max(end_us) AS last_us
  FROM chosen GROUP BY originator, responder, service, server_name, answered
)
SELECT CASE place WHEN 1 THEN originator ELSE responder END AS host, CASE place WHEN 1 THEN responder ELSE originator END AS peer,
  place = 1 AS is_originator, service, server_name, answered, flows, CASE place WHEN 1 THEN sent ELSE received END AS sent,
  CASE place WHEN 1 THEN received ELSE sent END AS received, first_us, last_us
FROM summed JOIN (VALUES (1), (2)) AS e(place) ON place = 1 OR originator <> responder`;

const source = hostEnds;
const flows = {name: "flows", label: "Flows", kind: "count"} as const;
const sent = {name: "sent", label: "Sent", kind: "bytes"} as const;
const received = {name: "received", label: "Received", kind: "bytes"} as const;
const peers = {name: "peers", label: "Peers", kind: "count"} as const;
const counted = "CAST(count(*) AS BIGINT) AS flows";
const volume = "CAST(sum(sent) AS BIGINT) AS sent, CAST(sum(received) AS BIGINT) AS received";
const countedPeers = "CAST(count(DISTINCT peer) AS BIGINT) AS peers";

/** What it mostly does: asks, answers, or both. Who answers only multicasts or nobody is no server. */
const role = `CASE WHEN count(*) FILTER (NOT is_originator AND answered) = 0 AND count(*) FILTER (is_originator) = 0 THEN 'never answered'
    WHEN count(*) FILTER (NOT is_originator AND answered) = 0 THEN 'client'
    WHEN count(*) FILTER (is_originator) = 0 THEN 'server' ELSE 'client and server' END AS role`;

/** The name that most flows have where a condition holds, of several the first in the alphabet. */
const nameOf = (
  end: "host" | "peer",
  where: string,
  counted: "count(*)" | "sum(flows)"
) => `SELECT ${end}, min(server_name) AS name FROM (
    SELECT ${end}, server_name, ${counted} AS times, max(${counted}) OVER (PARTITION BY ${end}) AS most
    FROM records WHERE ${where} GROUP BY 1, 2
  ) AS counted WHERE times = most GROUP BY 1`;

/** What ARP, DHCP, banners and headers tell of hosts: all that was said of an address, whatever the time. */
const marks = ({captures}: Filter) => `SELECT ip, string_agg(DISTINCT mac, ', ' ORDER BY mac) AS mac,
    string_agg(DISTINCT vendor, ', ' ORDER BY vendor) AS vendor, string_agg(DISTINCT system, ', ' ORDER BY system) AS system,
    string_agg(DISTINCT evidence, ', ' ORDER BY evidence) AS evidence
  FROM host_marks AS m${captures ? ` WHERE ${oneOf("m.capture_sha256", captures)}` : ""} GROUP BY ip`;

export const hostList: RecordQuestion = {
  name: "host-list",
  title: "Hosts",
  source: spoken,
  made: pairsMade,
  isReadOnce: true,
  columns: [
    {name: "host", label: "Host", kind: "host"},
    {name: "name", label: "A name it was reached by", kind: "text"},
    {name: "role", label: "Role", kind: "text"},
    flows,
    sent,
    received,
    peers,
    {name: "offers", label: "Answers to", kind: "service"},
    {name: "mac", label: "MAC address", kind: "text"},
    {name: "vendor", label: "Vendor", kind: "text"},
    {name: "system", label: "System (a guess)", kind: "text"},
    {name: "first_us", label: "First seen", kind: "time"},
    {name: "last_us", label: "Last seen", kind: "time"}
  ],
  sql: (
    _,
    filter
  ) => `SELECT host, name, role, flows, sent, received, peers, offers, mac, vendor, system, first_us, last_us
FROM (
  SELECT host, ${role}, CAST(sum(flows) AS BIGINT) AS flows, ${volume}, ${countedPeers},
    string_agg(DISTINCT service, ', ' ORDER BY service) FILTER (NOT is_originator AND answered) AS offers,
    CAST(min(first_us) AS BIGINT) AS first_us, CAST(max(last_us) AS BIGINT) AS last_us
  FROM records GROUP BY host ORDER BY sum(sent + received) DESC, host LIMIT 2000
) AS listed
LEFT JOIN (${nameOf("host", "NOT is_originator AND server_name <> host", "sum(flows)")}) AS named USING (host)
LEFT JOIN (${marks(filter)}) AS marked ON ip = host
ORDER BY sent + received DESC, host`
};

export const hostFigures: RecordQuestion = {
  name: "host-figures",
  title: "Hosts in figures",
  source: spoken,
  made: pairsMade,
  isReadOnce: true,
  columns: [
    {name: "hosts", label: "Hosts", kind: "count"},
    {name: "clients", label: "Hosts that ask", kind: "count"},
    {name: "servers", label: "Hosts that answer", kind: "count"},
    {name: "silent", label: "Never answered", kind: "count"},
    {name: "pairs", label: "Pairs that spoke", kind: "count"}
  ],
  sql: () => `SELECT CAST(count(DISTINCT host) AS BIGINT) AS hosts, CAST(count(DISTINCT host) FILTER (is_originator) AS BIGINT) AS clients,
  CAST(count(DISTINCT host) FILTER (NOT is_originator AND answered) AS BIGINT) AS servers,
  CAST(count(DISTINCT host) - count(DISTINCT host) FILTER (is_originator OR answered) AS BIGINT) AS silent,
  CAST(count(DISTINCT CASE WHEN is_originator THEN least(host, peer) || ' ' || greatest(host, peer) END) AS BIGINT) AS pairs
FROM records`
};

/** The host of the filter; without one no row is of it. */
const only = ({host}: Filter) => `host = ${literal(host ?? "")}`;

export const hostSummary: RecordQuestion = {
  name: "host-summary",
  title: "This host in figures",
  source,
  columns: [
    {name: "role", label: "Role", kind: "text"},
    {name: "asked", label: "Flows opened", kind: "count"},
    {name: "taken", label: "Flows taken", kind: "count"},
    sent,
    received,
    peers,
    {name: "first_us", label: "First seen", kind: "time"},
    {name: "last_us", label: "Last seen", kind: "time"}
  ],
  sql: (
    _,
    filter
  ) => `SELECT ${role}, CAST(count(*) FILTER (is_originator) AS BIGINT) AS asked, CAST(count(*) FILTER (NOT is_originator) AS BIGINT) AS taken,
  CAST(coalesce(sum(sent), 0) AS BIGINT) AS sent, CAST(coalesce(sum(received), 0) AS BIGINT) AS received, ${countedPeers},
  CAST(min(ts_us) AS BIGINT) AS first_us, CAST(max(end_us) AS BIGINT) AS last_us
FROM records\nWHERE ${only(filter)}`
};

export const hostMarks: RecordQuestion = {
  name: "host-marks",
  title: "Hardware and system",
  source,
  columns: [
    {name: "mac", label: "MAC address", kind: "text"},
    {name: "vendor", label: "Vendor", kind: "text"},
    {name: "system", label: "System (a guess)", kind: "text"},
    {name: "evidence", label: "Evidence of it", kind: "text"}
  ],
  sql: (_, filter) =>
    `SELECT mac, vendor, system, evidence FROM (${marks(filter)}) AS marked WHERE ip = ${literal(filter.host ?? "")}`
};

/** A peer's services by name, so many at most: of one that was scanned they would be hundreds. */
const mostServices = 8;
export const peerServices = `coalesce(array_to_string(list_slice(list(DISTINCT service_name ORDER BY service_name) FILTER (NOT refused), 1, ${mostServices}), ', ')
      || CASE WHEN count(DISTINCT service_name) FILTER (NOT refused) > ${mostServices}
        THEN ', and ' || (count(DISTINCT service_name) FILTER (NOT refused) - ${mostServices}) || ' more' ELSE '' END, 'none accepted')`;

export const hostPeers: RecordQuestion = {
  name: "host-peers",
  title: "Peers",
  source,
  columns: [
    {name: "peer", label: "Peer", kind: "host"},
    {name: "name", label: "A name it was reached by", kind: "text"},
    flows,
    sent,
    received,
    {name: "services", label: "Services", kind: "service"},
    {name: "first_us", label: "First", kind: "time"}
  ],
  sql: (_, filter) => `SELECT peer, name, flows, sent, received, services, first_us
FROM (
  SELECT peer, ${counted}, ${volume},
    ${peerServices} AS services, CAST(min(ts_us) AS BIGINT) AS first_us
  FROM records\nWHERE ${only(filter)}\nGROUP BY peer
) AS listed
LEFT JOIN (${nameOf("peer", `${only(filter)} AND is_originator AND server_name IS NOT NULL`, "count(*)")}) AS named USING (peer)
ORDER BY sent + received DESC, peer\nLIMIT 1000`
};

const services = (name: string, title: string, isOriginator: boolean): RecordQuestion => ({
  name,
  title,
  source,
  columns: [
    {name: "service_name", label: "Service", kind: "service"},
    {name: "port", label: "Port", kind: "port"},
    flows,
    {name: "answered", label: "Answered", kind: "count"},
    {...peers, label: isOriginator ? "Servers" : "Clients"},
    sent,
    received
  ],
  sql: (
    _,
    filter
  ) => `SELECT CASE WHEN is_refused THEN 'not accepted on ' || ports || CASE ports WHEN 1 THEN ' port' ELSE ' ports' END ELSE named END AS service_name,
  CASE WHEN NOT is_refused THEN own_port WHEN ports = 1 THEN port END AS port, flows, answered, peers, sent, received
FROM (
  SELECT named, is_refused, own_port, min(port) AS port, count(DISTINCT port) AS ports, ${counted}, CAST(count(*) FILTER (answered AND NOT is_refused) AS BIGINT) AS answered, ${countedPeers}, ${volume}
  FROM (
    SELECT *, CASE WHEN refused THEN NULL ELSE service_name END AS named, refused AS is_refused,
      CASE WHEN refused OR service_name LIKE 'icmp%' THEN NULL ELSE port END AS own_port
    FROM records WHERE ${only(filter)} AND ${isOriginator ? "" : "NOT "}is_originator
  ) AS marked
  GROUP BY named, is_refused, own_port
) AS listed
ORDER BY is_refused, flows DESC, service_name, port NULLS LAST\nLIMIT 200`
});

export const hostOffers = services("host-offers", "Services it offers", false);
export const hostUses = services("host-uses", "Services it uses", true);

/** A statement's rows of the chosen captures; whose flows they are does not matter, other hosts may say the name. */
const inCaptures = ({captures}: Filter, table: string) =>
  captures ? ` AND ${oneOf(`${table}.capture_sha256`, captures)}` : "";

const flowOf = (table: string) =>
  `JOIN flows AS o ON o.flow_id = ${table}.flow_id AND o.capture_sha256 = ${table}.capture_sha256`;

/** Every name of the host with who says so: other hosts' DNS, what clients asked it for, what it says itself. */
export const hostNames: RecordQuestion = {
  name: "host-names",
  title: "Names",
  source,
  columns: [
    {name: "name", label: "Name", kind: "text"},
    {name: "said_by", label: "Who says so", kind: "text"},
    {name: "times", label: "Times", kind: "count"},
    {name: "first_us", label: "First", kind: "time"}
  ],
  sql(_, filter) {
    const host = literal(filter.host ?? "");
    const reverse = /^\d+\.\d+\.\d+\.\d+$/.test(filter.host ?? "")
      ? `${filter.host?.split(".").reverse().join(".")}.in-addr.arpa`
      : "-";
    return `SELECT name, said_by, CAST(count(*) AS BIGINT) AS times, CAST(min(epoch_us(ts)) AS BIGINT) AS first_us
FROM (
  SELECT d.query AS name, 'answer of DNS' AS said_by, d.ts FROM dns AS d WHERE contains(d.answers, ${literal(`"${filter.host ?? ""}"`)})${inCaptures(filter, "d")}
  UNION ALL SELECT d.answers, 'reverse DNS', d.ts FROM dns AS d WHERE lower(d.query) = ${literal(reverse)} AND d.rcode = 0${inCaptures(filter, "d")}
  UNION ALL SELECT t.server_name, 'TLS clients', t.ts FROM tls AS t ${flowOf("t")} WHERE o.dst_ip = ${host}${inCaptures(filter, "t")}
  UNION ALL SELECT h.host, 'HTTP clients', h.ts FROM http AS h ${flowOf("h")} WHERE o.dst_ip = ${host}${inCaptures(filter, "h")}
  UNION ALL SELECT n.host, 'itself, in NTLM', n.ts FROM ntlm AS n ${flowOf("n")} WHERE o.src_ip = ${host}${inCaptures(filter, "n")}
  UNION ALL SELECT p.host_name, 'itself, in DHCP', p.ts FROM dhcp AS p WHERE p.client_mac IN (SELECT l.client_mac FROM dhcp AS l WHERE ${host} IN (l.assigned, l.client, l.requested) AND l.capture_sha256 = p.capture_sha256)${inCaptures(filter, "p")}
  UNION ALL SELECT rtrim(k.client, '$'), 'itself, in Kerberos', k.ts FROM kerberos AS k ${flowOf("k")} WHERE o.src_ip = ${host} AND k.client LIKE '%$'${inCaptures(filter, "k")}
  UNION ALL SELECT coalesce(n.server_dns, n.server_name), 'itself, in NTLM', n.ts FROM ntlm AS n ${flowOf("n")} WHERE o.dst_ip = ${host}${inCaptures(filter, "n")}
) AS said
WHERE name <> ''
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
LIMIT 200`;
  }
};

/** What its programs say they are. */
export const hostPrograms: RecordQuestion = {
  name: "host-programs",
  title: "Programs and fingerprints",
  source,
  columns: [
    {name: "program", label: "Program", kind: "text"},
    {name: "said_by", label: "Where it says so", kind: "text"},
    {name: "times", label: "Times", kind: "count"},
    {name: "others", label: "Other hosts with it", kind: "count"}
  ],
  sql(_, filter) {
    const host = literal(filter.host ?? "");
    const of = (table: string, column: string, said: string, end: string) =>
      `SELECT o.${end} AS whose, ${column} AS program, '${said}' AS said_by FROM ${table} AS x ${flowOf("x")} WHERE ${column} <> ''${inCaptures(filter, "x")}`;
    return `SELECT program, said_by, CAST(count(*) FILTER (whose = ${host}) AS BIGINT) AS times,
  CAST(count(DISTINCT whose) - 1 AS BIGINT) AS others
FROM (
  ${[
    of("http", "x.user_agent", "HTTP User-Agent", "src_ip"),
    of("http", "x.server", "HTTP Server", "dst_ip"),
    of("tls", "x.ja4", "JA4 of TLS", "src_ip"),
    of("ssh", "x.client_banner", "SSH client", "src_ip"),
    of("ssh", "x.server_banner", "SSH server", "dst_ip")
  ].join("\n  UNION ALL ")}
) AS said
GROUP BY 1, 2
HAVING count(*) FILTER (whose = ${host}) > 0
ORDER BY 4, 3 DESC, 1, 2
LIMIT 200`;
  }
};

/** How many records of each kind the host's flows have: what to read next. */
export const hostRecords: RecordQuestion = {
  name: "host-records",
  title: "Records of its flows",
  source,
  columns: [
    {name: "kind", label: "Kind", kind: "service"},
    {name: "records", label: "Records", kind: "count"}
  ],
  sql(_, filter) {
    const host = literal(filter.host ?? "");
    const kinds = ["dns", "files", "http", "tls"].map(
      (name) =>
        `SELECT '${name}' AS kind, CAST(count(*) AS BIGINT) AS records FROM ${name} AS x ${flowOf("x")} WHERE ${host} IN (o.src_ip, o.dst_ip)${inCaptures(filter, "x")}`
    );
    return `SELECT kind, records FROM (${kinds.join("\n  UNION ALL ")}) AS counted ORDER BY 1`;
  }
};

const also = ["dns", "files", "http", "tls", "ntlm", "ssh", "dhcp", "kerberos"];
const beside = ["host_marks"];

export const hostsPage: RecordPage = {path: "/hosts", sources: [], beside, questions: [hostFigures, hostList]};

export const hostPage: RecordPage = {
  path: "/host",
  sources: [],
  also,
  beside,
  questions: [hostSummary, hostMarks, hostPeers, hostOffers, hostUses, hostNames, hostPrograms, hostRecords]
};

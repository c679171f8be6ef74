import type {Severity} from "../../schema/incidents.ts";
import {inNetworks, isGroupAddress} from "./addresses.ts";
import {grouped, overlaps} from "./merge.ts";
import {rowsOfGroups} from "./rows-of-groups.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, atMost, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  proto: number;
  median_ms: number;
  regular: number;
  steady: number;
  variation: number;
  size_variation: number;
  sources: number;
  /** Connections by TLS to a name that the host says in the clear, and had looked up where its lookups are captured, or may have before. */
  named: number;
  /** HTTP: different paths asked for by GET, of the connections. */
  read: number;
  received_variation: number;
  held: number;
  /** 1 where each connection by HTTP is the same question of a program that says what it is, to a name that was looked up. */
  checks: number;
};

const limits = {
  flows: {value: 15, unit: "flows", doc: "Connections that one host opens to one service"},
  span: {value: 60, unit: "s", doc: "Time from the first of them to the last"},
  interval: {
    value: 1,
    unit: "s",
    doc: "Least median of the intervals between their starts; faster is a flood or a download"
  },
  jitter: {value: 0.3, unit: "of the median", doc: "An interval that differs from the median by no more is regular"},
  regular: {
    value: 0.8,
    unit: "of the intervals",
    doc: "Least share of regular intervals; missed and doubled beacons are the rest"
  },
  size_variation: {
    value: 0.5,
    unit: "of the mean",
    doc: "Standard deviation of the bytes sent per connection at most: reports are alike"
  },
  equal_flows: {value: 30, unit: "flows", doc: "With jitter: connections that one host opens to one service"},
  equal_size: {
    value: 0.1,
    unit: "of the mean",
    doc: "With jitter: standard deviation of the bytes sent per connection at most"
  },
  longest: {
    value: 2.2,
    unit: "times the median",
    doc: "With jitter: an interval up to so long is still a beacon's, whose programs shorten their sleep at random"
  },
  steady: {
    value: 0.9,
    unit: "of the intervals",
    doc: "With jitter: least share of such intervals; what people and chance bring has longer ones"
  },
  slow_interval: {
    value: 30,
    unit: "s",
    doc: "Median interval from which on the severity is medium: clients of a service, games and pages ask more often"
  },
  early: {
    value: 1,
    unit: "times the median",
    doc: "A series that begins so soon after the capture went on before it: its name may have been looked up then"
  },
  read: {
    value: 0.8,
    unit: "of the connections",
    doc: "HTTP: from such a share on of different paths, asked for by GET, it is reading (a crawler, a copy of a site), and the notice is information"
  },
  read_variation: {
    value: 0.3,
    unit: "of the mean",
    doc: "Then: least standard deviation of the bytes received; orders are mostly none, and alike"
  },
  held: {
    value: 0.8,
    unit: "of the interval",
    doc: "From such a mean duration on the server holds each connection until there is news (a chat in a page), and the severity is low"
  },
  sources: {value: 5, unit: "hosts", doc: "Hosts that use the service at most: what many use is a common service"},
  services: {
    value: 5,
    unit: "servers",
    doc: "From so many servers on that one host asks in this way on the same port, it is a crawler or a monitor, and the notice is information"
  },
  gap: {value: 86400, unit: "s", doc: "A longer pause begins a new series"}
} as const;

/** Asked regularly by nature: DNS, DHCP, NTP, NetBIOS names, SNMP, BGP (a neighbour that refuses is tried again), SSDP, mDNS, LLMNR. */
const periodicPorts = [53, 67, 68, 123, 137, 138, 161, 179, 1900, 5353, 5355];

/**
 * Polled in equal small steps by nature, so that with jitter they say nothing: mail, directories, files, databases, and
 * controllers of industrial networks (S7, Modbus, IEC 104, OPC UA, DNP3, EtherNet/IP).
 */
const polledPorts = [
  21, 22, 25, 88, 102, 110, 135, 139, 143, 389, 445, 465, 502, 587, 636, 993, 995, 1433, 2404, 3306, 4840, 5432, 20000,
  44818
];

/** A condition: the answer of a web server is data for a program. */
const isData =
  "lower(coalesce(content_type, '')) LIKE 'application/json%' OR lower(coalesce(content_type, '')) LIKE '%/xml%'";

/** What has a beacon of its own. */
const conversation = ["capture_sha256", "src_ip", "dst_ip", "dst_port", "proto"];

/**
 * Beaconing: a host opens connections to one service at regular intervals, each with about as much to say. Regularity
 * is the share of intervals near their median (RITA's idea, less troubled by a missed beacon than a standard
 * deviation); with more jitter equal sizes and the lack of long pauses tell. Left out: group addresses, protocols that are periodic by nature, services that many hosts use,
 * connections nobody answered (a program that retries), and continuations of a flow cut at the active timeout.
 */
export const beaconing = defineRule<typeof limits, Row>({
  name: "beaconing",
  doc: "A host opens connections to one service at regular intervals, each with about as much to say.",
  blindTo:
    "Whether the beacon is malware: update checks and monitoring look the same, and programs that keep a UDP path open, whose severity is low; beacons within one long connection; jitter over 30 % with reports of different sizes or fewer than 30 of them; fewer than 15 in the capture; domain fronting over addresses that change. A bot that says it is another program, asks ever the same of a name in the clear and gets orders as JSON or XML is told as a check, with a notice of information.",
  attackTechnique: "T1071",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  query: (
    scope,
    {
      flows,
      span,
      interval,
      jitter,
      regular,
      size_variation,
      equal_flows,
      equal_size,
      longest,
      steady,
      early,
      sources,
      gap
    }
  ) => `
    WITH opened AS (
      SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_port, proto, src_payload_bytes, dst_payload_bytes, duration_us,
        h.path, h.asked, CASE WHEN dns_name IS NULL THEN 0 ELSE h.is_check END AS is_check,
        CASE WHEN service = 'tls' AND server_name IS NOT NULL AND (dns_name IS NOT NULL OR a.asks IS NULL) THEN 1e0 ELSE 0e0 END AS is_named,
        CASE WHEN service = 'tls' AND server_name IS NOT NULL THEN 1e0 ELSE 0e0 END AS says_name
      FROM ${scope.rows("flows")} f
        LEFT JOIN (SELECT DISTINCT capture_sha256 AS lookups, src_ip AS asks FROM ${scope.rows("flows")} n WHERE service = 'dns') a
          ON a.lookups = f.capture_sha256 AND a.asks = f.src_ip
        LEFT JOIN (SELECT capture_sha256 AS capture, flow_id AS flow, min(split_part(uri, '?', 1)) AS path, min(uri) AS asked,
              min(CASE WHEN user_agent IS NOT NULL AND user_agent NOT LIKE 'Mozilla%' AND (status IN (204, 304) OR status = 200 AND (${isData})) THEN 1 ELSE 0 END) AS is_check
            FROM ${scope.rows("http")} r
            GROUP BY capture_sha256, flow_id HAVING min(method) = 'GET' AND max(method) = 'GET') h
          ON h.capture = f.capture_sha256 AND h.flow = f.flow_id
      WHERE dst_pkts > 0 AND dst_port NOT IN (${periodicPorts.join(", ")}) AND NOT ${isGroupAddress("dst_ip")}
        AND ((proto = 6 AND history LIKE 'Sh%' AND src_payload_bytes > 0) OR (proto = 17 AND src_payload_bytes > 0))
        AND (service IS NULL OR service NOT IN ('dns', 'mdns', 'llmnr', 'ntp', 'dhcp', 'dhcpv6', 'netbios', 'snmp', 'ssdp'))),
    users AS (SELECT capture_sha256, dst_ip, dst_port, proto, count(DISTINCT src_ip) AS sources FROM opened GROUP BY capture_sha256, dst_ip, dst_port, proto),
    series AS (
      SELECT capture_sha256, ts_start, ts_end, src_ip, dst_ip, dst_port, proto, src_payload_bytes, dst_payload_bytes, duration_us, path, asked, is_check, is_named, says_name, session,
        at_ms - lag(at_ms) OVER (PARTITION BY capture_sha256, src_ip, dst_ip, dst_port, proto, session ORDER BY at_ms, flow_id) AS interval_ms
      FROM ${sessions(scope.dialect, rowsOfGroups("opened", conversation, `count(*) >= ${flows.value}`), conversation, gap.value * 1000)} s),
    figures AS (
      SELECT capture_sha256, src_ip, dst_ip, dst_port, proto, session, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
        sum(interval_ms) AS span_ms, ${scope.dialect.quantile("CAST(interval_ms AS DOUBLE)", 0.5)} AS median_ms,
        ${scope.dialect.ratio("stddev_pop(interval_ms)", "avg(interval_ms)")} AS variation,
        ${scope.dialect.ratio("stddev_pop(src_payload_bytes)", "avg(src_payload_bytes)")} AS size_variation, avg(is_named) AS named, avg(says_name) AS says_name,
        CAST(count(DISTINCT path) AS DOUBLE) / count(*) AS read, ${scope.dialect.ratio("stddev_pop(dst_payload_bytes)", "avg(dst_payload_bytes)")} AS received_variation, avg(duration_us) / 1000e0 AS duration_ms,
        CASE WHEN min(asked) = max(asked) THEN min(coalesce(is_check, 0)) ELSE 0 END AS checks
      FROM series GROUP BY capture_sha256, src_ip, dst_ip, dst_port, proto, session
      HAVING count(*) >= ${flows.value} AND sum(interval_ms) >= ${span.value * 1000})
    SELECT g.capture_sha256, g.src_ip, g.dst_ip, g.dst_port, g.proto, min(g.ts_start) AS ts_start, max(g.ts_end) AS ts_end, max(g.flows) AS flows,
      max(g.median_ms) AS median_ms, max(g.variation) AS variation, max(g.size_variation) AS size_variation, max(u.sources) AS sources, max(CASE WHEN ${scope.dialect.epochMs("g.ts_start")} - ${scope.dialect.epochMs("c.first_ts")} <= ${early.value} * g.median_ms THEN g.says_name ELSE g.named END) AS named,
      max(g.checks) AS checks, max(g.read) AS read, max(g.received_variation) AS received_variation, ${scope.dialect.ratio("max(g.duration_ms)", "max(g.median_ms)")} AS held,
      avg(CASE WHEN abs(s.interval_ms - g.median_ms) <= ${jitter.value} * g.median_ms THEN 1e0 ELSE 0e0 END) AS regular,
      avg(CASE WHEN s.interval_ms <= ${longest.value} * g.median_ms THEN 1e0 ELSE 0e0 END) AS steady
    FROM figures g
    JOIN series s ON s.capture_sha256 = g.capture_sha256 AND s.src_ip = g.src_ip AND s.dst_ip = g.dst_ip AND s.dst_port = g.dst_port
      AND s.proto = g.proto AND s.session = g.session AND s.interval_ms IS NOT NULL
    JOIN (SELECT capture_sha256, min(ts_start) AS first_ts FROM ${scope.rows("flows")} e GROUP BY capture_sha256) c ON c.capture_sha256 = g.capture_sha256
    JOIN users u ON u.capture_sha256 = g.capture_sha256 AND u.dst_ip = g.dst_ip AND u.dst_port = g.dst_port AND u.proto = g.proto
    WHERE g.median_ms >= ${interval.value * 1000} AND g.size_variation <= ${size_variation.value} AND u.sources <= ${sources.value}
    GROUP BY g.capture_sha256, g.src_ip, g.dst_ip, g.dst_port, g.proto, g.session
    HAVING avg(CASE WHEN abs(s.interval_ms - g.median_ms) <= ${jitter.value} * g.median_ms THEN 1e0 ELSE 0e0 END) >= ${regular.value}
      OR (g.dst_port NOT IN (${polledPorts.join(", ")}) AND max(g.flows) >= ${equal_flows.value} AND max(g.size_variation) <= ${equal_size.value}
        AND avg(CASE WHEN s.interval_ms <= ${longest.value} * g.median_ms THEN 1e0 ELSE 0e0 END) >= ${steady.value})`,
  incidents: (rows, {services, slow_interval}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    const group = (row: Pick<Row, "capture_sha256" | "src_ip" | "dst_port">) =>
      `${row.capture_sha256} ${row.src_ip} ${row.dst_port}`;
    const servers = grouped(rows, group);
    return rows.map(
      ({
        capture_sha256,
        src_ip,
        dst_ip,
        dst_port,
        proto,
        ts_start,
        ts_end,
        flows,
        median_ms,
        regular,
        steady,
        variation,
        size_variation,
        sources,
        named,
        read,
        received_variation,
        held,
        checks
      }) => ({
        capture_sha256,
        ts_start,
        ts_end,
        src_ip,
        dst_ip,
        dst_port,
        flows,
        severity: severityOf({
          isOfMany: servers.get(group({capture_sha256, src_ip, dst_port}))!.length >= services.value,
          isNear: isLocal(dst_ip),
          isNamed: named >= 0.5,
          isRead: read >= limits.read.value && received_variation >= limits.read_variation.value,
          isHeld: held >= limits.held.value,
          isCheck: checks === 1,
          isSlow: proto === 6 && median_ms >= slow_interval.value * 1000
        }),
        summary: `${src_ip} connected to ${dst_ip} ${proto === 6 ? "TCP" : "UDP"} port ${dst_port} ${regular >= limits.regular.value ? "every" : "about every"} ${span(median_ms * 1000)}, ${amount(flows)} times in ${span(ts_end - ts_start)}.`,
        reasons: [
          ...(regular >= limits.regular.value
            ? [
                atLeast("connections", flows, limits.flows),
                atLeast("share of regular intervals", regular, limits.regular),
                atMost("variation of bytes sent", size_variation, limits.size_variation)
              ]
            : [
                atLeast("connections", flows, limits.equal_flows),
                atLeast("share of intervals that are not much longer than the median", steady, limits.steady),
                atMost("variation of bytes sent", size_variation, limits.equal_size)
              ]),
          atLeast("median interval", median_ms / 1000, limits.interval),
          atMost("hosts that use the service", sources, limits.sources),
          fact("variation of intervals", variation)
        ]
      })
    );
  },
  yieldsTo: (incident, other) =>
    ["brute_force", "http_flood", "slow_http", "kerberos_spray", "coin_mining"].includes(other.rule) &&
    (other.src_ip === null || other.src_ip === incident.src_ip) &&
    (other.dst_ip === null || other.dst_ip === incident.dst_ip) &&
    (other.dst_port === null || other.dst_port === incident.dst_port) &&
    overlaps(incident, other)
});

/**
 * Monitors and crawlers, checks for news (ever the same question of a program that says what it is, so that nothing goes out but
 * the first time, answered by nothing or data), and what asks a neighbour every few seconds (pages, probes, hubs of a house), are information, so that
 * an activity model's faint suspicion does not make an incident of them; what asks a neighbour more slowly (stations that ask their
 * server for work) is low, for orders come from outside. Games, telephones, VPNs and peers keep their UDP paths
 * open in even steps; programs that report home use TCP. Things of a maker who names his service (TLS to a name that was
 * looked up, or may have been before the capture) report as evenly, and a server that holds a request until there is news is asked
 * as soon as it answered.
 */
function severityOf(
  its: Readonly<Record<"isOfMany" | "isNear" | "isNamed" | "isSlow" | "isRead" | "isHeld" | "isCheck", boolean>>
): Severity {
  if (its.isOfMany || its.isRead || its.isCheck || (its.isNear && !its.isSlow)) return "info";
  return its.isSlow && !its.isNear && !its.isNamed && !its.isHeld ? "medium" : "low";
}

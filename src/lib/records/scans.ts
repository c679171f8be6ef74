import type {Filter} from "../filter.js";
import {literal} from "../sql.js";
import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";

const transport = (proto: string) =>
  `CASE ${proto} WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp' WHEN 1 THEN 'icmp' WHEN 58 THEN 'icmpv6' ELSE 'ip/' || ${proto} END`;

/** Every flow as the attempt of one host to reach a port of another. */
export const attempts: RecordSource = {
  name: "flows",
  title: "flows",
  from: "flows AS f",
  columns: [
    {name: "source", label: "Source", kind: "host", sql: "f.src_ip"},
    {name: "target", label: "Target", kind: "host", sql: "f.dst_ip"}
  ],
  derived: {
    capture_sha256: "f.capture_sha256",
    proto: "f.proto",
    transport: transport("f.proto"),
    // Ports of ICMP are its types.
    service:
      "coalesce(f.service, CASE f.proto WHEN 6 THEN 'tcp/' || f.dst_port WHEN 17 THEN 'udp/' || f.dst_port WHEN 1 THEN 'icmp' WHEN 58 THEN 'icmpv6' ELSE 'ip/' || f.proto END)",
    outcome: `CASE WHEN f.dst_pkts = 0 THEN 'no answer' WHEN f.conn_state = 'REJ' THEN 'refused'
      WHEN f.proto = 6 AND f.conn_state NOT IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR') THEN 'other answer' ELSE 'open' END`,
    is_probe: "f.proto IN (1, 58) OR f.dst_pkts = 0 OR f.src_payload_bytes + f.dst_payload_bytes = 0",
    // 224.0.0.0/4, ff00::/8, and what ends in .255; a regular expression takes three times as long.
    is_group:
      "starts_with(f.dst_ip, 'ff') OR f.dst_ip LIKE '%.255' OR (f.dst_ip >= '224' AND f.dst_ip < '24' AND substr(f.dst_ip, 4, 1) = '.')",
    sent: "f.src_payload_bytes",
    end_us: "epoch_us(f.ts_start) + f.duration_us",
    incident: "i.incident_id"
  },
  nothing: "No flow was seen."
};

const source = attempts;

/** What came of an attempt, the best first. */
const outcomeRanks = {open: 1, refused: 2, "other answer": 3, "no answer": 4} as const;

/** The rank of a row's `outcome`. */
export const rankOfOutcome = `CASE outcome ${Object.entries(outcomeRanks)
  .map(([name, rank]) => `WHEN '${name}' THEN ${rank}`)
  .join(" ")} END`;

/** From so many on, what one host tried is listed: fewer is what programs do that look for a service. */
export const leastTargets = 10;
/** From so many connections on, and from so large a share of regular intervals on, what returns is listed. */
export const leastReturns = 8;
export const leastRegular = 0.7;
/** An interval that differs from the median by no more than this share of it is regular. */
const jitterLimit = 0.3;

const outcomes = [
  {name: "open", label: "Open", kind: "count"},
  {name: "refused", label: "Refused", kind: "count"},
  {name: "silent", label: "No answer", kind: "count"}
] as const;
const summedOutcomes = outcomes.map(({name}) => `CAST(sum(${name}) AS BIGINT) AS ${name}`).join(", ");
const lasted =
  "CAST(min(first_us) AS BIGINT) AS first_us, CAST(max(last_us) - min(first_us) AS BIGINT) AS lasted_us, max(incident) AS incident";
const probes = {name: "probes", label: "Probes", kind: "count"} as const;
const summedProbes = "CAST(sum(probes) AS BIGINT) AS probes";
const first = {name: "first_us", label: "First", kind: "time"} as const;
const took = {name: "lasted_us", label: "Within", kind: "duration"} as const;
const incident = {name: "incident", label: "Incident", kind: "incident"} as const;
const flows = {name: "query", label: "Flows", kind: "flows"} as const;
const isProbe = "is_probe AND NOT is_group";

/**
 * The probes of each host to each port of another, added up: what is counted of their ports and hosts has far fewer rows
 * than there are flows, and all of them differ in one of these columns. `best` is the best outcome of a port, the least number.
 */
const probesMade = `
SELECT source, target, ${transport("proto")} AS transport, proto, port, probes, open, refused, silent, best, first_us, last_us, incident
FROM (
  SELECT source, target, proto, port, count(*) AS probes, count(*) FILTER (outcome = 'open') AS open, count(*) FILTER (outcome = 'refused') AS refused,
    count(*) FILTER (outcome = 'no answer') AS silent, min(${rankOfOutcome}) AS best,
    min(ts_us) AS first_us, max(end_us) AS last_us, max(incident) AS incident
  FROM chosen WHERE ${isProbe} GROUP BY source, target, proto, port
) AS summed`;

/** Columns of `flow_series` as they are called here. */
const ofSeries = "src_ip AS source, dst_ip AS target, proto, dst_port AS port";
const isOfGroup = (attempts.derived as Record<string, string>).is_group.replaceAll("f.", "");
const probedSeries = `FROM series WHERE probes > 0 AND NOT (${isOfGroup}) GROUP BY src_ip, dst_ip, proto, dst_port`;
const isSame = (names: readonly string[]) =>
  names.map((name) => `a.${name} IS NOT DISTINCT FROM b.${name}`).join(" AND ");

/** As {@link probesMade}, of sums that the lake has. */
const probesSummed = `, asked AS (
  SELECT ${ofSeries}, sum(probes) AS probes, sum(probes_open) AS open, sum(probes_refused) AS refused, sum(probes_silent) AS silent,
    min(probes_best) AS best, min(probes_first_us) AS first_us, max(probes_last_us) AS last_us
  ${probedSeries}
),
alarmed AS (
  SELECT ${ofSeries}, max(probe_incident) AS incident FROM marked WHERE probe_incident IS NOT NULL GROUP BY src_ip, dst_ip, proto, dst_port
)
SELECT a.source, a.target, ${transport("a.proto")} AS transport, a.proto, a.port, probes, open, refused, silent, best, first_us, last_us, incident
FROM asked AS a LEFT JOIN alarmed AS b ON ${isSame(["source", "target", "proto", "port"])}`;

/** Hosts that asked many ports of one host. */
export const portScans: RecordQuestion = {
  name: "port-scans",
  title: "Many ports of one host",
  source,
  columns: [
    {name: "source", label: "Source", kind: "host"},
    {name: "target", label: "Target", kind: "host"},
    {name: "transport", label: "Protocol", kind: "text"},
    {name: "ports", label: "Ports", kind: "count"},
    probes,
    ...outcomes,
    first,
    took,
    incident,
    flows
  ],
  made: probesMade,
  summed: probesSummed,
  sql: () => `SELECT source, target, transport, CAST(count(port) AS BIGINT) AS ports, ${summedProbes}, ${summedOutcomes}, ${lasted},
  'src ' || source || ' and dst ' || target || ' and proto ' || transport AS query
FROM records\nWHERE proto IN (6, 17)\nGROUP BY source, target, transport\nHAVING count(port) >= ${leastTargets}
ORDER BY ports DESC, source, target, transport\nLIMIT 200`
};

/** Hosts that asked one port of many hosts. */
export const hostSweeps: RecordQuestion = {
  name: "host-sweeps",
  title: "One port of many hosts",
  source,
  columns: [
    {name: "source", label: "Source", kind: "host"},
    {name: "transport", label: "Protocol", kind: "text"},
    {name: "port", label: "Port or type", kind: "port"},
    {name: "hosts", label: "Hosts", kind: "count"},
    probes,
    ...outcomes,
    first,
    took,
    incident,
    flows
  ],
  made: probesMade,
  summed: probesSummed,
  sql: () => `SELECT source, transport, port, CAST(count(target) AS BIGINT) AS hosts, ${summedProbes}, ${summedOutcomes}, ${lasted},
  'src ' || source || ' and proto ' || transport || ' and dst_port ' || port AS query
FROM records\nGROUP BY source, transport, proto, port\nHAVING count(target) >= ${leastTargets}
ORDER BY hosts DESC, source, transport, port\nLIMIT 200`
};

/** Whose probes the matrix shows, of those that the lists below name: the host of the filter, else the one that asked for the most. */
const scannerSql = ({host}: Filter) => `scanner AS (
  SELECT source FROM (
    SELECT source, count(port) AS most FROM records WHERE proto IN (6, 17) GROUP BY source, target, proto
    UNION ALL SELECT source, count(target) FROM records WHERE proto IN (6, 17) GROUP BY source, port, proto
  ) AS counted
  WHERE most >= ${leastTargets}
  GROUP BY source
  ORDER BY ${host === undefined ? "" : `source = ${literal(host)} DESC, `}sum(most) DESC, source LIMIT 1
)`;

/** Rows and columns of the matrix at most. */
export const mostRows = 40;
export const mostPorts = 300;

/** What one host asked of whom, and what came of it: the best outcome of each port. */
export const scanMatrix: RecordQuestion = {
  name: "scan-matrix",
  title: "What was probed",
  source,
  columns: [
    {name: "source", label: "Source", kind: "host"},
    {name: "target", label: "Target", kind: "host"},
    {name: "transport", label: "Protocol", kind: "text"},
    {name: "port", label: "Port", kind: "port"},
    {name: "outcome", label: "Outcome", kind: "text"},
    probes,
    {name: "targets", label: "Targets in all", kind: "count"},
    {name: "ports", label: "Ports in all", kind: "count"}
  ],
  made: probesMade,
  summed: probesSummed,
  sql: (_, filter) => `, ${scannerSql(filter)},
cells AS (
  SELECT source, target, transport, port, CAST(probes AS BIGINT) AS probes,
    CASE best WHEN 1 THEN 'open' WHEN 2 THEN 'refused' WHEN 3 THEN 'other answer' ELSE 'no answer' END AS outcome
  FROM records SEMI JOIN scanner USING (source)
  WHERE proto IN (6, 17)
),
ranked AS (
  SELECT *, dense_rank() OVER (ORDER BY in_target DESC, target) AS row_number, dense_rank() OVER (ORDER BY of_port DESC, transport, port) AS column_number
  FROM (SELECT *, count(*) OVER (PARTITION BY target) AS in_target, count(*) OVER (PARTITION BY transport, port) AS of_port FROM cells) AS counted
)
SELECT source, target, transport, port, outcome, probes, CAST((SELECT count(DISTINCT target) FROM cells) AS BIGINT) AS targets,
  CAST((SELECT count(DISTINCT transport || ' ' || port) FROM cells) AS BIGINT) AS ports
FROM ranked\nWHERE row_number <= ${mostRows} AND column_number <= ${mostPorts}\nORDER BY row_number, transport, port`
};

/** Series in the strip at most. */
export const mostSeries = 12;

/** A number for each series of connections; two of them rarely share one. */
const seriesKey = "hash(capture_sha256, source, target, proto, port)";
const keyOfSeries = "hash(capture_sha256, src_ip, dst_ip, proto, dst_port)";
const mayBeBeacon = "NOT is_group AND proto IN (6, 17)";
const mayBeSeries = `NOT (${isOfGroup}) AND proto IN (6, 17)`;
const serviceOfSeries = (attempts.derived as Record<string, string>).service.replaceAll("f.", "");

/** Of series with their `times`, those that return by the clock. */
const regularOf = `gaps AS MATERIALIZED (SELECT series, unnest(times[2:]) - unnest(times[:-2]) AS gap_us FROM many),
typical AS MATERIALIZED (SELECT series, median(gap_us) AS every_us FROM gaps GROUP BY series HAVING median(gap_us) >= 1000000),
beacons AS (
  SELECT series, avg(CASE WHEN abs(g.gap_us - t.every_us) <= ${jitterLimit} * t.every_us THEN 1.0 ELSE 0.0 END) AS regular,
    median(abs(g.gap_us - t.every_us)) / any_value(t.every_us) AS jitter
  FROM gaps AS g JOIN typical AS t USING (series)
  GROUP BY series
  HAVING regular >= ${leastRegular}
),
placed AS (
  SELECT m.* EXCLUDE (times), t.every_us, b.regular, b.jitter, row_number() OVER (ORDER BY m.connections * b.regular DESC, m.source, m.target, m.port, m.capture_sha256) AS place
  FROM many AS m JOIN typical AS t USING (series) JOIN beacons AS b USING (series)
),
strongest AS (
  SELECT series, times FROM many SEMI JOIN (SELECT series FROM placed WHERE place <= ${mostSeries}) AS first USING (series)
),`;

/** How many of them there are, beside those that probe. */
const countedOf = `of_ports AS (SELECT source FROM probed WHERE proto IN (6, 17) GROUP BY source, target, proto HAVING count(port) >= ${leastTargets}),
of_hosts AS (SELECT source FROM probed GROUP BY source, proto, port HAVING count(target) >= ${leastTargets}),
scanners AS (SELECT source FROM of_ports UNION SELECT source FROM of_hosts),
counted AS (
  SELECT (SELECT count(*) FROM of_ports) AS port_scans, (SELECT count(*) FROM of_hosts) AS sweeps, (SELECT count(*) FROM scanners) AS scanners,
    (SELECT coalesce(sum(probes), 0) FROM probed SEMI JOIN scanners USING (source)) AS probes
)
SELECT c.*, p.*, s.times FROM counted AS c LEFT JOIN placed AS p ON true LEFT JOIN strongest AS s USING (series)`;

/**
 * Series of connections of one host to one port of another, in one capture, with their intervals. Most have too few
 * connections: they are counted by a number first, since millions of series by texts do not fit into memory. Where half
 * of the intervals have a second, all of them together have half as many seconds. The sums are of each text that a
 * condition needs alone, so the flows are read again for each of them in place of being held with all columns; intervals
 * are taken from a list of each series, which costs less than to find its flows once more.
 */
const beaconsMade = `, often AS MATERIALIZED (
  SELECT key FROM (SELECT ${seriesKey} AS key FROM unmarked WHERE ${mayBeBeacon}) AS keyed GROUP BY key HAVING count(*) >= ${leastReturns}
),
many AS MATERIALIZED (
  SELECT row_number() OVER () AS series, ${transport("proto")} AS transport, * FROM (
    SELECT capture_sha256, source, target, proto, port, max(service) AS service, count(*) AS connections,
      max(ts_us) - min(ts_us) AS lasted_us, avg(sent) AS mean_sent, stddev_pop(sent) / nullif(avg(sent), 0) AS size_spread,
      count(*) FILTER (outcome = 'open') AS answered, max(incident) AS incident, list_sort(list(ts_us)) AS times
    FROM (SELECT *, ${seriesKey} AS key FROM chosen WHERE ${mayBeBeacon}) AS keyed SEMI JOIN often USING (key)
    GROUP BY capture_sha256, source, target, proto, port
    HAVING count(*) >= ${leastReturns} AND max(ts_us) - min(ts_us) >= (count(*) - 1) * 500000
  ) AS grouped
),
${regularOf}
probed AS MATERIALIZED (
  SELECT source, target, proto, port, count(*) AS probes FROM unmarked WHERE ${isProbe} GROUP BY source, target, proto, port
),
${countedOf}`;

/** As {@link beaconsMade}, of sums that the lake has: those of a series lie in as many rows as there are parts. */
const beaconsSummed = `, often AS MATERIALIZED (
  SELECT key FROM (SELECT ${keyOfSeries} AS key, flows FROM series WHERE ${mayBeSeries}) AS keyed GROUP BY key HAVING sum(flows) >= ${leastReturns}
),
alarmed AS (
  SELECT capture_sha256, ${ofSeries}, max(incident) AS incident
  FROM (SELECT *, ${keyOfSeries} AS key FROM marked) AS keyed SEMI JOIN often USING (key)
  GROUP BY capture_sha256, src_ip, dst_ip, proto, dst_port
),
many AS MATERIALIZED (
  SELECT row_number() OVER () AS series, ${transport("a.proto")} AS transport, a.*, b.incident FROM (
    SELECT capture_sha256, ${ofSeries}, max(${serviceOfSeries}) AS service, sum(flows) AS connections, max(times[-1]) - min(times[1]) AS lasted_us,
      sum(sent) / sum(flows) AS mean_sent, sqrt(greatest(0, sum(sent_squares) / sum(flows) - (sum(sent) / sum(flows)) ** 2)) / nullif(sum(sent) / sum(flows), 0) AS size_spread,
      sum(answered) AS answered, list_sort(flatten(list(times))) AS times
    FROM (SELECT *, ${keyOfSeries} AS key FROM series WHERE ${mayBeSeries}) AS keyed SEMI JOIN often USING (key)
    GROUP BY capture_sha256, src_ip, dst_ip, proto, dst_port
    HAVING sum(flows) >= ${leastReturns} AND max(times[-1]) - min(times[1]) >= (sum(flows) - 1) * 500000
  ) AS a LEFT JOIN alarmed AS b ON ${isSame(["capture_sha256", "source", "target", "proto", "port"])}
),
${regularOf}
probed AS MATERIALIZED (SELECT ${ofSeries}, sum(probes) AS probes ${probedSeries}),
${countedOf}`;

export const beaconList: RecordQuestion = {
  name: "beacon-list",
  title: "Regular connections",
  source,
  columns: [
    {name: "source", label: "Source", kind: "host"},
    {name: "target", label: "Target", kind: "host"},
    {name: "service", label: "Service", kind: "service"},
    {name: "port", label: "Port", kind: "port"},
    {name: "connections", label: "Connections", kind: "count"},
    {name: "every_us", label: "Every (median)", kind: "duration"},
    {name: "jitter", label: "Jitter", kind: "share"},
    {name: "regular", label: "Regular", kind: "share"},
    {name: "mean_sent", label: "Sent each", kind: "bytes"},
    {name: "size_spread", label: "Size spread", kind: "share"},
    {name: "answered", label: "Answered", kind: "count"},
    {name: "lasted_us", label: "Over", kind: "duration"},
    incident,
    flows
  ],
  made: beaconsMade,
  summed: beaconsSummed,
  sql: () => `SELECT source, target, service, port, CAST(connections AS BIGINT) AS connections, CAST(every_us AS DOUBLE) AS every_us, CAST(jitter AS DOUBLE) AS jitter,
  CAST(regular AS DOUBLE) AS regular, CAST(round(mean_sent) AS BIGINT) AS mean_sent, CAST(size_spread AS DOUBLE) AS size_spread, CAST(answered AS BIGINT) AS answered,
  CAST(lasted_us AS BIGINT) AS lasted_us, incident,
  'src ' || source || ' and dst ' || target || ' and proto ' || transport || ' and dst_port ' || port || ' and capture ' || capture_sha256 AS query
FROM records WHERE place IS NOT NULL
ORDER BY place
LIMIT 200`
};

/** When each connection of the strongest series began. */
export const beaconTimes: RecordQuestion = {
  name: "beacon-times",
  title: "When they connected",
  source,
  columns: [
    {name: "place", label: "Place", kind: "count"},
    {name: "source", label: "Source", kind: "host"},
    {name: "target", label: "Target", kind: "host"},
    {name: "port", label: "Port", kind: "port"},
    {name: "every_us", label: "Every (median)", kind: "duration"},
    {name: "ts_us", label: "Connection", kind: "time"}
  ],
  made: beaconsMade,
  summed: beaconsSummed,
  sql: () => `SELECT * FROM (
  SELECT CAST(place AS BIGINT) AS place, source, target, port, CAST(every_us AS DOUBLE) AS every_us, unnest(times) AS ts_us FROM records WHERE place <= ${mostSeries}
) AS begun
ORDER BY 1, ts_us
LIMIT 20000`
};

export const scanFigures: RecordQuestion = {
  name: "scan-figures",
  title: "Scans and beacons in figures",
  source,
  columns: [
    {name: "port_scans", label: "Port scans", kind: "count"},
    {name: "sweeps", label: "Sweeps", kind: "count"},
    {name: "scanners", label: "Hosts that probe", kind: "count"},
    {name: "probes", label: "Their probes", kind: "count"},
    {name: "beacons", label: "Regular connections", kind: "count"},
    {name: "callers", label: "Hosts behind them", kind: "count"}
  ],
  made: beaconsMade,
  summed: beaconsSummed,
  sql: () => `SELECT CAST(min(port_scans) AS BIGINT) AS port_scans, CAST(min(sweeps) AS BIGINT) AS sweeps, CAST(min(scanners) AS BIGINT) AS scanners, CAST(min(probes) AS BIGINT) AS probes,
  CAST(count(place) AS BIGINT) AS beacons, CAST(count(DISTINCT source) AS BIGINT) AS callers
FROM records`
};

/** What is said where no host probed much, in the words of the limits. */
export const fewProbes = `No host probed ${leastTargets} ports of one host, or one port of ${leastTargets} hosts.`;
export const noBeacon = `No host connected to one port at least ${leastReturns} times with ${leastRegular * 100} % of the intervals alike.`;

export const scansPage: RecordPage = {
  path: "/scans",
  sources: [],
  questions: [scanFigures, portScans, hostSweeps, scanMatrix, beaconList, beaconTimes]
};

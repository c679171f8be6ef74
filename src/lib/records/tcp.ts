import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

/** TCP flows with what says how well they went. */
export const tcpFlows: RecordSource = {
  name: "flows",
  title: "TCP flows",
  from: "flows AS f",
  only: "f.proto = 6",
  columns: [
    {name: "client", label: "Client", kind: "host", sql: "f.src_ip"},
    {name: "server", label: "Server", kind: "host", sql: "f.dst_ip"},
    {name: "service", label: "Service", kind: "service", sql: "coalesce(f.service, 'port ' || f.dst_port)"},
    {name: "rtt_us", label: "Handshake", kind: "duration", sql: "f.rtt_us"}
  ],
  derived: {
    packets: "f.src_pkts + f.dst_pkts",
    resent: "f.src_retransmits + f.dst_retransmits",
    src_resent: "f.src_retransmits",
    dst_resent: "f.dst_retransmits",
    outcome: `CASE WHEN f.conn_state IN ('SF', 'S1', 'S2', 'S3') THEN 'connected' WHEN f.conn_state IN ('RSTO', 'RSTR') THEN 'reset'
      WHEN f.conn_state = 'REJ' THEN 'refused' WHEN f.conn_state IN ('S0', 'RSTOS0', 'SH') THEN 'not answered' ELSE 'begun before the capture, or half seen' END`,
    response_us: "f.response_mean_us",
    client_full: "f.src_zero_window_pkts",
    server_full: "f.dst_zero_window_pkts"
  },
  nothing: "No TCP was seen."
};

const source = tcpFlows;
const flows = {name: "flows", label: "Flows", kind: "count"} as const;
const counted = "CAST(count(*) AS BIGINT) AS flows";
const median = {name: "median_us", label: "Handshake", kind: "duration"} as const;
const p95 = {name: "p95_us", label: "p95", kind: "duration"} as const;
const handshakes = "CAST(median(rtt_us) AS DOUBLE) AS median_us, CAST(quantile_cont(rtt_us, 0.95) AS DOUBLE) AS p95_us";
const response = {name: "response_us", label: "Response", kind: "duration"} as const;
const responseP95 = {name: "response_p95_us", label: "Response, p95", kind: "duration"} as const;
const responses =
  "CAST(median(response_us) AS DOUBLE) AS response_us, CAST(quantile_cont(response_us, 0.95) AS DOUBLE) AS response_p95_us";
const full = {name: "full_window", label: "Window closed", kind: "count"} as const;
// Flows of logs tell none of these: of them alone the sum is unknown, not zero.
const fulls = "CAST(sum(client_full + server_full) AS BIGINT) AS full_window";
const resent = {name: "resent", label: "Sent again", kind: "count"} as const;
const resentShare = {name: "resent_share", label: "of packets", kind: "share"} as const;
const resends =
  "CAST(sum(resent) AS BIGINT) AS resent, CAST(sum(resent) AS DOUBLE) / greatest(sum(packets), 1) AS resent_share";
const ofOutcome = (name: string, outcome: string) =>
  `CAST(count(*) FILTER (outcome = '${outcome}') AS BIGINT) AS ${name}`;
const troubles = [
  {name: "reset", label: "Reset", kind: "count"},
  {name: "refused", label: "Refused", kind: "count"},
  {name: "unanswered", label: "Not answered", kind: "count"}
] as const;
const counts = `${ofOutcome("reset", "reset")}, ${ofOutcome("refused", "refused")}, ${ofOutcome("unanswered", "not answered")}`;

export const tcpFigures: RecordQuestion = {
  name: "tcp-figures",
  title: "TCP in figures",
  source,
  columns: [{...flows, label: "TCP flows"}, median, response, resent, full, ...troubles.slice(0, 2)],
  sql: () => `SELECT ${counted}, CAST(median(rtt_us) AS DOUBLE) AS median_us, CAST(median(response_us) AS DOUBLE) AS response_us, CAST(sum(resent) AS BIGINT) AS resent, ${fulls}, ${ofOutcome("reset", "reset")}, ${ofOutcome("refused", "refused")}
FROM records`
};

export const tcpHandshakes: RecordQuestion = {
  name: "tcp-handshakes",
  title: "Handshake time",
  source,
  ofPackets: true,
  columns: [
    {name: "ts_us", label: "From", kind: "time"},
    {...median, label: "median"},
    p95,
    {name: "timed", label: "Handshakes", kind: "count"}
  ],
  sql: (grid) => `SELECT ${bucketSql(grid)}, ${handshakes}, CAST(count(*) AS BIGINT) AS timed
FROM records\nWHERE rtt_us IS NOT NULL\nGROUP BY 1\nORDER BY 1`
};

/** The server's own time, and what is sent before its first answer: a long one with a short handshake is the application's. */
export const tcpResponses: RecordQuestion = {
  name: "tcp-responses",
  title: "Response time",
  source,
  ofPackets: true,
  columns: [
    {name: "ts_us", label: "From", kind: "time"},
    {...response, label: "median"},
    {...responseP95, label: "p95"},
    {name: "timed", label: "Flows with responses", kind: "count"}
  ],
  sql: (grid) => `SELECT ${bucketSql(grid)}, ${responses}, CAST(count(*) AS BIGINT) AS timed
FROM records\nWHERE response_us IS NOT NULL\nGROUP BY 1\nORDER BY 1`
};

export const tcpWindows: RecordQuestion = {
  name: "tcp-windows",
  title: "Windows that were closed",
  source,
  ofPackets: true,
  columns: [
    {name: "ts_us", label: "From", kind: "time"},
    {name: "side", label: "Side", kind: "text"},
    {name: "full_window", label: "segments", kind: "count"}
  ],
  sql: (grid) => `SELECT * FROM (
  SELECT ${bucketSql(grid)}, 'by clients' AS side, CAST(sum(client_full) AS BIGINT) AS full_window FROM records GROUP BY 1
  UNION ALL
  SELECT ${bucketSql(grid)}, 'by servers' AS side, CAST(sum(server_full) AS BIGINT) AS full_window FROM records GROUP BY 1
) AS summed WHERE full_window > 0 ORDER BY 1, 2`
};

export const tcpResends: RecordQuestion = {
  name: "tcp-resends",
  title: "Segments sent again",
  source,
  ofPackets: true,
  columns: [
    {name: "ts_us", label: "From", kind: "time"},
    {name: "sender", label: "Sender", kind: "text"},
    {...resent, label: "segments"}
  ],
  sql: (grid) => `SELECT * FROM (
  SELECT ${bucketSql(grid)}, 'by clients' AS sender, CAST(sum(src_resent) AS BIGINT) AS resent FROM records GROUP BY 1
  UNION ALL
  SELECT ${bucketSql(grid)}, 'by servers' AS sender, CAST(sum(dst_resent) AS BIGINT) AS resent FROM records GROUP BY 1
) AS summed WHERE resent > 0 ORDER BY 1, 2`
};

export const tcpOutcomes: RecordQuestion = {
  name: "tcp-outcomes",
  title: "How connections went",
  source,
  columns: [
    {name: "ts_us", label: "From", kind: "time"},
    {name: "outcome", label: "Outcome", kind: "text"},
    {...flows, label: "flows"}
  ],
  sql: (grid) => `SELECT ${bucketSql(grid)}, outcome, ${counted}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const tcpServers: RecordQuestion = {
  name: "tcp-servers",
  title: "Where the time is lost: servers",
  source,
  columns: [
    {name: "server", label: "Server", kind: "host"},
    {name: "service", label: "Service", kind: "service"},
    flows,
    {name: "waited_us", label: "Waited", kind: "duration"},
    median,
    p95,
    response,
    responseP95,
    resent,
    resentShare,
    full,
    ...troubles
  ],
  rare: ["p95_us", "response_p95_us", "resent_share"],
  sql: () => `SELECT server, service, ${counted}, CAST(CASE WHEN count(rtt_us) + count(response_us) > 0 THEN coalesce(sum(rtt_us), 0) + coalesce(sum(response_us), 0) END AS BIGINT) AS waited_us, ${handshakes}, ${responses}, ${resends}, ${fulls}, ${counts}
FROM records\nGROUP BY 1, 2\nORDER BY waited_us DESC NULLS LAST, flows DESC, 1, 2\nLIMIT 500`
};

export const tcpServices: RecordQuestion = {
  name: "tcp-services",
  title: "Services",
  source,
  columns: [
    {name: "service", label: "Service", kind: "service"},
    flows,
    median,
    response,
    responseP95,
    resent,
    resentShare,
    ...troubles
  ],
  rare: ["response_p95_us", "resent_share"],
  sql: () => `SELECT service, ${counted}, CAST(median(rtt_us) AS DOUBLE) AS median_us, ${responses}, ${resends}, ${counts}
FROM records\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 100`
};

/** Of one client to many servers it is the client's side that is slow or loses. */
export const tcpClients: RecordQuestion = {
  name: "tcp-clients",
  title: "Clients",
  source,
  columns: [
    {name: "client", label: "Client", kind: "host"},
    flows,
    {name: "servers", label: "Servers", kind: "count"},
    median,
    p95,
    resent,
    resentShare,
    ...troubles
  ],
  rare: ["p95_us", "resent_share"],
  sql: () => `SELECT client, ${counted}, CAST(count(DISTINCT server) AS BIGINT) AS servers, ${handshakes}, ${resends}, ${counts}
FROM records\nGROUP BY 1\nORDER BY resent DESC, flows DESC, 1\nLIMIT 200`
};

/** Steps of a logarithmic scale, in µs. */
const steps = [100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000] as const;

export const tcpHandshakeSpread: RecordQuestion = {
  name: "tcp-handshake-spread",
  title: "Handshakes by time",
  source,
  ofPackets: true,
  columns: [
    {name: "bin", label: "Handshake time", kind: "text"},
    flows,
    {name: "servers", label: "Servers", kind: "count"}
  ],
  sql: () => {
    const words = (us: number) => (us < 1000 ? `${us} µs` : us < 1_000_000 ? `${us / 1000} ms` : `${us / 1_000_000} s`);
    const bins = steps.map(
      (us, k) =>
        `WHEN rtt_us < ${us} THEN '${k === 0 ? "" : `${words(steps[k - 1])} to `}${k === 0 ? "below " : ""}${words(us)}'`
    );
    return `SELECT CASE ${bins.join(" ")} ELSE 'over ${words(steps[steps.length - 1])}' END AS bin, ${counted}, CAST(count(DISTINCT server) AS BIGINT) AS servers
FROM records\nWHERE rtt_us IS NOT NULL\nGROUP BY 1\nORDER BY min(rtt_us)`;
  }
};

export const tcpPage: RecordPage = {
  path: "/tcp",
  sources: [],
  questions: [
    tcpFigures,
    tcpHandshakes,
    tcpResponses,
    tcpWindows,
    tcpResends,
    tcpOutcomes,
    tcpServers,
    tcpServices,
    tcpClients,
    tcpHandshakeSpread
  ]
};

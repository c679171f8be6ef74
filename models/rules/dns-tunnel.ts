import {entropy} from "./entropy.ts";
import {extent, overlaps, together} from "./merge.ts";
import {registered} from "./registered-name.ts";
import {defineRule, type Incident, type Limit, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  kind: "name" | "flow";
  src_ip: string;
  dst_ip: string | null;
  ts_start: number;
  ts_end: number;
  flows: number;
  domain: string | null;
  /** One of the group's names below the domain, or null. */
  label: string | null;
  names: number;
  queries: number;
  length: number;
  carrier_share: number;
  domain_share: number;
  /** True where the names are digests that a list of senders is asked about (`lists`). */
  is_listed: boolean;
  packets: number;
  packet_bytes: number;
};

const limits = {
  names: {value: 40, unit: "names", doc: "Different names below one domain that one client asks for within a session"},
  carrier_names: {
    value: 20,
    unit: "names",
    doc: "So many are enough where nearly all queries are of types that carry data, and the names are as long as below"
  },
  long_names: {value: 8, unit: "names", doc: "So many are enough where they are as long as this"},
  long: {
    value: 90,
    unit: "characters",
    doc: "Mean length of those names without the domain: nearly all that a name can carry"
  },
  nearly_all: {value: 0.9, unit: "of the queries", doc: "Least share of such types then"},
  length: {value: 25, unit: "characters", doc: "Mean length of those names without the domain"},
  entropy: {value: 3.5, unit: "bits per character", doc: "Entropy of those names' characters"},
  carrier_share: {
    value: 0.5,
    unit: "of the queries",
    doc: "Share of types that carry data and are rarely asked for (TXT, NULL, SRV, MX, CNAME, private); then length and entropy do not matter"
  },
  many_names: {
    value: 200,
    unit: "names",
    doc: "So many different names below one domain suffice, whatever they look like"
  },
  domain_share: {
    value: 0.5,
    unit: "of its names",
    doc: "Then: least share of that domain among all names that the client asks for; a resolver and a browser ask for those of many"
  },
  packets: {value: 100, unit: "packets", doc: "Packets to a DNS port whose size queries do not have"},
  packet_bytes: {value: 120, unit: "bytes", doc: "Mean payload of such packets; a query has about 40"},
  answered: {
    value: 0.2,
    unit: "of the packets",
    doc: "Least share of answers to such packets: unanswered ones carry nothing back"
  },
  reports: {
    value: 0.5,
    unit: "names/s",
    doc: "A tunnel that asks no faster carries reports and orders, not files: it is told as control of a bot (T1071)"
  },
  lists: {
    value: 3,
    unit: "lists",
    doc: "A client that asks so many domains about addresses (their octets, turned, as names) filters mail: what it asks by digests, which lists answer by nothing or 127.0.0.0/8, is a list's as well"
  },
  listed: {value: 0.9, unit: "of the queries", doc: "Least share of such answers then"},
  gap: {value: 600, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** Services that are asked about hashes and addresses by names below their own domain: antivirus, lists of senders. */
const reputation = [
  "mcafee.com",
  "sophosxl.net",
  "e5.sk",
  "trendmicro.com",
  "cymru.com",
  "spamhaus.org",
  "surbl.org",
  "uribl.com",
  "barracudacentral.org",
  "senderbase.org",
  "dnswl.org",
  "sorbs.net",
  "mailspike.net",
  "abuseat.org",
  "webcfs00.com",
  "brightcloud.com"
];

/** Lengths of digests as one label: MD5, SHA-1 and SHA-224 hexadecimal, SHA-1 (32 again) and SHA-256 by Base32. */
const digests = [32, 40, 52, 56];
/** An address turned, at the beginning of a name. */
const turned = "^[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.]";
/** Names per group that are brought for their entropy. */
const sampledNames = 200;
/** TXT, NULL, SRV, MX, CNAME and private use, by number. */
const carriers = "qtype IN (16, 10, 33, 15, 5) OR qtype >= 65280";
/**
 * DNS tunnel: data is sent in the names asked for and comes back in the answers. One client asks for many different
 * names below one domain (long and random-looking, or by types that carry data, or very many), or sends UDP packets to port 53 that are too large for questions.
 */
export const dnsTunnel = defineRule<typeof limits, Row>({
  name: "dns_tunnel",
  doc: "One client asks for many, ever different names below one domain, or sends large packets to a DNS port.",
  blindTo:
    "What is sent; tunnels in DNS over TLS or HTTPS; slow ones with fewer than 40 names (20 by types that carry data) between pauses of ten minutes. Antivirus and reputation services that ask by hash and are not listed, lists of blocked domains asked by a mail server (those of addresses, and by digests at a server that asks several lists about addresses, are left out), and a browser that reads one site of very many hosts look the same.",
  attackTechnique: "T1071.004",
  severity: "high",
  limits,
  tables: ["dns", "flows"],
  startsFrom: {dns: "TRUE", flows: "proto = 17 AND dst_port = 53"},
  judgesOpen: true,
  countedFlows: "(f.service = 'dns' OR f.dst_port = 53)",
  query: (
    scope,
    {
      names,
      carrier_names,
      nearly_all,
      long_names,
      long,
      length,
      many_names,
      carrier_share,
      packets,
      packet_bytes,
      answered,
      lists,
      listed,
      gap
    }
  ) => `
    WITH asked AS (
      SELECT capture_sha256, flow_id, ts AS ts_start, client_ip, server_ip, qtype, name, ${registered} AS domain,
        CASE WHEN length(split_part(name, '.', 1)) IN (${digests.join(", ")}) AND (rcode = 3 OR answers = '[]' OR answers LIKE '["127.%') THEN 1e0 ELSE 0e0 END AS is_listed
      FROM (SELECT d.*, lower(query) AS name FROM ${scope.rows("dns")} d WHERE query IS NOT NULL) q
      WHERE name LIKE '%.%' AND name NOT LIKE '%.arpa' AND name NOT LIKE '%.local'
        AND ${registered} NOT IN (${reputation.map((domain) => `'${domain}'`).join(", ")})
        AND coalesce(regexp_extract(name, '${turned}'), '') = ''),
    filters AS (
      SELECT capture_sha256, client_ip FROM (SELECT d.*, lower(query) AS name FROM ${scope.rows("dns")} d WHERE query IS NOT NULL) q
      WHERE coalesce(regexp_extract(name, '${turned}'), '') <> '' AND name NOT LIKE '%.arpa'
      GROUP BY capture_sha256, client_ip HAVING count(DISTINCT substr(name, length(coalesce(regexp_extract(name, '${turned}'), '')) + 1)) >= ${lists.value}),
    sessioned AS (SELECT capture_sha256, flow_id, ts_start, client_ip, server_ip, qtype, name, domain, is_listed, session,
        substr(name, 1, length(name) - length(domain)) AS label
      FROM ${sessions(scope.dialect, "(SELECT * FROM asked WHERE domain <> '' AND length(name) > length(domain))", ["capture_sha256", "client_ip", "domain"], gap.value * 1000)} s),
    suspects AS (
      SELECT capture_sha256, client_ip, domain, session, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
        CASE WHEN count(DISTINCT server_ip) = 1 THEN min(server_ip) END AS server_ip, count(DISTINCT name) AS names, count(*) AS queries,
        avg(length(label)) AS length, avg(CASE WHEN ${carriers} THEN 1e0 ELSE 0e0 END) AS carrier_share, avg(is_listed) AS listed,
        min(length(split_part(name, '.', 1))) AS shortest, max(length(split_part(name, '.', 1))) AS longest
      FROM sessioned GROUP BY capture_sha256, client_ip, domain, session
      HAVING (count(DISTINCT name) >= ${names.value} AND (avg(length(label)) >= ${length.value} OR count(DISTINCT name) >= ${many_names.value}
          OR avg(CASE WHEN ${carriers} THEN 1e0 ELSE 0e0 END) >= ${carrier_share.value}))
        OR (count(DISTINCT name) >= ${carrier_names.value} AND avg(length(label)) >= ${length.value} AND avg(CASE WHEN ${carriers} THEN 1e0 ELSE 0e0 END) >= ${nearly_all.value})
        OR count(DISTINCT CASE WHEN length(label) >= ${long.value} THEN name END) >= ${long_names.value}),
    everything AS (SELECT capture_sha256, client_ip, count(DISTINCT name) AS all_names FROM asked GROUP BY capture_sha256, client_ip),
    labels AS (
      SELECT DISTINCT capture_sha256, client_ip, domain, session, label FROM sessioned),
    numbered AS (
      SELECT l.*, row_number() OVER (PARTITION BY capture_sha256, client_ip, domain, session ORDER BY label) AS label_no FROM labels l)
    SELECT u.capture_sha256, 'name' AS kind, u.client_ip AS src_ip, server_ip AS dst_ip, ts_start, ts_end, flows, u.domain, label, names, queries,
      length, carrier_share, CAST(names AS DOUBLE) / all_names AS domain_share,
      i.client_ip IS NOT NULL AND u.listed >= ${listed.value} AND shortest = longest AS is_listed, 0 AS packets, CAST(0 AS DOUBLE) AS packet_bytes
    FROM suspects u JOIN numbered n ON u.capture_sha256 = n.capture_sha256 AND u.client_ip = n.client_ip AND u.domain = n.domain AND u.session = n.session
    JOIN everything a ON u.capture_sha256 = a.capture_sha256 AND u.client_ip = a.client_ip
    LEFT JOIN filters i ON u.capture_sha256 = i.capture_sha256 AND u.client_ip = i.client_ip
    WHERE label_no <= ${sampledNames}
    UNION ALL
    SELECT capture_sha256, 'flow', src_ip, dst_ip, min(ts_start), max(ts_end), count(*), NULL, NULL, 0, 0, 0, 0, 0, FALSE, sum(src_pkts),
      CAST(sum(src_payload_bytes) AS DOUBLE) / sum(src_pkts)
    FROM ${scope.rows("flows")} f WHERE proto = 17 AND dst_port = 53 AND src_pkts > 0 AND (service IS NULL OR service = 'dns')
    GROUP BY capture_sha256, src_ip, dst_ip
    HAVING sum(src_pkts) >= ${packets.value} AND sum(src_payload_bytes) >= ${packet_bytes.value} * sum(src_pkts) AND sum(dst_pkts) >= ${answered.value} * sum(src_pkts)
    ORDER BY capture_sha256, kind, src_ip, domain, ts_start, label`,
  incidents: (rows, {gap}) => {
    const tunnels = grouped(rows.filter((row) => row.kind === "name"))
      .map(byNames)
      .filter((incident) => incident !== null);
    const streams = rows
      .filter((row) => row.kind === "flow")
      .map(bySize)
      .filter(
        (stream) =>
          !tunnels.some(
            (t) => t.src_ip === stream.src_ip && t.capture_sha256 === stream.capture_sha256 && overlaps(t, stream)
          )
      );
    return together(
      [...tunnels, ...streams],
      (t) => `${t.capture_sha256} ${t.src_ip} ${t.summary}`,
      gap.value * 1e6
    ).map(([first]) => first);
  }
});

/** Rows of one client, domain and session. */
function grouped(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.capture_sha256} ${row.src_ip} ${row.domain} ${row.ts_start}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

/** Which limit of names so many reach. */
function enoughNames(names: number, carrierShare: number): Limit {
  if (names >= limits.names.value) return limits.names;
  const areCarriers = names >= limits.carrier_names.value && carrierShare >= limits.nearly_all.value;
  return areCarriers ? limits.carrier_names : limits.long_names;
}

function byNames(rows: Row[]): Incident | null {
  const [
    {capture_sha256, src_ip, dst_ip, domain, flows, names, queries, length, carrier_share, domain_share, is_listed}
  ] = rows;
  const bits = entropy(rows.map((row) => (row.label ?? "").replaceAll(".", "")));
  const byCarriers = carrier_share >= limits.carrier_share.value;
  const byNumber = names >= limits.many_names.value && domain_share >= limits.domain_share.value;
  const byLength = length >= limits.length.value && bits >= limits.entropy.value;
  if (is_listed || (!byLength && !byCarriers && !byNumber)) return null;
  const time = extent(rows);
  const perSecond = (names * 1e6) / Math.max(time.ts_end - time.ts_start, 1e6);
  return {
    capture_sha256,
    ...time,
    src_ip,
    dst_ip,
    dst_port: null,
    flows,
    ...(perSecond <= limits.reports.value ? {attackTechnique: "T1071"} : {}),
    severity: byLength || byCarriers ? "high" : "medium",
    summary: `${src_ip} asked for ${amount(names)} different names of ${amount(Math.round(length))} characters on average below ${domain} in ${span(time.ts_end - time.ts_start)}.`,
    reasons: [
      atLeast("different names", names, byNumber ? limits.many_names : enoughNames(names, carrier_share)),
      ...(byLength
        ? [
            atLeast("mean length of the names", length, limits.length),
            atLeast("entropy of the names", bits, limits.entropy)
          ]
        : [
            fact("mean length of the names", length, limits.length.unit),
            fact("entropy of the names", bits, limits.entropy.unit)
          ]),
      ...(byNumber ? [atLeast("share of the domain", domain_share, limits.domain_share)] : []),
      byCarriers
        ? atLeast("share of types that carry data", carrier_share, limits.carrier_share)
        : fact("share of types that carry data", carrier_share),
      fact("queries", queries)
    ]
  };
}

function bySize({capture_sha256, src_ip, dst_ip, ts_start, ts_end, flows, packets, packet_bytes}: Row): Incident {
  return {
    capture_sha256,
    ts_start,
    ts_end,
    src_ip,
    dst_ip,
    dst_port: 53,
    flows,
    summary: `${src_ip} sent ${amount(packets)} UDP packets of ${amount(Math.round(packet_bytes))} bytes on average to port 53 of ${dst_ip}, too large for questions.`,
    reasons: [
      atLeast("packets to a DNS port", packets, limits.packets),
      atLeast("mean payload", packet_bytes, limits.packet_bytes)
    ]
  };
}

import {extent, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  client_ip: string;
  name: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  inner_answers: number;
};

const limits = {
  turns: {
    value: 1,
    unit: "answers",
    doc: "Answers with an address of a private network or of the machine itself, for a name that had a public address shortly before"
  },
  gap: {
    value: 300,
    unit: "s",
    doc: "Time from the one answer to the other at most; browsers keep a name's address a minute"
  },
  domains: {
    value: 3,
    unit: "domains",
    doc: "An address to which names of so many domains lead is a portal's, which asks for a login first"
  }
} as const;

/** An address of a private network (RFC 1918), of the machine itself or of its link, and any address but 0.0.0.0, by which filters block names. */
const isInner = `(coalesce(regexp_extract(d.answers, '"(10[.]|127[.]|192[.]168[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|169[.]254[.])[0-9.]*"'), '') <> '')`;
const hasAddress = `(coalesce(regexp_extract(d.answers, '"([1-9][0-9]{0,2}[.][0-9]+[.][0-9]+[.][0-9]+)"'), '') <> '')`;

/**
 * DNS rebinding (Jackson et al., Protecting Browsers from DNS Rebinding Attacks, 2007): a page's name leads to its server
 * first and then to a machine of the reader's own network, so that the page may talk with that.
 */
export const dnsRebinding = defineRule<typeof limits, Row>({
  name: "dns_rebinding",
  doc: "A name that led to a public address leads the same client to a machine of its own network: DNS rebinding.",
  blindTo:
    "Answers in TLS; names that lead to both at once; networks with public addresses; IPv6. A laptop that joins a virtual private network whose names exist outside, too, looks the same.",
  attackTechnique: "T1557",
  severity: "medium",
  limits,
  tables: ["flows", "dns"],
  startsFrom: {dns: "qtype = 1 AND answers LIKE '[\"%'"},
  judgesOpen: true,
  countedFlows: "f.service = 'dns'",
  query: (scope, {gap, domains}) => `
    WITH said AS (
      SELECT d.capture_sha256, d.flow_id, d.ts, d.client_ip, d.server_ip, lower(d.query) AS name, d.answers, ${isInner} AS is_inner, ${hasAddress} AS has_address
      FROM ${scope.rows("dns")} d JOIN ${scope.rows("flows")} f ON d.flow_id = f.flow_id AND d.capture_sha256 = f.capture_sha256
      WHERE d.qtype = 1 AND d.rcode = 0 AND f.service = 'dns' AND d.query LIKE '%.%' AND d.query NOT LIKE '%.arpa' AND d.query NOT LIKE '%.local'),
    portals AS (
      SELECT capture_sha256, answers FROM said p WHERE is_inner
      GROUP BY capture_sha256, answers HAVING count(DISTINCT coalesce(regexp_extract(name, '[^.]+[.][^.]+$'), '')) >= ${domains.value})
    SELECT b.capture_sha256, b.client_ip, b.name, min(a.ts) AS ts_start, max(b.ts) AS ts_end, count(DISTINCT a.flow_id) + count(DISTINCT b.flow_id) AS flows, count(DISTINCT b.ts) AS inner_answers
    FROM said a JOIN said b ON a.capture_sha256 = b.capture_sha256 AND a.client_ip = b.client_ip AND a.server_ip = b.server_ip AND a.name = b.name
    WHERE a.has_address AND NOT a.is_inner AND b.is_inner AND a.ts < b.ts AND ${scope.dialect.epochMs("b.ts")} - ${scope.dialect.epochMs("a.ts")} <= ${gap.value * 1000}
      AND NOT EXISTS (SELECT 1 FROM portals p WHERE p.capture_sha256 = b.capture_sha256 AND p.answers = b.answers)
    GROUP BY b.capture_sha256, b.client_ip, b.name`,
  incidents: (rows, {turns, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.client_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, client_ip, name}] = group;
      return {
        capture_sha256,
        ...extent(group),
        src_ip: client_ip,
        dst_ip: null,
        dst_port: null,
        flows: total(group, (row) => row.flows),
        summary: `${client_ip} was led by ${counted(group.length, "name")} (${name}) to a public address and then to one of its own network.`,
        reasons: [
          atLeast(
            "answers with an address of a private network",
            total(group, (row) => row.inner_answers),
            turns
          ),
          fact("a name", name)
        ]
      };
    })
});

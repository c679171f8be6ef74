import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  requests: number;
  refused: number;
  numbers: number;
  tool: string | null;
};

const limits = {
  numbers: {
    value: 10,
    unit: "numbers",
    doc: "Different numbers that one client registers as, or asks about, at one server within a session, and is refused"
  },
  attempts: {value: 20, unit: "requests", doc: "Refused registrations of one client, of whichever numbers"},
  share: {
    value: 0.9,
    unit: "of the requests",
    doc: "Least share of refused ones; a telephone is refused once, and then let in"
  },
  tool: {
    value: 1,
    unit: "requests",
    doc: "Alone enough: requests by scanners that name themselves (sipvicious and others)"
  },
  per_minute: {
    value: 6,
    unit: "a minute",
    doc: "Refused registrations of few numbers that come more slowly are a telephone with an old password, and the severity is low"
  },
  gap: {value: 300, unit: "s", doc: "A session ends when no request follows for so long"}
} as const;

/** Beginnings of the User-Agent headers of scanners, in lower case. */
const scanners = [
  "friendly-scanner",
  "friendly-request",
  "sipvicious",
  "sundayddr",
  "sip-scan",
  "sipcli",
  "smap",
  "iwar",
  "pplsip",
  "siparmyknife",
  "vaxsipuseragent"
];
const isScanner = `(${scanners.map((name) => `lower(coalesce(s.user_agent, '')) LIKE '${name}%'`).join(" OR ")})`;

/** Scanning of telephone systems: numbers tried and passwords guessed by SIP (sipvicious' svmap, svwar, svcrack). */
export const sipGuessing = defineRule<typeof limits, Row>({
  name: "sip_guessing",
  doc: "A client tries numbers or passwords at a telephone system by SIP, or scans for one.",
  blindTo:
    "SIP within TLS; tools that name themselves as a telephone and stay below the limits; calls that fraud makes then. A telephone with a wrong password that registers again and again within seconds looks the same.",
  attackTechnique: "T1110.001",
  severity: "medium",
  limits,
  tables: ["flows", "sip"],
  startsFrom: {sip: "method IN ('REGISTER', 'OPTIONS', 'INVITE')"},
  judgesOpen: true,
  countedFlows: "f.service = 'sip'",
  query: (scope, {numbers, attempts, share, tool, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows, count(*) AS requests,
        sum(is_refused) AS refused, count(DISTINCT CASE WHEN is_refused = 1 THEN callee END) AS numbers, max(tool) AS tool, count(tool) AS by_tool
      FROM ${sessions(
        scope.dialect,
        `(SELECT s.capture_sha256, s.flow_id, s.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, s.callee, CASE WHEN ${isScanner} THEN s.user_agent END AS tool,
            CASE WHEN s.status IN (401, 403, 404, 407) THEN 1 ELSE 0 END AS is_refused
          FROM ${scope.rows("sip")} s JOIN ${scope.rows("flows")} f ON s.flow_id = f.flow_id AND s.capture_sha256 = f.capture_sha256
          WHERE s.method IN ('REGISTER', 'OPTIONS', 'INVITE'))`,
        ["capture_sha256", "src_ip", "dst_ip"],
        gap.value * 1000
      )} t GROUP BY capture_sha256, src_ip, dst_ip, session) g
    WHERE by_tool >= ${tool.value} OR (refused >= ${share.value} * requests AND (numbers >= ${numbers.value} OR refused >= ${attempts.value}))`,
  incidents: (rows, {numbers, attempts, tool, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const most = group.reduce((a, b) => (b.refused > a.refused ? b : a));
      const scanner = group.find((row) => row.tool !== null)?.tool ?? null;
      const requests = total(group, (row) => row.requests);
      const time = extent(group);
      const perMinute = (most.refused * 60e6) / Math.max(most.ts_end - most.ts_start, 1e6);
      const isSlow = scanner === null && most.numbers < numbers.value && perMinute < limits.per_minute.value;
      return {
        capture_sha256,
        ...time,
        ...(isSlow ? {severity: "low" as const} : {}),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} sent ${server ?? counted(new Set(group.map((row) => row.dst_ip)).size, "host")} ${counted(requests, "SIP request")} in ${span(time.ts_end - time.ts_start)}, ${total(group, (row) => row.refused)} of them refused${scanner === null ? "" : `, by ${scanner}`}.`,
        reasons: [
          scanner !== null
            ? atLeast("requests by a scanner", requests, tool)
            : most.numbers >= numbers.value
              ? atLeast("numbers refused", most.numbers, numbers)
              : atLeast("requests refused", most.refused, attempts),
          fact("hosts", new Set(group.map((row) => row.dst_ip)).size)
        ]
      };
    })
});

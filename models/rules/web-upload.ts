import {isBareHost} from "./http-requests.ts";
import {common, extent, togetherOutward, total} from "./merge.ts";
import {defineRule, type Scope, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  uploads: number;
  bytes: number;
  agent: string;
};

const limits = {
  uploads: {
    value: 5,
    unit: "uploads",
    doc: "Posts and puts of a local host, from no page, to a foreign address without a name, within a session"
  },
  each: {value: 4000, unit: "bytes", doc: "Length of each of them at least; forms and calls of interfaces are shorter"},
  bytes: {value: 100_000, unit: "bytes", doc: "Sent by all of them"},
  gap: {value: 600, unit: "s", doc: "A session ends when nothing is sent for so long"}
} as const;

/** Requests with the length of what they send; of one in pieces (chunked, RFC 9112 §7.1) an even part of what its connection carries. */
const ofLength = (
  scope: Scope
) => `(SELECT r.*, coalesce(r.request_length, w.src_payload_bytes / CAST(r.requests AS DOUBLE)) AS sent
  FROM (SELECT q.*, count(*) OVER (PARTITION BY q.capture_sha256, q.flow_id) AS requests FROM ${scope.rows("http")} q) r
  JOIN ${scope.rows("flows")} w ON w.flow_id = r.flow_id AND w.capture_sha256 = r.capture_sha256)`;

/** Exfiltration by HTTP, in pieces: uploads to a server that has no name, as scripts and stealers make them. */
export const webUpload = defineRule<typeof limits, Row>({
  name: "web_upload",
  doc: "A local host uploads again and again by HTTP to a foreign address without a name.",
  blindTo:
    "Uploads within TLS, to a server by its name (services for files and chats among them), or in one piece below the limit of `exfiltration`. A camera or an agent that sends its pictures or logs to an address looks the same.",
  attackTechnique: "T1048.003",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  startsFrom: {http: "method IN ('POST', 'PUT') AND coalesce(request_length, 4000) >= 4000"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope, {uploads, each, bytes, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
      count(*) AS uploads, sum(request_length) AS bytes, min(agent) AS agent
    FROM ${sessions(
      scope.dialect,
      `(SELECT h.capture_sha256, h.flow_id, h.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, least(h.sent, f.src_payload_bytes) AS request_length, coalesce(h.user_agent, '') AS agent
        FROM ${ofLength(scope)} h JOIN ${scope.rows("flows")} f ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256
        WHERE h.method IN ('POST', 'PUT') AND h.sent >= ${each.value} AND f.src_payload_bytes >= ${each.value} AND h.referer IS NULL AND ${isBareHost("h.host")})`,
      ["capture_sha256", "src_ip", "dst_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, session HAVING count(*) >= ${uploads.value} AND sum(request_length) >= ${bytes.value}`,
  incidents: (rows, {uploads, bytes, gap}, {localNets}) => {
    return togetherOutward(rows, localNets, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, agent}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const sent = total(group, (row) => row.bytes);
      const time = extent(group);
      const count = total(group, (row) => row.uploads);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} uploaded ${amount(sent)} bytes to ${server ?? counted(new Set(group.map((row) => row.dst_ip)).size, "address", "addresses")} by ${counted(count, "HTTP request")} in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast("uploads to an address without a name", count, uploads),
          atLeast("sent", sent, bytes),
          fact("program", agent === "" ? "none" : agent.slice(0, 80))
        ]
      };
    });
  },
  yieldsTo: (incident, other) => other.rule === "exfiltration" && other.src_ip === incident.src_ip
});

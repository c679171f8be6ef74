import {inNetworks, isGroupAddress} from "./addresses.ts";
import {peerServices} from "./peer-services.ts";
import {rowsOfGroups} from "./rows-of-groups.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  sent: number;
  received: number;
  ratio: number;
  usual_ratio: number | null;
  a_port: number;
  ports: number;
  is_raw: number;
};

const limits = {
  sent: {value: 50_000_000, unit: "bytes", doc: "Payload that a local host sends to one foreign host within a session"},
  ratio: {value: 10, unit: "bytes sent per byte received", doc: "Least ratio of that exchange"},
  raw: {
    value: 500_000,
    unit: "bytes",
    doc: "Payload sent over TCP by an unknown protocol to a foreign host whose name was not looked up, by a host that looks names up"
  },
  raw_ratio: {value: 20, unit: "bytes sent per byte received", doc: "Least ratio then"},
  usual: {
    value: 5,
    unit: "times the usual",
    doc: "Least multiple of the ratio that the host has with all others in the capture"
  },
  gap: {value: 600, unit: "s", doc: "A session ends when no flow begins for so long"}
} as const;

/** What an exchange is between. */
const pair = ["capture_sha256", "src_ip", "dst_ip"];

/** Exfiltration: a local host sends much to a foreign host and gets little back, unlike its other traffic. */
export const exfiltration = defineRule<typeof limits, Row>({
  name: "exfiltration",
  doc: "A local host sends far more to one foreign host than it gets back, unlike its other traffic.",
  blindTo:
    "What is sent and by whose wish: backups, uploads and calls with video off one side look the same; small amounts by known protocols, or to names; transfers between local hosts; data split over many hosts.",
  attackTechnique: "T1048",
  severity: "high",
  limits,
  tables: ["flows"],
  query: (scope, {sent, ratio, raw, raw_ratio, usual, gap}) => `
    WITH spoken AS (SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_port, src_payload_bytes, dst_payload_bytes
      FROM ${scope.rows("flows")} f WHERE proto IN (6, 17, 132) AND NOT ${isGroupAddress("dst_ip")}),
    hosts AS (SELECT capture_sha256, src_ip, CAST(sum(src_payload_bytes) AS DOUBLE) AS all_sent, CAST(sum(dst_payload_bytes) AS DOUBLE) AS all_received
      FROM spoken GROUP BY capture_sha256, src_ip),
    exchanges AS (
      SELECT capture_sha256, src_ip, dst_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
        CAST(sum(src_payload_bytes) AS DOUBLE) AS sent, CAST(sum(dst_payload_bytes) AS DOUBLE) AS received, min(dst_port) AS a_port, count(DISTINCT dst_port) AS ports
      FROM ${sessions(scope.dialect, rowsOfGroups("spoken", pair, `sum(src_payload_bytes) >= ${sent.value}`), pair, gap.value * 1000)} s
      GROUP BY capture_sha256, src_ip, dst_ip, session
      HAVING sum(src_payload_bytes) >= ${sent.value} AND sum(src_payload_bytes) >= ${ratio.value} * sum(dst_payload_bytes))
    SELECT e.*, ${scope.dialect.ratio("e.sent", "greatest(e.received, 1)")} AS ratio, ${scope.dialect.ratio("all_sent - e.sent", "all_received - e.received")} AS usual_ratio, 0 AS is_raw
    FROM exchanges e JOIN hosts h ON h.capture_sha256 = e.capture_sha256 AND h.src_ip = e.src_ip
    WHERE all_received - e.received <= 0 OR ${scope.dialect.ratio("e.sent", "greatest(e.received, 1)")} >= ${usual.value} * ${scope.dialect.ratio("all_sent - e.sent", "all_received - e.received")}
    UNION ALL
    SELECT r.capture_sha256, r.src_ip, r.dst_ip, min(r.ts_start), max(r.ts_end), count(*), CAST(sum(r.src_payload_bytes) AS DOUBLE), CAST(sum(r.dst_payload_bytes) AS DOUBLE), min(r.dst_port), count(DISTINCT r.dst_port),
      ${scope.dialect.ratio("CAST(sum(r.src_payload_bytes) AS DOUBLE)", "CAST(greatest(sum(r.dst_payload_bytes), 1) AS DOUBLE)")}, NULL, 1
    FROM ${scope.rows("flows")} r
      JOIN (SELECT DISTINCT capture_sha256, src_ip FROM ${scope.rows("flows")} a WHERE dns_name IS NOT NULL) n ON n.capture_sha256 = r.capture_sha256 AND n.src_ip = r.src_ip
      LEFT JOIN (SELECT DISTINCT capture_sha256, src_ip FROM ${scope.rows("flows")} p WHERE service IN (${peerServices.map((name) => `'${name}'`).join(", ")})) k
        ON k.capture_sha256 = r.capture_sha256 AND k.src_ip = r.src_ip
    WHERE r.proto = 6 AND r.service IS NULL AND r.dns_name IS NULL AND r.history LIKE 'Sh%' AND k.src_ip IS NULL
    GROUP BY r.capture_sha256, r.src_ip, r.dst_ip
    HAVING sum(r.src_payload_bytes) >= ${raw.value} AND sum(r.src_payload_bytes) < ${sent.value} AND sum(r.src_payload_bytes) >= ${raw_ratio.value} * sum(r.dst_payload_bytes)`,
  incidents: (rows, _, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return rows
      .filter(({src_ip, dst_ip}) => isLocal(src_ip) && !isLocal(dst_ip))
      .map(
        ({
          capture_sha256,
          src_ip,
          dst_ip,
          ts_start,
          ts_end,
          flows,
          sent,
          received,
          ratio,
          usual_ratio,
          a_port,
          ports,
          is_raw
        }) => ({
          capture_sha256,
          ts_start,
          ts_end,
          src_ip,
          dst_ip,
          dst_port: ports === 1 ? a_port : null,
          flows,
          severity: is_raw === 1 ? "medium" : "high",
          summary: `${src_ip} sent ${amount(sent / 1e6)} MB to ${dst_ip}${is_raw === 1 ? " by an unknown protocol" : ""} in ${span(ts_end - ts_start)} and got ${amount(received / 1e6)} MB back.`,
          reasons: [
            atLeast("payload sent", sent, is_raw === 1 ? limits.raw : limits.sent),
            atLeast("ratio", ratio, is_raw === 1 ? limits.raw_ratio : limits.ratio),
            is_raw === 1
              ? fact("protocol", "unknown")
              : usual_ratio === null
                ? fact("ratio with all others", "no other traffic")
                : atLeast("ratio, compared with all others", ratio / Math.max(usual_ratio, 1e-9), limits.usual)
          ]
        })
      );
  }
});

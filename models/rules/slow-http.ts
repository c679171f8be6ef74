import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, atMost, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  at_once: number;
  duration_us: number;
  payload: number;
};

const limits = {
  at_once: {
    value: 20,
    unit: "connections",
    doc: "Slow connections of one client to one web server open at once; browsers open six"
  },
  duration: {value: 10, unit: "s", doc: "A connection that lasts less is not slow"},
  payload: {value: 10_000, unit: "bytes", doc: "Sent by the client over one slow connection at most"},
  answer: {
    value: 1000,
    unit: "bytes",
    doc: "Answered over one slow connection at most (an error page after the time-out)"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when no slow connection begins for so long"}
} as const;

const webPorts = [80, 8000, 8080];

/**
 * Slow HTTP (Slowloris, slow body, slow read): one client holds many connections open, each with an unfinished request
 * or an answer that it refuses to take (its window is zero). A connection that became a channel (WebSocket, events) is none.
 * Concurrency is the mean: time open summed over time gone.
 */
export const slowHttp = defineRule<typeof limits, Row>({
  name: "slow_http",
  doc: "One client holds many connections to a web server open and hardly says anything.",
  blindTo:
    "Slow requests within TLS (slow reading is seen there); slow reading with a window above zero; attacks spread over many clients with few connections each.",
  attackTechnique: "T1499.002",
  severity: "high",
  limits,
  tables: ["flows", "http"],
  startsFrom: {flows: "proto = 6"},
  judgesOpen: true,
  countedFlows: "f.proto = 6",
  query: (scope, {at_once, duration, payload, answer, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
      CAST(sum(duration_us) AS DOUBLE) / (max(at_ms + duration_us / 1000e0) - min(at_ms)) / 1000e0 AS at_once,
      avg(duration_us) AS duration_us, max(src_payload_bytes) AS payload
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, duration_us, src_ip, dst_ip, dst_port, src_payload_bytes FROM ${scope.rows("flows")} f
        WHERE proto = 6 AND duration_us >= ${duration.value * 1e6} AND dst_pkts > 0 AND src_payload_bytes BETWEEN 1 AND ${payload.value}
          AND ((service IN ('http', 'tls') AND history LIKE '%W%') OR (dst_payload_bytes <= ${answer.value}
            AND (service = 'http' OR (service IS NULL AND dst_port IN (${webPorts.join(", ")})))
            AND NOT EXISTS (SELECT 1 FROM ${scope.rows("http")} h WHERE h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256 AND (h.status = 101 OR h.content_type LIKE 'text/event-stream%')))))`,
      ["capture_sha256", "src_ip", "dst_ip", "dst_port"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, session
    HAVING count(*) >= ${at_once.value}
      AND CAST(sum(duration_us) AS DOUBLE) / 1000e0 >= ${at_once.value} * (max(at_ms + duration_us / 1000e0) - min(at_ms))`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.dst_ip} ${row.dst_port}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, dst_ip, dst_port}] = group;
      const widest = group.reduce((a, b) => (b.at_once > a.at_once ? b : a));
      const source = common(group.map((row) => row.src_ip));
      const clients = new Set(group.map((row) => row.src_ip)).size;
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip: source,
        dst_ip,
        dst_port,
        flows: total(group, (row) => row.flows),
        summary: `${source ?? counted(clients, "client")} held ${counted(Math.round(total(group, (row) => row.at_once)), "slow connection")} to the web server ${dst_ip} port ${dst_port} open at once for ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast("connections open at once (mean)", widest.at_once, limits.at_once),
          atLeast("mean duration", widest.duration_us / 1e6, limits.duration),
          atMost("largest payload sent over one", widest.payload, limits.payload),
          fact("clients", clients)
        ]
      };
    })
});

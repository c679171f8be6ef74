import {placeOfServices, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, atMost, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  requests: number;
  clients: number;
};

const limits = {
  requests: {
    value: 3,
    unit: "requests",
    doc: "WinRM requests of one client to one machine within a session, besides the forwarding of events"
  },
  clients: {value: 3, unit: "hosts", doc: "Clients of that machine at most: what more of them ask is a collector"},
  gap: {value: 600, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** A condition: a request of WS-Management ([MS-WSMV]), and none by which Windows forwards its events. */
const isWinrm =
  "(lower(h.uri) LIKE '/wsman%' AND lower(h.uri) NOT LIKE '/wsman/subscription%' AND (h.method IS NULL OR h.method = 'POST'))";

/** PowerShell remoting and `winrs`: a shell on another Windows machine, by HTTP. */
export const winrm = defineRule<typeof limits, Row>({
  name: "winrm",
  doc: "A client runs commands on another Windows machine by WinRM (PowerShell remoting).",
  blindTo:
    "What was run, which is encrypted; WinRM within TLS (port 5986). Administrators and configuration management (Ansible, Desired State Configuration) look the same.",
  attackTechnique: "T1021.006",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  startsFrom: {http: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope, {requests, clients, gap}) => `
    WITH asked AS (
      SELECT h.capture_sha256, h.flow_id, h.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port
      FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256 WHERE ${isWinrm}),
    servers AS (SELECT capture_sha256, dst_ip, count(DISTINCT src_ip) AS clients FROM asked GROUP BY capture_sha256, dst_ip)
    SELECT s.capture_sha256, s.src_ip, s.dst_ip, s.dst_port, min(s.ts_start) AS ts_start, max(s.ts_start) AS ts_end, count(DISTINCT s.flow_id) AS flows,
      count(*) AS requests, max(v.clients) AS clients
    FROM ${sessions(scope.dialect, "asked", ["capture_sha256", "src_ip", "dst_ip", "dst_port"], gap.value * 1000)} s
    JOIN servers v ON v.capture_sha256 = s.capture_sha256 AND v.dst_ip = s.dst_ip
    WHERE v.clients <= ${clients.value}
    GROUP BY s.capture_sha256, s.src_ip, s.dst_ip, s.dst_port, s.session
    HAVING count(*) >= ${requests.value}`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const place = placeOfServices(group);
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      return {
        ...place,
        summary: `${place.src_ip} drove ${place.dst_ip ?? counted(hosts, "host")} by WinRM for ${span(place.ts_end - place.ts_start)}.`,
        reasons: [
          atLeast(
            "WinRM requests",
            total(group, (row) => row.requests),
            limits.requests
          ),
          atMost("clients of the machine", Math.max(...group.map((row) => row.clients)), limits.clients),
          fact("hosts", hosts)
        ]
      };
    })
});

import {common, extent, overlaps, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {controlPipes, isPipe, smbRequests} from "./smb-requests.ts";
import {atLeast, atMost, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  pipe: keyof typeof controlPipes;
  requests: number;
  opened: number;
  /** Clients that opened this pipe of the server in the capture. */
  clients: number;
};

const limits = {
  requests: {value: 1, unit: "requests", doc: "Requests of one client to open a controlling pipe of a server"},
  clients: {
    value: 3,
    unit: "hosts",
    doc: "Clients of a server's print spooler at most: what more of them open is a print server"
  },
  gap: {value: 600, unit: "s", doc: "A session ends when no such pipe is opened for so long"}
} as const;

/** Pipes that only tools ask another machine for, now that Windows has other ones: even in vain it is an attempt. */
const drivers: ReadonlySet<string> = new Set(["atsvc"]);

/**
 * Remote control over SMB: a client opens the pipes by which Windows manages services, scheduled tasks, the registry,
 * the print spooler or file encryption of another machine. Users do not; administrators and intruders do. Asked for in
 * vain, all but that of tasks (atsvc) are of low severity.
 */
export const remoteControl = defineRule<typeof limits, Row>({
  name: "remote_control",
  doc: "A client opens the pipes by which services, tasks or the registry of another machine are controlled.",
  blindTo:
    "What was done through the pipe, but for the print spooler, whose calls are judged one by one where they can be read; encrypted SMB 3; the same services over TCP without SMB (WMI, DCOM); connections that began before the capture. Administrators' tools, software distribution, monitoring without agents and clients of small print servers look the same.",
  attackTechnique: "T1021.002",
  severity: "medium",
  limits,
  tables: ["flows", "smb", "dcerpc"],
  startsFrom: {smb: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'smb'",
  query: (scope, {requests, clients, gap}) => `
    WITH asked AS (SELECT r.* FROM ${smbRequests(scope)} r WHERE command <> 'tree_connect' AND ${isPipe(Object.keys(controlPipes))}
        AND NOT (name = 'spoolss' AND EXISTS (SELECT 1 FROM ${scope.rows("dcerpc")} d
          WHERE d.capture_sha256 = r.capture_sha256 AND d.flow_id = r.flow_id AND d.interface = 'spoolss' AND d.operation IS NOT NULL))),
    users AS (SELECT capture_sha256, dst_ip, name, count(DISTINCT src_ip) AS clients FROM asked GROUP BY capture_sha256, dst_ip, name)
    SELECT s.capture_sha256, s.src_ip, s.dst_ip, min(s.dst_port) AS dst_port, s.name AS pipe, min(s.ts_start) AS ts_start, max(s.ts_start) AS ts_end,
      count(DISTINCT s.flow_id) AS flows, count(*) AS requests, sum(s.is_opened) AS opened, max(u.clients) AS clients
    FROM ${sessions(scope.dialect, "asked", ["capture_sha256", "src_ip", "dst_ip"], gap.value * 1000)} s
    JOIN users u ON u.capture_sha256 = s.capture_sha256 AND u.dst_ip = s.dst_ip AND u.name = s.name
    WHERE s.name <> 'spoolss' OR u.clients <= ${clients.value}
    GROUP BY s.capture_sha256, s.src_ip, s.dst_ip, s.name, s.session
    HAVING count(*) >= ${requests.value}`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const pipes = [...new Set(group.map(({pipe}) => pipe))].sort();
      const server = common(group.map((row) => row.dst_ip));
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      const opened = total(group, (row) => row.opened);
      const requests = total(group, (row) => row.requests);
      const clients = Math.max(0, ...group.filter(({pipe}) => pipe === "spoolss").map((row) => row.clients));
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        severity: opened > 0 || pipes.some((pipe) => drivers.has(pipe)) ? "medium" : "low",
        summary: `${src_ip} ${opened > 0 ? "opened" : "asked in vain for"} the pipes of ${pipes.map((pipe) => `${controlPipes[pipe]} (${pipe})`).join(" and ")} of ${server ?? counted(hosts, "host")}.`,
        reasons: [
          atLeast("requests to open such a pipe", requests, limits.requests),
          fact("opened", opened, `of ${requests}`),
          ...(clients > 0 ? [atMost("clients of the print spooler", clients, limits.clients)] : []),
          fact("hosts", hosts)
        ]
      };
    }),
  yieldsTo: (incident, other) =>
    ["remote_execution", "remote_service", "remote_task", "remote_registry", "coercion"].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6)
});

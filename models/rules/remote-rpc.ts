import {common, extent, overlaps, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {amount, atLeast, atMost, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  kind: "endpoint" | "mapper";
  payload: number;
  clients: number;
};

const limits = {
  payload: {
    value: 10_000,
    unit: "bytes",
    doc: "Payload in both directions of one connection: a domain member's logon has some thousand, commands by WMI or DCOM have ten times that, and so has the list of all endpoints"
  },
  clients: {
    value: 2,
    unit: "hosts",
    doc: "Clients of a server's endpoint mapper at most: what more of them use is a service (mail, printing, certificates)"
  },
  delay: {value: 60, unit: "s", doc: "The endpoint is used so soon after it was asked for"},
  gap: {value: 600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Interfaces of which members of a domain, mail programs and certificate clients have much to say; other rules tell what is odd of them. */
const ordinary = [
  "netlogon",
  "lsarpc",
  "drsuapi",
  "dssetup",
  "nspi",
  "rfr",
  "exchange_mapi",
  "AsyncEMSMDB",
  "ICertPassage",
  "ICertRequestD"
]
  .map((name) => `'${name}'`)
  .join(", ");

/** A condition on `f`: a TCP connection in which nothing but RPC was recognised. */
const mayBeRpc = "(f.service IS NULL OR f.service = 'dcerpc')";

/**
 * Remote procedure calls between machines that are not each other's servers: a client asks the endpoint mapper (port
 * 135) and then talks at length with the dynamic port that it was given (WMI, DCOM, tasks), or has the mapper list
 * all it has. Told by the flows alone; domain controllers that replicate are left out.
 */
export const remoteRpc = defineRule<typeof limits, Row>({
  name: "remote_rpc",
  doc: "A client drives another machine by remote procedure calls (WMI, DCOM), or lists what it offers.",
  blindTo:
    "Which interface was called and what was done; RPC over HTTP and over SMB pipes; short calls; endpoints whose mapper was not asked in the capture. Monitoring by WMI, administrators' consoles, OPC Classic and the few clients of a small mail or print server look the same.",
  attackTechnique: "T1021.003",
  severity: "medium",
  limits,
  tables: ["flows", "dcerpc"],
  startsFrom: {flows: "proto = 6 AND dst_port = 135"},
  judgesOpen: true,
  countedFlows:
    "f.proto = 6 AND (f.dst_port = 135 OR f.dst_port >= 1024) AND (f.service IS NULL OR f.service = 'dcerpc')",
  query: (scope, {payload, clients, delay}) => {
    const ms = (column: string) => scope.dialect.epochMs(column);
    return `
    WITH mapper AS (
      SELECT capture_sha256, flow_id, src_ip, dst_ip, ts_start, ts_end, src_payload_bytes + dst_payload_bytes AS payload FROM ${scope.rows("flows")} f
      WHERE proto = 6 AND dst_port = 135 AND src_payload_bytes > 0 AND dst_payload_bytes > 0 AND ${mayBeRpc}),
    servers AS (SELECT capture_sha256, dst_ip, count(DISTINCT src_ip) AS clients FROM mapper GROUP BY capture_sha256, dst_ip),
    harmless AS (SELECT capture_sha256, flow_id FROM ${scope.rows("dcerpc")} d WHERE message = 'request'
      GROUP BY capture_sha256, flow_id HAVING sum(CASE WHEN interface IN (${ordinary}) OR (interface = 'epmapper' AND operation <> 'ept_lookup') THEN 0 ELSE 1 END) = 0),
    controllers AS (SELECT DISTINCT capture_sha256, dst_ip FROM ${scope.rows("flows")} f WHERE dst_port IN (88, 389) AND dst_pkts > 0),
    talked AS (
      SELECT DISTINCT 'endpoint' AS kind, f.capture_sha256, f.flow_id, f.src_ip, f.dst_ip, f.dst_port, f.ts_start, f.ts_end, f.src_payload_bytes + f.dst_payload_bytes AS payload
      FROM ${scope.rows("flows")} f JOIN mapper m ON m.capture_sha256 = f.capture_sha256 AND m.src_ip = f.src_ip AND m.dst_ip = f.dst_ip
      WHERE f.proto = 6 AND f.dst_port >= 1024 AND ${mayBeRpc} AND f.src_payload_bytes > 0 AND f.dst_payload_bytes > 0
        AND f.ts_end >= m.ts_start AND ${ms("f.ts_start")} <= ${ms("m.ts_end")} + ${delay.value * 1000}
      UNION ALL
      SELECT 'mapper', capture_sha256, flow_id, src_ip, dst_ip, 135, ts_start, ts_end, payload FROM mapper)
    SELECT t.capture_sha256, t.kind, t.src_ip, t.dst_ip, t.dst_port, min(t.ts_start) AS ts_start, max(t.ts_end) AS ts_end, count(*) AS flows,
      max(t.payload) AS payload, max(s.clients) AS clients
    FROM talked t JOIN servers s ON s.capture_sha256 = t.capture_sha256 AND s.dst_ip = t.dst_ip
    LEFT JOIN controllers c ON c.capture_sha256 = t.capture_sha256 AND c.dst_ip = t.src_ip
    LEFT JOIN harmless h ON h.capture_sha256 = t.capture_sha256 AND h.flow_id = t.flow_id
    WHERE h.flow_id IS NULL AND t.payload >= ${payload.value} AND s.clients <= ${clients.value} AND c.dst_ip IS NULL
    GROUP BY t.capture_sha256, t.kind, t.src_ip, t.dst_ip, t.dst_port`;
  },
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const most = group.reduce((a, b) => (b.payload > a.payload ? b : a));
      const isDriven = group.some(({kind}) => kind === "endpoint");
      const server = common(group.map((row) => row.dst_ip));
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      const port = common(group.map((row) => row.dst_port));
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: port,
        flows: total(group, (row) => row.flows),
        summary: isDriven
          ? `${src_ip} asked the endpoint mapper of ${server ?? counted(hosts, "host")} and exchanged up to ${amount(most.payload)} bytes with ${port === null ? "the ports" : `port ${port}, the port`} that it was given.`
          : `${src_ip} exchanged ${amount(most.payload)} bytes with the endpoint mapper of ${server ?? counted(hosts, "host")}, as a list of all endpoints takes.`,
        reasons: [
          atLeast("payload of one connection", most.payload, limits.payload),
          atMost("clients of the endpoint mapper", Math.max(...group.map((row) => row.clients)), limits.clients),
          fact("hosts", hosts)
        ]
      };
    }),
  yieldsTo: (incident, other) =>
    [
      "remote_execution",
      "remote_service",
      "remote_task",
      "remote_wmi",
      "remote_dcom",
      "remote_registry",
      "rpc_discovery",
      "coercion",
      "dcsync"
    ].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6)
});

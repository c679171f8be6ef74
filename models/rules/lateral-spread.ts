import {common, extent, overlaps, together, total} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_port: number;
  ts_start: number;
  ts_end: number;
  flows: number;
  hosts: number;
};

const limits = {
  hosts: {
    value: 10,
    unit: "hosts",
    doc: "Different hosts, whose names were not looked up, that one source talks with on one such port within a session"
  },
  gap: {value: 120, unit: "s", doc: "A session ends when no further host is talked with for so long"}
} as const;

/** Ports by which Windows machines are entered: RPC, NetBIOS session, SMB, remote desktop, WinRM. */
const entryPorts: Readonly<Record<number, string>> = {
  135: "RPC",
  139: "NetBIOS",
  445: "SMB",
  3389: "RDP",
  5985: "WinRM",
  5986: "WinRM"
};

/**
 * Spraying of credentials and worms: one source talks with many hosts on a port by which machines are entered. A sweep
 * that is refused is `host_sweep`; this one is let in to say something.
 */
export const lateralSpread = defineRule<typeof limits, Row>({
  name: "lateral_spread",
  doc: "One source talks with many hosts, one after another, on a port by which Windows machines are entered.",
  blindTo:
    "Whether a login succeeded; spreading slower than one host in two minutes or by names; SSH and Telnet. Vulnerability scanners, inventory, monitoring and backup look the same where they go by addresses.",
  attackTechnique: "T1021",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 6"},
  judgesOpen: true,
  countedFlows: `f.proto = 6 AND f.dst_port IN (${Object.keys(entryPorts).join(", ")})`,
  query: (scope, {hosts, gap}) => `
    SELECT capture_sha256, src_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, count(DISTINCT dst_ip) AS hosts
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_port FROM ${scope.rows("flows")} f
        WHERE proto = 6 AND dst_port IN (${Object.keys(entryPorts).join(", ")}) AND src_payload_bytes > 0 AND dst_payload_bytes > 0 AND dns_name IS NULL)`,
      ["capture_sha256", "src_ip", "dst_port"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_port, session
    HAVING count(DISTINCT dst_ip) >= ${hosts.value}`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const most = group.reduce((a, b) => (b.hosts > a.hosts ? b : a));
      const ports = [...new Set(group.map((row) => row.dst_port))].sort((a, b) => a - b);
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: null,
        dst_port: common(ports),
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} talked with ${counted(most.hosts, "host")} by ${ports.map((port) => `${entryPorts[port]} (${port})`).join(" and ")} in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [atLeast("hosts talked with on one port", most.hosts, limits.hosts), fact("ports", ports.join(", "))]
      };
    }),
  yieldsTo: (incident, other) =>
    ["host_sweep", "remote_execution", "brute_force"].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6)
});

import {overlaps} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {amount, atLeast, counted, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  failed: number;
  entered: number;
  dst_ip: string;
};

const limits = {
  failed: {
    value: 3,
    unit: "hosts",
    doc: "Hosts whose login service refused the source, or did not answer it, within a session"
  },
  entered: {value: 1, unit: "hosts", doc: "Hosts in the same session that let it in"},
  bytes: {value: 2000, unit: "bytes", doc: "Payload in each direction from which on a connection counts as let in"},
  gap: {value: 60, unit: "s", doc: "A session ends when no further login is tried for so long"}
} as const;

/** Ports of remote logins: SSH, Telnet, remote desktop, VNC, WinRM. */
const loginPorts = [22, 23, 3389, 5900, 5985, 5986];

/**
 * Lateral movement by stolen logins: one source tries the login service of host after host, most of which have none, and
 * is let in by another. Too few hosts for a sweep; the login that succeeds is what matters.
 */
export const loginHops = defineRule<typeof limits, Row>({
  name: "login_hops",
  doc: "One source tries to log in on host after host that have no such service, and is let in by another.",
  blindTo:
    "Whether what was let in is a login at all; hops to hosts that are known before, or slower than one in a minute. An administrator whose machines are switched off looks the same.",
  attackTechnique: "T1021",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 6"},
  countedFlows: `f.proto = 6 AND (f.dst_port IN (${loginPorts.join(", ")}) OR f.service = 'ssh')`,
  query: (scope, {failed, entered, bytes, gap}) => {
    const hasFailed = "dst_payload_bytes = 0 AND conn_state IN ('REJ', 'S0', 'RSTOS0', 'SH')";
    const isIn = `src_payload_bytes >= ${bytes.value} AND dst_payload_bytes >= ${bytes.value}`;
    const hosts = (condition: string) => `count(DISTINCT CASE WHEN ${condition} THEN dst_ip END)`;
    return `
    SELECT capture_sha256, src_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
      ${hosts(hasFailed)} AS failed, ${hosts(isIn)} AS entered, max(CASE WHEN ${isIn} THEN dst_ip END) AS dst_ip
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, conn_state, src_payload_bytes, dst_payload_bytes FROM ${scope.rows("flows")} f
        WHERE proto = 6 AND (dst_port IN (${loginPorts.join(", ")}) OR service = 'ssh'))`,
      ["capture_sha256", "src_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, session
    HAVING ${hosts(hasFailed)} >= ${failed.value} AND ${hosts(isIn)} >= ${entered.value}`;
  },
  incidents: (rows) =>
    rows.map(({capture_sha256, src_ip, ts_start, ts_end, flows, failed, entered, dst_ip}) => ({
      capture_sha256,
      ts_start,
      ts_end,
      src_ip,
      dst_ip: null,
      dst_port: null,
      flows,
      summary: `${src_ip} tried to log in on ${counted(failed, "host")} in vain and was let in by ${entered === 1 ? dst_ip : `${amount(entered)} others`}, in ${span(ts_end - ts_start)}.`,
      reasons: [
        atLeast("hosts tried in vain", failed, limits.failed),
        atLeast("hosts that let it in", entered, limits.entered),
        fact("connections", flows)
      ]
    })),
  yieldsTo: (incident, other) =>
    ["brute_force", "remote_execution"].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6)
});

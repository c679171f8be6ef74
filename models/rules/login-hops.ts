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
  is_share: number;
};

const limits = {
  failed: {
    value: 3,
    unit: "hosts",
    doc: "Hosts whose login service refused the source, or did not answer it, within a session"
  },
  refused: {
    value: 5,
    unit: "hosts",
    doc: "The same for SMB, where only refusals count: a list of known file servers has some that are switched off"
  },
  entered: {value: 1, unit: "hosts", doc: "Hosts in the same session that let it in"},
  bytes: {value: 2000, unit: "bytes", doc: "Payload in each direction from which on a connection counts as let in"},
  gap: {value: 60, unit: "s", doc: "A session ends when no further login is tried for so long"}
} as const;

/** Ports of remote logins: SSH, Telnet, remote desktop, VNC, WinRM. */
const loginPorts = [22, 23, 3389, 5900, 5985, 5986];
const isLogin = `(dst_port IN (${loginPorts.join(", ")}) OR service = 'ssh')`;
/** SMB is asked for on both of its ports. */
const isShare = "dst_port IN (139, 445)";

/**
 * Lateral movement by stolen logins: one source tries the login service of host after host, most of which have none, and
 * is let in by another. Too few hosts for a sweep; the login that succeeds is what matters.
 */
export const loginHops = defineRule<typeof limits, Row>({
  name: "login_hops",
  doc: "One source tries to log in on host after host that have no such service, and is let in by another.",
  blindTo:
    "Whether what was let in is a login at all; hops to hosts that are known before, or slower than one in a minute. An administrator whose machines are switched off, and inventory over SMB, look the same.",
  attackTechnique: "T1021",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 6"},
  countedFlows: `f.proto = 6 AND (f.dst_port IN (${loginPorts.join(", ")}, 139, 445) OR f.service = 'ssh')`,
  query: (scope, {failed, refused, entered, bytes, gap}) => {
    const hasFailed =
      "dst_payload_bytes = 0 AND (conn_state = 'REJ' OR (is_share = 0 AND conn_state IN ('S0', 'RSTOS0', 'SH')))";
    const isIn = `src_payload_bytes >= ${bytes.value} AND dst_payload_bytes >= ${bytes.value}`;
    const hosts = (condition: string) => `count(DISTINCT CASE WHEN ${condition} THEN dst_ip END)`;
    return `
    SELECT capture_sha256, src_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
      ${hosts(hasFailed)} AS failed, ${hosts(isIn)} AS entered, max(CASE WHEN ${isIn} THEN dst_ip END) AS dst_ip, is_share
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, conn_state, src_payload_bytes, dst_payload_bytes, CASE WHEN ${isShare} THEN 1 ELSE 0 END AS is_share FROM ${scope.rows("flows")} f
        WHERE proto = 6 AND (${isLogin} OR ${isShare}))`,
      ["capture_sha256", "src_ip", "is_share"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, is_share, session
    HAVING ${hosts(hasFailed)} >= CASE WHEN is_share = 1 THEN ${refused.value} ELSE ${failed.value} END AND ${hosts(isIn)} >= ${entered.value}`;
  },
  incidents: (rows) =>
    rows.map(({capture_sha256, src_ip, ts_start, ts_end, flows, failed, entered, dst_ip, is_share}) => ({
      capture_sha256,
      ts_start,
      ts_end,
      src_ip,
      dst_ip: null,
      dst_port: null,
      flows,
      summary: `${src_ip} tried to log in on ${counted(failed, "host")} in vain and was let in by ${entered === 1 ? dst_ip : `${amount(entered)} others`}, in ${span(ts_end - ts_start)}.`,
      reasons: [
        atLeast("hosts tried in vain", failed, is_share === 1 ? limits.refused : limits.failed),
        atLeast("hosts that let it in", entered, limits.entered),
        fact("connections", flows)
      ]
    })),
  yieldsTo: (incident, other) =>
    ["brute_force", "slow_guessing", "host_sweep", "remote_execution"].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    !(
      other.dst_ip !== null &&
      incident.reasons.some(({figure, value}) => figure === "hosts that let it in" && Number(value) > 1)
    ) &&
    overlaps(incident, other, limits.gap.value * 1e6)
});

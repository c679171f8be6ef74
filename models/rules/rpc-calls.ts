import {common, extent, overlaps, together, total} from "./merge.ts";
import {defineRule, type Limit, type Rule, type Scope, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact} from "./wording.ts";

/** Operations of an interface, by the names that `dcerpc` has. */
export type Operations = Readonly<Record<string, readonly string[]>>;

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(", ");

/** A condition: the call is one of these operations. */
export function isOneOf(operations: Operations): string {
  return `(${Object.entries(operations)
    .map(([name, its]) => `(interface = '${name}'${its.length > 0 ? ` AND operation IN (${quoted(its)})` : ""})`)
    .join(" OR ")})`;
}

/** Access denied, as Windows errors, NTSTATUS and HRESULT say it. */
const denied = [5, 0xc0000022, 0x80070005].join(", ");

/**
 * A subquery: calls of client `src_ip` to server `dst_ip`. `is_granted` is 0 where a fault or an access denied answered; a
 * call of which no answer was seen counts as granted.
 */
export function rpcCalls(scope: Scope): string {
  return `(SELECT d.capture_sha256, d.flow_id, d.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, d.interface, d.operation, d.calls, d.return_code,
      CASE WHEN coalesce(d.status, 0) = 0 AND coalesce(d.return_code, 0) NOT IN (${denied}) THEN 1 ELSE 0 END AS is_granted
    FROM ${scope.rows("dcerpc")} d JOIN ${scope.rows("flows")} f ON d.flow_id = f.flow_id AND d.capture_sha256 = f.capture_sha256
    WHERE d.message = 'request')`;
}

/**
 * A subquery: domain controllers, as far as a capture shows them: who answers Kerberos or LDAP, or, by RPC, what members ask
 * controllers alone.
 */
export function controllers(scope: Scope): string {
  return `(SELECT DISTINCT capture_sha256, dst_ip FROM ${scope.rows("flows")} f WHERE dst_port IN (88, 389) AND dst_pkts > 0
    UNION SELECT DISTINCT capture_sha256, dst_ip FROM ${rpcCalls(scope)} c WHERE interface = 'netlogon' AND is_granted = 1)`;
}

type Row = ServiceRow & {
  calls: number;
  graver: number;
  first_operation: string;
  last_operation: string;
};

interface RpcRule extends Pick<Rule, "name" | "doc" | "blindTo" | "attackTechnique" | "severity"> {
  /** What is told: calls of these that were granted. */
  readonly operations: Operations;
  /** Of them the ones that make it of high severity. */
  readonly graver?: Operations;
  /** How many calls in a session, and how long that goes on without one. */
  readonly limits: {readonly calls: Limit; readonly gap: Limit};
  /** “ran services on”, before the server's name. */
  readonly did: string;
  /** Calls from domain controllers are their ordinary work. */
  readonly exceptControllers?: boolean;
  /** What shows ordinary work: none of the calls of an interface counts that the client calls for these of the same server. */
  readonly exceptBeside?: Operations;
  /** Operations that, both called by one client of one server in a session, are a machine's becoming a controller. */
  readonly promotion?: readonly [string, string];
  /** Rules that tell of the same more exactly. */
  readonly yieldsTo?: readonly string[];
}

/** A rule over operations that one client calls of servers: few enough that none of them is ordinary. */
export function rpcRule(its: RpcRule): Rule {
  const {name, doc, blindTo, attackTechnique, severity, limits} = its;
  const graver = its.graver ? isOneOf(its.graver) : "1 = 0";
  return defineRule<typeof limits, Row>({
    name,
    doc,
    blindTo,
    attackTechnique,
    severity,
    limits,
    tables: ["flows", "dcerpc"],
    startsFrom: {dcerpc: "TRUE"},
    judgesOpen: true,
    countedFlows: "f.service IN ('dcerpc', 'smb')",
    query: (scope, {calls, gap}) => `
    WITH controllers AS ${controllers(scope)},
    asked AS (SELECT c.* FROM ${rpcCalls(scope)} c${its.exceptBeside ? besideJoin(scope, its.exceptBeside) : ""}
      WHERE c.is_granted = 1 AND ${isOneOf(its.operations)}${its.exceptBeside ? " AND w.dst_ip IS NULL" : ""})
    SELECT s.capture_sha256, s.src_ip, s.dst_ip, min(s.dst_port) AS dst_port, min(s.ts_start) AS ts_start, max(s.ts_start) AS ts_end,
      count(DISTINCT s.flow_id) AS flows, sum(s.calls) AS calls, sum(CASE WHEN ${graver} THEN s.calls ELSE 0 END) AS graver,
      min(s.operation) AS first_operation, max(s.operation) AS last_operation
    FROM ${sessions(scope.dialect, "asked", ["capture_sha256", "src_ip", "dst_ip"], gap.value * 1000)} s
    ${its.exceptControllers ? "LEFT JOIN controllers k ON k.capture_sha256 = s.capture_sha256 AND k.dst_ip = s.src_ip WHERE k.dst_ip IS NULL" : ""}
    GROUP BY s.capture_sha256, s.src_ip, s.dst_ip, s.session
    HAVING sum(s.calls) >= ${calls.value}${its.promotion ? ` AND NOT (${its.promotion.map((name) => `sum(CASE WHEN s.operation = '${name}' THEN 1 ELSE 0 END) > 0`).join(" AND ")})` : ""}`,
    incidents: (rows, {calls, gap}) =>
      together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
        const [{capture_sha256, src_ip}] = group;
        const server = common(group.map((row) => row.dst_ip));
        const hosts = new Set(group.map((row) => row.dst_ip)).size;
        const operations = [...new Set(group.flatMap((row) => [row.first_operation, row.last_operation]))].sort();
        return {
          capture_sha256,
          ...extent(group),
          src_ip,
          dst_ip: server,
          dst_port: common(group.map((row) => row.dst_port)),
          flows: total(group, (row) => row.flows),
          severity: group.some((row) => row.graver > 0) ? "high" : severity,
          summary: `${src_ip} ${its.did} ${server ?? counted(hosts, "host")} by remote procedure calls (${operations.join(", ")}).`,
          reasons: [
            atLeast("such calls of one machine", Math.max(...group.map((row) => row.calls)), calls),
            fact("operations", operations.join(", ")),
            fact("hosts", hosts)
          ]
        };
      }),
    yieldsTo: (incident, other) =>
      (its.yieldsTo ?? []).includes(other.rule) &&
      other.src_ip === incident.src_ip &&
      overlaps(incident, other, limits.gap.value * 1e6)
  });
}

/** Joins to calls `c` the interfaces that the client calls for ordinary work of the same server. */
function besideJoin(scope: Scope, work: Operations): string {
  return `
      LEFT JOIN (SELECT DISTINCT capture_sha256 AS capture, src_ip AS client, dst_ip, interface AS used FROM ${rpcCalls(scope)} b WHERE is_granted = 1 AND ${isOneOf(work)}) w
        ON w.capture = c.capture_sha256 AND w.client = c.src_ip AND w.dst_ip = c.dst_ip AND w.used = c.interface`;
}

/** The limits of most: one call suffices. */
export const oneCall = {
  calls: {value: 1, unit: "calls", doc: "Granted calls of one client to one machine within a session"},
  gap: {value: 600, unit: "s", doc: "A session ends when no such call follows for so long"}
} as const;

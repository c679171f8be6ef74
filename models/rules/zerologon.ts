import {rpcCalls} from "./rpc-calls.ts";
import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast} from "./wording.ts";

type Row = ServiceRow & {
  calls: number;
};

const limits = {
  calls: {
    value: 20,
    unit: "calls",
    doc: "Authentications of a machine's account that one client tries at one domain controller within a session: a member tries once or twice"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when none follows for so long"}
} as const;

/** A machine's account guessed at a domain controller (CVE-2020-1472): one of 256 tries with a key of zeros succeeds. */
export const zerologon = defineRule<typeof limits, Row>({
  name: "zerologon",
  doc: "A client tries again and again to authenticate as a machine at a domain controller: Zerologon.",
  blindTo:
    "Fewer tries; what is done with the account then. A member whose password is out of step and that tries without pause looks the same.",
  attackTechnique: "T1210",
  severity: "high",
  limits,
  tables: ["flows", "dcerpc"],
  startsFrom: {dcerpc: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service IN ('dcerpc', 'smb')",
  query: (scope, {calls, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows, sum(calls) AS calls
    FROM ${sessions(
      scope.dialect,
      `(SELECT c.* FROM ${rpcCalls(scope)} c WHERE interface = 'netlogon' AND operation IN ('NetrServerAuthenticate', 'NetrServerAuthenticate2', 'NetrServerAuthenticate3'))`,
      ["capture_sha256", "src_ip", "dst_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, session
    HAVING sum(calls) >= ${calls.value}`,
  incidents: (rows) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} tried ${row.calls} times to authenticate as a machine at ${row.dst_ip}.`,
      reasons: [atLeast("authentications tried", row.calls, limits.calls)]
    }))
});

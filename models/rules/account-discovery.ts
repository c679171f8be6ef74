import {common, extent, overlaps, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {isPipe, smbRequests} from "./smb-requests.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  requests: number;
  pipes: number;
  is_controller: number;
};

const limits = {
  requests: {
    value: 1,
    unit: "requests",
    doc: "Granted requests to the accounts (samr) of a machine that is no domain controller"
  },
  pipes: {
    value: 3,
    unit: "pipes",
    doc: "Different ones of samr, lsarpc, srvsvc and wkssvc that one client opens of a domain controller"
  },
  hosts: {value: 3, unit: "hosts", doc: "Machines whose accounts one client asks for, domain controllers among them"},
  gap: {value: 600, unit: "s", doc: "A session ends when no such pipe is opened for so long"}
} as const;

/** Accounts and groups, security policy, shares and sessions, who is logged on. */
const discoveryPipes = ["samr", "lsarpc", "srvsvc", "wkssvc"];

/** Ports of a domain controller: Kerberos and LDAP. */
const controllerPorts = "88, 389";

/**
 * Discovery of accounts over SMB (enum4linux, samrdump, BloodHound): a client asks a machine for its accounts. Members
 * of a domain ask their controllers so at logon, one pipe or two; machines that are none are asked by intruders and
 * administrators. A controller is who answers Kerberos or LDAP in the capture.
 */
export const accountDiscovery = defineRule<typeof limits, Row>({
  name: "account_discovery",
  doc: "A client asks machines over SMB for their accounts, shares and sessions.",
  blindTo:
    "What was asked; encrypted SMB 3; the same questions by LDAP or by TCP without SMB; a single question to a domain controller. Inventory systems and administrators' consoles look the same; so does a domain member whose controller's Kerberos and LDAP are not captured.",
  attackTechnique: "T1087",
  severity: "medium",
  limits,
  tables: ["flows", "smb"],
  startsFrom: {smb: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'smb'",
  query: (scope, {gap}) => `
    WITH controllers AS (SELECT DISTINCT capture_sha256, dst_ip FROM ${scope.rows("flows")} f WHERE dst_port IN (${controllerPorts}) AND dst_pkts > 0),
    opened AS (SELECT r.* FROM ${smbRequests(scope)} r WHERE command <> 'tree_connect' AND is_opened = 1 AND ${isPipe(discoveryPipes)})
    SELECT s.capture_sha256, s.src_ip, s.dst_ip, min(s.dst_port) AS dst_port, min(s.ts_start) AS ts_start, max(s.ts_start) AS ts_end,
      count(DISTINCT s.flow_id) AS flows, sum(CASE WHEN s.name = 'samr' THEN 1 ELSE 0 END) AS requests, count(DISTINCT s.name) AS pipes, max(CASE WHEN c.dst_ip IS NULL THEN 0 ELSE 1 END) AS is_controller
    FROM ${sessions(scope.dialect, "opened", ["capture_sha256", "src_ip", "dst_ip"], gap.value * 1000)} s
    LEFT JOIN controllers c ON c.capture_sha256 = s.capture_sha256 AND c.dst_ip = s.dst_ip
    GROUP BY s.capture_sha256, s.src_ip, s.dst_ip, s.session
    HAVING sum(CASE WHEN s.name = 'samr' THEN 1 ELSE 0 END) > 0`,
  incidents: (rows, {requests, pipes, hosts, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6)
      .filter(
        (group) =>
          new Set(group.map((row) => row.dst_ip)).size >= hosts.value ||
          group.some((row) => (row.is_controller ? row.pipes >= pipes.value : row.requests >= requests.value))
      )
      .map((group) => {
        const [{capture_sha256, src_ip}] = group;
        const server = common(group.map((row) => row.dst_ip));
        const asked = new Set(group.map((row) => row.dst_ip)).size;
        const most = group.reduce((a, b) => (b.pipes > a.pipes ? b : a));
        const others = group.filter((row) => !row.is_controller);
        return {
          capture_sha256,
          ...extent(group),
          src_ip,
          dst_ip: server,
          dst_port: common(group.map((row) => row.dst_port)),
          flows: total(group, (row) => row.flows),
          summary: `${src_ip} asked ${server ?? counted(asked, "host")} over SMB for accounts (samr)${most.pipes > 1 ? ` and by ${counted(most.pipes - 1, "other pipe")}` : ""}.`,
          reasons: [
            ...(others.length > 0
              ? [
                  atLeast(
                    "requests to machines that are no domain controllers",
                    total(others, (row) => row.requests),
                    requests
                  )
                ]
              : []),
            ...(most.pipes >= pipes.value ? [atLeast("pipes of one machine", most.pipes, pipes)] : []),
            ...(asked >= hosts.value ? [atLeast("machines asked", asked, hosts)] : [fact("machines asked", asked)])
          ]
        };
      }),
  yieldsTo: (incident, other) =>
    ["remote_execution", "remote_control"].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6)
});

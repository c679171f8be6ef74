import {common, extent, grouped, overlaps, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {isAdminShare, smbRequests} from "./smb-requests.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  share_name: string;
  requests: number;
  opened: number;
  files: number;
};

const limits = {
  requests: {value: 1, unit: "requests", doc: "Requests of one client to a server's administrative shares"},
  tried: {
    value: 2,
    unit: "shares",
    doc: "Different administrative shares of one server from which on the severity is medium even if all are refused: who looks for a way in tries one after the other"
  },
  gap: {value: 600, unit: "s", doc: "A session ends when nothing is asked of such a share for so long"}
} as const;

/**
 * Use of administrative shares: `ADMIN$` (the Windows folder) and `C$`, `D$` … (whole drives), open to administrators
 * alone. Malware and intruders copy their tools through them. A single one that is refused is of low severity.
 */
export const adminShare = defineRule<typeof limits, Row>({
  name: "admin_share",
  doc: "A client uses the administrative shares of another machine (ADMIN$, C$).",
  blindTo:
    "Whether files were read or written; encrypted SMB 3; shares whose connection was not captured. Administrators, backup over SMB and software distribution look the same.",
  attackTechnique: "T1021.002",
  severity: "medium",
  limits,
  tables: ["flows", "smb"],
  startsFrom: {smb: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'smb'",
  query: (scope, {requests, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, share_name, min(ts_start) AS ts_start, max(ts_start) AS ts_end,
      count(DISTINCT flow_id) AS flows, count(*) AS requests, sum(is_opened) AS opened, count(DISTINCT CASE WHEN command <> 'tree_connect' THEN name END) AS files
    FROM ${sessions(
      scope.dialect,
      `(SELECT r.* FROM ${smbRequests(scope)} r WHERE ${isAdminShare})`,
      ["capture_sha256", "src_ip", "dst_ip", "share_name"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, share_name, session
    HAVING count(*) >= ${requests.value}`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const shares = [...new Set(group.map((row) => row.share_name.toUpperCase()))].sort().join(" and ");
      const server = common(group.map((row) => row.dst_ip));
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      const opened = total(group, (row) => row.opened);
      const requests = total(group, (row) => row.requests);
      const tried = Math.max(
        ...[...grouped(group, (row) => row.dst_ip).values()].map(
          (own) => new Set(own.map((row) => row.share_name)).size
        )
      );
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        severity: opened > 0 || tried >= limits.tried.value ? "medium" : "low",
        summary: `${src_ip} ${opened > 0 ? "used" : "asked in vain for"} the administrative share ${shares} of ${server ?? counted(hosts, "host")}.`,
        reasons: [
          atLeast("requests to administrative shares", requests, limits.requests),
          fact("granted", opened, `of ${requests}`),
          ...(tried >= limits.tried.value ? [atLeast("shares of one server", tried, limits.tried)] : []),
          fact(
            "files and folders",
            total(group, (row) => row.files)
          ),
          fact("hosts", hosts)
        ]
      };
    }),
  yieldsTo: (incident, other) =>
    other.rule === "remote_execution" &&
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6)
});

import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {isAdminShare, isPipe, isToolMark, smbRequests} from "./smb-requests.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  controls: number;
  a_control: string | null;
  shares: number;
  a_share: string | null;
  marks: number;
  a_mark: string | null;
};

const limits = {
  controls: {value: 1, unit: "requests", doc: "Granted requests to open the pipe of services or of scheduled tasks"},
  shares: {value: 1, unit: "requests", doc: "Granted requests to administrative shares in the same session"},
  marks: {
    value: 1,
    unit: "requests",
    doc: "Alone enough: pipes and output files that execution tools make (PSEXESVC, RemCom, PAExec, CSExec, Impacket)"
  },
  gap: {value: 300, unit: "s", doc: "A session ends when none of these follows for so long"}
} as const;

/** Pipes that start something: a service, a scheduled task. */
const startingPipes = ["svcctl", "atsvc"];
const isStart = `(command <> 'tree_connect' AND ${isPipe(startingPipes)})`;

/**
 * Remote execution over SMB as PsExec does it: a file through an administrative share, then a service or task that
 * starts it; or the pipes and files that such tools leave.
 */
export const remoteExecution = defineRule<typeof limits, Row>({
  name: "remote_execution",
  doc: "A client runs programs on another machine: a file by an administrative share and a service or task that starts it.",
  blindTo:
    "What was run; encrypted SMB 3; tools that need no file there and rename their pipes; WMI, DCOM and WinRM. Administrators who use PsExec and software distribution look the same.",
  attackTechnique: "T1569.002",
  severity: "high",
  limits,
  tables: ["flows", "smb"],
  startsFrom: {smb: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'smb'",
  query: (scope, {controls, shares, marks, gap}) => {
    const sum = (condition: string) => `sum(CASE WHEN ${condition} THEN 1 ELSE 0 END)`;
    const least = (column: string, condition: string) => `min(CASE WHEN ${condition} THEN ${column} END)`;
    return `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
      ${sum(isStart)} AS controls, ${least("name", isStart)} AS a_control, ${sum(isAdminShare)} AS shares, ${least("share_name", isAdminShare)} AS a_share,
      ${sum(isToolMark)} AS marks, ${least("name", isToolMark)} AS a_mark
    FROM ${sessions(
      scope.dialect,
      `(SELECT r.* FROM ${smbRequests(scope)} r WHERE is_opened = 1 AND (${isStart} OR ${isAdminShare} OR ${isToolMark}))`,
      ["capture_sha256", "src_ip", "dst_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, session
    HAVING (${sum(isStart)} >= ${controls.value} AND ${sum(isAdminShare)} >= ${shares.value}) OR ${sum(isToolMark)} >= ${marks.value}`;
  },
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const sumOf = (figure: "controls" | "shares" | "marks") => total(group, (row) => row[figure]);
      const someOf = (figure: "a_control" | "a_share" | "a_mark") =>
        [...new Set(group.flatMap((row) => row[figure] ?? []))].sort().join(" and ");
      const server = common(group.map((row) => row.dst_ip));
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      const [controls, shares, marks] = [sumOf("controls"), sumOf("shares"), sumOf("marks")];
      const how = [
        ...(shares > 0 ? [`the share ${someOf("a_share").toUpperCase()}`] : []),
        ...(controls > 0 ? [`the pipe ${someOf("a_control")}`] : []),
        ...(marks > 0 ? [`${someOf("a_mark")}, which execution tools make`] : [])
      ];
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} ran programs on ${server ?? counted(hosts, "host")} by SMB: it used ${how.join(" and ")}.`,
        reasons: [
          ...(controls > 0 ? [atLeast("requests to the pipe of services or tasks", controls, limits.controls)] : []),
          ...(shares > 0 ? [atLeast("requests to administrative shares", shares, limits.shares)] : []),
          ...(marks > 0 ? [atLeast("marks of execution tools", marks, limits.marks)] : []),
          fact("hosts", hosts)
        ]
      };
    })
});

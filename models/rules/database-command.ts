import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  system: string;
  way: string;
};

const limits = {
  commands: {
    value: 1,
    unit: "commands",
    doc: "Statements of one client by which a database runs programs or writes them"
  },
  job: {
    value: 300,
    unit: "s",
    doc: "A job of SQL Server's agent that is started so soon after a step was added to one is made to be run once; severity medium, as administrators try jobs, too"
  },
  gap: {value: 600, unit: "s", doc: "Statements so close together are one incident"}
} as const;

const agentJob = "a job of its agent";

/** Procedures and statements that run a program of the machine, or load one, by system. */
const ways = (jobMs: number): readonly (readonly [way: string, when: string])[] => [
  ["xp_cmdshell", "d.said LIKE '%xp_cmdshell%'"],
  ["OLE automation", "d.said LIKE '%sp_oacreate%' OR d.said LIKE '%sp_oamethod%'"],
  ["an assembly", "d.said LIKE '%create assembly%'"],
  [
    "a function of a library",
    "d.said LIKE '%create %function % soname %' OR d.said LIKE '%sys_exec%(%' OR d.said LIKE '%sys_eval%(%'"
  ],
  ["a file of a query", "d.said LIKE '% into dumpfile %'"],
  ["COPY … PROGRAM", "d.said LIKE '%copy %from program %' OR d.said LIKE '%copy %to program %'"],
  ["a module", "d.command = 'MODULE LOAD'"],
  ["settings and SAVE, which write a chosen file", "d.command IN ('SAVE', 'BGSAVE') AND d.settings >= 2"],
  [agentJob, `d.said LIKE '%sp_start_job%' AND d.at_ms - d.step_ms <= ${jobMs}`]
];

/** Programs run through a database: xp_cmdshell, OLE and jobs of SQL Server, COPY FROM PROGRAM, user-defined functions, modules and files of Redis. */
export const databaseCommand = defineRule<typeof limits, Row>({
  name: "database_command",
  doc: "A client makes a database server run or load a program.",
  blindTo:
    "What is run; statements within TLS, or through a web application (`web_attack` tells of some); jobs of a server's agent that wait for their time. Administrators of old installations who use xp_cmdshell, and one who moves the file of a Redis and saves it, look the same.",
  attackTechnique: "T1505.001",
  severity: "high",
  limits,
  tables: ["flows", "databases"],
  startsFrom: {
    databases: "statement IS NOT NULL OR object IS NOT NULL OR command IN ('MODULE LOAD', 'SAVE', 'BGSAVE')"
  },
  judgesOpen: true,
  countedFlows: "f.service IN ('mysql', 'postgresql', 'mssql', 'redis')",
  query: (scope, {job}) => `
    SELECT * FROM (SELECT d.capture_sha256, CAST(d.flow_id AS VARCHAR) AS flow_id, d.src_ip, d.dst_ip, d.dst_port, d.ts AS ts_start, d.ts AS ts_end, d.system,
        CASE ${ways(job.value * 1000)
          .map(([way, when]) => `WHEN ${when} THEN '${way}'`)
          .join(" ")} END AS way
      FROM (SELECT b.*, max(CASE WHEN b.said LIKE '%sp_add_jobstep%' THEN b.at_ms END) OVER (PARTITION BY b.capture_sha256, b.src_ip, b.dst_ip ORDER BY b.at_ms) AS step_ms,
          sum(CASE WHEN b.command = 'CONFIG SET' THEN 1 ELSE 0 END) OVER (PARTITION BY b.capture_sha256, b.src_ip, b.dst_ip) AS settings
        FROM (SELECT r.*, f.src_ip, f.dst_ip, f.dst_port, lower(coalesce(r.statement, '') || ' ' || coalesce(r.object, '')) AS said, ${scope.dialect.epochMs("r.ts")} AS at_ms
          FROM ${scope.rows("databases")} r JOIN ${scope.rows("flows")} f ON r.flow_id = f.flow_id AND r.capture_sha256 = f.capture_sha256) b) d) w
    WHERE way IS NOT NULL`,
  incidents: (rows, {commands, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, system}] = group;
      const used = [...new Set(group.map(({way}) => way))].sort().join(", ");
      return {
        ...placeOfFlows(group),
        ...(used === agentJob ? {severity: "medium"} : {}),
        summary: `${src_ip} made the database of ${dst_ip} (${system}) run or load a program by ${used}.`,
        reasons: [atLeast("such statements", group.length, commands), fact("by", used)]
      };
    })
});

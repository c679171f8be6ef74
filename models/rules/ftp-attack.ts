import {common, extent, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  way: string;
};

const limits = {
  commands: {value: 1, unit: "commands", doc: "FTP commands of one client that carry an attack"},
  length: {
    value: 500,
    unit: "characters",
    doc: "A user's name or an argument so long overruns old servers; paths of file systems have 255 a part"
  },
  gap: {value: 600, unit: "s", doc: "Commands so close together are one incident"}
} as const;

/** A condition: the expression holds the pattern. */
const holds = (expression: string, pattern: string) =>
  `coalesce(regexp_extract(${expression}, '${pattern}'), '') <> ''`;

/** A condition: PORT names a port of services on a host that is not the client, which RFC 2577 §3 tells servers to refuse. */
const part = (number: number) => `split_part(p.argument, ',', ${number})`;
const bounces = `${holds("p.argument", "^[0-9]+(,[0-9]+){5}$")} AND ${part(5)} IN ('0', '1', '2', '3')
            AND ${[1, 2, 3, 4].map(part).join(" || '.' || ")} <> f.src_ip`;

/** Attacks on FTP servers: the back door of vsftpd 2.3.4, paths out of the server's folder, format strings, overruns and bounces. */
export const ftpAttack = defineRule<typeof limits, Row>({
  name: "ftp_attack",
  doc: "A client sends an FTP server a command that carries an attack: a back door, a path out of its folder, an overrun, a bounce.",
  blindTo:
    "SITE EXEC and SITE CPFR, whose arguments are not stored; passwords; FTP within TLS; whether it worked; bounces by EPRT, or to ports from 1,024 on. A test of a server with long names looks the same.",
  attackTechnique: "T1190",
  severity: "high",
  limits,
  tables: ["flows", "ftp"],
  startsFrom: {ftp: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'ftp'",
  query: (scope, {length}) => `
    SELECT * FROM (SELECT p.capture_sha256, CAST(p.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, p.ts AS ts_start, p.ts AS ts_end,
        CASE WHEN p.command = 'USER' AND p."user" LIKE '%:)' THEN 'the back door of vsftpd 2.3.4'
          WHEN ${holds("replace(p.argument, '\\', '/')", "([.][.]/){3}|[.][.]/.*etc/passwd")} THEN 'a path out of the folder'
          WHEN ${holds("coalesce(p.argument, '') || ' ' || coalesce(p.\"user\", '')", "(%[0-9$.]*[nx]){2}")} THEN 'a format string'
          WHEN p.command = 'PORT' AND ${bounces} THEN 'a data connection to a service of a third host (bounce)'
          WHEN (p.command = 'USER' AND length(p."user") >= ${length.value}) OR length(p.argument) >= ${length.value} THEN 'an overlong argument' END AS way
      FROM ${scope.rows("ftp")} p JOIN ${scope.rows("flows")} f ON p.flow_id = f.flow_id AND p.capture_sha256 = f.capture_sha256) w
    WHERE way IS NOT NULL`,
  incidents: (rows, {commands, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, dst_ip}] = group;
      const kinds = [...new Set(group.map(({way}) => way))].sort().join(", ");
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: new Set(group.map((row) => row.flow_id)).size,
        summary: `${src_ip} attacked the FTP server ${dst_ip}: ${kinds}.`,
        reasons: [atLeast("commands that carry an attack", group.length, commands), fact("kinds", kinds)]
      };
    })
});

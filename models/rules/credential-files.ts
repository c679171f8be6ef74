import {common, extent, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  protocol: string;
  name: string;
};

const limits = {
  files: {value: 1, unit: "files", doc: "Files that hold the passwords or tickets of a machine or a domain"},
  gap: {value: 600, unit: "s", doc: "Files so close together are one incident"}
} as const;

/**
 * Names, in lower case, of files that hold credentials: memory of Windows' logon process, the directory's database,
 * Kerberos tickets as tools write them, and the registry's accounts and secrets outside their place, where nothing but a
 * dump puts them.
 */
const names = [
  "lsass[a-z0-9_. ()-]*[.](dmp|zip|7z|rar|gz)",
  "ntds[.](dit|zip|7z|rar)",
  "[^/]*[.]kirbi",
  "(sam|security|system)[.](save|hiv|hive|bak|dmp)",
  "(sam|security)(_|-)?(hive|dump)[a-z0-9_.-]*",
  "mimikatz[a-z0-9_.-]*[.](exe|dll|ps1|zip|log)"
];
const pattern = `(^|/)(${names.join("|")})$`;
/** The registry's own files, read through a share. */
const hives = "(^|/)(windows|winnt)/(system32/config|repair)/(sam|security)$";
const isCredential = (column: string) =>
  `(coalesce(regexp_extract(${column}, '${pattern}'), '') <> '' OR coalesce(regexp_extract(${column}, '${hives}'), '') <> '')`;
const path = (column: string) => `replace(lower(coalesce(${column}, '')), '\\', '/')`;

/** Files with credentials that cross the network (ATT&CK T1003): what an intruder fetches to guess or use passwords elsewhere. */
export const credentialFiles = defineRule<typeof limits, Row>({
  name: "credential_files",
  doc: "A file that holds passwords or tickets crosses the network: a dump of the logon process, the directory's database, Kerberos tickets.",
  blindTo:
    "Files under other names, in archives, or within TLS and encrypted SMB 3; dumps that stay on the machine. Support that fetches a crash dump of the logon process, and a backup of a domain controller by files, look the same.",
  attackTechnique: "T1003",
  severity: "high",
  limits,
  tables: ["flows", "smb", "files"],
  startsFrom: {
    smb: `action IN ('open', 'create', 'overwrite', 'supersede', 'read', 'write', 'rename') AND ${isCredential(path("path"))}`,
    files: isCredential("lower(coalesce(name, ''))")
  },
  judgesOpen: true,
  countedFlows: "f.service IN ('smb', 'http', 'ftp', 'ftp-data', 'dcc', 'tftp', 'smtp')",
  query: (scope) => `
    SELECT r.capture_sha256, CAST(r.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, r.ts AS ts_start, r.ts AS ts_end, r.protocol, r.name
    FROM (
      SELECT s.capture_sha256, s.flow_id, s.ts, 'smb' AS protocol, regexp_extract(${path("s.path")}, '[^/]*$') AS name FROM ${scope.rows("smb")} s
      WHERE s.action IN ('open', 'create', 'overwrite', 'supersede', 'read', 'write', 'rename') AND coalesce(s.status, 0) = 0 AND ${isCredential(path("s.path"))}
      UNION ALL
      SELECT x.capture_sha256, x.flow_id, x.ts, x.protocol, lower(x.name) FROM ${scope.rows("files")} x
      WHERE x.protocol <> 'smb' AND x.size > 0 AND ${isCredential("lower(coalesce(x.name, ''))")}) r
    JOIN ${scope.rows("flows")} f ON f.flow_id = r.flow_id AND f.capture_sha256 = r.capture_sha256`,
  incidents: (rows, {files, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const found = [...new Set(group.map(({name}) => name))].sort();
      const server = common(group.map((row) => row.dst_ip));
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: new Set(group.map((row) => row.flow_id)).size,
        summary: `${found.slice(0, 3).join(", ")}${found.length > 3 ? " and others" : ""} crossed between ${src_ip} and ${server ?? counted(hosts, "host")}: files that hold credentials.`,
        reasons: [
          atLeast("files with credentials", found.length, files),
          fact("names", found.slice(0, 5).join(", ")),
          fact("by", [...new Set(group.map(({protocol}) => protocol))].sort().join(", "))
        ]
      };
    })
});

import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  files: number;
  ending: string;
};

const limits = {
  files: {
    value: 15,
    unit: "files",
    doc: "Different files of a server to whose names one client appends the same ending within a session"
  },
  gap: {value: 120, unit: "s", doc: "A session ends when no file is renamed so for so long"}
} as const;

/** Ransomware on a share: one client after another file gets the same ending more (`report.docx.locked`). */
export const fileEncryption = defineRule<typeof limits, Row>({
  name: "file_encryption",
  doc: "A client appends the same ending to the names of many files of a server: ransomware.",
  blindTo:
    "Encryption on the server itself; new names that have nothing of the old ones; encrypted SMB 3. A backup or a migration that renames so looks the same.",
  attackTechnique: "T1486",
  severity: "high",
  limits,
  tables: ["flows", "smb"],
  startsFrom: {smb: "command = 'rename'"},
  judgesOpen: true,
  countedFlows: "f.service = 'smb'",
  query: (scope, {files, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
      count(DISTINCT path) AS files, min(ending) AS ending
    FROM ${sessions(
      scope.dialect,
      `(SELECT r.capture_sha256, r.flow_id, r.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, r.path, lower(coalesce(regexp_extract(r.new_path, '[.][^.\\\\]+$'), '')) AS ending
        FROM ${scope.rows("smb")} r JOIN ${scope.rows("flows")} f ON r.flow_id = f.flow_id AND r.capture_sha256 = f.capture_sha256
        WHERE r.command = 'rename' AND coalesce(r.status, 0) = 0 AND length(r.new_path) > length(r.path) + 1
          AND substr(coalesce(regexp_extract(r.new_path, '[^\\\\]+$'), ''), 1, length(coalesce(regexp_extract(r.path, '[^\\\\]+$'), '')) + 1) = coalesce(regexp_extract(r.path, '[^\\\\]+$'), '') || '.')`,
      ["capture_sha256", "src_ip", "dst_ip", "ending"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, ending, session HAVING count(DISTINCT path) >= ${files.value}`,
  incidents: (rows, {files}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} appended ${row.ending} to the names of ${row.files} files of ${row.dst_ip} in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [atLeast("files renamed so", row.files, files), fact("ending", row.ending)]
    }))
});

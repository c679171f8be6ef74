import {matches} from "./matches.ts";
import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  folders: number;
  name: string;
};

const limits = {
  folders: {
    value: 5,
    unit: "folders",
    doc: "Folders of a server into which one client writes a file of the same name within a session, where the name is a ransom note's"
  },
  gap: {value: 300, unit: "s", doc: "A session ends when no such file is written for so long"}
} as const;

/** Words of the notes that ransomware leaves, in a file that a reader opens by a click. */
const note =
  "((decrypt|recover|restore[_-]|ransom|how[_ ]to|your[_ ]files|instruction)[^/]*|[a-z0-9]{6,}[.]readme)[.](txt|html?|hta|rtf|url|bmp|png)$";

/** Ransomware over SMB: the same note in folder after folder, whatever it makes of the files' names. */
export const ransomNotes = defineRule<typeof limits, Row>({
  name: "ransom_notes",
  doc: "A client writes the same note into many folders of a server, as ransomware does.",
  blindTo:
    "Notes under other names (a mere readme.txt is one), or one alone; encryption on the server itself; encrypted SMB 3. Software whose folders each have instructions of the same name looks the same when it is copied.",
  attackTechnique: "T1486",
  severity: "high",
  limits,
  tables: ["flows", "smb"],
  startsFrom: {
    smb: `action IN ('create', 'overwrite', 'supersede', 'write') AND ${matches("lower(path)", note)}`
  },
  judgesOpen: true,
  countedFlows: "f.service = 'smb'",
  query: (scope, {folders, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
      count(DISTINCT path) AS folders, name
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts_start, src_ip, dst_ip, dst_port, path, coalesce(regexp_extract(path, '[^/]+$'), '') AS name
        FROM (SELECT s.capture_sha256, s.flow_id, s.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, replace(lower(s.path), '\\', '/') AS path
          FROM ${scope.rows("smb")} s JOIN ${scope.rows("flows")} f ON s.flow_id = f.flow_id AND s.capture_sha256 = f.capture_sha256
          WHERE s.action IN ('create', 'overwrite', 'supersede', 'write')) w
        WHERE coalesce(regexp_extract(path, '${note}'), '') <> '')`,
      ["capture_sha256", "src_ip", "dst_ip", "name"],
      gap.value * 1000
    )} n
    GROUP BY capture_sha256, src_ip, dst_ip, name, session HAVING count(DISTINCT path) >= ${folders.value}`,
  incidents: (rows, {folders}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} wrote ${row.name} into ${row.folders} folders of ${row.dst_ip} in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [atLeast("folders", row.folders, folders), fact("name of the note", row.name)]
    })),
  yieldsTo: (incident, other) => other.rule === "file_encryption" && other.src_ip === incident.src_ip
});

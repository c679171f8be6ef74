import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  system: string;
  name: string;
};

const limits = {
  notes: {
    value: 1,
    unit: "statements",
    doc: "Statements that make, fill or choose what is named as a note to pay for data"
  },
  gap: {value: 3600, unit: "s", doc: "Statements so close together are one incident"}
} as const;

/** Names of the database, table or collection that is left behind, without signs between words. */
const notes = [
  "readmetorecover",
  "readtorecover",
  "recoveryourdata",
  "howtorecover",
  "pleasereadme",
  "warningreadme",
  "toberestored",
  "deletedbecauseof"
];
const said =
  "replace(replace(lower(coalesce(d.database, '') || ' ' || coalesce(d.object, '') || ' ' || coalesce(d.statement, '')), '_', ''), '-', '')";
const isNote = notes.map((note) => `said LIKE '%${note}%'`).join(" OR ");

/** Open databases that are emptied, with a note in their place (MongoDB and MySQL since 2017: "READ_ME_TO_RECOVER_YOUR_DATA"). */
export const databaseRansom = defineRule<typeof limits, Row>({
  name: "database_ransom",
  doc: "A client leaves a note to pay for data in a database.",
  blindTo:
    "Notes under other names; what was deleted before; statements within TLS. The owner who reads or removes the note looks the same.",
  attackTechnique: "T1485",
  severity: "high",
  limits,
  tables: ["flows", "databases"],
  startsFrom: {databases: "database IS NOT NULL OR object IS NOT NULL OR statement IS NOT NULL"},
  judgesOpen: true,
  countedFlows: "f.service IN ('mysql', 'postgresql', 'mssql', 'mongodb')",
  query: (scope) => `
    SELECT * FROM (SELECT d.capture_sha256, CAST(d.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, d.ts AS ts_start, d.ts AS ts_end, d.system,
        coalesce(d.object, d.database, substr(d.statement, 1, 80)) AS name, ${said} AS said
      FROM ${scope.rows("databases")} d JOIN ${scope.rows("flows")} f ON d.flow_id = f.flow_id AND d.capture_sha256 = f.capture_sha256) q
    WHERE ${isNote}`,
  incidents: (rows, {notes, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, system, name}] = group;
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} left a note to pay for data in the database of ${dst_ip} (${system}).`,
        reasons: [atLeast("statements about a note", group.length, notes), fact("the first one", name)]
      };
    })
});

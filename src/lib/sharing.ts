import type {LakeTable} from "./lake-schema.js";

/** What texts of a lake are, as redaction tells them apart, and what becomes of each under the strict policy. */
export const sharedKinds: readonly {readonly kind: string; readonly title: string; readonly becomes: string}[] = [
  {kind: "address", title: "Addresses", becomes: "others with the same common prefixes"},
  {kind: "mac", title: "MAC addresses", becomes: "others"},
  {kind: "name", title: "Names of hosts and domains", becomes: "n-1f0c….invalid, the same name always the same"},
  {kind: "user", title: "Users", becomes: "user-1f0c…"},
  {kind: "payload", title: "Texts of payloads", becomes: "nothing"},
  {kind: "text", title: "Sentences and answers", becomes: "the same, with what they name replaced"},
  {kind: "findings", title: "Reasons of incidents", becomes: "the same, with what they name replaced"},
  {kind: "path", title: "Paths of captures", becomes: "capture-1f0c….pcap"},
  {kind: "off", title: "Other texts, Community IDs", becomes: "nothing"}
];

const text = (name: string) => `'${name.replaceAll("'", "''")}'`;
const named = (name: string) => `"${name.replaceAll('"', '""')}"`;

const columnsOf = (tables: readonly LakeTable[], kind: string) =>
  tables.flatMap((table) =>
    table.columns.filter((column) => column.kind === kind).map((column) => ({table: table.name, column: column.name}))
  );

/** Distinct texts of a kind in the lake: `texts`; null where no table has any. */
export function kindCountSql(tables: readonly LakeTable[], kind: string): string | null {
  const parts = columnsOf(tables, kind).map(({table, column}) => `SELECT ${named(column)} AS v FROM ${named(table)}`);
  return parts.length === 0 ? null : `SELECT count(DISTINCT v) AS texts FROM (${parts.join(" UNION ALL ")})`;
}

/** Rows of each table of the lake that has any, as one statement: `name`, `held`. */
export function tableCountsSql(tables: readonly LakeTable[]): string {
  const parts = tables
    .filter(({columns}) => columns.some(({kind}) => kind !== undefined))
    .map(({name}) => `SELECT ${text(name)} AS name, count(*) AS held FROM ${named(name)}`);
  return `SELECT name, held FROM (${parts.join(" UNION ALL ")}) WHERE held > 0 ORDER BY held DESC`;
}

/** Flows of incidents whose packets a single file carries, as far as they are still kept: `flows`. */
export const packetFlowsSql = `SELECT count(*) AS flows FROM (SELECT DISTINCT flow_id, capture_sha256 FROM (
  SELECT * FROM incident_flows QUALIFY row_number() OVER (PARTITION BY incident_id ORDER BY contribution DESC, flow_id) <= 12))`;

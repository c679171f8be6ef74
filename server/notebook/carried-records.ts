import {existsSync, readdirSync, rmSync} from "node:fs";
import {join} from "node:path";
import type {CarriedProblem, CarriedTable} from "../../src/lib/carried.js";
import {numberColumns, textColumns, verdictColumns} from "../../src/lib/flow-table.js";
import type {RecordPage} from "../../src/lib/records/record-source.js";
import {selectedColumns} from "../../src/lib/selected-flows.js";
import {type CarryOptions, written} from "./carry.ts";

/** Records of one table that a page carries at most: the first ones. Browsers ask so many in a tenth of a second. */
const mostRecords = 200_000;

const key = "flow_id, capture_sha256";

/** What statements over records name of flows: what pages select of them, and what a list of flows shows. */
const ofFlows = [...numberColumns, ...textColumns].filter(
  (name) => ![...verdictColumns, "state", "incident_id", "payload_bytes"].includes(name)
);
const flowNames = [...new Set([...selectedColumns, ...ofFlows])];

/**
 * The tables that the statements of a page over records name, so that they answer as in the lake: its records, their flows,
 * and what is said of these. Takes fewer records where they are more than `leftBytes`, gzipped.
 */
export async function recordTables(
  {sources, questions, also = [], beside = []}: Omit<RecordPage, "path">,
  options: CarryOptions,
  leftBytes: number
): Promise<Readonly<Record<string, CarriedTable | CarriedProblem>>> {
  const {engine, site} = options;
  const asked = [...sources, ...questions.map(({source}) => source)];
  const namesOf = (isFlowless: boolean) =>
    asked.filter(({flowless = false}) => flowless === isFlowless).map(({name}) => name);
  const names = [...new Set([...namesOf(false), ...also])];
  const alone = [...new Set([...namesOf(true), ...beside])];
  const counts = new Map<string, number>();
  const kept = keptOf(engine, site);
  const before = new Set(
    existsSync(join(site, "_sql")) ? readdirSync(join(site, "_sql")).map((name) => `_sql/${name}`) : []
  );
  for (const name of [...names, ...alone])
    counts.set(name, Number((await engine.query(`SELECT count(*) FROM ${name}`)).rows[0][0]));
  for (let most = mostRecords; ; most = Math.floor(most / 2)) {
    const first = (name: string, columns: string) =>
      `(SELECT ${columns} FROM ${name} ORDER BY ${name === "flows" ? "ts_start" : "ts"}, ${key} LIMIT ${most})`;
    // Without those that are empty, whose flows would be none, pages ask for the same.
    const flows =
      names
        .filter((name) => counts.get(name) !== 0)
        .map((name) => `SELECT ${key} FROM ${first(name, key)}`)
        .join(" UNION ") || `SELECT ${key} FROM flows LIMIT 0`;
    const ofThese = (columns: string, table: string) =>
      `SELECT ${columns} FROM ${table} SEMI JOIN (${flows}) USING (${key})`;
    const statements: Record<string, string> = {
      ...Object.fromEntries(
        names.filter((name) => name !== "flows").map((name) => [name, `SELECT * FROM ${first(name, "*")}`])
      ),
      ...Object.fromEntries(alone.map((name) => [name, aloneSql(name, most)])),
      flows: ofThese(flowNames.join(", "), "flows"),
      verdicts: ofThese([key, "model", ...verdictColumns].join(", "), "verdicts"),
      flow_incidents: ofThese("*", "flow_incidents")
    };
    const tables: Record<string, CarriedTable> = {};
    for (const [name, sql] of Object.entries(statements)) {
      const all = counts.get(name);
      const known = kept.get(sql) ?? (await written(engine, sql, [], site, mostRows));
      kept.set(sql, known);
      tables[name] = {
        ...known,
        ...(all !== undefined && {all}),
        columns: await columnsOf(sql)
      };
    }
    const bytes = Object.values(tables).reduce((sum, table) => sum + table.bytes, 0);
    if (bytes <= leftBytes || most < 100) return tables;
    for (const {href} of Object.values(tables))
      if (!before.has(href)) {
        rmSync(join(site, href), {force: true});
        for (const [sql, file] of kept) if (file.href === href) kept.delete(sql);
      }
  }

  async function columnsOf(sql: string): Promise<number> {
    return (await engine.query(`SELECT * FROM (${sql}) LIMIT 0`)).columns.length;
  }
}

type Written = Awaited<ReturnType<typeof written>>;

const keptFiles = new WeakMap<CarryOptions["engine"], Map<string, Map<string, Written>>>();

/** What was written of a lake for a site, by its statement: several pages carry the same flows. */
function keptOf(engine: CarryOptions["engine"], site: string): Map<string, Written> {
  const sites = keptFiles.get(engine) ?? new Map<string, Map<string, Written>>();
  keptFiles.set(engine, sites);
  const kept = sites.get(site) ?? new Map<string, Written>();
  sites.set(site, kept);
  return kept;
}

/** Rows without flows: the first ones, and of all vendors those whose interfaces there are. */
function aloneSql(name: string, most: number): string {
  if (name === "mac_vendors")
    return `SELECT * FROM mac_vendors WHERE prefix IN (
      SELECT left(replace(mac, ':', ''), digits) FROM (SELECT sender_mac AS mac FROM arp UNION SELECT src_mac FROM link_layer) AS m, (VALUES (6), (7), (9)) AS d(digits)) LIMIT ${most}`;
  return `SELECT * FROM ${name} ORDER BY ALL LIMIT ${most}`;
}

/** Every flow has a record of each table at most. */
const mostRows = 20 * mostRecords;

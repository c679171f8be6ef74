import type {View} from "../cicflowmeter-view.ts";
import {quoted} from "../ddl.ts";

/** A column in the names of another program or standard. */
export interface ForeignColumn {
  readonly name: string;
  /** DuckDB's: a scalar, `VARCHAR[]` or a `STRUCT`. */
  readonly type: string;
  /** Over the tables of the view's `from`. */
  readonly sql: string;
  /** What it is made of, and how it differs from what the name promises elsewhere. */
  readonly doc: string;
  readonly nullable?: boolean;
}

/** A view in the names of another program or standard: its columns, and where they come from. */
export interface ForeignView extends View {
  readonly columns: readonly ForeignColumn[];
  /** The columns that exported files are sorted by, before the flow. */
  readonly order: string;
}

/** They name the flow in the lake; exported files do without. */
export const keys = ["flow_id", "capture_sha256"] as const;

export const flows = "flows AS f";

/** Records of a table, with their flows. */
export const recordsOf = (table: string) => `${quoted(table)} AS r JOIN flows AS f ON f.flow_id = r.flow_id AND f.capture_sha256 = r.capture_sha256`;

/** A view over `from`, where `f` is the flow, with the keys of the lake at its end. */
export function foreignView({name, doc, from, order, columns}: Omit<ForeignView, "sql" | "keys"> & {readonly from: string}): ForeignView {
  const values = columns.map((column) => `CAST(${column.sql} AS ${column.type}) AS ${quoted(column.name)}`);
  const sql = `SELECT ${[...values, ...keys.map((key) => `f.${key}`)].join(",\n  ")}\nFROM ${from}`;
  return {name, doc, sql, keys, columns, order};
}

/** A CASE over the values of an expression; `otherwise` is SQL. */
export function caseOf(value: string, cases: Readonly<Record<string, string | number>>, otherwise = "NULL"): string {
  const sql = (each: string | number) => (typeof each === "number" ? String(each) : `'${each}'`);
  return `CASE ${value} ${Object.entries(cases)
    .map(([when, then]) => `WHEN ${/^\d+$/.test(when) ? when : sql(when)} THEN ${sql(then)}`)
    .join(" ")} ELSE ${otherwise} END`;
}

/** Ports as other programs have them: of TCP, UDP and SCTP only. */
export const portOf = (column: string) => `CASE WHEN f.proto IN (6, 17, 132) THEN f.${column} END`;

export const isIpv6 = "contains(f.src_ip, ':')";

/** Whether an address is private or of another block that is not routed (IANA's special-purpose registries, as Zeek lists them). */
export const isPrivate = (address: string) =>
  `regexp_matches(${address}, '^(0|10|127|239)\\.|^100\\.(6[4-9]|[7-9]\\d|1[01]\\d|12[0-7])\\.|^169\\.254\\.|^172\\.(1[6-9]|2\\d|3[01])\\.|^192\\.168\\.|^192\\.0\\.[02]\\.|^198\\.1[89]\\.|^198\\.51\\.100\\.|^203\\.0\\.113\\.|^224\\.0\\.0\\.|^2[45]\\d\\.|^::1?$|^f[cd]|^fe[89a-f]|^2001:(db8|1?[0-9a-f]{0,2}):|^64:ff9b:1:|^100:0?:')`;

import {addressKey, addressKeySql} from "./address-key.js";
import type {Filter} from "./filter.js";
import {stateSql} from "./flow-state.js";
import {
  type FlowTable,
  flowRows,
  type NumberColumn,
  numberColumns,
  type TextColumnName,
  textColumns
} from "./flow-table.js";
import type {Cell} from "./question.js";
import {duckdbSpelling, filterSql, fromSql, literal, type SqlContext} from "./sql.js";

/** What the list of flows can be ordered by. */
interface FlowOrder {
  readonly sql: string;
  /** The same for a row: null where it is unknown. */
  key(flows: FlowTable, row: number): Cell;
}

const sum = (a: NumberColumn, b: NumberColumn): FlowOrder => ({
  sql: `f.${a} + f.${b}`,
  key: ({numbers}, row) => numbers[a][row] + numbers[b][row]
});
const number = (name: NumberColumn, sql = `f.${name}`): FlowOrder => ({
  sql,
  key: ({numbers}, row) => (Number.isNaN(numbers[name][row]) ? null : numbers[name][row])
});
const text = (name: TextColumnName, sql = `f.${name}`): FlowOrder => ({
  sql,
  key: (flows, row) => textOf(flows, name, row)
});
const address = (name: "src_ip" | "dst_ip"): FlowOrder => ({
  sql: addressKeySql(`f.${name}`),
  key: (flows, row) => keyOf(textOf(flows, name, row) as string)
});

const gravity = ["normal", "not_judged", "unusual", "suspicious"];

/** The orders by the name of the column that is clicked; unknown values come last, equal ones in the order of time. */
export const flowOrders = {
  ts_start: number("ts_start", duckdbSpelling.epochUs("f.ts_start")),
  duration_us: number("duration_us"),
  src_ip: address("src_ip"),
  src_port: number("src_port"),
  dst_ip: address("dst_ip"),
  dst_port: number("dst_port"),
  proto: number("proto"),
  service: text("service"),
  bytes: sum("src_wire_bytes", "dst_wire_bytes"),
  packets: sum("src_pkts", "dst_pkts"),
  verdict: {
    sql: `list_position([${gravity.map(literal).join(", ")}], ${stateSql})`,
    key: (flows, row) => gravity.indexOf(textOf(flows, "state", row) as string) + 1
  },
  label: text("label", "v.label"),
  probability: number("probability", "CAST(v.probability AS DOUBLE)"),
  anomaly_score: number("anomaly_score", "CAST(v.anomaly_score AS DOUBLE)"),
  conn_state: text("conn_state"),
  server_name: text("server_name"),
  src_wire_bytes: number("src_wire_bytes"),
  dst_wire_bytes: number("dst_wire_bytes"),
  src_pkts: number("src_pkts"),
  dst_pkts: number("dst_pkts"),
  rtt_us: number("rtt_us"),
  retransmits: sum("src_retransmits", "dst_retransmits"),
  capture_sha256: text("capture_sha256")
} as const satisfies Record<string, FlowOrder>;

export type FlowOrderName = keyof typeof flowOrders;

/** Where a page of flows goes on: the order's value of the last row, and what makes the row unique. */
export interface FlowCursor {
  readonly key: Cell;
  readonly ts: number;
  readonly id: string;
  readonly capture: string;
}

/** Some of the flows that pass a filter, in an order. */
export interface FlowsAsked {
  readonly filter: Filter;
  readonly order: FlowOrderName;
  readonly down: boolean;
  readonly limit: number;
  /** The rows behind this one, however far down it stands; finding them costs no more than the first rows. */
  readonly after?: FlowCursor;
  /** Rows left out from the beginning, for a reader who jumps; not together with `after`. */
  readonly offset?: number;
  /** Only flows of which the order's value is known. */
  readonly known?: boolean;
}

/** What a row of a page has beside the columns of {@link FlowTable}. */
export const cursorColumn = "sort_key";

/** The columns of a {@link FlowTable}, of `flows AS f`, `verdicts AS v` and `flow_incidents AS i`. No list shows `activity`, the longest one. */
export function flowColumnsSql(epochUs = duckdbSpelling.epochUs, hasActivity = true): string {
  const special: Readonly<Record<string, string>> = {
    ...(hasActivity ? {} : {activity: "CAST(NULL AS VARCHAR) AS activity"}),
    ts_start: `${epochUs("f.ts_start")} AS ts_start`,
    payload_bytes: "f.src_payload_bytes + f.dst_payload_bytes AS payload_bytes",
    state: `${stateSql} AS state`,
    incident_id: "i.incident_id"
  };
  const judged = ["label", "probability", "is_unknown", "anomaly_score", "is_anomaly"];
  const names = ["flow_id", ...numberColumns, ...textColumns];
  return names.map((name) => special[name] ?? `${judged.includes(name) ? "v" : "f"}.${name}`).join(", ");
}

/** A page of flows as one statement; {@link flowPage} gives the same rows. */
export function flowPageSql(asked: FlowsAsked, context: SqlContext): string {
  const {order, down, limit, after, offset = 0} = asked;
  const {spelling = duckdbSpelling} = context;
  const {sql} = flowOrders[order];
  const start = spelling.epochUs("f.ts_start");
  const conditions = filterSql(asked.filter, spelling);
  if (asked.known) conditions.push(`(${sql}) IS NOT NULL`);
  if (after) conditions.push(behindSql(sql, start, after, down));
  // Rows are chosen by few columns first: what is shown of them is read for them alone.
  return `WITH page AS ${spelling.madeOnce}(
  SELECT f.flow_id, f.capture_sha256, ${sql} AS ${cursorColumn}, f.ts_start AS page_ts${fromSql(context, isJudged(asked))}${conditions.length ? `\n  WHERE ${conditions.join("\n    AND ")}` : ""}
  ORDER BY ${cursorColumn} ${down ? "DESC" : "ASC"} NULLS LAST, page_ts, f.flow_id, f.capture_sha256
  LIMIT ${limit}${offset ? ` OFFSET ${offset}` : ""}
)
SELECT ${flowColumnsSql(spelling.epochUs, false)}, p.${cursorColumn}${fromPageSql(context)}
ORDER BY p.${cursorColumn} ${down ? "DESC" : "ASC"} NULLS LAST, f.ts_start, f.flow_id, f.capture_sha256`;
}

/** Flows with what is joined to those of the table `page`. Without the subqueries all verdicts and incidents would be hashed for a few rows. */
export function joinedToPage(context: SqlContext): string {
  return fromSql(context, true).replaceAll(
    /LEFT JOIN (\w+) AS/g,
    "LEFT JOIN (SELECT * FROM $1 WHERE flow_id IN (SELECT flow_id FROM page)) AS"
  );
}

/** Rows of the table `page` with what is joined to each. */
function fromPageSql(context: SqlContext): string {
  return joinedToPage(context).replace(
    "FROM flows AS f",
    "FROM page AS p\n  JOIN flows AS f ON f.flow_id = p.flow_id AND f.capture_sha256 = p.capture_sha256"
  );
}

function isJudged({order, filter}: FlowsAsked): boolean {
  const judged = ["verdict", "label", "probability", "anomaly_score"];
  return judged.includes(order) || filterSql(filter, duckdbSpelling).some((sql) => /\b[vi]\./.test(sql));
}

function behindSql(sql: string, start: string, {key, ts, id, capture}: FlowCursor, down: boolean): string {
  const tie = `(${start}, f.flow_id, f.capture_sha256) > (${ts}, ${BigInt(id)}, ${literal(capture)})`;
  if (key === null) return `((${sql}) IS NULL AND ${tie})`;
  const value = typeof key === "string" ? literal(key) : Number.isInteger(key) ? key : `CAST('${key}' AS DOUBLE)`;
  return `((${sql}) ${down ? "<" : ">"} ${value} OR (${sql}) IS NULL OR ((${sql}) = ${value} AND ${tie}))`;
}

/** The rows of a page's own flows in an order: chosen rows, as {@link flowPageSql} has them without a limit. */
export function orderedRows(flows: FlowTable, chosen: Uint32Array, order: FlowOrderName, down: boolean): Uint32Array {
  return order === "ts_start" && !down ? chosen : byKeys(flows, chosen, order, down);
}

function byKeys(flows: FlowTable, chosen: Uint32Array, order: FlowOrderName, down: boolean): Uint32Array {
  const {key} = flowOrders[order];
  const keys = Array.from(chosen, (row) => key(flows, row));
  const places = Uint32Array.from(chosen.keys());
  // Rows lie in the order of time, so equal ones stay as they are.
  places.sort((a, b) => {
    const [x, y] = [keys[a], keys[b]];
    if (x === y) return a - b;
    if (x === null) return 1;
    if (y === null) return -1;
    return x < y === down ? 1 : -1;
  });
  return places.map((place) => chosen[place]);
}

/** Rows as a server gives them, as a table of their own, with the cursors behind each. */
export function flowPageOf({columns, rows}: {columns: readonly string[]; rows: readonly (readonly Cell[])[]}): {
  flows: FlowTable;
  cursors: readonly FlowCursor[];
} {
  const at = (name: string) => columns.indexOf(name);
  const [key, ts, id, capture] = [cursorColumn, "ts_start", "flow_id", "capture_sha256"].map(at);
  return {
    flows: flowRows(columns, rows),
    cursors: rows.map((row) => ({
      key: row[key],
      ts: row[ts] as number,
      id: String(row[id]),
      capture: row[capture] as string
    }))
  };
}

function textOf({texts}: FlowTable, name: TextColumnName, row: number): string | null {
  const {codes, values} = texts[name];
  return codes[row] < 0 ? null : values[codes[row]];
}

const keys = new Map<string, string>();

function keyOf(host: string): string {
  let known = keys.get(host);
  if (known === undefined) {
    if (keys.size > 1e6) keys.clear();
    keys.set(host, (known = addressKey(host)));
  }
  return known;
}

/** The flows that matter most for an incident, with their shares of its evidence; those of merged ones are among them. */
export function incidentFlowsSql(incident: string, most: number, context: SqlContext): string {
  return `WITH page AS MATERIALIZED (
  SELECT flow_id, capture_sha256, contribution FROM incident_flows WHERE incident_id = ${literal(incident)}
)
SELECT ${flowColumnsSql(duckdbSpelling.epochUs, false)}, CAST(p.contribution AS DOUBLE) AS ${cursorColumn}${fromPageSql(context)}
ORDER BY p.contribution DESC, f.flow_id
LIMIT ${most}`;
}

/** All flows of a filter in an order, with the columns of {@link FlowTable}, times as times: what an export writes. */
export function flowExportSql(
  {filter, order, down}: Pick<FlowsAsked, "filter" | "order" | "down">,
  context: SqlContext
): string {
  const {spelling = duckdbSpelling} = context;
  const conditions = filterSql(filter, spelling);
  const columns = flowColumnsSql((timestamp) => timestamp).replace("f.ts_start AS ts_start", "f.ts_start");
  return `SELECT ${columns}${fromSql(context, true)}${conditions.length ? `\n  WHERE ${conditions.join("\n    AND ")}` : ""}
ORDER BY ${flowOrders[order].sql} ${down ? "DESC" : "ASC"} NULLS LAST, f.ts_start, f.flow_id, f.capture_sha256`;
}

import {isEverything} from "./filter.js";
import {
  cursorColumn,
  type FlowOrderName,
  type FlowsAsked,
  flowColumnsSql,
  flowOrders,
  joinedToPage
} from "./flow-page.js";
import {duckdbSpelling, type SqlContext} from "./sql.js";

/**
 * The view of the flows that come first in each of these orders, up and down: `list` says in which. Like roll-ups it is made
 * beside the lake; flows of parts that have none are all there, in no list.
 */
export const firstFlows = "first_flows";

/** Orders that say nothing of verdicts; addresses cost ten times as much as all the others to sort. */
const firstOrders: readonly FlowOrderName[] = [
  ...(["ts_start", "duration_us", "src_port", "dst_port", "proto", "service", "bytes", "packets"] as const),
  ...(["conn_state", "server_name", "src_wire_bytes", "dst_wire_bytes", "src_pkts", "dst_pkts"] as const),
  ...(["rtt_us", "retransmits"] as const)
];

/** Flows of each list: a reader sees five pages of them without another statement over all flows. */
export const mostFirst = 1000;

/** The lists of a part, by their number. */
export const firstLists = firstOrders.flatMap((order) => [false, true].map((down) => ({order, down})));

/** Columns of flows that a page of them shows. */
export const firstColumns: readonly string[] = [
  ...new Set([...flowColumnsSql(duckdbSpelling.epochUs, false).matchAll(/\bf\.(\w+)/g)].map(([, name]) => name))
];

/** What stands behind ORDER BY for flows `f` in an order: all differ, so that every page is certain. */
export function orderSql(order: FlowOrderName, down: boolean): string {
  return `${flowOrders[order].sql} ${down ? "DESC" : "ASC"} NULLS LAST, f.ts_start, f.flow_id, f.capture_sha256`;
}

/** The first pages of all flows from their lists; null where these do not have them. `flowPageSql` gives the same. */
export function firstPageSql(asked: FlowsAsked, context: SqlContext): string | null {
  const {filter, order, down, limit, after, offset = 0, known} = asked;
  const list = firstLists.findIndex((each) => each.order === order && each.down === down);
  if (!isEverything(filter) || after || list < 0 || offset + limit > mostFirst) return null;
  const {sql} = flowOrders[order];
  return `WITH page AS MATERIALIZED (
  SELECT ${firstColumns.map((name) => `f.${name}`).join(", ")}, ${sql} AS ${cursorColumn}
  FROM ${firstFlows} AS f
  WHERE (f.list = ${list} OR f.list IS NULL)${known ? `\n    AND (${sql}) IS NOT NULL` : ""}
  ORDER BY ${orderSql(order, down)}
  LIMIT ${limit}${offset ? ` OFFSET ${offset}` : ""}
)
SELECT ${flowColumnsSql(duckdbSpelling.epochUs, false)}, f.${cursorColumn}${joinedToPage({...context, flows: "page"})}
ORDER BY ${orderSql(order, down)}`;
}

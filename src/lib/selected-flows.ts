import {dimensions} from "./dimensions.js";
import type {Filter} from "./filter.js";
import {measures} from "./measures.js";
import {duckdbSpelling, filterSql, fromSql, literal, onlySql, type SqlContext, whereSql} from "./sql.js";

/** Columns of flows that questions and pages over flows may name; tests ask all of them. */
export const selectedColumns = [
  ...["flow_id", "capture_sha256", "ts_start", "duration_us", "src_ip", "dst_ip", "dst_port", "proto"],
  ...["service", "server_name", "conn_state", "src_pkts", "dst_pkts", "src_wire_bytes", "dst_wire_bytes"],
  ...["src_payload_bytes", "dst_payload_bytes", "src_retransmits", "dst_retransmits", "rtt_us", "activity"],
  ...["response_mean_us", "src_zero_window_pkts", "dst_zero_window_pkts"]
] as const;

/**
 * The view of {@link selectedColumns} of all flows, sorted by protocol, service and originator: a filter of one of them reads a few
 * pieces of its files. Like roll-ups it is made beside the lake.
 */
export const sortedFlows = "flows_by_service";

/** A filter of which it costs less to read sorted flows; null where it does not, or knows other columns. */
export function sortedFlowsSql(filter: Filter, {isServed}: SqlContext): {flows: string; rest: Filter} | null {
  const {host, services, protos, query} = filter;
  const isNarrow = host !== undefined || services !== undefined || protos !== undefined;
  return isServed && isNarrow && query === undefined ? ofHost(sortedFlows, filter) : null;
}

/**
 * What stands behind FROM for the rows of a view that are of the filter's host, and the rest of the filter. Of a condition on
 * either of two columns no piece of a file tells that it has none, so each end is asked for.
 */
export function ofHost(view: string, {host, ...rest}: Filter): {flows: string; rest: Filter} {
  if (host === undefined) return {flows: view, rest};
  const ends = [`src_ip = ${literal(host)}`, `dst_ip = ${literal(host)} AND src_ip <> ${literal(host)}`];
  return {flows: `(${ends.map((end) => `SELECT * FROM ${view} WHERE ${end}`).join(" UNION ALL ")})`, rest};
}

/** How a statement begins whose flows are selected once for all pages with its filter. */
export const selectedHead = "WITH selected AS (";

/** What questions name of flows, whatever is grouped and summed. */
const ofQuestions = () =>
  [
    ...["flow_id", "capture_sha256", "ts_start", "duration_us", "activity", "src_ip", "dst_ip"],
    ...["src_wire_bytes", "dst_wire_bytes", "i.incident_id", "i.severity"],
    ...[...Object.values(dimensions), ...Object.values(measures)].map(({sql}) => sql),
    ...Object.values(onlySql)
  ].join("\n");

/**
 * The flows of a filter with what SQL over them names: columns of flows, and their incidents where it names `i`. To read and
 * to keep a column costs about as much for each, so a page selects its own ones; without SQL those of all questions. `also`:
 * conditions beside those of the filter.
 */
export function selectedFlowsSql(
  filter: Filter,
  context: SqlContext,
  asked = ofQuestions(),
  also: readonly string[] = []
): string {
  const sorted = sortedFlowsSql(filter, context);
  const conditions = [...filterSql(sorted?.rest ?? filter, context.spelling ?? duckdbSpelling), ...also];
  const isJudged = conditions.some((sql) => /\bv\./.test(sql));
  const isOfIncidents = /\bi\./.test(asked);
  const isJoined = isOfIncidents || conditions.some((sql) => /\bi\./.test(sql));
  const isNamed = (name: string) => new RegExp(`\\b${name}\\b`).test(asked);
  const columns = [
    ...selectedColumns.filter(isNamed).map((name) => `f.${name}`),
    ...["incident_id", "severity"].filter((name) => asked.includes(`i.${name}`)).map((name) => `i.${name}`)
  ];
  const from = fromSql(sorted === null ? context : {...context, flows: sorted.flows}, isJudged, isJoined);
  return `  SELECT ${columns.join(", ")}${from}${whereSql(conditions)}`;
}

/**
 * How many rows {@link selectedFlowsSql} gives, by a query that joins nothing; null where the filter needs what is joined. A
 * flow has one incident at most.
 */
export function selectedCountSql(filter: Filter, context: SqlContext): string | null {
  const sorted = sortedFlowsSql(filter, context);
  const conditions = filterSql(sorted?.rest ?? filter, context.spelling ?? duckdbSpelling);
  if (conditions.some((sql) => /\b[vi]\./.test(sql))) return null;
  const from = fromSql(sorted === null ? context : {...context, flows: sorted.flows}, false, false);
  return `SELECT 1${from}${whereSql(conditions)}`;
}

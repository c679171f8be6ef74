import type {Stated} from "../answer-source.js";
import {type Filter, isEverything, withFields} from "../filter.js";
import {flowColumnsSql} from "../flow-page.js";
import type {TimeGrid} from "../question.js";
import {ofHost, selectedFlowsSql, selectedHead, sortedFlowsSql} from "../selected-flows.js";
import {duckdbSpelling, filterSql, fromSql, literal, ofSelected, oneOf, type SqlContext} from "../sql.js";
import type {RecordQuestion, RecordSource} from "./record-source.js";

/** Columns that every row of `records` begins with. */
export const recordKeys = ["flow_id", "capture_sha256", "ts_us", "originator", "responder", "port"] as const;

/**
 * Of a table that a statement asks several times: DuckDB would hold all of its rows, texts included, where it need only
 * read again those columns that each part asks.
 */
const readAnew = "NOT MATERIALIZED ";

/** What a statement over records begins with. */
interface RecordParts {
  /** The flows of the filter, where records are made of them. */
  readonly selected?: string;
  readonly records: string;
  /** Whether a row of `records` is no more than a flow in other words. */
  readonly isOfFlows?: boolean;
}

const selectedHeadOf = (selected: string) => `${selectedHead}\n${selected}\n)`;
const headOf = ({selected, records, isOfFlows}: RecordParts) =>
  `${selected === undefined ? "WITH " : `${selectedHeadOf(selected)},\n`}records AS ${isOfFlows ? readAnew : ""}(\n${records}\n)`;

/**
 * A statement over the records that pass a filter; those of all of time and everything are too many to be kept. What is made
 * of the flows of a filter is kept only where it costs much.
 */
function statedOver(parts: RecordParts, rest: string, filter: Filter, isDear = false): Stated {
  const head = headOf(parts);
  const {selected} = parts;
  const ends = [
    ...(selected === undefined ? [] : [selectedHeadOf(selected).length]),
    ...(isDear || (selected === undefined && !isEverything(filter)) ? [head.length] : [])
  ];
  return {sql: `${head}\n${rest}`, over: ends};
}

/**
 * The table `records` of a source: its rows that pass the filter, with who spoke. A record counts where its own time lies
 * in the window, however long its flow lasts; all other fields of the filter are those of its flow. Flows themselves count
 * where they were active in the window, as on every page.
 */
export function recordsSql(source: RecordSource, filter: Filter, context: SqlContext): string {
  return headOf(partsOf(source, filter, context));
}

function partsOf(source: RecordSource, filter: Filter, context: SqlContext, isReadOnce = false): RecordParts {
  if (source.flowless) return {records: flowlessSql(source, filter)};
  const {from, to, ...ofFlows} = filter;
  const isOfFlows = source.from !== undefined;
  const isSelected = isOfFlows && !isReadOnce && !isEverything(filter);
  const also = source.only === undefined ? [] : [source.only];
  const sorted = isReadOnce ? sortedFlowsSql(filter, context) : null;
  const conditions = isSelected
    ? []
    : [...filterSql(sorted?.rest ?? (isOfFlows ? filter : ofFlows), duckdbSpelling), ...also];
  if (from !== undefined && !isOfFlows) conditions.unshift(`r.ts >= ${timeSql(from)}`);
  if (to !== undefined && !isOfFlows) conditions.unshift(`r.ts < ${timeSql(to)}`);
  const own = source.columns.map(({name, sql}) => `${sql ?? `r.${name}`} AS ${name}`);
  const derived = Object.entries(source.derived ?? {}).map(([name, sql]) => `${sql} AS ${name}`);
  const columns = [...own, ...derived].join(",\n    ");
  const [isJudged, isOfIncidents] = [/\bv\./, /\bi\./].map((word) =>
    [...conditions, columns].some((sql) => word.test(sql))
  );
  const rows =
    source.from?.replace(/^flows\b/, sorted?.flows ?? "flows") ??
    `${source.name} AS r\n  LEFT JOIN flows AS f ON f.flow_id = r.flow_id AND f.capture_sha256 = r.capture_sha256`;
  const joined = isSelected
    ? `\n  FROM ${ofSelected(rows)}`
    : fromSql(context, isJudged, isOfIncidents).replace("FROM flows AS f", `FROM ${rows}`);
  // What is counted of flows needs to know none of them, and each text of 64 letters costs as much as all numbers.
  const keys = isOfFlows ? "" : "CAST(r.flow_id AS VARCHAR) AS flow_id, r.capture_sha256, ";
  const named = `${keys}epoch_us(${isOfFlows ? "f.ts_start" : "r.ts"}) AS ts_us,
    f.src_ip AS originator, f.dst_ip AS responder, f.dst_port AS port,
    ${columns}`;
  const records = `  SELECT ${isSelected ? ofSelected(named) : named}${joined}${conditions.length > 0 ? `\n  WHERE ${conditions.join("\n    AND ")}` : ""}`;
  return {
    ...(isSelected && {selected: selectedFlowsSql(filter, context, `${named} ${rows}`, also)}),
    records,
    isOfFlows
  };
}

/** As {@link recordsSql}, of rows that are of no flow. */
function flowlessSql(source: RecordSource, {from, to, captures}: Filter): string {
  const conditions = [
    ...(from === undefined ? [] : [`r.ts >= ${timeSql(from)}`]),
    ...(to === undefined ? [] : [`r.ts < ${timeSql(to)}`]),
    ...(captures ? [oneOf("r.capture_sha256", captures)] : [])
  ];
  const columns = [
    ...source.columns.map(({name, sql}) => `${sql ?? `r.${name}`} AS ${name}`),
    ...Object.entries(source.derived ?? {}).map(([name, sql]) => `${sql} AS ${name}`)
  ];
  return `  SELECT r.capture_sha256, epoch_us(r.ts) AS ts_us,
    ${columns.join(",\n    ")}
  FROM ${source.from ?? `${source.name} AS r`}${conditions.length > 0 ? `\n  WHERE ${conditions.join("\n    AND ")}` : ""}`;
}

const timeSql = (us: number) => `make_timestamp(${us})`;

/** A question over the records that pass a filter, as one statement. */
export function recordQuestionStated(
  question: RecordQuestion,
  filter: Filter,
  grid: TimeGrid,
  context: SqlContext
): Stated {
  const own = filterOf(question, filter);
  if (question.summed !== undefined && context.isServed && isOfSeries(own))
    return statedOver({records: seriesSql(question.summed, own)}, question.sql(grid, filter), own, true);
  const parts = partsOf(question.source, own, context);
  if (question.made === undefined) return statedOver(parts, question.sql(grid, filter), own);
  if (question.isReadOnce) {
    const {records} = partsOf(question.source, own, context, true);
    const made = {records: `WITH chosen AS (\n${records}\n)${question.made}`};
    return statedOver(made, question.sql(grid, filter), own, true);
  }
  const {incident: _, ...derived} = question.source.derived ?? {};
  const unmarked = partsOf({...question.source, derived}, own, context);
  const tables = [
    `chosen AS ${readAnew}(\n${parts.records}\n)`,
    ...(/\bunmarked\b/.test(question.made) ? [`unmarked AS ${readAnew}(\n${unmarked.records}\n)`] : [])
  ];
  const made = {...parts, isOfFlows: false, records: `WITH ${tables.join(",\n")}${question.made}`};
  return statedOver(made, question.sql(grid, filter), own, true);
}

/** Whether sums of series can tell what a filter leaves of them. */
function isOfSeries({protos: _, services: __, host: ___, captures: ____, ...rest}: Filter): boolean {
  return isEverything(rest);
}

function seriesSql(summed: string, filter: Filter): string {
  // What a host or a service leaves is little to hold; to find the pieces of its files takes longer than to read them.
  const isHeld = filter.host !== undefined || filter.services !== undefined;
  const of = (name: string, view: string) => {
    const {flows, rest} = ofHost(view, filter);
    const conditions = filterSql(rest, duckdbSpelling);
    return `${name} AS ${isHeld ? "MATERIALIZED " : readAnew}(SELECT * FROM ${flows} AS f${conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : ""})`;
  };
  return `WITH ${of("series", "flow_series")},\n${of("marked", "flow_series_incidents")}${summed}`;
}

/** As {@link recordQuestionStated}, its text alone. */
export function recordQuestionSql(...asked: Parameters<typeof recordQuestionStated>): string {
  return recordQuestionStated(...asked).sql;
}

/** The filter of the rows that a question is asked of. */
export function filterOf({lifts = []}: Pick<RecordQuestion, "lifts">, filter: Filter): Filter {
  return withFields(filter, Object.fromEntries(lifts.map((name) => [name, undefined])));
}

/** The start of the bucket that a record's time lies in. */
export function bucketSql({originUs, widthUs}: TimeGrid): string {
  return `CAST(FLOOR(CAST(ts_us - ${originUs} AS DOUBLE) / ${widthUs}) AS BIGINT) * ${widthUs} + ${originUs} AS ts_us`;
}

/** What a table of records shows. */
export interface RecordsAsked {
  readonly filter: Filter;
  /** A text that one of the columns holds, in whatever case. */
  readonly search: string;
  readonly order: string;
  readonly down: boolean;
  readonly limit: number;
  readonly offset: number;
}

/** Some records in an order; without `limit` all of them, with times as times: what an export writes. */
export function recordRowsStated(
  source: RecordSource,
  asked: Omit<RecordsAsked, "limit" | "offset"> & Partial<RecordsAsked>,
  context: SqlContext
): Stated {
  const {filter, search, order, down, limit, offset = 0} = asked;
  const names = source.columns.map(({name}) => name);
  const isExport = limit === undefined;
  const keys = isExport
    ? recordKeys.map((name) => (name === "ts_us" ? "make_timestamp(ts_us) AS ts" : name))
    : recordKeys;
  const by = [...recordKeys, ...names].includes(order) ? order : "ts_us";
  const rest = `SELECT ${[...keys, ...names].join(", ")}
FROM records${searchSql(source, search)}
ORDER BY ${by} ${down ? "DESC" : "ASC"} NULLS LAST, ${by === "ts_us" ? "" : "ts_us, "}flow_id, capture_sha256${isExport ? "" : `\nLIMIT ${limit} OFFSET ${offset}`}`;
  return statedOver(partsOf(source, filter, context), rest, filter);
}

/** As {@link recordRowsStated}, its text alone. */
export function recordRowsSql(...asked: Parameters<typeof recordRowsStated>): string {
  return recordRowsStated(...asked).sql;
}

/** How many records {@link recordRowsStated} lists. */
export function recordCountStated(source: RecordSource, filter: Filter, search: string, context: SqlContext): Stated {
  const rest = `SELECT CAST(count(*) AS BIGINT) AS records FROM records${searchSql(source, search)}`;
  return statedOver(partsOf(source, filter, context), rest, filter);
}

/** As {@link recordCountStated}, its text alone. */
export function recordCountSql(...asked: Parameters<typeof recordCountStated>): string {
  return recordCountStated(...asked).sql;
}

function searchSql({columns}: RecordSource, search: string): string {
  if (search === "") return "";
  const texts = columns.filter(({kind}) => ["text", "service", "list", "host"].includes(kind)).map(({name}) => name);
  const holds = ["originator", "responder", ...texts].map(
    (name) => `contains(lower(${name}), ${literal(search.toLowerCase())})`
  );
  return `\nWHERE ${holds.join("\n  OR ")}`;
}

/** The flow of a record, as a page of flows has it. */
export function recordFlowSql(flow: string, capture: string, context: SqlContext): string {
  return `SELECT ${flowColumnsSql()}${fromSql(context, true)}
  WHERE f.flow_id = ${BigInt(flow)} AND f.capture_sha256 = ${literal(capture)}`;
}

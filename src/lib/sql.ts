import {dimensions} from "./dimensions.js";
import type {Filter} from "./filter.js";
import {formatIso} from "./filter.js";
import {verdictColumns} from "./flow-table.js";
import {measures} from "./measures.js";
import {type Asked, gridOf, type Question, type TimeGrid} from "./question.js";

/** The one expression that engines spell differently: a TIMESTAMP as µs since 1970 (BIGINT). */
export interface SqlSpelling {
  epochUs(timestamp: string): string;
}

export const duckdbSpelling: SqlSpelling = {epochUs: (timestamp) => `epoch_us(${timestamp})`};

export interface SqlContext {
  /** Hash of the model whose verdicts count; null where there is none: then no flow is scored. */
  readonly model: string | null;
  readonly spelling?: SqlSpelling;
}

/** A question as one SQL statement over the lake's tables `flows` and `verdicts`; {@link evaluate} gives the same. */
export function toSql(asked: Asked, {model, spelling = duckdbSpelling}: SqlContext): string {
  const {question, filter} = asked;
  const windowed = filter.from !== undefined || filter.to !== undefined;
  const byHost = question.by.includes("host");
  const grid = question.time ? gridOf(asked) : undefined;
  const spread = question.time === "spread";
  const withs = [`chosen AS (\n${chosenSql(question, filter, model, spelling)}\n)`];
  if (byHost) withs.push(endsSql);
  if (grid && spread) withs.push(bucketsSql(grid), spreadSql(filter, grid));
  const source = spread ? "spread" : byHost ? "ends" : "chosen";
  const share = spread || windowed;
  const groups = [
    ...(grid ? [{name: "ts_us", sql: spread ? "bucket_us" : startBucketSql(grid)}] : []),
    ...question.by.map((name) => ({name, sql: dimensions[name].sql}))
  ];
  const sums = question.measures.map((name) => {
    const {sql, divisible} = measures[name];
    if (sql === "1") return `COUNT(*) AS ${name}`;
    return `COALESCE(SUM(${divisible && share ? `(${sql}) * share` : sql}), 0) AS ${name}`;
  });
  if (question.count)
    return [
      `WITH ${withs.join(",\n")}`,
      "SELECT COUNT(*) AS groups",
      `FROM (SELECT DISTINCT ${groups.map(({sql}) => sql).join(", ")} FROM ${source}) AS distinct_groups`
    ].join("\n");
  const columns = [...groups.map(({name, sql}) => (name === sql ? name : `${sql} AS ${name}`)), ...sums];
  const where = grid && !spread ? `\nWHERE ${insideGrid(grid)}` : "";
  const positions = groups.map((_, i) => i + 1);
  const order = [
    ...(question.order ? [`${question.order} DESC`] : []),
    ...positions.map((position) => `${position} NULLS LAST`)
  ];
  return [
    `WITH ${withs.join(",\n")}`,
    `SELECT ${columns.join(", ")}`,
    `FROM ${source}${where}`,
    ...(groups.length ? [`GROUP BY ${positions.join(", ")}`] : []),
    ...(order.length ? [`ORDER BY ${order.join(", ")}`] : []),
    ...(question.limit ? [`LIMIT ${question.limit}`] : [])
  ].join("\n");
}

/** The flows that pass a filter, whole rows with their verdicts, newest columns last; what the Flows page lists. */
export function flowsSql(filter: Filter, {model, spelling = duckdbSpelling}: SqlContext, order: string): string {
  return `${selectFlows(model, "")}${whereSql(filterSql(filter, spelling))}\nORDER BY ${order}`;
}

const selectFlows = (model: string | null, more: string) =>
  `  SELECT f.*, ${verdictColumns.map((name) => `v.${name}`).join(", ")}, i.incident_id, ${stateSql} AS state${more}
  FROM flows AS f
  LEFT JOIN verdicts AS v
    ON v.flow_id = f.flow_id AND v.capture_sha256 = f.capture_sha256 AND v.model = ${literal(model ?? "")}
  LEFT JOIN flow_incidents AS i ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256`;

/** What is said of a flow, be it scored or not; as `verdicts.state` for those that are. */
const stateSql = `CASE WHEN i.severity IN ('medium', 'high') THEN 'suspicious' WHEN v.is_anomaly THEN 'unusual'
    WHEN v.label IS NULL THEN 'not_judged' ELSE 'normal' END`;

function chosenSql(question: Question, filter: Filter, model: string | null, spelling: SqlSpelling): string {
  const start = spelling.epochUs("f.ts_start");
  const windowed = filter.from !== undefined || filter.to !== undefined;
  const needsStart = question.time !== undefined;
  const more = [
    ...(needsStart ? [`${start} AS start_us`] : []),
    ...(windowed && question.time !== "spread" ? [`${shareSql("f.duration_us", ends(start, filter))} AS share`] : [])
  ];
  const conditions = [...filterSql(filter, spelling), ...(question.only ? [onlySql[question.only]] : [])];
  return selectFlows(model, more.map((sql) => `,\n    ${sql}`).join("")) + whereSql(conditions);
}

const onlySql: Record<NonNullable<Question["only"]>, string> = {
  recognised: "f.service IS NOT NULL",
  unrecognised: "f.service IS NULL",
  "anomaly-scored": "v.anomaly_score IS NOT NULL",
  "handshake-timed": "f.rtt_us IS NOT NULL"
};

function whereSql(conditions: readonly string[]): string {
  return conditions.length ? `\n  WHERE ${conditions.join("\n    AND ")}` : "";
}

/** The conditions of a filter over `flows AS f`, `verdicts AS v` and `flow_incidents AS i`. */
export function filterSql(filter: Filter, spelling: SqlSpelling): string[] {
  const start = spelling.epochUs("f.ts_start");
  const conditions: string[] = [];
  if (filter.to !== undefined) conditions.push(`${start} < ${filter.to} /* ${formatIso(filter.to)} */`);
  if (filter.from !== undefined)
    conditions.push(
      `(${start} >= ${filter.from} /* ${formatIso(filter.from)} */ OR ${start} + f.duration_us > ${filter.from})`
    );
  if (filter.captures) conditions.push(oneOf("f.capture_sha256", filter.captures));
  if (filter.protos) conditions.push(oneOf("f.proto", filter.protos));
  if (filter.services) conditions.push(oneOf("f.service", filter.services));
  if (filter.labels) conditions.push(oneOf("v.label", filter.labels));
  if (filter.host !== undefined)
    conditions.push(`(f.src_ip = ${literal(filter.host)} OR f.dst_ip = ${literal(filter.host)})`);
  if (filter.verdicts) conditions.push(oneOf(stateSql, filter.verdicts));
  if (filter.incident !== undefined) conditions.push(`i.incident_id = ${literal(filter.incident)}`);
  return conditions;
}

/** A condition that a column has one of some values, of which null is one. */
export function oneOf(column: string, values: readonly (string | number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const list = known.map((value) => (typeof value === "number" ? String(value) : literal(value))).join(", ");
  const either = [
    ...(known.length ? [`${column} IN (${list})`] : []),
    ...(known.length < values.length ? [`${column} IS NULL`] : [])
  ];
  return either.length > 1 ? `(${either.join(" OR ")})` : (either[0] ?? "1 = 0");
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

interface Ends {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** The part of a flow between the latest `from` and the earliest `to`; all of it where it has no duration. */
function shareSql(duration: string, {from, to}: Ends): string {
  const least = to.length > 1 ? `LEAST(${to.join(", ")})` : to[0];
  const greatest = from.length > 1 ? `GREATEST(${from.join(", ")})` : from[0];
  return `CASE WHEN ${duration} = 0 THEN 1.0 ELSE CAST(${least} - ${greatest} AS DOUBLE) / ${duration} END`;
}

function ends(start: string, filter: Filter): Ends {
  return {
    from: [start, ...(filter.from !== undefined ? [String(filter.from)] : [])],
    to: [`${start} + f.duration_us`, ...(filter.to !== undefined ? [String(filter.to)] : [])]
  };
}

/** Each flow once for either of its hosts. */
const endsSql = `ends AS (
  SELECT c.*, src_ip AS host, src_wire_bytes AS sent_bytes, dst_wire_bytes AS received_bytes FROM chosen AS c
  UNION ALL
  SELECT c.*, dst_ip AS host, dst_wire_bytes AS sent_bytes, src_wire_bytes AS received_bytes FROM chosen AS c
  WHERE dst_ip <> src_ip
)`;

/** The buckets of a grid as a table `buckets` with their begin, `bucket_us`. */
export function bucketsSql({originUs, widthUs, count}: TimeGrid): string {
  const digits = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))";
  const names = ["a", "b", "c"].slice(0, Math.max(1, String(count - 1).length));
  const n = names.map((name, i) => `${name}.d${i ? ` * ${10 ** i}` : ""}`).join(" + ");
  const froms = names.map((name) => `${digits} AS ${name}(d)`).join("\n  CROSS JOIN ");
  return `buckets AS (
  SELECT ${originUs} + (${n}) * CAST(${widthUs} AS BIGINT) AS bucket_us
  FROM ${froms}
  WHERE ${n} < ${count}
)`;
}

/** The table `spread`: each row of `chosen` (`start_us`, `duration_us`) once for every bucket it reaches into, with the `share` of it there. */
export function spreadSql(filter: Filter, {widthUs}: TimeGrid): string {
  const from = ["start_us", "bucket_us", ...(filter.from !== undefined ? [String(filter.from)] : [])];
  const to = [
    "start_us + duration_us",
    `bucket_us + ${widthUs}`,
    ...(filter.to !== undefined ? [String(filter.to)] : [])
  ];
  return `spread AS (
  SELECT c.*, bucket_us, ${shareSql("duration_us", {from, to})} AS share
  FROM chosen AS c
  JOIN buckets AS b
    ON start_us < bucket_us + ${widthUs} AND (start_us >= bucket_us OR start_us + duration_us > bucket_us)
  WHERE duration_us = 0 OR ${to.length > 1 ? `LEAST(${to.join(", ")})` : to[0]} > GREATEST(${from.join(", ")})
)`;
}

function startBucketSql({originUs, widthUs}: TimeGrid): string {
  return `CAST(FLOOR(CAST(start_us - ${originUs} AS DOUBLE) / ${widthUs}) AS BIGINT) * ${widthUs} + ${originUs}`;
}

function insideGrid({originUs, widthUs, count}: TimeGrid): string {
  return `start_us >= ${originUs} AND start_us < ${originUs + widthUs * count}`;
}

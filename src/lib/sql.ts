import type {Spelling} from "../../schema/engine.js";
import {type DividedColumn, dividedColumns} from "./activity.js";
import {activeSql, activityPart, amountSql, cutSql, pieceSql} from "./activity-sql.js";
import {addressKeySql} from "./address-key.js";
import {dimensions} from "./dimensions.js";
import type {Filter} from "./filter.js";
import {formatIso} from "./filter.js";
import {isGraveSql, stateSql} from "./flow-state.js";
import {verdictColumns} from "./flow-table.js";
import {type Measure, measures} from "./measures.js";
import {parseQuery} from "./query/parse.js";
import {querySql} from "./query/query-sql.js";
import {type Asked, gridOf, type Question, type TimeGrid} from "./question.js";
import {unusualPortSql} from "./usual-ports.js";

export const duckdbSpelling: Spelling = {
  epochUs: (timestamp) => `epoch_us(${timestamp})`,
  eachOf: (table, lists) => {
    const elements = Object.entries(lists).map(([name, list]) => `UNNEST(${list}) AS ${name}`);
    return `(SELECT e.*, ${elements.join(",\n    ")} FROM ${table} AS e)`;
  },
  series: (first, last) => `generate_series(${first}, ${last})`,
  numbers: (text) => `CAST('[' || ${text} || ']' AS BIGINT[])`,
  sumOf: (list) => `list_sum(${list})`,
  sumOver: (lists, term) =>
    `list_sum(list_transform(list_zip(${lists.join(", ")}), lambda each: ${term("each[1]", "each[2]", "each[3]")}))`,
  madeOnce: "MATERIALIZED ",
  wholeQuotient: (dividend, divisor) => `${dividend} // ${divisor}`,
  addressKey: addressKeySql
};

export interface SqlContext {
  /** Hash of the model whose verdicts count; null where there is none: then no flow is scored. */
  readonly model: string | null;
  readonly spelling?: Spelling;
  /** The table of verdicts; `verdict_rows` has what is asked here without another join. */
  readonly verdicts?: "verdicts" | "verdict_rows";
  /** Another view than `flows` that the flows are in. */
  readonly flows?: string;
  /** The flows of the filter, with their incidents, are in the table `selected` already: see `selectedFlowsSql`. */
  readonly isSelected?: boolean;
  /** A lake that is served has more than its tables: sums of series (`flow_series`), and of flows (`flows_by_service`). */
  readonly isServed?: boolean;
}

/** A question as one SQL statement over the lake's tables `flows` and `verdicts`; {@link evaluate} gives the same. */
export function toSql(asked: Asked, context: SqlContext): string {
  const {question, filter} = asked;
  const spelling = context.spelling ?? duckdbSpelling;
  const windowed = filter.from !== undefined || filter.to !== undefined;
  const byHost = question.by.includes("host");
  const grid = question.time ? gridOf(asked) : undefined;
  const spread = question.time === "spread";
  // Both ends are made of it: without the word DuckDB finds the flows twice.
  const withs = [`chosen AS ${byHost ? spelling.madeOnce : ""}(\n${chosenSql(question, filter, context)}\n)`];
  if (byHost) withs.push(endsSql(windowed, dividedBy(question).includes("dst_wire_bytes")));
  if (grid && spread)
    withs.push(
      activeSql(spelling, {columns: dividedBy(question), isCut: cutSql(filter, grid)}),
      spreadSql(filter, grid, spelling, "pieces")
    );
  const source = spread ? "spread" : byHost ? "ends" : "chosen";
  const partOf = spread ? pieceSql : windowed ? partInWindow : String;
  const groups = [
    ...(grid
      ? [
          {
            name: "ts_us",
            sql: spread ? "bucket_us" : question.time === "gone" ? goneBucketSql(grid) : startBucketSql(grid)
          }
        ]
      : []),
    ...question.by.map((name) => ({name, sql: dimensions[name].sql}))
  ];
  const sums = question.measures.map((name) => {
    const {sql, divisible} = measures[name];
    if (sql === "1") return `COUNT(*) AS ${name}`;
    return `COALESCE(SUM(${divisible ? sql.replace(dividedWords, (column) => partOf(column)) : sql}), 0) AS ${name}`;
  });
  if (question.count)
    return [
      `WITH ${withs.join(",\n")}`,
      "SELECT COUNT(*) AS groups",
      `FROM (SELECT DISTINCT ${groups.map(({sql}) => sql).join(", ")} FROM ${source}) AS distinct_groups`
    ].join("\n");
  const columns = [...groups.map(({name, sql}) => (name === sql ? name : `${sql} AS ${name}`)), ...sums];
  const where =
    grid && !spread
      ? `\nWHERE ${question.time === "gone" ? `${goneBucketSql(grid)} <= ${endOf(grid)}` : insideGrid(grid)}`
      : "";
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
export function flowsSql(filter: Filter, context: SqlContext, order: string): string {
  const {spelling = duckdbSpelling} = context;
  return `  SELECT f.*, ${verdictColumnsSql}, ${incidentColumnsSql}${fromSql(context, true)}${whereSql(filterSql(filter, spelling))}\nORDER BY ${order}`;
}

const verdictColumnsSql = verdictColumns.map((name) => `v.${name}`).join(", ");

/** Flows with what is joined to each; a join that nothing asks for costs as much as all the rest, so it is left out. */
export function fromSql(
  {model, verdicts = "verdicts", flows = "flows", isSelected}: SqlContext,
  isJudged: boolean,
  isOfIncidents: boolean = isJudged
): string {
  const judged = `
  LEFT JOIN ${verdicts} AS v
    ON v.flow_id = f.flow_id AND v.capture_sha256 = f.capture_sha256 AND v.model = ${literal(model ?? "")}`;
  const incidents = `
  LEFT JOIN flow_incidents AS i ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256`;
  if (isSelected) return `\n  FROM selected AS f${isJudged ? judged : ""}`;
  return `\n  FROM ${flows} AS f${isJudged ? judged : ""}${isJudged || isOfIncidents ? incidents : ""}`;
}

const incidentColumnsSql = `i.incident_id, ${stateSql} AS state`;

/** Columns that are not of `flows`, as questions name them. */
const judgedWords = /\b(?:label|probability|is_unknown|anomaly_score|is_anomaly|state|v\.\w+)\b/;
const incidentWords = /\b(?:incident_id|severity|i\.\w+)\b/;

/** SQL over `flows AS f` and `flow_incidents AS i`, of flows that are in the table `selected`. */
export function ofSelected(sql: string): string {
  return sql.replace(/\bflows\b/g, "selected").replace(/\bi\./g, "f.");
}

function chosenSql(question: Question, filter: Filter, context: SqlContext): string {
  const {spelling = duckdbSpelling} = context;
  const start = spelling.epochUs("f.ts_start");
  const windowed = filter.from !== undefined || filter.to !== undefined;
  const needsStart = question.time !== undefined;
  const {isSelected = false} = context;
  const conditions = [
    ...(isSelected ? [] : filterSql(filter, spelling)),
    ...(question.only ? [onlySql[question.only]] : [])
  ];
  const asked = [
    ...question.by.map((name) => dimensions[name].sql),
    ...question.measures.map((name) => measures[name].sql),
    ...conditions
  ];
  const isJudged = asked.some((sql) => judgedWords.test(sql));
  const isOfIncidents = asked.some((sql) => incidentWords.test(sql));
  const columns = [
    "f.*",
    ...(isJudged ? [verdictColumnsSql, isSelected ? ofSelected(`${stateSql} AS state`) : incidentColumnsSql] : []),
    ...(isOfIncidents && !isSelected ? ["i.severity"] : []),
    ...(needsStart ? [`\n    ${start} AS start_us`] : []),
    ...(windowed && question.time !== "spread"
      ? dividedBy(question).map(
          (column) => `\n    ${windowShareSql(start, filter, spelling, column)} AS ${column}_share`
        )
      : [])
  ];
  return `  SELECT ${columns.join(", ").replaceAll(", \n", ",\n")}${fromSql(context, isJudged, isOfIncidents)}${whereSql(conditions)}`;
}

export const onlySql: Record<NonNullable<Question["only"]>, string> = {
  recognised: "f.service IS NOT NULL",
  unrecognised: "f.service IS NULL",
  "unusual-port": unusualPortSql("f.service", "f.dst_port"),
  "anomaly-scored": "v.anomaly_score IS NOT NULL",
  "handshake-timed": "f.rtt_us IS NOT NULL"
};

export function whereSql(conditions: readonly string[]): string {
  return conditions.length ? `\n  WHERE ${conditions.join("\n    AND ")}` : "";
}

/** The conditions of a filter over `flows AS f`, `verdicts AS v` and `flow_incidents AS i`. */
export function filterSql(filter: Filter, spelling: Spelling): string[] {
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
  if (filter.verdicts)
    conditions.push(filter.verdicts.join() === "suspicious" ? isGraveSql : oneOf(stateSql, filter.verdicts));
  if (filter.incident !== undefined) conditions.push(`i.incident_id = ${literal(filter.incident)}`);
  const query = filter.query === undefined ? null : parseQuery(filter.query);
  if (query) conditions.push(querySql(query, spelling.addressKey));
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

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const dividedWords = new RegExp(`\\b(?:${dividedColumns.join("|")})\\b`, "g");

/** The columns that a question divides. */
function dividedBy({measures: names}: Question): DividedColumn[] {
  return dividedColumns.filter((column) =>
    names.some((name) => {
      const {columns, columnsOfResponder = []}: Measure = measures[name];
      return columns && [...columns, ...columnsOfResponder].includes(column);
    })
  );
}

const partInWindow = (column: string) => `${column} * ${column}_share`;

/** The part of a flow in the filter's window; {@link shareOfRow} is the same. */
function windowShareSql(start: string, filter: Filter, spelling: Spelling, column: DividedColumn): string {
  const {numbers, sumOf, sumOver, wholeQuotient} = spelling;
  const {from, to} = filter;
  const whole = [
    ...(from !== undefined ? [`${start} >= ${from}`] : []),
    ...(to !== undefined ? [`${start} + f.duration_us < ${to}`] : [])
  ];
  const [widths, bins] = [numbers(activityPart(1)), numbers(activityPart(2))];
  const end = `(${start} + f.duration_us)`;
  const share = (width: string, number: string, ofBin: string) => {
    const bin = `((${wholeQuotient(start, "1000000")} + ${number}) * 1000000)`;
    const begin = `LEAST(GREATEST(${bin}, ${start}), ${end} - 1)`;
    const until = `LEAST(${bin} + ${width} * 1000000, ${end})`;
    const since = from === undefined ? begin : `GREATEST(${begin}, ${from})`;
    const before = to === undefined ? until : `LEAST(${until}, ${to})`;
    return `${ofBin} * CAST(GREATEST(0, ${before} - ${since}) AS DOUBLE) / (${until} - ${begin})`;
  };
  const inside = amountSql(column, (place) => sumOver([widths, bins, numbers(activityPart(place))], share));
  const all = amountSql(column, (place) => sumOf(numbers(activityPart(place))));
  return `CASE WHEN ${whole.join(" AND ")} THEN 1.0
      WHEN activity IS NULL THEN ${shareSql("f.duration_us", ends(start, filter))}
      ELSE CAST(${inside} AS DOUBLE) / GREATEST(${all}, 1) END`;
}

interface Ends {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** The part of a flow between the latest `from` and the earliest `to`; all of it where it has no duration. */
function shareSql(duration: string, {from, to}: Ends): string {
  const least = to.length > 1 ? `LEAST(${to.join(", ")})` : to[0];
  const greatest = from.length > 1 ? `GREATEST(${from.join(", ")})` : from[0];
  return `(CASE WHEN ${duration} = 0 THEN 1.0 ELSE CAST(${least} - ${greatest} AS DOUBLE) / ${duration} END)`;
}

function ends(start: string, filter: Filter): Ends {
  return {
    from: [start, ...(filter.from !== undefined ? [String(filter.from)] : [])],
    to: [`${start} + f.duration_us`, ...(filter.to !== undefined ? [String(filter.to)] : [])]
  };
}

/** Each flow once for either of its hosts. */
function endsSql(windowed: boolean, hasBytes: boolean): string {
  const of = (column: DividedColumn) => (windowed && hasBytes ? partInWindow(column) : column);
  const [sent, received] = [of("src_wire_bytes"), of("dst_wire_bytes")];
  return `ends AS (
  SELECT c.*, src_ip AS host, ${sent} AS sent_bytes, ${received} AS received_bytes FROM chosen AS c
  UNION ALL
  SELECT c.*, dst_ip AS host, ${received} AS sent_bytes, ${sent} AS received_bytes FROM chosen AS c
  WHERE dst_ip <> src_ip
)`;
}

/**
 * The table `spread`: each row of `chosen` (`start_us`, `duration_us`), or of `pieces`, once for every bucket it reaches
 * into, with the `share` of it that lies there. Most flows reach into one bucket, so buckets are made for each flow instead of
 * being joined.
 */
export function spreadSql(
  filter: Filter,
  grid: TimeGrid,
  spelling: Spelling,
  source: "chosen" | "pieces" = "chosen"
): string {
  const {originUs, widthUs, count} = grid;
  const [begin, length] = source === "pieces" ? ["piece_us", "piece_length"] : ["start_us", "duration_us"];
  const from = [begin, "bucket_us", ...(filter.from !== undefined ? [String(filter.from)] : [])];
  const to = [
    `${begin} + ${length}`,
    `bucket_us + ${widthUs}`,
    ...(filter.to !== undefined ? [String(filter.to)] : [])
  ];
  const bucketOf = (us: string) => `CAST(FLOOR(CAST(${us} - ${originUs} AS DOUBLE) / ${widthUs}) AS BIGINT)`;
  const first = `GREATEST(0, ${bucketOf(begin)})`;
  const last = `LEAST(${count - 1}, ${bucketOf(`${begin} + ${length}`)})`;
  return `active AS (
  SELECT c.*, ${originUs} + bucket_no * CAST(${widthUs} AS BIGINT) AS bucket_us
  FROM ${spelling.eachOf(source, {bucket_no: spelling.series(first, last)})} AS c
),
spread AS (
  SELECT a.*, ${shareSql(length, {from, to})} AS share
  FROM active AS a
  WHERE (${begin} >= bucket_us OR ${begin} + ${length} > bucket_us)
    AND (${length} = 0 OR ${to.length > 1 ? `LEAST(${to.join(", ")})` : to[0]} > GREATEST(${from.join(", ")}))
)`;
}

function startBucketSql({originUs, widthUs}: TimeGrid): string {
  return `CAST(FLOOR(CAST(start_us - ${originUs} AS DOUBLE) / ${widthUs}) AS BIGINT) * ${widthUs} + ${originUs}`;
}

/** The edge of a bucket at which a flow is over for the first time. */
function goneBucketSql({originUs, widthUs}: TimeGrid): string {
  const after = `FLOOR(CAST(start_us - ${originUs} AS DOUBLE) / ${widthUs}) + 1`;
  const over = `CEIL(CAST(start_us + duration_us - ${originUs} AS DOUBLE) / ${widthUs})`;
  return `CAST(GREATEST(${after}, ${over}) AS BIGINT) * ${widthUs} + ${originUs}`;
}

const endOf = ({originUs, widthUs, count}: TimeGrid) => originUs + widthUs * count;

function insideGrid({originUs, widthUs, count}: TimeGrid): string {
  return `start_us >= ${originUs} AND start_us < ${originUs + widthUs * count}`;
}

import {
  besideRollups,
  dividedSums,
  groupsOfRollup,
  type Rollup,
  rollupKinds,
  rollupRoles,
  rollups,
  rollupView
} from "../../schema/rollups.ts";
import type {DimensionName} from "../../src/lib/dimensions.js";
import type {Filter} from "../../src/lib/filter.js";
import {type MeasureName, measures} from "../../src/lib/measures.js";
import type {Asked, Question, TimeGrid} from "../../src/lib/question.js";
import {oneOf, type SqlContext, toSql} from "../../src/lib/sql.js";
import {unusualPortSql} from "../../src/lib/usual-ports.js";

/** Columns of roll-ups by dimension, where they are not named alike. */
const columnOf = (name: DimensionName): string =>
  name === "capture" ? "capture_sha256" : name === "host" || name === "src_ip" || name === "dst_ip" ? "ip" : name;

/** Sums of a row that are a measure of counted flows; null where roll-ups do not have it. */
function countedSum(name: MeasureName, only: Question["only"]): string | null {
  const flows = only === "handshake-timed" ? "timed_flows" : only === "anomaly-scored" ? "scored_flows" : "flows";
  if (name === "flows") return flows;
  if (name === "rtt_sum_us" && only !== "anomaly-scored") return name;
  if (name === "anomalous" && only === "anomaly-scored") return "scored_anomalous";
  if (flows !== "flows") return null;
  if (name === "judged") return "CASE WHEN verdict <> 'not_judged' THEN flows ELSE 0 END";
  if (name === "not_judged") return "CASE WHEN verdict = 'not_judged' THEN flows ELSE 0 END";
  if (name === "suspicious") return "CASE WHEN verdict = 'suspicious' THEN flows ELSE 0 END";
  return ["retransmits", "without_payload", "unknown_class", "anomaly_scored", "anomalous", "rtt_sum_us"].includes(name)
    ? name
    : null;
}

/** As {@link countedSum}, of what is divided over time. */
function dividedSum(name: MeasureName): string | null {
  if (name === "packets" || name === "bytes") return `src_${name} + dst_${name}`;
  const isOriginator = `role = ${rollupRoles.originator}`;
  if (name === "sent_bytes") return `CASE WHEN ${isOriginator} THEN src_bytes ELSE dst_bytes END`;
  if (name === "received_bytes") return `CASE WHEN ${isOriginator} THEN dst_bytes ELSE src_bytes END`;
  return Object.hasOwn(dividedSums, name) ? name : null;
}

/**
 * A question as SQL over the lake's roll-ups and the flows beside them, which answers as `toSql` does; null where roll-ups
 * do not have its groups, sums, filter or times. It runs where the views of that model's roll-ups are (`rollupViews`).
 * `isWhole`: no flow is beside them; to plan the statement takes half as long then.
 */
export function rolledSql(asked: Asked, context: SqlContext, isWhole = false): string | null {
  const {question, filter} = asked;
  const way = wayOf(asked);
  if (!way) return null;
  const {rollup, widthUs, conditions, needsIncidents} = way;
  const windowed = filter.from !== undefined || filter.to !== undefined;
  if (question.time === "gone" && windowed) return null;
  const {started, gone, spread, carried} = rollupKinds;
  const into = filter.from === undefined ? null : `kind = ${carried} AND ts_us = ${filter.from}`;
  /** Sums of what starts in a window and of what is carried into it. */
  const inWindow = (sum: string) => `CASE WHEN kind = ${started}${into ? ` OR ${into}` : ""} THEN ${sum} ELSE 0 END`;
  const flows = countedSum("flows", question.only) as string;
  const isCut = windowed && !question.time;
  const sums = question.measures.map((name) => {
    const divided = dividedSum(name);
    if (divided !== null) return isCut ? `CASE WHEN kind = ${spread} THEN ${divided} ELSE 0 END` : divided;
    const counted = countedSum(name, question.only) as string;
    return isCut ? inWindow(counted) : counted;
  });
  const presence = isCut ? inWindow(flows) : flows;
  const kinds = isCut
    ? windowConditions(filter, `(kind = ${started}${into ? ` OR ${into}` : ""} OR kind = ${spread})`)
    : [`kind = ${question.time === "spread" ? spread : question.time === "gone" ? gone : started}`];
  const groups = [
    ...(asked.grid && question.time ? [{name: "ts_us", sql: bucketSql(question, asked.grid)}] : []),
    ...question.by.map((name) => ({name: name as string, sql: columnOf(name)}))
  ];
  const inTime = asked.grid && question.time ? timeConditions(question, filter, asked.grid) : [];
  const where = [...kinds, ...inTime, ...conditions];
  const view = (corrections: boolean) => rollupView(rollup, widthUs, context.model, corrections);
  const source = needsIncidents ? `(SELECT * FROM ${view(false)} UNION ALL SELECT * FROM ${view(true)})` : view(false);
  const positions = groups.map((_, k) => k + 1).join(", ");
  const rolled = [
    `SELECT ${[...groups.map(({name, sql}) => `${sql} AS ${name}`), ...sums.map((sum, k) => `SUM(${sum}) AS ${question.measures[k]}`)].join(", ") || "1"}`,
    `FROM ${source} AS r${where.length > 0 ? `\nWHERE ${where.join("\n  AND ")}` : ""}`,
    ...(groups.length > 0 ? [`GROUP BY ${positions}\nHAVING SUM(${presence}) > 0`] : [])
  ].join("\n");
  const {order: _, limit: __, count: ___, ...rest} = question;
  const beside = toSql({...asked, question: rest}, {...context, flows: besideRollups(context.model)});
  const names = groups.map(({name}) => name);
  const united = isWhole
    ? `(\n${rolled}\n) AS united`
    : `(\n${rolled}\nUNION ALL\nSELECT * FROM (\n${beside}\n) AS beside\n) AS united`;
  if (question.count)
    return `SELECT COUNT(*) AS groups FROM (SELECT DISTINCT ${names.join(", ")} FROM ${united}) AS distinct_groups`;
  const order = [...(question.order ? [`${question.order} DESC`] : []), ...names.map((_, k) => `${k + 1} NULLS LAST`)];
  return [
    `SELECT ${[...names, ...question.measures.map((name) => `COALESCE(SUM(${name}), 0) AS ${name}`)].join(", ")}`,
    `FROM ${united}`,
    ...(groups.length > 0 ? [`GROUP BY ${positions}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${order.join(", ")}`] : []),
    ...(question.limit ? [`LIMIT ${question.limit}`] : [])
  ].join("\n");
}

interface Way {
  readonly rollup: Rollup;
  readonly widthUs: number;
  readonly conditions: readonly string[];
  /** Whether it matters what incidents make of flows. */
  readonly needsIncidents: boolean;
}

/** The smallest roll-up that has what a question asks for. */
function wayOf(asked: Asked): Way | null {
  const {question, filter} = asked;
  if (filter.query !== undefined || filter.incident !== undefined) return null;
  if (question.time && !asked.grid) return null;
  const windowed = filter.from !== undefined || filter.to !== undefined;
  const isDivided = (name: MeasureName) => measures[name].divisible;
  const hosts = question.by.filter((name) => columnOf(name) === "ip");
  if (hosts.length > 1 || (hosts.length === 1 && filter.host !== undefined)) return null;
  for (const name of question.measures) {
    if (isDivided(name) ? dividedSum(name) === null : countedSum(name, question.only) === null) return null;
    if ((name === "sent_bytes" || name === "received_bytes") && hosts[0] !== "host") return null;
    // Of these flows alone nothing is divided.
    if (isDivided(name) && (question.only === "handshake-timed" || question.only === "anomaly-scored")) return null;
    if (isDivided(name) && windowed && question.time === "start") return null;
  }
  if (question.time === "spread" && (question.only === "handshake-timed" || question.only === "anomaly-scored"))
    return null;
  const wanted = new Set(question.by.map(columnOf));
  if (question.only === "unusual-port") for (const name of ["service", "dst_port"]) wanted.add(name);
  if (filter.labels) wanted.add("label");
  if (filter.host !== undefined) wanted.add("ip");
  if (filter.captures) wanted.add("capture_sha256");
  if (filter.protos) wanted.add("proto");
  if (filter.services || question.only === "recognised" || question.only === "unrecognised") wanted.add("service");
  const ofVerdicts: readonly MeasureName[] = ["judged", "not_judged", "suspicious"];
  const needsIncidents =
    filter.verdicts !== undefined ||
    wanted.has("verdict") ||
    question.measures.some((name) => ofVerdicts.includes(name));
  if (needsIncidents) wanted.add("verdict");
  const rollup = rollups.find(
    (each) =>
      (each.only ?? question.only) === question.only &&
      [...wanted].every((name) => groupsOfRollup(each).some((own) => own.name === name))
  );
  const widthUs = rollup && widest(rollup, asked);
  if (!rollup || !widthUs) return null;
  const {originator, responder, itself} = rollupRoles;
  const isOfHosts = rollup.by.some(({name}) => name === "role");
  const roles =
    hosts[0] === "src_ip" ? [originator] : hosts[0] === "dst_ip" ? [responder, itself] : [originator, responder];
  const conditions = [
    ...(filter.captures ? [oneOf("capture_sha256", filter.captures)] : []),
    ...(filter.protos ? [oneOf("proto", filter.protos)] : []),
    ...(filter.services ? [oneOf("service", filter.services)] : []),
    ...(filter.labels ? [oneOf("label", filter.labels)] : []),
    ...(filter.verdicts ? [oneOf("verdict", filter.verdicts)] : []),
    ...(filter.host !== undefined ? [oneOf("ip", [filter.host])] : []),
    ...(isOfHosts ? [`role IN (${roles.join(", ")})`] : []),
    ...(question.only === "recognised" ? ["service IS NOT NULL"] : []),
    ...(question.only === "unrecognised" ? ["service IS NULL"] : []),
    ...(question.only === "unusual-port" && !rollup.only ? [unusualPortSql("service", "dst_port")] : [])
  ];
  return {rollup, widthUs, conditions, needsIncidents};
}

/** The widest buckets with which the window and grid of a question are exact. */
function widest({widthsUs}: Rollup, {question, filter, grid}: Asked): number | undefined {
  const edges: number[] = [];
  const {from, to} = filter;
  if (question.time && grid) {
    const end = grid.originUs + grid.count * grid.widthUs;
    edges.push(grid.originUs, grid.widthUs);
    // What started within the grid before the window may be in it or not.
    if (question.time === "start" && from !== undefined && from > grid.originUs) return undefined;
    if (from !== undefined && from > grid.originUs) edges.push(from);
    if (to !== undefined && to < end) edges.push(to);
  } else edges.push(...[from, to].filter((edge) => edge !== undefined));
  return widthsUs.findLast((widthUs) => edges.every((edge) => edge % widthUs === 0));
}

/** What of a roll-up is in a window; a file that says when its rows are is not read where they are not. */
function windowConditions({from, to}: Filter, kinds: string): string[] {
  return [kinds, ...(from === undefined ? [] : [`ts_us >= ${from}`]), ...(to === undefined ? [] : [`ts_us < ${to}`])];
}

function timeConditions(question: Question, {from, to}: Filter, {originUs, widthUs, count}: TimeGrid): string[] {
  const end = originUs + widthUs * count;
  if (question.time === "gone") return [`${bucketSql(question, {originUs, widthUs, count})} <= ${end}`];
  return [`ts_us >= ${Math.max(originUs, from ?? originUs)}`, `ts_us < ${Math.min(end, to ?? end)}`];
}

/** The grid's bucket of a row. */
function bucketSql({time}: Question, {originUs, widthUs}: TimeGrid): string {
  const round = time === "gone" ? "CEIL" : "FLOOR";
  return `CAST(${round}(CAST(ts_us - ${originUs} AS DOUBLE) / ${widthUs}) AS BIGINT) * ${widthUs} + ${originUs}`;
}

import {grouped} from "../../models/rules/merge.ts";
import {type ActivityRow, activityColumns, activityWindowUs} from "../../schema/activities.ts";
import type {Column} from "../../schema/column.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {type NoticeRow, noticeColumns} from "../../schema/notices.ts";
import {verdictRows} from "../../schema/verdicts.ts";
import {
  activityEvidence,
  type Evidence,
  faintFrom,
  noticeEvidence,
  type Part,
  partEvidence,
  type Votes,
  voteEvidence
} from "./evidence.ts";
import {recordsOfActivities} from "./incident-ordinary.ts";

/** Least flows of a source in a minute that the classifier takes for one class of attack, and their least share. */
const voteLimits = {flows: 3, share: 0.5} as const;
/** The same of the flows to one service of one target, and the least mean probability of the class. */
const partLimits = {flows: 3, share: 0.6, probability: 0.75} as const;
/** Alone enough for a part: more flows that nearly all agree, each of them less sure. */
const agreed = {flows: 8, share: 0.85, probability: 0.65} as const;

/** What rules, the activity model and the classifier said of these captures, as the lake has it. */
export async function evidenceOf(
  engine: QueryEngine,
  captures: readonly string[],
  model: string | null
): Promise<Evidence[]> {
  const others = await evidenceBesideActivities(engine, captures, model);
  if (captures.length === 0 || model === null) return others;
  const activities = await rowsOf<ActivityRow>(
    engine,
    activityColumns,
    `FROM activities WHERE ${isOneOf(captures)} AND model = ${literal(model)} AND (suspicious OR score >= ${faintFrom}) ORDER BY window_start, src_ip`
  );
  const found = grouped(others, ({source}) => source);
  const parts = grouped(await partsOf(engine, captures, model), windowOf);
  const {isOrdinary, isExplained} = await recordsOfActivities(engine, captures, model, faintFrom);
  const ofActivities = activities
    .filter((activity) => !isOrdinary(activity))
    .flatMap((activity) => {
      // What the classifier names within it is judged as an activity of that class is.
      const own = partEvidence(activity, parts.get(windowOf(activity)) ?? []).filter(
        ({class: named}) =>
          activity.class !== null ||
          !(isExplained({...activity, class: named}) || isOrdinary({...activity, class: named}))
      );
      return [activityEvidence(activity, own.length === 0 && isExplained(activity)), ...own];
    });
  return [...(found.get("rule") ?? []), ...ofActivities, ...(found.get("classifier") ?? [])];
}

/** What an activity and its parts have in common. */
function windowOf({capture_sha256, src_ip, window_start}: Pick<Part, "capture_sha256" | "src_ip" | "window_start">) {
  return `${capture_sha256} ${src_ip} ${window_start}`;
}

/** The same without the activity model. */
export async function evidenceBesideActivities(
  engine: QueryEngine,
  captures: readonly string[],
  model: string | null
): Promise<Evidence[]> {
  if (captures.length === 0) return [];
  const notices = await rowsOf<NoticeRow>(
    engine,
    noticeColumns,
    `FROM notices WHERE ${isOneOf(captures)} ORDER BY ts_start, notice_id`
  );
  const found = notices.map((notice) => noticeEvidence(notice));
  return model === null ? found : [...found, ...(await votesOf(engine, captures, model)).map(voteEvidence)];
}

const isOneOf = (captures: readonly string[]) => `capture_sha256 IN (${captures.map(literal).join(", ")})`;

async function votesOf(engine: QueryEngine, captures: readonly string[], model: string): Promise<Votes[]> {
  const window = engine.dialect.bucket("f.ts_start", activityWindowUs);
  const {rows} = await engine.query(
    `SELECT capture_sha256, src_ip, label, ts_start, ts_end, last_start, votes, of_flows, probability, dst_ip, dst_port FROM (
      SELECT *, sum(all_flows) OVER (PARTITION BY capture_sha256, src_ip, time_window) AS of_flows FROM (
        SELECT f.capture_sha256, f.src_ip, v.label, ${window} AS time_window, min(f.ts_start) AS ts_start, max(f.ts_end) AS ts_end, max(f.ts_start) AS last_start,
          count(*) AS all_flows, sum(CASE WHEN v.is_unknown THEN 0 ELSE 1 END) AS votes, avg(CAST(v.probability AS DOUBLE)) AS probability,
          CASE WHEN min(f.dst_ip) = max(f.dst_ip) THEN min(f.dst_ip) END AS dst_ip, CASE WHEN min(f.dst_port) = max(f.dst_port) THEN min(f.dst_port) END AS dst_port
        FROM flows AS f JOIN ${verdictRows} AS v ON v.flow_id = f.flow_id AND v.capture_sha256 = f.capture_sha256
        WHERE v.model = ${literal(model)} AND f.${isOneOf(captures)} AND v.label IS NOT NULL
        GROUP BY f.capture_sha256, f.src_ip, v.label, ${window}) AS g) AS w
    WHERE label <> 'Normal' AND votes >= ${voteLimits.flows} AND votes >= ${voteLimits.share} * of_flows
    ORDER BY ts_start, src_ip, label`
  );
  const maybe = <T>(value: unknown, as: (value: unknown) => T) => (value === null ? null : as(value));
  return rows.map(([capture, src, label, start, end, last, votes, of, probability, dst, port]) => ({
    capture_sha256: String(capture),
    src_ip: String(src),
    label: String(label),
    ts_start: Number(start),
    ts_end: Number(end),
    lastStart: Number(last),
    flows: Number(votes),
    ofFlows: Number(of),
    probability: Number(probability),
    dst_ip: maybe(dst, String),
    dst_port: maybe(port, Number)
  }));
}

const isPart = ({flows, share, probability}: Readonly<Record<"flows" | "share" | "probability", number>>) =>
  `(votes >= ${flows} AND votes >= ${share} * of_flows AND probability >= ${probability})`;

/** What suspicious activities did to one service of one target each, where the classifier takes most of it for one attack. */
async function partsOf(engine: QueryEngine, captures: readonly string[], model: string): Promise<Part[]> {
  const window = engine.dialect.bucket("f.ts_start", activityWindowUs);
  const {rows} = await engine.query(
    `SELECT capture_sha256, src_ip, time_window, label, dst_ip, dst_port, ts_start, ts_end, last_start, votes, probability FROM (
      SELECT *, sum(all_flows) OVER (PARTITION BY capture_sha256, src_ip, time_window, dst_ip, dst_port) AS of_flows FROM (
        SELECT f.capture_sha256, f.src_ip, ${window} AS time_window, v.label, f.dst_ip, f.dst_port, min(f.ts_start) AS ts_start, max(f.ts_end) AS ts_end,
          max(f.ts_start) AS last_start, count(*) AS all_flows, sum(CASE WHEN v.is_unknown THEN 0 ELSE 1 END) AS votes, avg(CAST(v.probability AS DOUBLE)) AS probability
        FROM flows AS f JOIN activities AS a ON a.capture_sha256 = f.capture_sha256 AND a.src_ip = f.src_ip AND a.window_start = ${window}
          JOIN ${verdictRows} AS v ON v.flow_id = f.flow_id AND v.capture_sha256 = f.capture_sha256
        WHERE a.model = ${literal(model)} AND a.suspicious AND v.model = ${literal(model)} AND f.${isOneOf(captures)} AND v.label IS NOT NULL
        GROUP BY f.capture_sha256, f.src_ip, ${window}, v.label, f.dst_ip, f.dst_port) AS g) AS w
    WHERE label <> 'Normal' AND (${isPart(partLimits)} OR ${isPart(agreed)})
    ORDER BY ts_start, src_ip, dst_ip, dst_port, label`
  );
  return rows.map(([capture, src, at, label, dst, port, start, end, last, votes, probability]) => ({
    capture_sha256: String(capture),
    src_ip: String(src),
    window_start: Number(at),
    label: String(label),
    dst_ip: String(dst),
    dst_port: Number(port),
    ts_start: Number(start),
    ts_end: Number(end),
    lastStart: Number(last),
    flows: Number(votes),
    probability: Number(probability)
  }));
}

/** Rows of a table as objects: timestamps as µs since 1970. */
export async function rowsOf<R>(engine: QueryEngine, columns: readonly Column[], from: string): Promise<R[]> {
  const {rows} = await engine.query(`SELECT ${columns.map(({name}) => name).join(", ")} ${from}`);
  return rows.map(
    (row) =>
      Object.fromEntries(columns.map(({name, type}, k) => [name, type === "TIMESTAMP" ? Number(row[k]) : row[k]])) as R
  );
}

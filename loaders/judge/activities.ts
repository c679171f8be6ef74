import type {DuckDBConnection} from "@duckdb/node-api";
import {openEngine} from "../../capture/partitions/engine.ts";
import {partFiles, sealedParts} from "../../capture/partitions/layout.ts";
import {rowsToBatch} from "../../capture/partitions/rows-to-batch.ts";
import {writeTable} from "../../capture/partitions/write-table.ts";
import {type JudgedActivity, judgeActivities} from "../../models/activity/score.ts";
import type {Model} from "../../models/model.ts";
import {type ActivityRow, activityWindowUs} from "../../schema/activities.ts";
import {literal} from "../../schema/ddl.ts";
import {table} from "../../schema/tables.ts";
import {probabilityColumn, verdictClasses, verdictRows} from "../../schema/verdicts.ts";
import {connectionEngine} from "../lake/connection-engine.ts";
import {lakeViews} from "../lake/lake-views.ts";
import {isCurrentScore, scoredBy} from "../lake/scored-files.ts";
import {readNumberedFlows} from "./activity-flows.ts";
import {type CaptureParts, capturesOf} from "./notices.ts";
import type {JudgedFlows, ScoredFlows} from "./scored-flows.ts";

/** Flows read at once at most, unless a minute has more. */
const flowsAtOnce = 400_000;
/** Number of flows with verdicts that the file's captures had when it was written, by capture. */
const flowsKey = "flowbook.activity_flows";

/** What judging came to. */
export interface JudgedCaptures {
  readonly captures: number;
  readonly activities: number;
  readonly suspicious: number;
}

/**
 * Judges the activities of captures that have other verdicts of this model, or of an earlier generation of scoring, than when they were last judged, and writes
 * them: `activities/<part>.<model>.parquet` beside the first part of each capture, in place of what it had before.
 * Needs the verdicts of the model; without a model of activities it does nothing. `kept`: flows that were scored just
 * now; captures that are among them whole are not read from the lake again.
 */
export async function judgeNewActivities(
  lake: string,
  model: Model,
  clock: () => number,
  kept: ScoredFlows | null = null
): Promise<JudgedCaptures> {
  const result = {captures: 0, activities: 0, suspicious: 0};
  if (!model.activity || sealedParts(lake).length === 0) return result;
  const instance = await openEngine("1GB");
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    for (const statement of await lakeViews(connection, lake, {hasRollups: false})) await connection.run(statement);
    const scored = await scoredFlows(connection, model);
    const judged = await judgedFlows(connection, lake, model);
    const all = await capturesOf(connectionEngine(connection), lake);
    const stale = all.filter(({capture}) => (scored.get(capture) ?? 0) !== judged.get(capture));
    const homes = new Set(stale.map(({parts}) => parts[0]));
    // Captures that share a file are written together.
    const again = all.filter(({parts}) => homes.has(parts[0]));
    const whole = new Set(
      again.map(({capture}) => capture).filter((capture) => kept && kept.count(capture) === scored.get(capture))
    );
    const rows: ActivityRow[] =
      kept && whole.size > 0 ? await judgeFlows(kept.take(whole, model.classifier!.card.labels!.length), model) : [];
    const unkept = again.filter(({capture}) => !whole.has(capture));
    for (const slice of slices(unkept, scored)) rows.push(...(await judgeSlice(connection, slice, model)));
    for (const home of homes) {
      const own = again.filter(({parts}) => parts[0] === home);
      const hashes = new Set(own.map(({capture}) => capture));
      const counts = Object.fromEntries(own.map(({capture}) => [capture, scored.get(capture) ?? 0]));
      const batch = rowsToBatch(
        table("activities"),
        rows.filter((row) => hashes.has(row.capture_sha256))
      );
      const metadata = {...scoredBy(model.hash), [flowsKey]: JSON.stringify(counts)};
      await writeTable(lake, "activities", [batch], activityFile(home, model), metadata, clock());
    }
    result.captures = again.length;
    result.activities = rows.length;
    result.suspicious = rows.filter(({suspicious}) => suspicious).length;
    return result;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function activityFile(part: string, model: Model): string {
  return `${part}.${model.hash.slice(0, 16)}.parquet`;
}

/** Flows with a verdict of the model, by capture. */
async function scoredFlows(connection: DuckDBConnection, model: Model): Promise<Map<string, number>> {
  const result = await connection.run(
    `SELECT capture_sha256, count(*) FROM ${verdictRows} WHERE model = ${literal(model.hash)} GROUP BY ALL`
  );
  return new Map((await result.getRows()).map(([capture, flows]) => [String(capture), Number(flows)]));
}

/** Those that were judged before, by what files say of themselves. */
async function judgedFlows(connection: DuckDBConnection, lake: string, model: Model): Promise<Map<string, number>> {
  const files = partFiles(lake, "activities").filter(
    ({part, path}) => path.endsWith(activityFile(part, model)) && isCurrentScore(path)
  );
  if (files.length === 0) return new Map();
  const result = await connection.run(
    `SELECT decode(value) FROM parquet_kv_metadata([${files.map(({path}) => literal(path)).join(", ")}]) WHERE decode(key) = ${literal(flowsKey)}`
  );
  return new Map(
    (await result.getRows()).flatMap(([text]) => Object.entries(JSON.parse(String(text)) as Record<string, number>))
  );
}

interface Slice {
  readonly captures: readonly string[];
  /** µs since 1970; null for all times. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Captures put together up to so many flows; a large one alone. */
function slices(captures: readonly CaptureParts[], flows: ReadonlyMap<string, number>): Slice[] {
  const found: Slice[] = [];
  let [own, count] = [[] as string[], 0];
  const finish = () => {
    if (own.length > 0) found.push({captures: own, from: null, to: null});
    [own, count] = [[], 0];
  };
  for (const {capture} of captures) {
    const size = flows.get(capture) ?? 0;
    if (count + size > flowsAtOnce) finish();
    own.push(capture);
    count += size;
  }
  finish();
  return found;
}

async function judgeSlice(connection: DuckDBConnection, slice: Slice, model: Model): Promise<ActivityRow[]> {
  const rows: ActivityRow[] = [];
  for (const {captures, from, to} of await timed(connection, slice)) {
    const labels = model.classifier!.card.labels!;
    const columns = labels.map((label) => (isKept(label) ? probabilityColumn(label) : "CAST(NULL AS FLOAT)"));
    const own = `capture_sha256 IN (${captures.map(literal).join(", ")})`;
    const conditions = [
      own,
      ...(from === null ? [] : [`ts_start >= make_timestamp(${from})`]),
      ...(to === null ? [] : [`ts_start < make_timestamp(${to})`])
    ];
    const names = labels.map((_, k) => `p${k}`);
    // The id alone tells flows apart: it is a hash of the capture, too.
    const joined = `JOIN (SELECT flow_id, ${columns.map((column, k) => `${column} AS ${names[k]}`).join(", ")}
        FROM ${verdictRows} WHERE ${own} AND model = ${literal(model.hash)}) v USING (flow_id)`;
    const flows = `(SELECT * FROM flows WHERE ${conditions.join(" AND ")})`;
    const read = await readNumberedFlows(connection, {flows, joined, isOrdered: false}, names);
    rows.push(...(await judgeFlows({...read, probabilities: read.matrix}, model)));
  }
  return rows;
}

async function judgeFlows(judged: JudgedFlows, model: Model): Promise<ActivityRow[]> {
  const activities = await judgeActivities({...judged.flows, probabilities: judged.probabilities}, model);
  return activities.map((one) => activityRow(one, judged, model.hash));
}

const kept: ReadonlySet<string> = new Set(verdictClasses);

function isKept(label: string): boolean {
  return kept.has(label);
}

/** A slice in pieces of time where one capture has more flows than are read at once; windows stay whole. */
async function timed(connection: DuckDBConnection, slice: Slice): Promise<Slice[]> {
  if (slice.captures.length > 1) return [slice];
  const result = await connection.run(
    `SELECT CAST(floor(epoch_us(ts_start) / ${activityWindowUs}) AS BIGINT) AS w, count(*) FROM flows
     WHERE capture_sha256 = ${literal(slice.captures[0])} GROUP BY w ORDER BY w`
  );
  const pieces: Slice[] = [];
  let [from, count]: [number | null, number] = [null, 0];
  for (const [window, flows] of (await result.getRows()).map((row) => row.map(Number))) {
    const start = window * activityWindowUs;
    if (count + flows > flowsAtOnce && from !== null) {
      pieces.push({...slice, from, to: start});
      [from, count] = [start, 0];
    }
    from ??= start;
    count += flows;
  }
  return [...pieces, {...slice, from, to: null}];
}

function activityRow(
  one: JudgedActivity,
  {flows, capture, captures, addresses}: JudgedFlows,
  model: string
): ActivityRow {
  const [first] = one.rows;
  const only = (values: ArrayLike<number>) =>
    one.rows.every((row) => values[row] === values[first]) ? values[first] : null;
  const responder = only(flows.responder);
  let end = 0;
  for (const row of one.rows) end = Math.max(end, flows.start[row] + flows.durationUs[row]);
  return {
    capture_sha256: captures[capture[first]],
    model,
    window_start: one.windowStart,
    src_ip: addresses[one.source % addresses.length],
    ts_start: flows.start[first],
    ts_end: end,
    flows: BigInt(one.rows.length),
    dst_ip: responder === null ? null : addresses[responder],
    dst_port: only(flows.dstPort),
    score: one.score,
    suspicious: one.isSuspicious,
    class: one.name,
    class_probability: one.nameProbability,
    contributions: one.contributions === null ? null : JSON.stringify(one.contributions)
  };
}

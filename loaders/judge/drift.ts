import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {anomalyFeatures} from "../../models/anomaly/profile.ts";
import {readTrainingProfile} from "../../models/training-profile.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine, Value} from "../../schema/engine.ts";
import {fb1Columns} from "../../schema/features.ts";
import {type Drift, type DriftPast, type ExpectedShares, expectedOfDeciles} from "../../src/lib/drift.js";
import {openLake} from "../lake/duckdb.ts";
import {readProfileDeciles} from "./anomaly-store.ts";
import {defaultModels} from "./classify.ts";
import {currentModel} from "./current-model.ts";

/** Flows that are looked at, about; of more every second, third … one. */
const mostFlows = 200_000;
const mostStretches = 12;
/** Flows of a stretch at least: with fewer the index is noise. */
const leastOfStretch = 200;

interface Binned {
  readonly name: string;
  readonly edges: readonly number[];
  readonly expected: ExpectedShares;
}

/** Compares the lake that `FLOWBOOK_LAKE` names with what its model learnt from, and with its own past. */
export async function driftOfLake(models = defaultModels): Promise<Drift> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(["flows", "features", "verdicts", "incidents", "incident_flows"]));
  const engine = await openLake(lake, {timeoutMs: 240_000});
  try {
    return await driftOf(engine, lake, models);
  } finally {
    await engine.close();
  }
}

export async function driftOf(engine: QueryEngine, lake: string, models: string): Promise<Drift> {
  const {dialect} = engine;
  const pasts = [...trainingPast(models), ...ownPast(lake)];
  const model = await currentModel(engine);
  const none = {flows: 0, ofFlows: 0, stretches: [], pasts: []};
  if (pasts.length === 0 || model === null) return none;
  // The id alone tells flows apart: it is a hash of the capture, too.
  const judged = `FROM features AS r JOIN flows AS f ON f.flow_id = r.flow_id JOIN verdicts AS v ON v.flow_id = r.flow_id AND v.model = ${literal(model)}
    WHERE v.state IN ('normal', 'unusual')`;
  const [[all]] = (await engine.query(`SELECT count(*) ${judged}`)).rows;
  const ofFlows = Number(all);
  if (ofFlows === 0) return none;
  const every = Math.max(1, Math.ceil(ofFlows / mostFlows));
  const count = Math.max(1, Math.min(mostStretches, Math.floor(ofFlows / every / leastOfStretch)));
  const counts = pasts.flatMap(({features}) => features.flatMap(({name, edges}) => packedCounts(name, edges)));
  const names = [...new Set(pasts.flatMap(({features}) => features.map(({name}) => name)))];
  const {rows} =
    await engine.query(`WITH judged AS (SELECT f.ts_start, f.ts_end, ${names.map((name) => `r.${name}`).join(", ")}
    ${judged} AND r.flow_id % ${every} = 0),
  parted AS (SELECT *, ntile(${count}) OVER (ORDER BY ts_start) AS stretch FROM judged)
  SELECT ${dialect.epochUs("min(ts_start)")}, ${dialect.epochUs("max(ts_start)")}, count(*), ${counts.join(", ")} FROM parted GROUP BY stretch ORDER BY stretch`);
  const stretches = rows.map(([from, to, flows]) => ({from: Number(from), to: Number(to), flows: Number(flows)}));
  let column = 3;
  return {
    flows: stretches.reduce((sum, {flows}) => sum + flows, 0),
    ofFlows,
    stretches,
    pasts: pasts.map(
      ({name, origin, features}): DriftPast => ({
        name,
        origin,
        features: features.map((feature) => {
          const sums = Math.ceil(feature.edges.length / packed);
          const byTime = rows.map((row, k) => {
            const bins = unpacked(row.slice(column, column + sums), feature.edges.length);
            return [...bins, stretches[k].flows - bins.reduce((sum, flows) => sum + flows, 0)];
          });
          column += sums;
          return {
            ...feature,
            doc: docs.get(feature.name) ?? "",
            byTime,
            counts: feature.edges.concat(0).map((_, k) => byTime.reduce((sum, bins) => sum + bins[k], 0))
          };
        })
      })
    )
  };
}

/** Counts that are summed in one number, and their bits: of more flows than can be in one none are looked at. */
const [packed, packedBits] = [3, 20];

/**
 * SQL for how many values lie at or below each edge and above the one before, some counts in each sum: an aggregate for
 * each of some six hundred would cost ten times as much.
 */
function packedCounts(name: string, edges: readonly number[]): string[] {
  const value = `CAST(${name} AS DOUBLE)`;
  return Array.from({length: Math.ceil(edges.length / packed)}, (_, k) => {
    const from = k * packed;
    const below = from === 0 ? "" : ` WHEN ${value} <= ${edges[from - 1]} THEN 0`;
    const bins = edges
      .slice(from, from + packed)
      .map((edge, i) => ` WHEN ${value} <= ${edge} THEN ${2 ** (i * packedBits)}`);
    return `CAST(sum(CAST(CASE${below}${bins.join("")} ELSE 0 END AS BIGINT)) AS BIGINT)`;
  });
}

function unpacked(sums: readonly Value[], count: number): number[] {
  const bits = (k: number) => BigInt(sums[Math.floor(k / packed)] as bigint) >> BigInt((k % packed) * packedBits);
  return Array.from({length: count}, (_, k) => Number(BigInt.asUintN(packedBits, bits(k))));
}

const docs: ReadonlyMap<string, string> = new Map(fb1Columns.map(({name, doc}) => [name, doc]));

interface Past {
  readonly name: DriftPast["name"];
  readonly origin: string;
  readonly features: readonly Binned[];
}

function trainingPast(models: string): Past[] {
  const profile = readTrainingProfile(join(models, "spread/classifier.json"));
  if (!profile) return [];
  const features = profile.features
    .filter(({name}) => docs.has(name))
    .map(({name, edges, shares}) => ({name, edges, expected: {low: shares, high: shares}}));
  return [{name: "training", origin: profile.origin, features}];
}

function ownPast(lake: string): Past[] {
  const past = readProfileDeciles(lake);
  if (!past) return [];
  const {deciles, flows, captures, isOfItself} = past;
  const features = anomalyFeatures.map((name, k) => {
    const {edges, low, high} = expectedOfDeciles(deciles.slice(9 * k, 9 * (k + 1)));
    return {name, edges, expected: {low, high}};
  });
  const origin = `${flows.toLocaleString("en")} flows of ${captures.toLocaleString("en")} ${captures === 1 ? "capture" : "captures"} of this lake${isOfItself ? ", the first that it had" : ""}`;
  return [{name: "lake", origin, features}];
}

import type {DuckDBConnection} from "@duckdb/node-api";
import {openEngine} from "../../capture/partitions/engine.ts";
import {type PartFile, partFiles} from "../../capture/partitions/layout.ts";
import {anomalyFeatures, kindsOf, makeProfile, type ProfiledFlows} from "../../models/anomaly/profile.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import {numberColumns} from "../lake/number-columns.ts";
import {type AnomalySettings, anomalyDefaults} from "./anomaly-settings.ts";
import {closeProfile, keepProfile, type LakeProfile, profileSummary, readProfile} from "./anomaly-store.ts";

/** With fewer flows no share of 1 % can be told. */
const leastFlows = 500;
/** Flows that a profile is made of at most, drawn by their ids. */
const mostFlows = 20_000;
/** Ways to part wholes in two that are tried until both halves have about the same number of flows. */
const mostPartings = 16;
/** Captures that are parted as wholes, at least. */
const leastCaptures = 8;
const seed = 1;

/**
 * The profile that new parts are compared with: the lake's, or a new one where there is none, where other settings are
 * asked for (null: those it has), or where the past has twice the flows that it had. `unscored`: the parts to come; they
 * count as past only where nothing else is there. Null where there are too few flows to tell. Opened; the caller closes it.
 */
export async function profileFor(
  lake: string,
  unscored: ReadonlySet<string>,
  settings: AnomalySettings | null,
  clock: () => number
): Promise<LakeProfile | null> {
  const kept = await readProfile(lake);
  const {rate, baseline} = settings ?? kept ?? profileSummary(lake) ?? anomalyDefaults;
  const all = partFiles(lake, "features");
  const past = all.filter(({part}) => !unscored.has(part));
  const instance = await openEngine("512MB");
  const connection = await instance.connect();
  try {
    const pastFlows = await rowsOf(connection, past);
    const isSame = kept !== null && kept.rate === rate && kept.baseline === baseline;
    if (isSame && (baseline !== null || pastFlows < 2 * kept.lakeFlows)) return kept;
    const isOfItself = baseline === null && pastFlows < leastFlows;
    const sample = await readSample(connection, lake, isOfItself || baseline !== null ? all : past, baseline);
    if (sample.rows < leastFlows) return kept;
    const {partedBy, half} = parted(sample);
    const profile = await makeProfile(sample, half, seed);
    await closeProfile(kept);
    const {fitted, calibrated} = profile;
    const lakeFlows = isOfItself ? await rowsOf(connection, all) : pastFlows;
    const facts = {
      ...sample.facts,
      fitted,
      calibrated,
      lakeFlows,
      partedBy,
      isOfItself,
      rate,
      baseline,
      madeAt: clock()
    };
    return keepProfile(lake, facts, profile);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

interface Sample extends ProfiledFlows {
  readonly captures: Int32Array;
  readonly minutes: Float64Array;
  readonly flowIds: BigInt64Array;
  readonly facts: {readonly captures: number; readonly from: number; readonly to: number};
}

/** Draws flows of those parts by their ids, which are hashes: the same flows whatever files they lie in. */
async function readSample(
  connection: DuckDBConnection,
  lake: string,
  files: readonly PartFile[],
  baseline: string | null
): Promise<Sample> {
  const flows = partFiles(lake, "flows", [...new Set(files.map(({part}) => part))]);
  if (files.length === 0 || flows.length === 0) return emptySample();
  const [from, to] = baseline === null ? [null, null] : baseline.split("/");
  const inTime = [
    ...(from ? [`ts_start >= ${literal(from)}::TIMESTAMP`] : []),
    ...(to ? [`ts_start < ${literal(to)}::TIMESTAMP`] : [])
  ];
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE past AS SELECT flow_id, capture_sha256, ts_start, proto, service FROM ${scan(flows)}
     ${inTime.length > 0 ? `WHERE ${inTime.join(" AND ")}` : ""} QUALIFY row_number() OVER (ORDER BY flow_id & 4294967295, flow_id) <= ${mostFlows}`
  );
  const services = (
    await (await connection.run("SELECT DISTINCT service FROM past WHERE service IS NOT NULL ORDER BY 1")).getRows()
  ).map(([service]) => String(service));
  const read = await numberColumns(
    connection,
    `SELECT flow_id, CAST(dense_rank() OVER (ORDER BY capture_sha256) AS INTEGER) AS capture, CAST(epoch_us(ts_start) AS DOUBLE) AS start,
       CAST(proto AS INTEGER) AS proto, CAST(coalesce(list_position([${services.map(literal).join(", ")}]::VARCHAR[], service), 0) - 1 AS INTEGER) AS service, ${anomalyFeatures.map(quoted).join(", ")}
     FROM ${scan(files)} JOIN past USING (flow_id, capture_sha256) ORDER BY flow_id`,
    {
      flow_id: "BIGINT",
      capture: "INTEGER",
      start: "DOUBLE",
      proto: "INTEGER",
      service: "INTEGER",
      ...(Object.fromEntries(anomalyFeatures.map((name) => [name, "FLOAT"])) as Record<
        (typeof anomalyFeatures)[number],
        "FLOAT"
      >)
    }
  );
  const {rows} = read;
  const matrix = new Float32Array(rows * anomalyFeatures.length);
  for (const [k, name] of anomalyFeatures.entries())
    for (let i = 0; i < rows; i++) matrix[i * anomalyFeatures.length + k] = read[name][i];
  const span = {from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY};
  for (const start of read.start) Object.assign(span, {from: Math.min(span.from, start), to: Math.max(span.to, start)});
  return {
    rows,
    matrix,
    ...kindsOf({rows, matrix, protocols: read.proto, services: {codes: read.service, values: services}}),
    captures: read.capture,
    minutes: read.start.map((start) => Math.floor(start / 60e6)),
    flowIds: read.flow_id,
    facts: {captures: read.capture.reduce((most, one) => Math.max(most, one), 0), ...span}
  };
}

function emptySample(): Sample {
  const none = {rows: 0, matrix: new Float32Array(0), kinds: new Int32Array(0), kindNames: []};
  return {
    ...none,
    captures: new Int32Array(0),
    minutes: new Float64Array(0),
    flowIds: new BigInt64Array(0),
    facts: {captures: 0, from: 0, to: 0}
  };
}

/** Parts flows into two halves: what belongs together (a capture, else a minute of it) is not torn apart where there is enough. */
function parted({rows, captures, minutes, flowIds, facts}: Sample): {
  partedBy: LakeProfile["partedBy"];
  half: Uint8Array;
} {
  const by = (partedBy: LakeProfile["partedBy"], key: (row: number) => number) =>
    Array.from({length: mostPartings}, (_, way) => ({
      partedBy,
      half: Uint8Array.from({length: rows}, (_, row) => mixed(key(row) + way * 2 ** 45) & 1)
    }));
  const choices = [
    ...(facts.captures >= leastCaptures ? by("captures", (row) => captures[row]) : []),
    ...by("minutes", (row) => captures[row] * 1e8 + minutes[row])
  ];
  const isEven = ({half}: {half: Uint8Array}) => {
    const share = half.reduce((sum, side) => sum + side, 0) / rows;
    return share > 0.3 && share < 0.7;
  };
  const [flows] = by("flows", (row) => Number(BigInt.asUintN(32, flowIds[row] >> 8n)));
  return choices.find(isEven) ?? flows;
}

/** Bits that differ for numbers that hardly do. */
function mixed(value: number): number {
  let bits = Math.imul((value | 0) ^ ((value / 4_294_967_296) | 0), 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  return (bits ^ (bits >>> 13)) >>> 0;
}

async function rowsOf(connection: DuckDBConnection, files: readonly PartFile[]): Promise<number> {
  if (files.length === 0) return 0;
  const result = await connection.run(`SELECT COUNT(*) FROM ${scan(files)}`);
  return Number((await result.getRows())[0][0]);
}

function scan(files: readonly PartFile[]): string {
  return `read_parquet([${files.map(({path}) => literal(path)).join(", ")}], hive_partitioning = false)`;
}

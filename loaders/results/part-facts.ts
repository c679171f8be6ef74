import {mkdirSync, renameSync, statSync, writeFileSync} from "node:fs";
import {basename, dirname, join} from "node:path";
import {type PartFile, partFiles, sealedParts} from "../../capture/partitions/layout.ts";
import {readSmallFile, stateBytes} from "../../capture/partitions/small-file.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine, Value} from "../../schema/engine.ts";
import {supersededCaptures} from "../lake/lake-views.ts";
import {resultsFolder} from "./freshness-ledger.ts";

/** What a lake's files of flows and verdicts say in sum. */
export interface LakeFacts {
  /** Flows of all captures. */
  readonly flows: number;
  /** From the first to the last packet of all flows, µs since 1970; null without flows. */
  readonly span: {readonly from: number; readonly to: number} | null;
  readonly models: Readonly<Record<string, ModelFacts>>;
}

/** What a model said of the flows. */
export interface ModelFacts {
  readonly verdicts: number;
  readonly labels: readonly string[];
  /** The highest score that is not anomalous, and the lowest that is; null where no flow has one. */
  readonly below: number | null;
  readonly above: number | null;
}

/** Of a file the rows of each capture. */
interface FlowsOfCapture {
  readonly flows: number;
  readonly from: number;
  readonly to: number;
}

/** By capture; of verdicts by capture and model. */
type FileFacts = Readonly<Record<string, FlowsOfCapture | Readonly<Record<string, ModelFacts>>>>;

interface Known {
  /** By table, name, size and time of a file. */
  readonly files: Readonly<Record<string, FileFacts>>;
}

/**
 * Sums up a lake file by file. A sealed file never changes, so each is read once, and what was found of it is kept beside
 * the results: to read all flows at each seal would take longer with every day. Captures that were imported again or forgotten
 * do not count. Throws where a file cannot be read.
 */
export async function lakeFacts(engine: QueryEngine, lake: string): Promise<LakeFacts> {
  const parts = sealedParts(lake);
  const files = {flows: partFiles(lake, "flows", parts), verdicts: partFiles(lake, "verdicts", parts)};
  const old = readKnown(lake);
  const known: Record<string, FileFacts> = {};
  for (const table of ["flows", "verdicts"] as const) {
    const missing: PartFile[] = [];
    for (const file of files[table]) {
      const facts = old.files[keyOf(table, file)];
      if (facts) known[keyOf(table, file)] = facts;
      else missing.push(file);
    }
    const found = missing.length === 0 ? new Map() : await factsOf[table](engine, missing);
    for (const file of missing) known[keyOf(table, file)] = found.get(basename(file.path)) ?? {};
  }
  if (Object.keys(known).join() !== Object.keys(old.files).join()) writeKnown(lake, {files: known});
  const rows = async (sql: string) => (await engine.query(sql)).rows;
  const superseded = await supersededCaptures(rows, lake, partFiles(lake, "captures", parts));
  const isCounted = (part: string, capture: string) => !superseded.get(part)?.includes(capture);
  const counted = files.flows.flatMap((file) =>
    Object.entries(known[keyOf("flows", file)] as Record<string, FlowsOfCapture>).flatMap(([capture, facts]) =>
      isCounted(file.part, capture) ? facts : []
    )
  );
  const ends = counted.reduce(({from, to}, own) => ({from: Math.min(from, own.from), to: Math.max(to, own.to)}), {
    from: Number.POSITIVE_INFINITY,
    to: Number.NEGATIVE_INFINITY
  });
  const models: Record<string, ModelFacts> = {};
  for (const file of files.verdicts)
    for (const [capture, said] of Object.entries(known[keyOf("verdicts", file)]))
      if (isCounted(file.part, capture))
        for (const [model, facts] of Object.entries(said as Readonly<Record<string, ModelFacts>>))
          models[model] = models[model] ? together(models[model], facts) : facts;
  const flows = counted.reduce((sum, own) => sum + own.flows, 0);
  return {flows, span: flows === 0 ? null : ends, models};
}

/** The model whose verdicts are shown, as `currentModel` tells it. */
export function modelOf({models}: LakeFacts, own: string): string | null {
  if (Object.hasOwn(models, own)) return own;
  const most = Object.entries(models).sort(([a, x], [b, y]) => y.verdicts - x.verdicts || (a < b ? -1 : 1));
  return most[0]?.[0] ?? null;
}

function together(one: ModelFacts, other: ModelFacts): ModelFacts {
  const known = (pick: (...values: number[]) => number, ...values: (number | null)[]) => {
    const numbers = values.filter((value) => value !== null);
    return numbers.length > 0 ? pick(...numbers) : null;
  };
  return {
    verdicts: one.verdicts + other.verdicts,
    labels: [...new Set([...one.labels, ...other.labels])].sort(),
    below: known(Math.max, one.below, other.below),
    above: known(Math.min, one.above, other.above)
  };
}

const numberOf = (value: Value) => (value === null ? null : Number(value));

const scanOf = (files: readonly PartFile[]) =>
  `read_parquet([${files.map(({path}) => literal(path)).join(", ")}], filename = true, hive_partitioning = false)`;

/** Facts of files that are not known yet, by the name of each. */
const factsOf = {
  async flows(engine: QueryEngine, files: readonly PartFile[]): Promise<Map<string, FileFacts>> {
    const start = engine.dialect.epochUs("ts_start");
    const {rows} = await engine.query(
      `SELECT parse_filename(filename), capture_sha256, COUNT(*), MIN(${start}), MAX(${start} + duration_us) FROM ${scanOf(files)} GROUP BY ALL`
    );
    const found = new Map<string, Record<string, FlowsOfCapture>>();
    for (const [file, capture, flows, from, to] of rows)
      inFile(found, file)[String(capture)] = {flows: Number(flows), from: Number(from), to: Number(to)};
    return found;
  },
  async verdicts(engine: QueryEngine, files: readonly PartFile[]): Promise<Map<string, FileFacts>> {
    const {rows} = await engine.query(
      `SELECT parse_filename(filename), capture_sha256, model, COUNT(*), to_json(list(DISTINCT label) FILTER (label IS NOT NULL)),
        MAX(anomaly_score) FILTER (NOT is_anomaly), MIN(anomaly_score) FILTER (is_anomaly) FROM ${scanOf(files)} GROUP BY parse_filename(filename), capture_sha256, model`
    );
    const found = new Map<string, Record<string, Record<string, ModelFacts>>>();
    for (const [file, capture, model, verdicts, labels, below, above] of rows) {
      const ofFile = inFile(found, file);
      ofFile[String(capture)] = {
        ...ofFile[String(capture)],
        [String(model)]: {
          verdicts: Number(verdicts),
          labels: labels === null ? [] : (JSON.parse(String(labels)) as string[]).sort(),
          below: numberOf(below),
          above: numberOf(above)
        }
      };
    }
    return found;
  }
};

function inFile<T>(found: Map<string, Record<string, T>>, file: Value): Record<string, T> {
  const name = String(file);
  const own = found.get(name) ?? {};
  found.set(name, own);
  return own;
}

function keyOf(table: string, {path}: PartFile): string {
  const {size, mtimeMs} = statSync(path);
  return `${table}/${basename(path)} ${size} ${mtimeMs}`;
}

const factsFile = (lake: string) => join(resultsFolder(lake), "part-facts.json");

function readKnown(lake: string): Known {
  try {
    const known = JSON.parse(readSmallFile(factsFile(lake), 4 * stateBytes)) as Known;
    return typeof known.files === "object" && known.files !== null ? known : {files: {}};
  } catch {
    return {files: {}};
  }
}

/** Where it cannot be written, all is read again the next time. */
function writeKnown(lake: string, known: Known): void {
  const path = factsFile(lake);
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700});
    writeFileSync(`${path}.${process.pid}.tmp`, JSON.stringify(known), {mode: 0o600});
    renameSync(`${path}.${process.pid}.tmp`, path);
  } catch {
    // The lake is to be read alone.
  }
}

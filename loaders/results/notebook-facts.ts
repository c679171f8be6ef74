import {createHash} from "node:crypto";
import {statSync, writeFileSync} from "node:fs";
import {basename, join, resolve, sep} from "node:path";
import {partFiles, partOf, sealedParts} from "../../capture/partitions/layout.ts";
import {capturesIn, lakeDamage} from "../../capture/partitions/lost-files.ts";
import {loadModel} from "../../models/model.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {tables} from "../../schema/tables.ts";
import {verdictRows} from "../../schema/verdicts.ts";
import {profileSummary} from "../judge/anomaly-store.ts";
import {defaultModels} from "../judge/classify.ts";
import {currentModel} from "../judge/current-model.ts";
import {openLake} from "../lake/duckdb.ts";
import {demoFolder, demoHashes} from "./demo-captures.ts";
import {damageInput} from "./freshness-inputs.ts";
import {lakeFacts, modelOf} from "./part-facts.ts";

/** What the pages have to know besides their tables. */
export interface NotebookFacts {
  /** Hash of the model whose verdicts are shown; null where no flow was scored. */
  readonly model: string | null;
  /** Why the project's own model cannot score; null where it can. */
  readonly modelProblem: string | null;
  /** Anomaly score above which that model calls a flow anomalous; null where it is not known here. */
  readonly anomalyThreshold: number | null;
  /** The past that flows are compared with; null where the lake has none. */
  readonly anomaly: ReturnType<typeof profileSummary>;
  /** Flows of all captures. */
  readonly flows: number;
  /** From the first to just after the last packet of all flows, µs since 1970; null without flows. */
  readonly span: {readonly from: number; readonly to: number} | null;
  /** Classes that the model gave flows. */
  readonly classes: number;
  /** Differs where tables that pages ask do: what a page remembers of another version counts no more. */
  readonly version: string;
  /** SHA-256 of the captures that come with the project. */
  readonly demo: readonly string[];
  /** Files of the lake that are left out, and the paths of the captures whose rows were in them, where known. */
  readonly damage: readonly DamagedFile[];
}

export interface DamagedFile {
  /** `<table>/<name>`. */
  readonly file: string;
  readonly problem: string;
  readonly captures: readonly string[];
}

/** The tables that pages ask. */
const asked = tables.map(({name}) => name).filter((name) => name !== "features");

const project = resolve(import.meta.dirname, "../..");

/** Reads the facts of the lake that `FLOWBOOK_LAKE` names, of a folder of models, and of a folder of demo captures. */
export async function notebookFacts(models = defaultModels, demo = demoFolder): Promise<NotebookFacts> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify([...asked, damageInput]));
  const engine = await openLake(lake, {hasRollups: false});
  const {model: own, problem} = await loadModel(models);
  try {
    const {model, flows, span, classes, threshold} = await shownOf(engine, lake);
    return {
      model,
      // Where the project lies is nobody's business who reads a shared page.
      modelProblem: problem?.message.replaceAll(project + sep, "") ?? null,
      anomaly: profileSummary(lake),
      anomalyThreshold: (own?.hash === model ? own?.anomaly?.card.thresholds.anomaly : null) ?? threshold,
      flows,
      span,
      classes,
      version: versionOf(lake),
      demo: demoHashes(demo),
      damage: await damagedFiles(lake, engine)
    };
  } finally {
    await own?.close();
    await engine.close();
  }
}

interface Shown extends Pick<NotebookFacts, "model" | "flows" | "span" | "classes"> {
  /** Between the highest score that is not anomalous and the lowest that is; null without an anomaly. */
  readonly threshold: number | null;
}

async function shownOf(engine: QueryEngine, lake: string): Promise<Shown> {
  const facts = await lakeFacts(engine, lake).catch(() => null);
  const model = facts ? modelOf(facts, process.env.FLOWBOOK_MODEL ?? "") : await currentModel(engine);
  const {flows, span, said} = facts ? {...facts, said: facts.models[model ?? ""]} : await readWhole(engine, model);
  const {labels = [], below = null, above = null} = said ?? {};
  return {
    model,
    flows,
    span: span && {from: span.from, to: span.to + 1},
    classes: labels.length,
    threshold: above === null ? null : below === null ? above : (above + below) / 2
  };
}

/** As {@link lakeFacts}, through the views, which leave out what is damaged and fill in columns that older files lack. */
async function readWhole(engine: QueryEngine, model: string | null) {
  const start = engine.dialect.epochUs("ts_start");
  const whole = await engine.query(`SELECT COUNT(*), MIN(${start}), MAX(${start} + duration_us) FROM flows`);
  const [flows, from, to] = whole.rows[0];
  const of = `FROM ${verdictRows} WHERE model = ?`;
  const labels = await engine.query(`SELECT DISTINCT label ${of} AND label IS NOT NULL`, [model ?? ""]);
  const scores = await engine.query(
    `SELECT MAX(anomaly_score) FILTER (WHERE NOT is_anomaly), MIN(anomaly_score) FILTER (WHERE is_anomaly) ${of}`,
    [model ?? ""]
  );
  const [below, above] = scores.rows[0].map((score) => (score === null ? null : Number(score)));
  return {
    flows: Number(flows),
    span: from === null ? null : {from: Number(from), to: Number(to)},
    said: {labels: labels.rows.map(([label]) => String(label)), below, above}
  };
}

/** A hash of the names of all sealed files: a file never changes once it is sealed. */
function versionOf(lake: string): string {
  const parts = sealedParts(lake);
  const hash = createHash("sha256");
  for (const name of asked)
    for (const {path} of partFiles(lake, name, parts))
      hash.update(`${name}/${basename(path)} ${statSync(path).size}\n`);
  return hash.digest("hex").slice(0, 16);
}

async function damagedFiles(lake: string, engine: QueryEngine): Promise<DamagedFile[]> {
  const damage = lakeDamage(lake);
  if (damage.length === 0) return [];
  const {rows} = await engine.query("SELECT capture_sha256, path FROM captures");
  const paths = new Map(rows.map(([sha256, path]) => [String(sha256), String(path)]));
  return damage.map(({table, file, problem}) => ({
    file: `${table}/${file}`,
    problem: problem.replaceAll(join(lake, "/"), ""),
    captures: capturesIn(lake, partOf(file)).map((sha256) => paths.get(sha256) ?? `${sha256.slice(0, 12)}…`)
  }));
}

import {writeFileSync} from "node:fs";
import {join, resolve, sep} from "node:path";
import {partOf} from "../../capture/partitions/layout.ts";
import {capturesIn, lakeDamage} from "../../capture/partitions/lost-files.ts";
import {loadModel} from "../../models/model.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {defaultModels} from "../judge/classify.ts";
import {currentModel} from "../judge/current-model.ts";
import {openLake} from "../lake/duckdb.ts";
import {demoFolder, demoHashes} from "./demo-captures.ts";
import {damageInput} from "./freshness-inputs.ts";

/** What the pages have to know besides their tables. */
export interface NotebookFacts {
  /** Hash of the model whose verdicts are shown; null where no flow was scored. */
  readonly model: string | null;
  /** Why the project's own model cannot score; null where it can. */
  readonly modelProblem: string | null;
  /** Anomaly score above which that model calls a flow anomalous; null where it is not known here. */
  readonly anomalyThreshold: number | null;
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

const project = resolve(import.meta.dirname, "../..");

/** Reads the facts of the lake that `FLOWBOOK_LAKE` names, of a folder of models, and of a folder of demo captures. */
export async function notebookFacts(models = defaultModels, demo = demoFolder): Promise<NotebookFacts> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(["verdicts", damageInput]));
  const engine = await openLake(lake);
  const {model: own, problem} = await loadModel(models);
  try {
    const model = await currentModel(engine);
    return {
      model,
      // Where the project lies is nobody's business who reads a shared page.
      modelProblem: problem?.message.replaceAll(project + sep, "") ?? null,
      anomalyThreshold: own?.hash === model ? (own?.anomaly?.card.thresholds.anomaly ?? null) : null,
      demo: demoHashes(demo),
      damage: await damagedFiles(lake, engine)
    };
  } finally {
    await own?.close();
    await engine.close();
  }
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

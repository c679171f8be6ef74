import {existsSync, readdirSync, writeFileSync} from "node:fs";
import {join, resolve, sep} from "node:path";
import {loadModel} from "../../models/model.ts";
import {defaultModels} from "../judge/classify.ts";
import {currentModel} from "../judge/current-model.ts";
import {openLake} from "../lake/duckdb.ts";
import {fileHash} from "./freshness-inputs.ts";

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
}

const project = resolve(import.meta.dirname, "../..");

/** Reads the facts of the lake that `FLOWBOOK_LAKE` names, of a folder of models, and of a folder of demo captures. */
export async function notebookFacts(models = defaultModels, demo = join(project, "data/demo")): Promise<NotebookFacts> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(["verdicts"]));
  const engine = await openLake(lake);
  const {model: own, problem} = await loadModel(models);
  try {
    const model = await currentModel(engine);
    return {
      model,
      // Where the project lies is nobody's business who reads a shared page.
      modelProblem: problem?.message.replaceAll(project + sep, "") ?? null,
      anomalyThreshold: own?.hash === model ? (own?.anomaly?.card.thresholds.anomaly ?? null) : null,
      demo: await demoCaptures(demo)
    };
  } finally {
    await own?.close();
    await engine.close();
  }
}

async function demoCaptures(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const captures = readdirSync(folder).filter((name) => /\.pcap(ng)?(\.gz|\.zst)?$/.test(name));
  return Promise.all(captures.sort().map((name) => fileHash(join(folder, name))));
}

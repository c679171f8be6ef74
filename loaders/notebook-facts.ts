import {existsSync, readdirSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {currentModel} from "./current-model.ts";
import {openLake} from "./duckdb.ts";
import {fileHash} from "./freshness-inputs.ts";

/** What the pages have to know besides their tables. */
export interface NotebookFacts {
  /** Hash of the model whose verdicts are shown; null where no flow was scored. */
  readonly model: string | null;
  /** SHA-256 of the captures that come with the project. */
  readonly demo: readonly string[];
}

/** Reads the facts of the lake that `FLOWBOOK_LAKE` names, and of the demo captures in `data/demo`. */
export async function notebookFacts(project = join(import.meta.dirname, "..")): Promise<NotebookFacts> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(["verdicts"]));
  const engine = await openLake(lake);
  try {
    return {model: await currentModel(engine), demo: await demoCaptures(join(project, "data/demo"))};
  } finally {
    await engine.close();
  }
}

async function demoCaptures(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const captures = readdirSync(folder).filter((name) => /\.pcap(ng)?(\.gz|\.zst)?$/.test(name));
  return Promise.all(captures.sort().map((name) => fileHash(join(folder, name))));
}

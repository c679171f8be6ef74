import {readFileSync, rmSync} from "node:fs";
import {join} from "node:path";
import {resultsFolder} from "../loaders/results/freshness-ledger.ts";
import {runLoader} from "../loaders/results/freshness-run.ts";
import {projectModel} from "../loaders/results/freshness-scoring.ts";
import type {askedResults} from "../loaders/results/page-data.ts";
import {stampOf, watchedFolders} from "./watch.ts";

/** A result's JSON, or why there is none. */
export type AskedResult = {readonly json: string} | {readonly error: string};

export interface AskedResultsOptions {
  readonly lake: string;
  readonly project: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Name of a result that is made when a page asks for it. */
export type AskedName = (typeof askedResults)[number];

/**
 * Results that a server makes when a page asks for them, and not at each seal of a part: each by the loader that makes it for
 * a static site, in a process of its own. One that was made is kept until the lake or the models change.
 */
export class AskedResults {
  private readonly kept = new Map<
    AskedName,
    {readonly stamp: string; readonly made: Promise<AskedResult>; isMade: boolean}
  >();
  private last: Promise<unknown> = Promise.resolve();
  private readonly abort = new AbortController();
  private readonly options: AskedResultsOptions;

  constructor(options: AskedResultsOptions) {
    this.options = options;
  }

  /** `anew`: looks again though nothing changed in the lake; who asks while that is under way waits for the same answer. */
  get(name: AskedName, anew = false): Promise<AskedResult> {
    const {lake, project} = this.options;
    const stamp = stampOf(watchedFolders(lake, project));
    const kept = this.kept.get(name);
    if (kept && kept.stamp === stamp && !(anew && kept.isMade)) return kept.made;
    // One after the other: each reads much of the lake.
    const made = this.last.then(() => this.make(name));
    this.last = made;
    const own = {stamp, made, isMade: false};
    this.kept.set(name, own);
    void made.then((result) => {
      own.isMade = true;
      // What failed is tried again when it is next asked for.
      if ("error" in result && this.kept.get(name) === own) this.kept.delete(name);
    });
    return made;
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.last;
  }

  private async make(name: AskedName): Promise<AskedResult> {
    const {lake, project, settings} = this.options;
    const result = await runLoader({
      lake,
      project,
      file: `src/data/${name}.json.ts`,
      path: join(resultsFolder(lake), "asked", `${name}.json`),
      // What stays on this machine is said to its readers, and not in a static site.
      settings: {...settings, served: true},
      model: projectModel(project),
      signal: this.abort.signal
    });
    if ("error" in result) return result;
    try {
      return {json: readFileSync(result.staged, "utf8")};
    } finally {
      rmSync(result.staged, {force: true});
    }
  }
}

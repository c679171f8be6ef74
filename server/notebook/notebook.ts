import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import type {Config} from "@observablehq/framework/dist/config.js";
import {waitForLock} from "../../capture/partitions/lock.ts";
import {registerTypeScript} from "../../scripts/typescript.js";
import {lockPath} from "../../scripts/working-copy.js";
import {stampOf} from "../watch.ts";
import {readConfig} from "./framework-modules.ts";
import {LakeResults} from "./lake-results.ts";
import {readModules} from "./module-graph.ts";

/** Framework's configuration of the notebook, with its data taken from a lake. */
export interface NotebookConfig extends Config {
  loaders: LakeResults;
  /** Folder that holds node_modules. */
  project: string;
  head: string;
}

/** By this element in its head a page knows that a server answers `/api`; a static site has none. */
const servedMark = '<meta name="flowbook-server" content="1">';

/**
 * Reads the notebook's configuration for a lake. Loaders that Framework runs itself find the lake in `FLOWBOOK_LAKE`.
 */
export async function openNotebook(project: string, lake: string, isServed = false): Promise<NotebookConfig> {
  process.env.FLOWBOOK_LAKE = lake;
  // The configuration is TypeScript, whoever runs this.
  await registerTypeScript();
  const config = await readConfig(join(project, "observablehq.config.ts"));
  const head = config.head.replace(servedMark, "") + (isServed ? servedMark : "");
  return Object.assign(config, {head, project, loaders: new LakeResults(lake, config.loaders, isServed)});
}

const longestWaitMs = 300_000;

/** Holds Framework's cache of modules, which processes share, for as long as the work fills it. */
export async function withModuleCache<T>(config: Config, work: () => Promise<T>): Promise<T> {
  const cache = cacheOf(config);
  mkdirSync(cache, {recursive: true});
  const release = await waitForLock(join(cache, "lock"), longestWaitMs);
  try {
    return await work();
  } finally {
    release();
  }
}

/** The results that a page needs, by name; null where nobody can tell. See `LakeResults.resultsOf`. */
export function resultsOf(config: NotebookConfig, page: string): Promise<ReadonlySet<string> | null> {
  return withModuleCache(config, () => config.loaders.resultsOf(`/${page}`, config));
}

/**
 * Fills the cache with the modules of every page, so that the first visitor does not wait for them. A cache that was filled
 * from the same pages, modules and packages has them: then Overview alone is read, which warms up what reads pages.
 */
export async function prepareModules(config: NotebookConfig): Promise<void> {
  // The first page that imports them would have Framework read all of them at once, and every other reader wait.
  await readModules(config.root);
  await withModuleCache(config, async () => {
    const mark = join(cacheOf(config), "prepared");
    const stamp = createHash("sha256")
      .update(readFileSync(lockPath(config.project)))
      .update(stampOf([config.root]))
      .digest("hex");
    const isFilled = existsSync(mark) && readFileSync(mark, "utf8") === stamp;
    let isWhole = true;
    // A page that does not parse is shown with its error when it is asked for.
    for await (const path of isFilled ? ["/index"] : config.paths())
      isWhole = (await config.loaders.loadPage(path, {...config, path}).catch(() => null))?.problem === null && isWhole;
    if (!isFilled && isWhole) writeFileSync(mark, stamp);
  });
}

const cacheOf = ({root}: Config) => join(root, ".observablehq/cache");

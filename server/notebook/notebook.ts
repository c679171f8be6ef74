import {existsSync, mkdirSync, readdirSync} from "node:fs";
import {join, sep} from "node:path";
import {setImmediate} from "node:timers/promises";
import type {Config} from "@observablehq/framework/dist/config.js";
import {waitForLock} from "../../capture/partitions/lock.ts";
import {registerTypeScript} from "../../scripts/typescript.js";
import {getModuleInfo, readConfig} from "./framework-modules.ts";
import {LakeResults} from "./lake-results.ts";

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
  const cache = join(config.root, ".observablehq/cache");
  mkdirSync(cache, {recursive: true});
  const release = await waitForLock(join(cache, "lock"), longestWaitMs);
  try {
    return await work();
  } finally {
    release();
  }
}

/** Fills the cache with the modules of every page, so that the first visitor does not wait for them. */
export async function prepareModules(config: NotebookConfig): Promise<void> {
  await readModules(config.root);
  await withModuleCache(config, async () => {
    // A page that does not parse is shown with its error when it is asked for.
    for await (const path of config.paths())
      await config.loaders.loadPage(path, {...config, path}).catch(() => undefined);
  });
}

/**
 * Has Framework read the notebook's modules, each in a turn of its own: the first page that imports them would have it read
 * all of them at once, and every other reader wait.
 */
async function readModules(root: string): Promise<void> {
  for (const folder of ["components", "lib"].filter((name) => existsSync(join(root, name))))
    for (const path of readdirSync(join(root, folder), {recursive: true, encoding: "utf8"}))
      if (/\.[jt]s$/.test(path)) {
        getModuleInfo(root, `${folder}/${path.split(sep).join("/").replace(/ts$/, "js")}`);
        await setImmediate();
      }
}

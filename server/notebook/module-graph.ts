import {existsSync, readdirSync} from "node:fs";
import {join, posix, sep} from "node:path";
import {setImmediate} from "node:timers/promises";
import {getModuleInfo} from "./framework-modules.ts";

/** A module of the notebook; paths are those that pages import, from the pages' folder. */
export interface Module {
  readonly path: string;
  readonly hash: string;
  /** Data that it loads. */
  readonly files: readonly string[];
  /** What it imports at once. */
  readonly imports: readonly string[];
  /** It imports other packages than charts need. */
  readonly standsAlone: boolean;
}

/** Packages that every page of charts loads. */
export const usualPackages: ReadonlySet<string> = new Set(["npm:d3", "npm:@observablehq/plot", "observablehq:stdlib"]);

/** Paths of the modules below the pages' folder, as pages import them; each is read in a turn of its own. */
export async function readModules(root: string): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of ["components", "lib"].filter((name) => existsSync(join(root, name))))
    for (const name of readdirSync(join(root, folder), {recursive: true, encoding: "utf8"}).sort())
      if (/(?<!\.d)\.[jt]s$/.test(name)) {
        const path = `/${folder}/${name.split(sep).join("/").replace(/ts$/, "js")}`;
        getModuleInfo(root, path);
        paths.push(path);
        await setImmediate();
      }
  return paths;
}

/** Null where it cannot be read. */
export function describeModule(root: string, path: string): Module | null {
  const info = getModuleInfo(root, path);
  if (!info) return null;
  const resolve = (name: string) => posix.join(posix.dirname(path), name);
  const others = [...info.globalStaticImports, ...info.globalDynamicImports];
  return {
    path,
    hash: info.hash,
    files: [...info.files].map(resolve),
    imports: [...info.localStaticImports].map(resolve),
    standsAlone: others.some((name) => !usualPackages.has(name))
  };
}

/** The modules that are `isIt`, and those that import one, directly or not; what is imported when it is wanted does not count. */
export function reaching(modules: ReadonlyMap<string, Module>, isIt: (module: Module) => boolean): ReadonlySet<string> {
  const reached = new Set([...modules.values()].filter(isIt).map(({path}) => path));
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const {path, imports} of modules.values())
      if (imports.some((name) => reached.has(name) || !modules.has(name))) reached.add(path);
  }
  return reached;
}

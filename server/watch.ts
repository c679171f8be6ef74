import {readdirSync, statSync} from "node:fs";
import {join} from "node:path";
import {tables} from "../schema/tables.ts";

/**
 * The folders that results are made from, beside packages and settings, which do not change while a server runs: of the
 * lake the tables alone, since the ring of raw packets (`packets/`) changes with every packet of a live capture.
 */
export function watchedFolders(lake: string, project: string): readonly string[] {
  return [
    ...tables.map(({name}) => join(lake, name)),
    ...["src/data", "src/lib", "loaders", "models", "schema"].map((folder) => join(project, folder))
  ];
}

/** Sizes and times of the files below some folders, as one text: a cheap sign that it is worth asking for their content. */
export function stampOf(folders: readonly string[]): string {
  return folders
    .flatMap((folder) => filesIn(folder).map(stampOfFile))
    .sort()
    .join("\n");
}

/**
 * Calls `changed` once the stamp differs from the last one that was seen and has been the same for one interval, so that
 * files that are still being written do not count. Returns the function that ends it.
 */
export function watchStamp(stamp: () => string, everyMs: number, changed: () => void): () => void {
  let settled = stamp();
  let last = settled;
  const timer = setInterval(() => {
    const now = stamp();
    if (now === last && now !== settled) {
      settled = now;
      changed();
    }
    last = now;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Links to folders that are followed one within another, at most: enough for ours, and an end where they lead in circles. */
const mostLinks = 3;

/**
 * Files below a folder, also behind links: the pages of a notebook folder are linked into its project. Hidden folders, such
 * as a lake's results or a virtual environment, are left out.
 */
function filesIn(folder: string, links = 0): string[] {
  try {
    return readdirSync(folder, {withFileTypes: true})
      .filter((entry) => !entry.name.startsWith("."))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return filesIn(path, links);
        const isLinked = entry.isSymbolicLink() && links < mostLinks && isFolder(path);
        return isLinked ? filesIn(path, links + 1) : [path];
      });
  } catch {
    // It went away meanwhile, or is not there yet.
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;
}

function stampOfFile(path: string): string {
  const stat = statSync(path, {throwIfNoEntry: false});
  return stat?.isFile() ? `${path} ${stat.size} ${stat.mtimeMs}` : "";
}

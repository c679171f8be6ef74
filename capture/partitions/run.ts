import {existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync} from "node:fs";
import {basename, join} from "node:path";
import {tables} from "../../schema/tables.ts";
import {makeFolder} from "./durable.ts";
import {forgottenEnding, listParts, partOf, runsFolder} from "./layout.ts";
import {isHeld, takeLock} from "./lock.ts";
import {noteBytes, readSmallFile} from "./small-file.ts";

/** One writer's run: a name of its own, and a folder for what is not sealed yet. */
export interface Run {
  readonly id: string;
  readonly folder: string;
}

/** In a run's folder: the lock of its process. */
const ownerName = "owner.json";
/** Spools that have not changed for this long belong to nobody any more. */
const silenceMs = 24 * 3600 * 1000;

/** Opens a run under a name that no other run of this lake has. `nowMs`: wall clock. */
export function openRun(lake: string, nowMs: number): Run {
  makeFolder(runsFolder(lake));
  const time = new Date(nowMs).toISOString().replace(/[-:.]/g, "");
  for (let n = 0; n < 1000; n++) {
    const run = openNamedRun(lake, `${time}-${process.pid.toString(36)}${n > 0 ? `-${n}` : ""}`);
    if (run) return run;
  }
  throw new Error(`${runsFolder(lake)}: no free name for a run at ${time}`);
}

/**
 * Opens a run of that name; null where there is one. Files of parts whose names begin with it are left alone while it
 * is open.
 */
export function openNamedRun(lake: string, id: string): Run | null {
  makeFolder(runsFolder(lake));
  const folder = join(runsFolder(lake), id);
  try {
    mkdirSync(folder, {mode: 0o700});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw error;
  }
  takeLock(join(folder, ownerName));
  return {id, folder};
}

/** Ends a run: what it did not seal is gone. */
export function closeRun(run: Run): void {
  rmSync(run.folder, {recursive: true, force: true});
}

/**
 * Removes what killed runs left behind: their folders, and files in the tables whose part was never sealed. Runs of
 * living processes are left alone. Returns the number of files and folders removed.
 */
export function removeLeftovers(lake: string, nowMs: number): number {
  // In this order: a run that ends meanwhile has sealed its parts before its folder goes.
  const files = tables.flatMap(({name}) =>
    list(join(lake, name)).map((file) => ({path: join(lake, name, file), table: name, file}))
  );
  const runs = list(runsFolder(lake));
  const alive = runs.filter((id) => isAlive(join(runsFolder(lake), id), nowMs));
  const known = new Set(listParts(lake).map(({part}) => part));
  const dead = runs.filter((id) => !alive.includes(id));
  const isOf = (ids: readonly string[], file: string) => ids.some((id) => partOf(file).startsWith(id));
  const astray = files.filter(
    ({table, file}) =>
      !known.has(partOf(file)) &&
      !isOf(alive, file) &&
      // Rows that a run sealed once are kept though their part is gone: they can be told of, and never come again.
      (isOf(dead, file) || !isRows(table, file)) &&
      !file.endsWith(forgottenEnding)
  );
  for (const {path} of astray) rmSync(path, {force: true});
  let removed = astray.length;
  for (const id of dead) {
    const outside = foldersOutside(join(runsFolder(lake), id));
    // One that this user may not remove stays, for somebody who may.
    if (!outside.every(isRemoved)) continue;
    rmSync(join(runsFolder(lake), id), {recursive: true, force: true});
    removed += outside.length + 1;
  }
  return removed + removeOldSpools(lake, nowMs);
}

/** A file of rows as a run seals them, and nothing that can be derived from others again. */
function isRows(table: string, file: string): boolean {
  return file.slice(partOf(file).length).startsWith(`.${table}.`);
}

function isRemoved(folder: string): boolean {
  try {
    rmSync(folder, {recursive: true, force: true});
    return true;
  } catch {
    return false;
  }
}

const outsideName = "outside.json";

/** Says of a folder outside the lake that it goes with the run, should its process be killed. */
export function noteOutside({folder}: Run, path: string): void {
  writeFileSync(join(folder, outsideName), JSON.stringify([path]), {mode: 0o600});
}

function foldersOutside(folder: string): string[] {
  try {
    const paths = JSON.parse(readSmallFile(join(folder, outsideName), noteBytes)) as unknown[];
    // Whatever stands there: only folders of our own making are removed.
    return paths.filter(
      (path): path is string => typeof path === "string" && /^\.flowbook-export-/.test(basename(path))
    );
  } catch {
    return [];
  }
}

/** Versions before this one spooled standard input to folders that say nothing of their process. */
function removeOldSpools(lake: string, nowMs: number): number {
  const old = list(lake)
    .filter((name) => name.startsWith(".spool-"))
    .map((name) => join(lake, name))
    .filter((path) => nowMs - (statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? nowMs) > silenceMs);
  for (const path of old) rmSync(path, {recursive: true, force: true});
  return old.length;
}

/** Whether a run of that name goes on, as far as anyone can tell. */
export function isRunning(lake: string, id: string, nowMs: number): boolean {
  const folder = join(runsFolder(lake), id);
  return existsSync(folder) && isAlive(folder, nowMs);
}

function isAlive(folder: string, nowMs: number): boolean {
  const owner = join(folder, ownerName);
  if (existsSync(owner)) return isHeld(owner, {nowMs, changes: folder});
  // Just made, or its process was killed before it could say whose it is.
  return existsSync(folder) && nowMs - statSync(folder).mtimeMs < 60_000;
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

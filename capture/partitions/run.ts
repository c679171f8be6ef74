import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {hostname} from "node:os";
import {join} from "node:path";
import {tables} from "../../schema/tables.ts";
import {makeFolder} from "./durable.ts";
import {listParts, partOf, runsFolder} from "./layout.ts";

/** One writer's run: a name of its own, and a folder for what is not sealed yet. */
export interface Run {
  readonly id: string;
  readonly folder: string;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the kernel's ticks; null where /proc does not tell. */
  readonly started: string | null;
}

/** A run on a machine that cannot be asked counts as dead when its folder has not changed for this long. */
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
  const owner: Owner = {pid: process.pid, host: hostname(), started: startOf(process.pid)};
  writeFileSync(join(folder, "owner.json"), JSON.stringify(owner), {mode: 0o600});
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
    list(join(lake, name)).map((file) => ({path: join(lake, name, file), file}))
  );
  const runs = list(runsFolder(lake));
  const alive = runs.filter((id) => isAlive(join(runsFolder(lake), id), nowMs));
  const known = new Set(listParts(lake).map(({part}) => part));
  const astray = files.filter(({file}) => !known.has(partOf(file)) && !alive.some((id) => partOf(file).startsWith(id)));
  const dead = runs.filter((id) => !alive.includes(id)).map((id) => join(runsFolder(lake), id));
  for (const {path} of astray) rmSync(path, {force: true});
  for (const folder of dead) rmSync(folder, {recursive: true, force: true});
  return astray.length + dead.length;
}

function isAlive(folder: string, nowMs: number): boolean {
  let owner: Owner;
  try {
    owner = JSON.parse(readFileSync(join(folder, "owner.json"), "utf8"));
  } catch {
    // Just made, or its process was killed before it could say whose it is.
    return existsSync(folder) && nowMs - statSync(folder).mtimeMs < 60_000;
  }
  if (owner.host !== hostname()) return nowMs - statSync(folder).mtimeMs < silenceMs;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return owner.started === startOf(owner.pid);
}

/** Field 22 of /proc/PID/stat: tells a process from a later one of the same number. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

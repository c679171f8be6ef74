import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs";
import {join} from "node:path";
import {takeLock} from "../../capture/partitions/lock.ts";
import {isAlive, type Owner} from "../../capture/partitions/owner.ts";
import {readSmallFile, stateBytes} from "../../capture/partitions/small-file.ts";
import {stateFolder} from "../lake/state-folder.ts";
import type {Inputs, ResultRecord} from "./freshness.ts";
import type {Parts} from "./freshness-inputs.ts";

/** One loader of a renewal, or `verdicts`: the scoring before them. */
export interface RunStep {
  readonly name: string;
  readonly state: "waiting" | "running" | "made" | "unchanged" | "failed";
  /** Which inputs had changed. */
  readonly why: readonly string[];
  readonly tookMs: number;
  readonly error: string | null;
}

/** One renewal, as it goes and after. */
export interface Run {
  /** Counts up from 1 within a lake. */
  readonly id: number;
  readonly startedAtMs: number;
  /** Null while it goes. */
  readonly finishedAtMs: number | null;
  readonly steps: readonly RunStep[];
}

/** What a lake remembers of its results; lies in `LAKE/.results/ledger.json`. */
export interface Ledger {
  readonly version: 1;
  readonly parts: Parts;
  readonly results: Readonly<Record<string, ResultRecord>>;
  /** Features and model that were last scored, as hashes; null before. */
  readonly scored: Inputs | null;
  /** The newest runs, oldest first, at most `keptRuns`. */
  readonly runs: readonly Run[];
  readonly runsDropped: number;
}

export const keptRuns = 100;

const empty: Ledger = {version: 1, parts: {}, results: {}, scored: null, runs: [], runsDropped: 0};

/** Folder in which results and the ledger lie: in the lake, unless that cannot be written. */
export const resultsFolder = (lake: string) => join(stateFolder(lake), ".results");

/** Where a result lies, fresh or not: the last good one. */
export const resultPath = (lake: string, name: string) => join(resultsFolder(lake), name);

/** Whether a result is there as a file. A lake may come from anybody: a link in its place would hand out what it leads to. */
export const isResult = (path: string) => lstatSync(path, {throwIfNoEntry: false})?.isFile() === true;

/** Reads the ledger; a missing, damaged or foreign one is an empty one, since every result can be made again. */
export function readLedger(lake: string): Ledger {
  try {
    // Of a hundred thousand files it has ten megabytes.
    const ledger = JSON.parse(readSmallFile(join(resultsFolder(lake), "ledger.json"), 4 * stateBytes));
    return isLedger(ledger) ? {...empty, ...ledger} : empty;
  } catch {
    return empty;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether what is there has the form that its readers rely on; of an object's other fields pages show texts. */
function isLedger(ledger: unknown): ledger is Ledger {
  if (!isObject(ledger) || ledger.version !== 1) return false;
  const {parts = {}, results = {}, runs = [], runsDropped = 0, scored = null} = ledger;
  return (
    [parts, results].every((of) => isObject(of) && Object.values(of).every(isObject)) &&
    Object.values(results as object).every(
      ({inputs, reads, error}) =>
        (inputs === null || isObject(inputs)) &&
        (error === null || isObject(error)) &&
        (reads === null || (Array.isArray(reads) && reads.every((name) => typeof name === "string")))
    ) &&
    (scored === null || isObject(scored)) &&
    Number.isSafeInteger(runsDropped) &&
    Array.isArray(runs) &&
    runs.every(
      (run) => isObject(run) && Number.isSafeInteger(run.id) && Array.isArray(run.steps) && run.steps.every(isObject)
    )
  );
}

/** Writes the ledger in one step: a reader sees the old or the new one. */
export function writeLedger(lake: string, ledger: Ledger): void {
  const dropped = Math.max(0, ledger.runs.length - keptRuns);
  const kept = {...ledger, runs: ledger.runs.slice(dropped), runsDropped: ledger.runsDropped + dropped};
  replaceFile(join(resultsFolder(lake), "ledger.json"), JSON.stringify(kept, null, 1));
}

/** Writes a file under a temporary name, syncs and renames it. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  mkdirSync(join(path, ".."), {recursive: true, mode: 0o700});
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** Holds the lake for one renewal, see `takeLock`, and removes what killed ones left. */
export function lockRuns(lake: string): (() => void) | Owner {
  mkdirSync(resultsFolder(lake), {recursive: true, mode: 0o700});
  const held = takeLock(join(resultsFolder(lake), "lock"));
  if (typeof held === "function") removeStaged(resultsFolder(lake));
  return held;
}

/** Removes files under a temporary name whose process is gone. */
function removeStaged(folder: string): void {
  for (const path of readdirSync(folder, {recursive: true, encoding: "utf8"})) {
    const writer = /\.(\d+)\.tmp(?:\.reads)?$/.exec(path)?.[1];
    if (writer && !isAlive(Number(writer))) rmSync(join(folder, path), {force: true});
  }
}

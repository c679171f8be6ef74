import {existsSync, mkdirSync, readdirSync, rmSync} from "node:fs";
import {extname, join, sep} from "node:path";
import {type Inputs, inputsOf, noResult, type ResultRecord, type ResultState, stateOf} from "./freshness.ts";
import {packageInputs, settingInputs, sourceInputs, tableInputs} from "./freshness-inputs.ts";
import {
  type Ledger,
  lockRuns,
  type Run,
  type RunStep,
  readLedger,
  resultPath,
  resultsFolder,
  writeLedger
} from "./freshness-ledger.ts";
import {rollupStep} from "./freshness-rollups.ts";
import {interpreters, type LoaderLimits, publishResults, runLoader, type StagedResult} from "./freshness-run.ts";
import {projectModel, scoreIfStale} from "./freshness-scoring.ts";
import {runsTogether, runTogether} from "./freshness-together.ts";
import {carriedResults} from "./page-data.ts";

export interface RenewOptions {
  readonly lake: string;
  /** Folder of the checkout: loaders lie in its `src/data`, and run there. */
  readonly project: string;
  /** Settings that loaders use; a changed one makes results stale. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Leaves out what only a static site carries: it would be made again for the whole lake whenever a part is sealed. */
  readonly isServed?: boolean;
  /** The results that are wanted, by name; all without it. */
  readonly only?: ReadonlySet<string> | null;
  /** Makes every result again, fresh or not, or the one of that name. */
  readonly force?: boolean | string;
  readonly limits?: Partial<LoaderLimits>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called with the run whenever a step changes. */
  readonly onProgress?: (run: Run) => void;
  /** Ends the loaders that run; what is done stays done. */
  readonly signal?: AbortSignal;
}

/** What a renewal came to. */
export interface Renewal {
  /** Null where another process renews this lake: its process id is `heldBy`. */
  readonly run: Run | null;
  readonly heldBy: number | null;
  readonly states: readonly ResultState[];
}

/** A loader of the notebook: `src/data/flows.packed.ts` makes the result `data/flows.packed`. */
interface Loader {
  readonly name: string;
  /** Path from the project. */
  readonly file: string;
}

/**
 * Makes the results that are stale or missing, the notebook's own in one process, others two at a time, and keeps the last
 * good one where a loader fails. One
 * renewal at a time per lake: a second one returns at once.
 */
export async function renew(options: RenewOptions): Promise<Renewal> {
  const held = lockRuns(options.lake);
  if (typeof held !== "function") return {run: null, heldBy: held.pid, states: await resultStates(options)};
  try {
    return await renewLocked(options);
  } finally {
    held();
  }
}

/** Every result's state, without making any. */
export async function resultStates(
  options: Pick<RenewOptions, "lake" | "project" | "settings" | "isServed">
): Promise<ResultState[]> {
  const {results, parts} = readLedger(options.lake);
  const shared = await sharedInputs(options, parts);
  return (await plan(options, results, shared.inputs)).map(({state}) => state);
}

interface Planned {
  readonly loader: Loader;
  /** All inputs there are now. */
  readonly inputs: Inputs;
  readonly state: ResultState;
}

async function plan(
  {project, isServed, only}: Pick<RenewOptions, "project" | "isServed" | "only">,
  results: Ledger["results"],
  shared: Inputs
): Promise<Planned[]> {
  const loaders = findLoaders(project).filter(
    ({name}) => (only?.has(name) ?? true) && (!isServed || !carriedResults.includes(name))
  );
  return Promise.all(
    loaders.map(async (loader) => {
      const inputs = {...shared, ...(await sourceInputsOrNone(project, loader.file))};
      const record = results[loader.name] ?? noResult;
      return {loader, inputs, state: stateOf(loader.name, record, inputsOf(inputs, record.reads))};
    })
  );
}

/** A loader that does not compile has no sources: running it then tells why. */
async function sourceInputsOrNone(project: string, file: string): Promise<Inputs> {
  try {
    return await sourceInputs(project, file);
  } catch {
    return {[`source ${file}`]: "does not compile"};
  }
}

async function sharedInputs(
  {lake, project, settings}: Pick<RenewOptions, "lake" | "project" | "settings">,
  known: Ledger["parts"]
) {
  const {inputs, parts} = await tableInputs(lake, known);
  const model = {model: projectModel(project)};
  return {inputs: {...inputs, ...model, ...packageInputs(project), ...settingInputs(settings ?? {})}, parts};
}

/**
 * The loaders below `src/data`, sorted by the name of what they make; a name with a parameter is Framework's own. `own` there
 * may be a link to a notebook folder's loaders.
 */
export function findLoaders(project: string): Loader[] {
  const below = (folder: string) =>
    existsSync(join(project, "src", folder))
      ? readdirSync(join(project, "src", folder), {recursive: true, encoding: "utf8"})
          .filter((path) => !path.split(sep).includes("node_modules"))
          .map((path) => `${folder}/${path.split(sep).join("/")}`)
      : [];
  return [...new Set([...below("data"), ...below("data/own")])]
    .filter(
      (path) => Object.hasOwn(interpreters, extname(path)) && extname(path.slice(0, -extname(path).length)) !== ""
    )
    .filter((path) => !path.includes("["))
    .map((path) => ({name: path.slice(0, -extname(path).length), file: `src/${path}`}))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function renewLocked(options: RenewOptions): Promise<Renewal> {
  const {lake, project, now} = options;
  let ledger = readLedger(lake);
  const scoring = await score(options, ledger);
  ledger = {...ledger, ...scoring.ledger};
  const shared = await sharedInputs(options, ledger.parts);
  const planned = await plan(options, ledger.results, shared.inputs);
  ledger = {...ledger, parts: shared.parts, results: onlyOf(project, ledger.results, lake)};
  const due = planned.filter(
    ({state}) =>
      options.force === true || options.force === state.name || state.freshness !== "fresh" || state.error !== null
  );
  const id = (ledger.runs.at(-1)?.id ?? 0) + 1;
  let run: Run = {id, startedAtMs: now(), finishedAtMs: null, steps: [...scoring.steps, ...due.map(waiting)]};
  const change = (index: number, step: Partial<RunStep>) => {
    const at = scoring.steps.length + index;
    run = {...run, steps: run.steps.map((old, i) => (i === at ? {...old, ...step} : old))};
    options.onProgress?.(run);
  };
  options.onProgress?.(run);
  mkdirSync(resultsFolder(lake), {recursive: true, mode: 0o700});
  const made: StagedResult[] = [];
  const end = (index: number, {record, step, result}: Ended) => {
    if (result) made.push(result);
    ledger = {...ledger, results: {...ledger.results, [due[index].loader.name]: record}};
    change(index, step);
  };
  const oldOf = ({loader}: Planned) => ledger.results[loader.name] ?? noResult;
  const all = due.map((_, index) => index);
  const together = all.filter((index) => runsTogether(project, due[index].loader));
  const ended = await makeTogether(options, together, due, {
    begin: (index) => change(index, {state: "running"}),
    end: (index, result, tookMs) => end(index, endedAs(result, tookMs, due[index].inputs, oldOf(due[index]), now))
  });
  await twoAtATime(
    all.filter((index) => !ended.has(index)),
    async (index) => {
      change(index, {state: "running"});
      const {loader, inputs} = due[index];
      end(index, await makeOne(options, loader, inputs, oldOf(due[index])));
    }
  );
  await publishResults(made);
  // Pages need none of them, and are answered sooner with them.
  const rolled = options.isServed
    ? await rollupStep({lake, model: projectModel(project), now, signal: options.signal})
    : [];
  run = {...run, steps: [...run.steps, ...rolled], finishedAtMs: now()};
  if (run.steps.length > 0) ledger = {...ledger, runs: [...ledger.runs, run]};
  writeLedger(lake, ledger);
  options.onProgress?.(run);
  const states = planned.map(({loader, inputs}) => {
    const record = ledger.results[loader.name] ?? noResult;
    return stateOf(loader.name, record, inputsOf(inputs, record.reads));
  });
  return {run, heldBy: null, states};
}

/** The scoring that comes before results are made, as steps of the run: none where there was nothing to do. */
async function score(
  {lake, project, now, signal}: RenewOptions,
  ledger: Ledger
): Promise<{ledger: Partial<Ledger>; steps: RunStep[]}> {
  const {inputs, parts} = await tableInputs(lake, ledger.parts);
  const startedAt = now();
  const features = inputs["table features"];
  const scored = await scoreIfStale({lake, project, features, before: ledger.scored}, {clock: now, signal});
  const {verdicts, why, error} = scored;
  const state = error === null ? ("made" as const) : ("failed" as const);
  const step = {name: "verdicts", state, why, tookMs: now() - startedAt, error};
  return {ledger: {parts, scored: scored.inputs}, steps: verdicts > 0 || error !== null ? [step] : []};
}

const waiting = ({state}: Planned): RunStep => ({
  name: state.name,
  state: "waiting",
  why: state.why.length > 0 ? state.why : [state.error ? "failed before" : "forced"],
  tookMs: 0,
  error: null
});

/** Forgets and removes the results of loaders that are gone. */
function onlyOf(project: string, results: Ledger["results"], lake: string): Ledger["results"] {
  const names = new Set(findLoaders(project).map(({name}) => name));
  for (const name of Object.keys(results)) if (!names.has(name)) rmSync(resultPath(lake, name), {force: true});
  return Object.fromEntries(Object.entries(results).filter(([name]) => names.has(name)));
}

/** What a loader came to: its record, what the run says of it, and its result where there is one. */
interface Ended {
  readonly record: ResultRecord;
  readonly step: Partial<RunStep>;
  readonly result?: StagedResult;
}

interface Together {
  begin(index: number): void;
  end(index: number, made: StagedResult | {readonly error: string}, tookMs: number): void;
}

/** Runs those of `due` in one process; those it did not come to are not among the ones it returns. One alone gains nothing. */
async function makeTogether(
  options: RenewOptions,
  indices: readonly number[],
  due: readonly Planned[],
  {begin, end}: Together
): Promise<ReadonlySet<number>> {
  const ended = new Set<number>();
  if (indices.length < 2) return ended;
  for (const index of indices) begin(index);
  const {lake, project, settings, limits, signal} = options;
  const files = indices.map((index) => {
    const {name, file} = due[index].loader;
    return {file, path: resultPath(lake, name)};
  });
  const model = due[indices[0]].inputs.model;
  for await (const {file, made, tookMs} of runTogether(files, {lake, project, settings, model, limits, signal})) {
    const index = indices.find((each) => due[each].loader.file === file)!;
    end(index, made, tookMs);
    ended.add(index);
  }
  return ended;
}

async function makeOne(
  {lake, project, settings, now, limits, signal}: RenewOptions,
  loader: Loader,
  inputs: Inputs,
  old: ResultRecord
): Promise<Ended> {
  const startedAt = now();
  const made = await runLoader({
    lake,
    project,
    file: loader.file,
    path: resultPath(lake, loader.name),
    settings,
    model: inputs.model,
    limits,
    signal
  });
  return endedAs(made, now() - startedAt, inputs, old, now);
}

function endedAs(
  made: StagedResult | {readonly error: string},
  tookMs: number,
  inputs: Inputs,
  old: ResultRecord,
  now: () => number
): Ended {
  if ("error" in made) {
    const error = {message: made.error, atMs: now()};
    return {record: {...old, error}, step: {state: "failed", error: made.error, tookMs}};
  }
  const {sha256, bytes, reads} = made;
  const record = {inputs: inputsOf(inputs, reads), reads, sha256, bytes, tookMs, renewedAtMs: now(), error: null};
  return {record, step: {state: sha256 === old.sha256 ? "unchanged" : "made", tookMs}, result: made};
}

async function twoAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all([worker(), worker()]);
}

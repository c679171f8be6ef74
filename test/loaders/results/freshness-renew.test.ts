import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {afterEach, beforeEach, expect, it} from "vitest";
import {
  keptRuns,
  lockRuns,
  readLedger,
  resultPath,
  resultsFolder,
  writeLedger
} from "../../../loaders/results/freshness-ledger.ts";
import {type RenewOptions, renew, resultStates} from "../../../loaders/results/freshness-renew.ts";

let folder: string;
let options: RenewOptions;
let clock: number;

/** Writes a file of the project or the lake that a test makes. */
function put(path: string, content: string) {
  const file = join(folder, path);
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, path.endsWith(".parquet") ? likeParquet(content) : content);
  return file;
}

/** What has both ends of a Parquet file: readers leave anything else out. */
function likeParquet(content: string): Buffer {
  return Buffer.concat([Buffer.from(`PAR1${content}`), Buffer.alloc(4), Buffer.from("PAR1")]);
}

const loaderOf = (...statements: string[]) =>
  ['import {readdirSync, writeFileSync} from "node:fs";', ...statements].join("\n");
const listTable = (table: string) =>
  loaderOf(
    `writeFileSync(process.env.FLOWBOOK_READS, JSON.stringify(["${table}"]));`,
    `process.stdout.write(readdirSync(process.env.FLOWBOOK_LAKE + "/${table}").join());`
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-freshness-"));
  clock = 1000;
  options = {lake: join(folder, "lake"), project: join(folder, "project"), now: () => clock++};
  put("project/package-lock.json", "{}");
  put("lake/captures/a.parquet", "captures a");
  put("lake/captures/b.parquet", "captures b");
  put("lake/flows/a.parquet", "flows a");
  put("lake/verdicts/a.parquet", "verdicts a");
  put("project/src/data/flows.txt.js", listTable("flows"));
  put("project/src/data/verdicts.txt.js", listTable("verdicts"));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const result = (name: string) => readFileSync(resultPath(options.lake, name), "utf8");
const stepsOf = async (more: Partial<RenewOptions> = {}) =>
  (await renew({...options, ...more})).run!.steps.map(({name, state, why}) => ({name, state, why}));
const whyStale = async () =>
  Object.fromEntries((await resultStates(options)).flatMap(({name, why}) => (why.length > 0 ? [[name, why]] : [])));

it("makes what was never made, and then nothing", async () => {
  expect(await stepsOf()).toEqual([
    {name: "data/flows.txt", state: "made", why: ["never made"]},
    {name: "data/verdicts.txt", state: "made", why: ["never made"]}
  ]);
  expect(result("data/flows.txt")).toBe("a.parquet");
  expect(await stepsOf()).toEqual([]);
  expect(readLedger(options.lake).runs).toHaveLength(1);
});

it("makes the results that are asked for alone, and the others when they are", async () => {
  const only = new Set(["data/flows.txt"]);
  const {run, states} = await renew({...options, only});
  expect(run!.steps.map(({name, state}) => [name, state])).toEqual([["data/flows.txt", "made"]]);
  expect(states.map(({name, freshness}) => [name, freshness])).toEqual([["data/flows.txt", "fresh"]]);
  expect(await stepsOf()).toEqual([{name: "data/verdicts.txt", state: "made", why: ["never made"]}]);
  expect(await stepsOf({only})).toEqual([]);
});

it("renews only results whose loader reads the table that has a new part", async () => {
  await renew(options);
  put("lake/verdicts/b.model.parquet", "verdicts b");
  expect(await stepsOf()).toEqual([{name: "data/verdicts.txt", state: "made", why: ["table verdicts changed"]}]);
  expect(result("data/verdicts.txt")).toBe("a.parquet,b.model.parquet");
});

it("takes no notice of a part that is not sealed", async () => {
  await renew(options);
  put("lake/flows/unsealed.parquet", "flows");
  expect(await whyStale()).toEqual({});
});

it("takes a part that is touched but not changed for the same", async () => {
  await renew(options);
  utimesSync(join(folder, "lake/flows/a.parquet"), 1, 1);
  utimesSync(join(folder, "project/src/data/flows.txt.js"), 1, 1);
  expect(await whyStale()).toEqual({});
});

it("sees a part whose content changed but not its size", async () => {
  await renew(options);
  put("lake/flows/a.parquet", "flows B");
  utimesSync(join(folder, "lake/flows/a.parquet"), 7, 7);
  expect(await whyStale()).toEqual({"data/flows.txt": ["table flows changed"]});
});

it("sees a changed loader, a file that it imports, a setting and the packages, and names each", async () => {
  put("project/loaders/answer.ts", "export const answer: number = 1;");
  put(
    "project/src/data/answer.txt.ts",
    'import {answer} from "../../loaders/answer.ts";\nprocess.stdout.write(String(answer));'
  );
  const settings = {local_nets: ["10.0.0.0/8"]};
  await renew({...options, settings});
  put("project/loaders/answer.ts", "export const answer: number = 2;");
  const [{name, why}] = (await resultStates({...options, settings})).filter(({freshness}) => freshness === "stale");
  expect([name, why]).toEqual(["data/answer.txt", ["source loaders/answer.ts changed"]]);
  await renew({...options, settings});
  expect(result("data/answer.txt")).toBe("2");
  const changed = await resultStates({...options, settings: {local_nets: []}});
  expect(changed.map(({why}) => why)).toEqual(Array(3).fill(["setting local_nets changed"]));
  put("project/package-lock.json", '{"a": 1}');
  expect((await resultStates({...options, settings}))[0].why).toEqual(["packages changed"]);
});

it("keeps the last good result and the error in place where a loader fails, and tries again", async () => {
  await renew(options);
  put(
    "project/src/data/flows.txt.js",
    'process.stdout.write("half"); console.error("no such column"); process.exit(3);'
  );
  const {run, states} = await renew(options);
  expect(run!.steps[0]).toMatchObject({state: "failed", error: "src/data/flows.txt.js: exit 3\nno such column"});
  expect(result("data/flows.txt")).toBe("a.parquet");
  expect(states[0]).toMatchObject({freshness: "stale", why: ["source src/data/flows.txt.js changed"]});
  expect(states[0].error!.message).toContain("no such column");
  put("project/src/data/flows.txt.js", listTable("flows"));
  expect(await stepsOf()).toEqual([{name: "data/flows.txt", state: "unchanged", why: ["failed before"]}]);
  expect((await resultStates(options))[0].error).toBeNull();
});

it("does not replace a result that comes out the same", async () => {
  await renew(options);
  const before = statSync(resultPath(options.lake, "data/flows.txt")).ino;
  expect((await stepsOf({force: true})).map(({state}) => state)).toEqual(["unchanged", "unchanged"]);
  expect(statSync(resultPath(options.lake, "data/flows.txt")).ino).toBe(before);
});

it("shows the results of one renewal together, when the last is made", async () => {
  const seen: boolean[] = [];
  const onProgress: RenewOptions["onProgress"] = ({steps, finishedAtMs}) => {
    if (steps.some(({state}) => state === "made"))
      seen.push(finishedAtMs === null && existsSync(resultPath(options.lake, steps[0].name)));
  };
  await renew({...options, onProgress});
  expect(seen).toEqual([false, false, false]);
  expect([result("data/flows.txt"), result("data/verdicts.txt")]).toEqual(["a.parquet", "a.parquet"]);
});

it("ends a loader that takes too long", async () => {
  put("project/src/data/flows.txt.js", 'process.on("SIGTERM", () => {}); setTimeout(() => {}, 60_000);');
  rmSync(join(folder, "project/src/data/verdicts.txt.js"));
  const {run} = await renew({...options, limits: {timeMs: 2000, bytes: 1000}});
  expect(run!.steps.map(({error}) => error?.split("\n")[0])).toEqual(["src/data/flows.txt.js: took longer than 2 s"]);
  expect(existsSync(resultPath(options.lake, "data/flows.txt"))).toBe(false);
});

it("ends a loader that writes too much, and tells of one that throws or does not compile", async () => {
  put("project/src/data/verdicts.txt.js", 'process.stdout.write("x".repeat(5000));');
  put("project/src/data/wrong.txt.ts", "const = 1;");
  put("project/src/data/thrown.txt.ts", 'throw new Error("no such table\\n  LINE 1");');
  const {run} = await renew({...options, limits: {timeMs: 60_000, bytes: 1000}});
  expect(run!.steps.map(({error}) => error?.split("\n")[0])).toEqual([
    undefined,
    "src/data/thrown.txt.ts: exit 1",
    "src/data/verdicts.txt.js: the result exceeds 1,000 bytes",
    "src/data/wrong.txt.ts: exit 1"
  ]);
  // What it threw is told, and nothing of where Node stood.
  const thrown = run!.steps.find(({name}) => name === "data/thrown.txt")!.error!;
  expect(thrown.split("\n").slice(0, 3)).toEqual([
    "src/data/thrown.txt.ts: exit 1",
    "Error: no such table",
    "  LINE 1"
  ]);
});

it("ends at once when it is asked to, whatever a loader goes on writing", async () => {
  put(
    "project/src/data/flows.txt.js",
    'process.on("SIGTERM", () => {}); process.stdout.on("error", () => process.exit()); setInterval(() => process.stdout.write("x"), 1);'
  );
  const stop = new AbortController();
  const onProgress: RenewOptions["onProgress"] = ({steps: [{state}]}) => {
    if (state === "running") setTimeout(() => stop.abort(), 1000);
  };
  const {run} = await renew({...options, onProgress, signal: stop.signal});
  expect(run!.steps.map(({error}) => error)).toEqual(
    ["flows", "verdicts"].map((name) =>
      name === "flows" ? `src/data/${name}.txt.js: The operation was aborted` : null
    )
  );
});

it("forgets the result of a loader that is gone", async () => {
  await renew(options);
  rmSync(join(folder, "project/src/data/flows.txt.js"));
  await renew(options);
  expect(existsSync(resultPath(options.lake, "data/flows.txt"))).toBe(false);
  expect(Object.keys(readLedger(options.lake).results)).toEqual(["data/verdicts.txt"]);
});

it("lets one renewal at a time have the lake, and takes over from a process that is gone", async () => {
  const release = lockRuns(options.lake);
  expect(release).toBeTypeOf("function");
  expect(await renew(options)).toMatchObject({run: null, heldBy: process.pid});
  (release as () => void)();
  writeFileSync(join(resultsFolder(options.lake), "lock"), "4194305");
  mkdirSync(resultPath(options.lake, "data"), {recursive: true});
  const left = [".4194305.tmp", ".4194305.tmp.reads", `.${process.ppid}.tmp`].map((end) =>
    resultPath(options.lake, `data/flows.txt${end}`)
  );
  for (const path of left) writeFileSync(path, "half");
  expect((await renew(options)).run!.steps).toHaveLength(2);
  expect(left.map((path) => existsSync(path))).toEqual([false, false, true]);
});

it("keeps a bounded number of runs and counts the rest", () => {
  const runs = Array.from({length: keptRuns + 5}, (_, i) => ({id: i + 1, startedAtMs: 0, finishedAtMs: 0, steps: []}));
  writeLedger(options.lake, {...readLedger(options.lake), runs});
  const ledger = readLedger(options.lake);
  expect([ledger.runs.length, ledger.runs[0].id, ledger.runsDropped]).toEqual([keptRuns, 6, 5]);
});

it("takes a damaged ledger for none", async () => {
  await renew(options);
  writeFileSync(join(resultsFolder(options.lake), "ledger.json"), "{");
  expect((await stepsOf()).map(({state}) => state)).toEqual(["made", "made"]);
});

import {execFileSync} from "node:child_process";
import {cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {verb} from "../../../cli/verbs/score.ts";
import {requirements} from "../../../loaders/engines/spark/submit.ts";
import {classifyNewFlows} from "../../../loaders/judge/classify.ts";
import {type ScoredPart, scoreElsewhere} from "../../../loaders/judge/score-plan.ts";
import {cacheFolder} from "../../../scripts/working-copy.js";
import {compareVerdicts} from "../../engines/compare-verdicts.ts";
import {copyPart} from "../../engines/copied-parts.ts";
import {absentUnless, itUnless} from "../../needs.ts";

const clock = () => 1_700_000_000_000;
const python = join(cacheFolder(), "spark/bin/python");
const noPython = absentUnless(existsSync(python), "no Python for Spark's job (flowbook score --engine spark makes it)");
let folder: string;
let lake: string;
let flows: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-score-elsewhere-"));
  lake = join(folder, "lake");
  const demo = resolve(import.meta.dirname, "../../../data/demo/demo.pcap");
  const {captures} = await importCaptures([demo], {lake, clock});
  flows = Number(captures[0].row.flows);
  await copyPart(lake, 1);
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

it("a job that writes nothing fails by its count of files, and leaves no plan behind", async () => {
  let plan: {readonly parts: readonly {readonly part: string; readonly file: string}[]} | null = null;
  const job = scoreElsewhere(lake, {clock}, async (path) => {
    plan = JSON.parse(readFileSync(join(path, "plan.json"), "utf8"));
    return [];
  });
  await expect(job).rejects.toThrow("the job wrote 0 of 2 files of verdicts");
  expect(
    plan!.parts.map(({part, file}) => file.startsWith(`${part}.`) && /\.[0-9a-f]{16}\.parquet$/.test(file))
  ).toEqual([true, true]);
  expect(readdirSync(join(lake, ".runs"))).toEqual([]);
});

itUnless(noPython)("Spark's workers write the verdicts that the loader writes, once", {timeout: 120_000}, async () => {
  const there = join(folder, "there");
  cpSync(lake, there, {recursive: true});
  await classifyNewFlows(lake, {clock, activities: false});
  // What each task of the job runs, without Spark around it.
  const task = `import json, pathlib, sys
sys.path.insert(0, sys.argv[1])
import pyarrow as pa, score
folder = pathlib.Path(sys.argv[2])
plan = json.loads((folder / "plan.json").read_text())
models = {path.name: path.read_bytes() for path in folder.glob("*.onnx")}
batch = pa.RecordBatch.from_pydict({"id": list(range(len(plan["parts"])))})
print(json.dumps([row for done in score.score_parts((plan, models), [batch]) for row in done.to_pylist()]))`;
  const submit = async (plan: string): Promise<readonly ScoredPart[]> =>
    JSON.parse(execFileSync(python, ["-B", "-c", task, dirname(requirements), plan], {encoding: "utf8"}));
  const done = await scoreElsewhere(there, {clock}, submit);
  expect(done.map(({verdicts}) => verdicts)).toEqual([flows, flows]);
  expect(await compareVerdicts(lake, there)).toEqual({rows: 2 * flows, otherValues: 0, largest: 0});
  expect(await scoreElsewhere(there, {clock}, () => Promise.reject(new Error("nothing is open")))).toEqual([]);
});

it("another engine is refused by its name", async () => {
  const invocation = {positionals: [], values: {engine: "sparc"}, lake, json: false};
  await expect(verb.run(invocation as never)).rejects.toThrow("score: no engine sparc — did you mean spark?");
});

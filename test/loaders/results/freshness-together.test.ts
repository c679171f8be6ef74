import {existsSync, mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {readLedger} from "../../../loaders/results/freshness-ledger.ts";
import {renew} from "../../../loaders/results/freshness-renew.ts";
import {runLoader} from "../../../loaders/results/freshness-run.ts";
import {projectModel} from "../../../loaders/results/freshness-scoring.ts";
import {runsTogether, runTogether, type TogetherResult} from "../../../loaders/results/freshness-together.ts";
import {togetherResults} from "../../../loaders/results/page-data.ts";
import {makeLake} from "../../fixtures/make-lake.ts";

const project = resolve(import.meta.dirname, "../../..");
let folder: string;
let lake: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-together-"));
  lake = join(folder, "lake");
  await makeLake(lake, 30);
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const jobs = (...names: string[]) =>
  names.map((name) => ({file: `src/data/${name}.json.ts`, path: join(folder, "made", `${name}.json`)}));

async function ended(files: ReturnType<typeof jobs>, limits = {}): Promise<TogetherResult[]> {
  const all: TogetherResult[] = [];
  for await (const one of runTogether(files, {lake, project, limits})) all.push(one);
  return all;
}

it("each of them makes in the shared process what it makes in its own, and lists the same tables", async () => {
  const {run} = await renew({lake, project, isServed: true, now: Date.now});
  const steps = run!.steps.filter(({name}) => togetherResults.includes(name));
  expect(steps.map(({name, state}) => [name, state])).toEqual(togetherResults.map((name) => [name, "made"]));
  const {results} = readLedger(lake);
  for (const name of togetherResults) {
    const alone = await runLoader({
      lake,
      project,
      file: `src/${name}.ts`,
      path: join(folder, name),
      model: projectModel(project)
    });
    const {sha256, reads} = results[name];
    expect([name, alone]).toEqual([name, expect.objectContaining({sha256, reads})]);
  }
  expect((await renew({lake, project, isServed: true, now: Date.now})).run!.steps).toEqual([]);
});

it("one that fails says why, and the others are made", async () => {
  const [captures, none, incidents] = await ended(jobs("captures", "none", "incidents"));
  expect("error" in none.made && none.made.error).toMatch(/^src\/data\/none\.json\.ts: exit 1\n.*none\.json\.js/);
  for (const {made} of [captures, incidents])
    expect("error" in made ? made.error : made.reads).toEqual(expect.any(Array));
  const left = readdirSync(join(folder, "made")).map((name) => name.replace(/\.\d+\.tmp$/, ""));
  expect(left.sort()).toEqual(["captures.json", "incidents.json"]);
});

it("a result beyond the limit is none", async () => {
  const [{made}] = await ended(jobs("schema"), {bytes: 100});
  expect(made).toEqual({error: "src/data/schema.json.ts: the result exceeds 100 bytes"});
});

it("what the process did not come to before its time was over is left to be run alone, and leaves no file", async () => {
  rmSync(join(folder, "made"), {recursive: true});
  expect(await ended(jobs("captures", "incidents"), {timeMs: 1})).toEqual([]);
  expect(existsSync(join(folder, "made")) && readdirSync(join(folder, "made"))).toEqual([]);
});

it("a reader's loader, and that of another project, have a process each", () => {
  const name = "data/captures.json";
  const file = "src/data/captures.json.ts";
  expect(runsTogether(project, {name, file})).toBe(true);
  expect(runsTogether(dirname(project), {name, file})).toBe(false);
  expect(runsTogether(project, {name: "data/own/captures.json", file: "src/data/own/captures.json.ts"})).toBe(false);
});

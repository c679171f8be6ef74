import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {currentModel} from "../../../loaders/judge/current-model.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {type MadeLake, makeLake} from "../../fixtures/make-lake.ts";

const lake = mkdtempSync(join(tmpdir(), "flowbook-model-"));
let made: MadeLake;
let engine: LakeEngine;

beforeAll(async () => {
  made = await makeLake(lake, 200);
  engine = await openLake(lake);
});
afterAll(async () => {
  await engine.close();
  rmSync(lake, {recursive: true, force: true});
});

it("the project's model counts where it has scored anything, however little", async () => {
  expect(await currentModel(engine, made.olderModel)).toBe(made.olderModel);
});

it("else the one that scored most flows counts", async () => {
  expect(await currentModel(engine, "a model that scored nothing")).toBe(made.model);
});

it("without verdicts there is none", async () => {
  const empty = await openLake(join(lake, "none"));
  expect(await currentModel(empty)).toBeNull();
  await empty.close();
});

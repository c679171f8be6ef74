import {copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {correctionKeys} from "../../../loaders/lake/corrected-parts.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {renewRollups} from "../../../loaders/lake/rollup-renew.ts";
import {rolledSql} from "../../../loaders/questions/rolled-sql.ts";
import {questions} from "../../../src/lib/questions/all.ts";
import {toSql} from "../../../src/lib/sql.ts";
import {makeLake} from "../../fixtures/make-lake.ts";

const parts = ["made-1", "made-2", "made-3"];
/** What is no longer wanted stays, however long the tests take. */
const startedMs = Date.now();
const grid = {originUs: 1_763_719_200_000_000, widthUs: 60e6, count: 80};
let folder: string;
let lake: string;
let engine: LakeEngine;
let model: string;
/** Flows before it are those of the first part, before `second` of the second one. */
let first: number;
let second: number;

/** As a live capture leaves a lake: parts of one run one after the other, and incidents beside the first of them. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-corrected-"));
  const whole = join(folder, "whole");
  lake = join(folder, "lake");
  ({model} = await makeLake(whole, 1500));
  await makeLake(lake, 1500);
  engine = await openLake(whole, {exportFolder: folder, threads: 1});
  const [[least, most]] = (await engine.query("SELECT min(flow_id), max(flow_id) FROM flows")).rows;
  const third = (Number(most) - Number(least)) / 3;
  [first, second] = [Math.round(Number(least) + third), Math.round(Number(least) + 2 * third)];
  const pieces = [`flow_id < ${first}`, `flow_id >= ${first} AND flow_id < ${second}`, `flow_id >= ${second}`];
  for (const [k, where] of pieces.entries())
    for (const table of ["flows", "verdicts"])
      await write(table, parts[k], `SELECT * FROM ${table === "flows" ? table : "verdict_rows"} WHERE ${where}`);
  for (const part of parts.slice(1))
    copyFileSync(join(lake, "captures", "made-1.parquet"), join(lake, "captures", `${part}.parquet`));
  await nameFlows(`flow_id < ${second}`);
  await engine.close();
  engine = await openLake(lake, {threads: 1});
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

async function write(table: string, part: string, sql: string): Promise<void> {
  const made = join(folder, `${table}.parquet`);
  await engine.copyToParquet(sql, made);
  renameSync(made, join(lake, table, `${part}.parquet`));
}

/** Incidents name those flows of the made ones that a condition leaves, and are written anew as a whole. */
async function nameFlows(where: string): Promise<void> {
  const source = await openLake(join(folder, "whole"), {exportFolder: folder, threads: 1});
  const own = engine;
  engine = source;
  for (const table of ["incidents", "incident_flows"])
    await write(table, "made-1", `SELECT * FROM ${table}${table === "incidents" ? "" : ` WHERE ${where}`}`);
  engine = own;
  await source.close();
}

const renewed = () => renewRollups(lake, {model, nowMs: startedMs, least: 0});
const keys = () => parts.map(correctionKeys(lake, parts));

/** What is asked of roll-ups, and of series' incidents, equals what is asked of flows. */
async function expectEqual(): Promise<void> {
  await engine.refresh();
  for (const name of ["totals", "verdicts", "volume-by-service", "top-talkers"]) {
    const question = questions.find((each) => each.name === name)!;
    for (const filter of [{}, {verdicts: ["suspicious" as const]}]) {
      const each = {question, filter, ...(question.time ? {grid} : {})};
      const sql = rolledSql(each, {model, verdicts: "verdict_rows"});
      expect(sql, name).not.toBeNull();
      const [own, whole] = [
        await engine.query(sql as string),
        await engine.query(toSql(each, {model, verdicts: "verdict_rows"}))
      ];
      const rounded = ({rows}: typeof own) =>
        rows.map((row) =>
          row.map((cell) => (["number", "bigint"].includes(typeof cell) ? Number(Number(cell).toPrecision(9)) : cell))
        );
      expect(rounded(own), `${name} ${JSON.stringify(filter)}`).toEqual(rounded(whole));
    }
  }
  const sums = "count(DISTINCT incident), count(DISTINCT hash(src_ip, dst_ip, proto, dst_port, capture_sha256))";
  const [ofSeries, ofFlows] = [
    await engine.query(`SELECT ${sums} FROM flow_series_incidents`),
    await engine.query(
      `SELECT ${sums.replace("incident)", "incident_id)")} FROM flows SEMI JOIN flow_incidents USING (flow_id, capture_sha256) JOIN flow_incidents USING (flow_id, capture_sha256)`
    )
  ];
  expect(ofSeries.rows).toEqual(ofFlows.rows);
}

describe("what incidents say of the parts of a run", () => {
  it("is made for those whose flows they name", async () => {
    expect(new Set(keys()).size).toBe(1);
    expect(await renewed()).toEqual({made: 5, removed: 0});
    const [one, two, three] = keys();
    expect(three).toBeNull();
    expect(one).not.toBe(two);
    await expectEqual();
    expect(await renewed()).toEqual({made: 0, removed: 0});
  });

  it("is made anew for those of which they say something else, not for all at each seal", async () => {
    const before = keys();
    await nameFlows(`flow_id < ${second} AND flow_id % 2 = 0 OR flow_id < ${first}`);
    expect(new Set(keys()).size).toBe(1);
    await expectEqual();
    expect(await renewed()).toEqual({made: 1, removed: 0});
    const after = keys();
    expect(after.map((key, k) => key === before[k])).toEqual([true, false, true]);
    await expectEqual();
  });

  it("is made for a part that begins to have some, and for none where nothing changed but the files' time", async () => {
    await nameFlows(`flow_id < ${second} AND flow_id % 2 = 0 OR flow_id < ${first} OR flow_id >= ${second}`);
    expect(await renewed()).toEqual({made: 1, removed: 0});
    expect(keys()).not.toContain(null);
    await expectEqual();
    await nameFlows(`flow_id < ${second} AND flow_id % 2 = 0 OR flow_id < ${first} OR flow_id >= ${second}`);
    expect(await renewed()).toEqual({made: 0, removed: 0});
    await expectEqual();
  });

  it("is as good as unknown where the file of keys is of another form", async () => {
    const path = join(lake, ".rollups", ".incidents.json");
    for (const text of ["{", "[]", '{"made":{"state":"../x","parts":{}}}', '{"made":null}', "null"]) {
      writeFileSync(path, text);
      expect(new Set(keys()).size, text).toBe(1);
      expect(await renewed(), text).toEqual({made: 0, removed: 0});
      expect(new Set(keys()).size, text).toBe(3);
    }
    expect(readdirSync(join(lake, ".rollups")).filter((name) => name.startsWith("."))).toEqual([".incidents.json"]);
  });
});

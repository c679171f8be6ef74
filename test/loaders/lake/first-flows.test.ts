import {mkdtempSync, renameSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {forget} from "../../../capture/partitions/forgotten.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {renewRollups} from "../../../loaders/lake/rollup-renew.ts";
import {firstLists, firstPageSql, mostFirst} from "../../../src/lib/first-flows.ts";
import {type FlowsAsked, flowPageSql} from "../../../src/lib/flow-page.ts";
import {addScans} from "../../fixtures/made-records.ts";
import {makeLake} from "../../fixtures/make-lake.ts";

let folder: string;
let lake: string;
let engine: LakeEngine;
let model: string;
let captures: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-first-"));
  lake = join(folder, "lake");
  ({model, captures} = await makeLake(lake, 3000));
  await addScans(lake);
  engine = await openLake(lake, {exportFolder: folder, threads: 1});
  // A part that is too small for lists.
  const few = "SELECT * REPLACE (flow_id + 100000000 AS flow_id) FROM flows WHERE flow_id % 50 = 0";
  for (const [table, sql] of [
    ["flows", few],
    ["captures", "SELECT * FROM captures"]
  ]) {
    await engine.copyToParquet(sql, join(folder, "part.parquet"));
    renameSync(join(folder, "part.parquet"), join(lake, table, "made-2.parquet"));
  }
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

const pageOf = (over: Partial<FlowsAsked>): FlowsAsked => ({
  filter: {},
  order: "bytes",
  down: true,
  limit: 200,
  ...over
});

/** Pages of every list, first and last ones, are those of all flows. */
async function expectEqual(): Promise<void> {
  await engine.refresh();
  for (const {order, down} of firstLists)
    for (const over of [{limit: 50}, {offset: mostFirst - 70, limit: 70, known: true}]) {
      const asked = pageOf({order, down, ...over});
      const context = {model, verdicts: "verdict_rows"} as const;
      const [own, whole] = [firstPageSql(asked, context) as string, flowPageSql(asked, context)];
      expect((await engine.query(own)).rows, JSON.stringify(asked)).toEqual((await engine.query(whole)).rows);
    }
}

const counted = async () =>
  (
    await engine.query("SELECT count(*) FILTER (list IS NOT NULL), count(*) FILTER (list IS NULL) FROM first_flows")
  ).rows[0].map(Number);

describe("first pages of flows from the lists beside the lake", () => {
  it("are those of all flows, before the lists are made and after it", async () => {
    await engine.refresh();
    const [flows, few] = (
      await engine.query("SELECT count(*), count(*) FILTER (flow_id > 100000000) FROM flows")
    ).rows[0].map(Number);
    expect(few).toBeGreaterThan(50);
    expect(await counted()).toEqual([0, flows]);
    await expectEqual();
    await renewRollups(lake, {model, nowMs: Date.now(), least: 100_000});
    await engine.refresh();
    const [listed, others] = await counted();
    expect(listed).toBe(firstLists.length * mostFirst);
    expect(others).toBe(few);
    await expectEqual();
  });

  it("are without a capture that was forgotten, which may have had all that came first", async () => {
    forget(lake, captures[0], {upTo: "made", after: null});
    await engine.refresh();
    expect((await counted())[0]).toBe(0);
    await expectEqual();
  });

  it("are taken for nothing else: filters, flows behind a row, pages further down, other orders", () => {
    const sqlOf = (over: Partial<FlowsAsked>) => firstPageSql(pageOf(over), {model});
    expect(sqlOf({})).toContain("first_flows");
    expect(sqlOf({filter: {services: ["dns"]}})).toBe(null);
    expect(sqlOf({after: {key: 1, ts: 0, id: "1", capture: "a"}})).toBe(null);
    expect(sqlOf({offset: mostFirst - 199})).toBe(null);
    expect(sqlOf({order: "verdict"})).toBe(null);
    expect(sqlOf({order: "src_ip"})).toBe(null);
  });
});

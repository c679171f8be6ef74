import {mkdtempSync, renameSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {forget} from "../../../capture/partitions/forgotten.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {renewRollups} from "../../../loaders/lake/rollup-renew.ts";
import type {Filter} from "../../../src/lib/filter.ts";
import {hostList} from "../../../src/lib/records/hosts.ts";
import {recordQuestionSql} from "../../../src/lib/records/record-sql.ts";
import {scansPage} from "../../../src/lib/records/scans.ts";
import {selectedFlowsSql} from "../../../src/lib/selected-flows.ts";
import {addScans} from "../../fixtures/made-records.ts";
import {makeLake} from "../../fixtures/make-lake.ts";

const grid = {originUs: 1_763_719_200_000_000, widthUs: 60e6, count: 80};
/** What is no longer wanted stays, however long the tests take. */
const startedMs = Date.now();
let folder: string;
let lake: string;
let engine: LakeEngine;
let model: string;
let captures: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-series-"));
  lake = join(folder, "lake");
  ({model, captures} = await makeLake(lake, 3000));
  await addScans(lake);
  engine = await openLake(lake, {exportFolder: folder, threads: 1});
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

const filters = (): Filter[] => [
  {},
  {host: "10.0.0.1"},
  {host: "10.9.9.9"},
  {services: ["dns", null]},
  {protos: [17]},
  {captures: [captures[0]]},
  {host: "192.0.2.1", protos: [6], services: ["tls"]}
];

/** The rows that a statement selects, whatever their order. */
async function digestOf(sql: string): Promise<unknown> {
  return (await engine.query(`SELECT count(*), bit_xor(hash(s)) FROM (${sql}) AS s`)).rows[0];
}

/** Sorted flows of filters are those of the lake, for pages that select them and those that read them once. */
async function expectSame(some: readonly Filter[]): Promise<void> {
  for (const filter of [...some, {host: "10.0.0.1", verdicts: ["suspicious" as const], to: grid.originUs + 3e8}]) {
    const what = JSON.stringify(filter);
    const sorted = selectedFlowsSql(filter, {model, verdicts: "verdict_rows", isServed: true});
    const isNarrow = ["host", "services", "protos"].some((name) => name in filter);
    expect(sorted.includes("flows_by_service"), what).toBe(isNarrow);
    expect(await digestOf(sorted), what).toEqual(
      await digestOf(selectedFlowsSql(filter, {model, verdicts: "verdict_rows"}))
    );
    const [own, whole] = [true, false].map((isServed) => recordQuestionSql(hostList, filter, grid, {model, isServed}));
    expect(own.includes("flows_by_service"), what).toBe(isNarrow);
    expect((await engine.query(own)).rows, what).toEqual((await engine.query(whole)).rows);
  }
}

/** What pages ask of scans and beacons, of sums and of flows; how many rows there were. */
async function expectEqual(some = filters().slice(0, 2)): Promise<number> {
  await engine.refresh();
  await expectSame(some);
  let all = 0;
  for (const filter of some)
    for (const question of scansPage.questions) {
      const ofFlows = recordQuestionSql(question, filter, grid, {model});
      const ofSeries = recordQuestionSql(question, filter, grid, {model, isServed: true});
      expect(ofSeries).toContain("flow_series");
      expect(ofSeries).not.toMatch(/\bflows AS f\b/);
      const [own, whole] = [await engine.query(ofSeries), await engine.query(ofFlows)];
      const what = `${question.name} ${JSON.stringify(filter)}`;
      expect(own.columns, what).toEqual(whole.columns);
      expect(own.rows.length, what).toBe(whole.rows.length);
      all += own.rows.length;
      for (const [i, row] of whole.rows.entries())
        for (const [k, cell] of row.entries())
          if (typeof cell !== "number") expect(own.rows[i][k], `${what} row ${i}`).toBe(cell);
          else expect(own.rows[i][k], `${what} row ${i}`).toBeCloseTo(cell, 9);
    }
  return all;
}

const renewed = () => renewRollups(lake, {model, nowMs: startedMs, least: 0});

describe("sums of series and sorted flows beside the lake equal what its flows say", () => {
  it("before the sums are made, and after it", async () => {
    const before = await expectEqual(filters());
    expect(before).toBeGreaterThan(100);
    expect(await renewed()).toEqual({made: 2, removed: 0});
    expect(await expectEqual(filters())).toBe(before);
  });

  it("where incidents have changed: at once, and renewed by them alone", async () => {
    await engine.copyToParquet(
      "SELECT * REPLACE (reverse(incident_id) AS incident_id) FROM incidents",
      join(folder, "incidents.parquet")
    );
    await engine.copyToParquet(
      "SELECT * REPLACE (reverse(incident_id) AS incident_id) FROM incident_flows WHERE flow_id % 2 = 0",
      join(folder, "incident_flows.parquet")
    );
    for (const table of ["incidents", "incident_flows"])
      renameSync(join(folder, `${table}.parquet`), join(lake, table, "made-1.parquet"));
    await expectEqual();
    expect(await renewed()).toEqual({made: 1, removed: 0});
    await expectEqual();
  });

  it("without a capture that was forgotten", async () => {
    const all = async () => Number((await engine.query("SELECT sum(flows) FROM flow_series")).rows[0][0]);
    await engine.refresh();
    const before = await all();
    forget(lake, captures[0], {upTo: "made", after: null});
    await engine.refresh();
    await expectEqual();
    expect(await all()).toBeLessThan(before);
    expect(await all()).toBe(Number((await engine.query("SELECT count(*) FROM flows")).rows[0][0]));
  });

  it("flows of windows, classes and verdicts are asked for themselves", () => {
    for (const filter of [{from: 1}, {to: 9e15}, {labels: ["DoS"]}, {verdicts: ["normal" as const]}, {query: "tls"}])
      expect(recordQuestionSql(scansPage.questions[0], filter, grid, {model, isServed: true})).not.toContain(
        "flow_series"
      );
  });
});

import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync
} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {forget} from "../../../capture/partitions/forgotten.ts";
import {partOf} from "../../../capture/partitions/layout.ts";
import {removePart, sweepParts} from "../../../capture/partitions/sweep.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {removeDamagedRollups, renewRollups} from "../../../loaders/lake/rollup-renew.ts";
import {rolledSql} from "../../../loaders/questions/rolled-sql.ts";
import type {FlowTable} from "../../../src/lib/flow-table.ts";
import type {Asked} from "../../../src/lib/question.ts";
import {questions} from "../../../src/lib/questions/all.ts";
import {toSql} from "../../../src/lib/sql.ts";
import {gridFor, type Span} from "../../../src/lib/time-grid.ts";
import {makeLake} from "../../fixtures/make-lake.ts";
import {carriedFlows} from "../../pages/carried-flows.ts";
import {randomFilter, randomFrom} from "../../pages/random-filter.ts";
import {spanOf} from "../../pages/span-of.ts";

const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_251_129);
const minute = 60e6;
/** What is no longer wanted stays, however long the tests take. */
const startedMs = Date.now();
let folder: string;
let lake: string;
let engine: LakeEngine;
let model: string;
let captures: readonly string[];
let flows: FlowTable;
let span: Span;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-rollups-"));
  lake = join(folder, "lake");
  ({model, captures} = await makeLake(lake, 3000));
  engine = await openLake(lake, {exportFolder: folder, threads: 1});
  flows = await carriedFlows(engine, model, folder);
  span = spanOf(flows) as Span;
  expect(await renewRollups(lake, {model, nowMs: startedMs, least: 0})).toEqual({made: 2, removed: 0});
  await engine.refresh();
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

/** A random question: one of the notebook's, over a filter whose window often lies on edges. */
function* asked(random: () => number, each: number): Generator<Asked> {
  for (const question of questions)
    for (let n = 0; n < each; n++) {
      const {from, to, ...rest} = n === 0 ? {} : randomFilter(flows, span, random);
      const onEdge = (us: number | undefined) => us && Math.round(us / minute) * minute;
      const filter =
        random() < 0.7
          ? {...rest, ...(from ? {from: onEdge(from)} : {}), ...(to ? {to: (onEdge(to) as number) + minute} : {})}
          : {...rest, from, to};
      for (const name of ["from", "to"] as const) if (filter[name] === undefined) delete filter[name];
      const widths = [5e6, 10e6, 15e6, 30e6, minute, 2 * minute, 3600e6];
      const widthUs = widths[Math.floor(random() * widths.length)];
      const window = {
        from: filter.from ?? span.from,
        to: Math.max((filter.from ?? span.from) + 1, filter.to ?? span.to)
      };
      const originUs = Math.floor(window.from / widthUs) * widthUs;
      const grid =
        random() < 0.7
          ? {originUs, widthUs, count: Math.max(1, Math.min(1000, Math.ceil((window.to - originUs) / widthUs)))}
          : gridFor(window, 80);
      yield {question, filter, ...(question.time ? {grid} : {})};
    }
}

/** Of each kind one: they stand for all where the parts are what is tested. */
const some = ["totals", "volume-by-service", "top-talkers", "verdicts"];

async function expectEqual(
  rounds: number,
  salt: number,
  of: readonly string[] | null = some
): Promise<{rolled: number; names: Set<string>}> {
  let rolled = 0;
  const names = new Set<string>();
  for (const each of asked(randomFrom(seed + salt), rounds)) {
    if (of && !of.includes(each.question.name)) continue;
    const sql = rolledSql(each, {model, verdicts: "verdict_rows"});
    if (sql === null) continue;
    rolled++;
    names.add(each.question.name);
    const [own, whole] = [await engine.query(sql), await engine.query(toSql(each, {model, verdicts: "verdict_rows"}))];
    const what = `${each.question.name} ${JSON.stringify(each.filter)} ${JSON.stringify(each.grid)}`;
    expect(
      own.columns.map(({name}) => name),
      what
    ).toEqual(whole.columns.map(({name}) => name));
    expect(own.rows.length, what).toBe(whole.rows.length);
    for (const [i, row] of whole.rows.entries())
      for (const [k, cell] of row.entries()) {
        const other = own.rows[i][k];
        if (typeof cell !== "number" && typeof cell !== "bigint") expect(other, `${what} row ${i}`).toBe(cell);
        else
          expect(Math.abs(Number(other) - Number(cell)), `${what} row ${i}: ${cell} and ${other}`).toBeLessThanOrEqual(
            1e-9 * Math.abs(Number(cell))
          );
      }
  }
  return {rolled, names};
}

const renewed = () => renewRollups(lake, {model, nowMs: startedMs, least: 0});

describe("what is asked of roll-ups equals what is asked of all flows", () => {
  it(`for every question and random filters (seed ${seed})`, async () => {
    const {rolled, names} = await expectEqual(6, 0, null);
    expect(questions.map(({name}) => name).filter((name) => !names.has(name))).toEqual(["pairs"]);
    expect(rolled).toBeGreaterThan(60);
  });

  it("where incidents have changed: at once, and renewed by them alone", async () => {
    const path = join(lake, "incidents", "made-1.parquet");
    await engine.copyToParquet(
      "SELECT * REPLACE (CASE severity WHEN 'high' THEN 'low' WHEN 'low' THEN 'high' ELSE severity END AS severity) FROM incidents",
      join(folder, "incidents.parquet")
    );
    renameSync(join(folder, "incidents.parquet"), path);
    await engine.refresh();
    await expectEqual(2, 1);
    expect(await renewed()).toEqual({made: 1, removed: 0});
    await engine.refresh();
    await expectEqual(2, 2);
    expect(await renewed()).toEqual({made: 0, removed: 0});
  });

  it("where a capture was forgotten, and where its rows are gone", async () => {
    forget(lake, captures[1], {upTo: "made", after: null});
    await engine.refresh();
    expect((await engine.query("SELECT DISTINCT capture_sha256 FROM flows")).rows).toEqual([[captures[0]]]);
    await expectEqual(2, 3);
  });

  it("where captures were imported again: beside what is not rolled up yet, then of it", async () => {
    const again = join(folder, "again");
    await makeLake(again, 400);
    for (const table of ["flows", "verdicts", "incidents", "incident_flows", "captures"])
      copyFileSync(join(again, table, "made-1.parquet"), join(lake, table, "remade-1.parquet"));
    await engine.refresh();
    expect(Number((await engine.query("SELECT COUNT(*) FROM flows")).rows[0][0])).toBe(400);
    await expectEqual(2, 4);
    expect(await renewed()).toEqual({made: 2, removed: 0});
    await engine.refresh();
    await expectEqual(2, 5);
  });

  it("where files are damaged: cut short, and within, which repair finds", async () => {
    const folders = () =>
      readdirSync(join(lake, ".rollups")).filter(
        (name) => name.startsWith("remade-1") && !name.endsWith("corrections")
      );
    const path = join(lake, ".rollups", folders()[0], "mix_60.parquet");
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, 100));
    utimesSync(join(lake, ".rollups"), new Date(), new Date(Date.now() + 1000));
    await engine.refresh();
    await expectEqual(2, 6);
    bytes.fill(0xff, 4, Math.floor(bytes.length / 2));
    writeFileSync(path, bytes);
    const [name] = folders();
    expect(await removeDamagedRollups(lake)).toEqual([`${name}/mix_60.parquet`]);
    expect(folders()).toEqual([]);
    expect(await renewed()).toEqual({made: 1, removed: 0});
    await engine.refresh();
    await expectEqual(2, 7);
  });

  it("and they go with the part that they are of", async () => {
    const parts = () => new Set(readdirSync(join(lake, ".rollups")).map(partOf).filter(Boolean));
    expect(parts()).toEqual(new Set(["made-1", "remade-1"]));
    removePart(lake, "made-1");
    sweepParts(lake, Date.now() + 1e6);
    expect(parts()).toEqual(new Set(["remade-1"]));
    await engine.refresh();
    await expectEqual(2, 8);
  });
});

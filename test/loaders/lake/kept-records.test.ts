import {type DuckDBConnection, DuckDBInstance} from "@duckdb/node-api";
import {afterEach, beforeEach, describe, expect, it} from "vitest";
import {type FirstTable, KeptRecords} from "../../../loaders/lake/kept-records.ts";

const timeoutMs = 60_000;
let instance: DuckDBInstance;
let lake: DuckDBConnection;

beforeEach(async () => {
  instance = await DuckDBInstance.create(":memory:", {threads: "1"});
  lake = await instance.connect();
  await lake.run("CREATE TABLE flows AS SELECT i AS flow, i % 7 AS port, i % 3 AS proto FROM range(1000) AS r(i)");
});
afterEach(() => {
  lake.closeSync();
  instance.closeSync();
});

const flowsOf = (proto: number): FirstTable => ({
  name: "selected",
  select: `SELECT flow, port FROM flows WHERE proto = ${proto}`
});
const ports: FirstTable = {
  name: "records",
  select: "WITH chosen AS (SELECT * FROM selected) SELECT port, count(*) AS flows FROM chosen GROUP BY port"
};
const largest: FirstTable = {
  name: "records",
  select: "WITH chosen AS (SELECT * FROM selected) SELECT max(flow) AS flow FROM chosen"
};

async function answer(kept: KeptRecords, tables: readonly FirstTable[], rest: string) {
  const {connection, sql} = await kept.of({tables, rest}, {isOurs: true}, timeoutMs);
  const own = connection ?? (await instance.connect());
  const rows = await (await own.run(sql)).getRows();
  if (!connection) own.closeSync();
  return rows.map((row) => row.map(Number));
}

/** What is asked from now on of the lake itself finds other flows. */
const change = () => lake.run("UPDATE flows SET flow = flow + 1000000");

const count = "SELECT count(*), max(flow) FROM selected";
const twice = "SELECT (SELECT count(*) FROM records), (SELECT sum(flows) FROM records)";

describe("selections that are kept", () => {
  it("are read once, with every table that is made of them", async () => {
    const kept = new KeptRecords(instance);
    expect(await answer(kept, [flowsOf(0)], count)).toEqual([[334, 999]]);
    expect(await answer(kept, [flowsOf(0), ports], twice)).toEqual([[7, 334]]);
    expect(await answer(kept, [flowsOf(0), largest], "FROM records")).toEqual([[999]]);
    await change();
    await lake.run("DELETE FROM flows WHERE port > 2");
    expect(await answer(kept, [flowsOf(0)], count)).toEqual([[334, 999]]);
    // The one has not driven out the other.
    expect(await answer(kept, [flowsOf(0), ports], `WITH all_ports AS (${twice}) FROM all_ports`)).toEqual([[7, 334]]);
    expect(await answer(kept, [flowsOf(0), largest], "FROM records")).toEqual([[999]]);
    kept.clear();
    expect(await answer(kept, [flowsOf(0)], count)).toEqual([[143, 1_000_996]]);
  });

  it("are asked of the lake each time where they have too many values, and what is made of them is kept", async () => {
    const kept = new KeptRecords(instance, {ofOne: 300, ofAll: 600});
    expect(await answer(kept, [flowsOf(1)], count)).toEqual([[333, 997]]);
    expect(await answer(kept, [flowsOf(1), ports], twice)).toEqual([[7, 333]]);
    await change();
    expect(await answer(kept, [flowsOf(1)], count)).toEqual([[333, 1_000_997]]);
    expect(await answer(kept, [flowsOf(1), largest], "FROM records")).toEqual([[1_000_997]]);
    await lake.run("DELETE FROM flows");
    expect(await answer(kept, [flowsOf(1), ports], twice)).toEqual([[7, 333]]);
  });

  it("go when others need their room, those first that were used longest ago", async () => {
    const kept = new KeptRecords(instance, {ofOne: 700, ofAll: 1400});
    for (const proto of [0, 1]) await answer(kept, [flowsOf(proto)], count);
    await answer(kept, [flowsOf(0)], count);
    await answer(kept, [flowsOf(2)], count);
    await change();
    expect(await answer(kept, [flowsOf(0)], count)).toEqual([[334, 999]]);
    expect(await answer(kept, [flowsOf(1)], count)).toEqual([[333, 1_000_997]]);
  });
});

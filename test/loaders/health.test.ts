import {mkdtempSync, readdirSync, rmSync, statSync, truncateSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, afterEach, beforeAll, expect, it} from "vitest";
import {lakeHealth} from "../../loaders/health/health.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {makeLake} from "../fixtures/make-lake.ts";

const lake = join(mkdtempSync(join(tmpdir(), "flowbook-health-")), "lake");
const look = (served: boolean) => {
  Object.assign(process.env, {FLOWBOOK_LAKE: lake, FLOWBOOK_SERVED: String(served)});
  return lakeHealth(() => 1_700_000_000_000);
};

beforeAll(async () => void (await makeLake(lake, 200)));
afterEach(() => {
  for (const name of ["FLOWBOOK_LAKE", "FLOWBOOK_SERVED"]) delete process.env[name];
});
afterAll(() => rmSync(join(lake, ".."), {recursive: true, force: true}));

it("tells sizes and losses of a lake as they are on disk and in SQL", async () => {
  const {atMs, tables, losses, damage, checks, disk} = await look(true);
  expect(atMs).toBe(1_700_000_000_000);
  const engine = await openLake(lake);
  const number = async (sql: string) => Number((await engine.query(sql)).rows[0][0]);
  for (const {name, rows, files, bytes} of tables) {
    const paths = readdirSync(join(lake, name)).map((file) => join(lake, name, file));
    expect([name, rows, files, bytes]).toEqual([
      name,
      await number(`SELECT count(*) FROM ${name}`),
      paths.length,
      paths.reduce((sum, path) => sum + statSync(path).size, 0)
    ]);
  }
  expect(tables.map(({name}) => name).sort()).toEqual(["captures", "flows", "incident_flows", "incidents", "verdicts"]);
  expect(losses).toEqual({
    captures: 3,
    withLoss: 1,
    untold: 1,
    packets: await number("SELECT sum(packets) FROM captures"),
    interface_drops: 0,
    kernel_drops: 25,
    pipe_drops: null,
    evicted_flows: 0,
    cut_packets: 12,
    malformed: 7,
    unread_packets: 812
  });
  await engine.close();
  expect(damage).toEqual([]);
  expect(checks.find(({name}) => name === "Node")?.state).toBe("ok");
  expect(disk!.free).toBeLessThanOrEqual(disk!.size);
});

it("says nothing of the machine in what a static site carries", async () => {
  const health = await look(false);
  expect([health.checks, health.disk]).toEqual([[], null]);
  expect(JSON.stringify(health)).not.toContain(lake);
});

it("names a damaged file, without the lake's path", async () => {
  truncateSync(join(lake, "incidents/made-1.parquet"), 50);
  const {damage} = await look(false);
  expect(damage.map(({file}) => file)).toEqual(["incidents/made-1.parquet"]);
  expect(damage[0].problem).not.toContain(lake);
});

import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {gunzipSync} from "node:zlib";
import {tableFromIPC} from "apache-arrow";
import {afterAll, beforeAll, beforeEach, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import type {PageTable} from "../../loaders/lake/page-tables.ts";
import {carry} from "../../server/notebook/carry.ts";
import type {CarriedTable} from "../../src/lib/carried.ts";
import {makeLake} from "../fixtures/make-lake.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-carry-"));
const site = join(folder, "site");
const flows = 1500;
let engine: LakeEngine;

beforeAll(async () => {
  await makeLake(join(folder, "lake"), flows);
  engine = await openLake(join(folder, "lake"));
});
beforeEach(() => rmSync(site, {recursive: true, force: true}));
afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

/** What a page carries that asks a table of that name, with an input. */
async function carriedOf(table: PageTable, tableBytes: number) {
  const sql = `SELECT src_ip, sum(duration_us) AS us FROM ${table.name} WHERE dst_port > ? GROUP BY 1`;
  const asks = {statements: [{sql, hasInputs: true, order: 0}], tables: [table]};
  const options = {engine, project: resolve(import.meta.dirname, "../.."), site, tableBytes, sampledRows: 400};
  const {carried, problems} = await carry("/x", asks as never, options);
  return {table: carried.tables[table.name.toLowerCase()], problems};
}

const sampled = {name: "Some_Flows", from: {table: "flows"}, isSampled: true};

const rowsOf = (table: CarriedTable) =>
  tableFromIPC(gunzipSync(readFileSync(join(site, table.href))))
    .toArray()
    .map((row) => [row.src_ip, row.dst_port, String(row.duration_us)]);

const asked = async (where: string) =>
  (await engine.query(`SELECT src_ip, dst_port, CAST(duration_us AS VARCHAR) FROM flows WHERE ${where}`)).rows;

it("a page has a sample of a table that is called one where not all of it has room, and says how many rows there are", async () => {
  const whole = (await carriedOf(sampled, 1e9)).table as CarriedTable;
  expect(whole).toEqual({href: whole.href, bytes: whole.bytes, rows: flows, columns: 3});
  const {table, problems} = await carriedOf(sampled, whole.bytes - 1);
  const share = Math.floor((400 / flows) * 2 ** 20);
  const expected = await asked(`hash(flow_id) >> 44 < ${share}`);
  expect(expected.length).toBeGreaterThan(300);
  expect([problems, table]).toEqual([[], {...table, rows: expected.length, all: flows, columns: 3, isSampled: true}]);
  expect(rowsOf(table as CarriedTable).sort()).toEqual(expected.map((row) => [...row]).sort());
});

it("with less room it has half as many rows, and again half", async () => {
  for (let [most, left] = [200, 3000]; most >= 100; most /= 2) {
    const {table, problems} = await carriedOf(sampled, left);
    const expected = await asked(`hash(flow_id) >> 44 < ${Math.floor((most / flows) * 2 ** 20)}`);
    expect([problems, (table as CarriedTable).rows]).toEqual([[], expected.length]);
    left = (table as CarriedTable).bytes - 1;
  }
});

it("a table that is no sample is left out where it has no room, and leaves no file", async () => {
  const {table, problems} = await carriedOf({name: "mine", from: {table: "flows"}}, 3000);
  expect(problems).toEqual([(table as {problem: string}).problem]);
  expect(problems[0]).toMatch(/^the table mine takes 0\.0 MB of the 0\.0 MB that this page may carry/);
  expect(
    existsSync(join(site, "_sql")) ? readdirSync(join(site, "_sql")).filter((name) => name.includes("arrow")) : []
  ).toEqual([]);
});

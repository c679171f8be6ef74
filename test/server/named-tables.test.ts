import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {namedTables} from "../../server/notebook/named-tables.ts";

const lake = mkdtempSync(join(tmpdir(), "flowbook-named-"));
let engine: LakeEngine;
beforeAll(async () => {
  engine = await openLake(lake);
});
afterAll(async () => {
  await engine.close();
  rmSync(lake, {recursive: true});
});

const of = async (sql: string) =>
  Object.fromEntries(
    [...(await namedTables(engine, sql))].map(([name, columns]) => [name, columns && [...columns].sort()])
  );

it("a statement needs the columns that it names, of every table that it names", async () => {
  expect(
    await of(
      "SELECT f.src_ip, count(*) AS flows FROM flows AS f JOIN incidents USING (capture_sha256) WHERE proto = ? ORDER BY flows"
    )
  ).toEqual({
    flows: ["capture_sha256", "f", "flows", "proto", "src_ip"],
    incidents: ["capture_sha256", "f", "flows", "proto", "src_ip"]
  });
  expect(
    await of("WITH a AS (SELECT proto FROM flows WHERE src_ip IN (SELECT src_ip FROM arp)) SELECT * EXCLUDE x FROM a")
  ).toEqual({
    flows: null,
    arp: null,
    a: null
  });
});

it("a star, a table's name as its row and a natural join need all columns", async () => {
  for (const sql of [
    "FROM flows LIMIT ?",
    "SELECT flows FROM flows",
    "SELECT a.proto FROM flows a NATURAL JOIN incidents",
    "SUMMARIZE flows"
  ])
    expect([sql, (await of(sql)).flows]).toEqual([sql, null]);
});

it("what is no statement names nothing", async () => {
  expect(await of("SELEC 1")).toEqual({});
});

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {namedViews} from "../../../loaders/lake/lake-views.ts";
import {makeLake} from "../../fixtures/make-lake.ts";

const lake = mkdtempSync(join(tmpdir(), "flowbook-named-views-"));
beforeAll(() => makeLake(lake, 200));
afterAll(() => rmSync(lake, {recursive: true, force: true}));

const namesFor = (text: string) => namedViews(text).map(({name}) => name);

test("a statement needs the views that it names, after those that they ask", () => {
  expect(namesFor("SELECT count(*) FROM flows")).toEqual([]);
  expect(namesFor("SELECT ip FROM HOSTS")).toEqual(["mac_vendors", "host_marks", "hosts"]);
  expect(namesFor("SELECT 1 FROM cicids2017, loss")).toEqual(["loss", "cicids2017"]);
  expect(namesFor("SHOW TABLES")).toEqual(
    expect.arrayContaining(["loss", "hosts", "cicflowmeter", "zeek_conn", "ipfix"])
  );
});

test("statements that name the same views at the same time are all answered", async () => {
  const engine = await openLake(lake, {threads: 1});
  try {
    const statements = ["hosts", "host_marks", "cicids2017", "zeek_conn", "hosts", "loss"].map(
      (name) => `SELECT count(*) >= 0 FROM ${name}`
    );
    const answers = await Promise.all(statements.map((sql) => engine.query(sql)));
    expect(answers.map(({rows}) => rows[0][0])).toEqual([true, true, true, true, true, true]);
    const {rows} = await engine.query("SELECT count(*) FROM duckdb_views() WHERE view_name IN ('hosts', 'ecs')");
    expect(Number(rows[0][0])).toBe(2);
  } finally {
    await engine.close();
  }
});

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {FastifyInstance} from "fastify";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {createHttp} from "../../server/http.ts";
import {QueryPool} from "../../server/queries/pool.ts";
import {queryLimits, queryRoutes} from "../../server/routes/queries.ts";
import {makeLake} from "../fixtures/make-lake.ts";

const lake = mkdtempSync(join(tmpdir(), "flowbook-queries-"));
let server: FastifyInstance;
let pool: QueryPool;

beforeAll(async () => {
  await makeLake(lake, 500);
  server = createHttp();
  pool = new QueryPool(lake);
  const limits = {...queryLimits, rows: 400};
  await server.register(queryRoutes, {pool, limits});
  await server.register(queryRoutes, {prefix: "/hurried", pool, limits: {...limits, timeoutMs: 1000}});
});
afterAll(async () => {
  await server.close();
  await pool.close();
  rmSync(lake, {recursive: true, force: true});
});

const query = (sql: unknown, url = "/api/query") => server.inject({method: "POST", url, payload: {sql}});

describe("a query from a page", () => {
  it("gets rows with their columns", async () => {
    const response = await query("SELECT COUNT(*) AS flows, MIN(ts_start) AS first FROM flows WHERE dst_port > 0");
    const {columns, rows} = response.json();
    expect(columns.map(({name, type}: {name: string; type: string}) => `${name} ${type}`)).toEqual([
      "flows BIGINT",
      "first TIMESTAMP"
    ]);
    expect(rows[0].flows).toBeGreaterThan(0);
    expect(rows[0].first).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it("is told what is wrong with it", async () => {
    const response = await query("SELECT no_such_column FROM flows");
    expect([response.statusCode, response.json().error]).toEqual([400, expect.stringContaining("no_such_column")]);
    expect((await query(7)).statusCode).toBe(400);
  });

  it("cannot write, read other files or take more than its share", async () => {
    for (const sql of [
      "CREATE TABLE t AS SELECT 1",
      "COPY flows TO '/tmp/flows.csv'",
      "SELECT * FROM read_text('/etc/passwd')",
      "ATTACH '/tmp/x.db'",
      "SET enable_external_access = true",
      "INSTALL httpfs",
      "SELECT 1; DROP VIEW flows"
    ])
      expect([sql, (await query(sql)).statusCode]).toEqual([sql, 400]);
    expect((await query("SELECT * FROM flows")).json().error).toContain("more than 400 rows");
    const endless = "SELECT COUNT(*) FROM range(100000000000) a";
    expect((await query(endless, "/hurried/api/query")).statusCode).toBe(422);
  });
});

describe("an export of flows", () => {
  it("has as many rows as the condition selects", async () => {
    const {rows} = (await query("SELECT COUNT(*) AS n FROM flows WHERE proto = 17")).json();
    const url = `/api/flows?format=ndjson&where=${encodeURIComponent("proto = 17 -- only UDP")}`;
    const response = await server.inject({method: "GET", url});
    expect(response.headers["content-disposition"]).toBe('attachment; filename="flows.ndjson"');
    const flows = response.body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(flows).toHaveLength(rows[0].n);
    expect(flows.every(({proto}) => proto === 17)).toBe(true);
  });

  it("refuses a wrong condition and an unknown format before it sends anything", async () => {
    expect((await server.inject({method: "GET", url: "/api/flows?where=nonsense%20here"})).statusCode).toBe(400);
    expect((await server.inject({method: "GET", url: "/api/flows?format=xml"})).statusCode).toBe(400);
  });
});

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {ask} from "../../loaders/questions/ask.ts";
import {questions} from "../../src/lib/questions/all.ts";
import {hostsPage} from "../../src/lib/records/hosts.js";
import {recordQuestionStated} from "../../src/lib/records/record-sql.js";
import {scansPage} from "../../src/lib/records/scans.js";
import {tcpPage} from "../../src/lib/records/tcp.js";
import {gridFor} from "../../src/lib/time-grid.js";
import {makeLake} from "../fixtures/make-lake.ts";
import {type AppUnderTest, appUnderTest} from "./app-under-test.ts";

let folder: string;
let app: AppUnderTest;
let engine: LakeEngine;
let model: string;
const grid = {originUs: 1_763_719_200_000_000, widthUs: 60e6, count: 90};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-answers-"));
  const lake = join(folder, "lake");
  ({model} = await makeLake(lake, 600));
  engine = await openLake(lake, {threads: 1});
  app = await appUnderTest({lake});
});
afterAll(async () => {
  await app?.close();
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

const post = (path: string, body: object, headers = {}) => app.send("POST", `/api/answers${path}`, body, headers);

describe("answers to pages", () => {
  it("are those of the question's SQL, for every question of the notebook", async () => {
    const filters = [
      {protos: [6], services: ["tls", null]},
      {host: "10.0.0.1"},
      {from: grid.originUs + 61e6, to: grid.originUs + 3e8},
      {host: "10.0.0.1", query: "not dns", from: grid.originUs + 61e6, to: grid.originUs + 3e8}
    ];
    for (const filter of filters)
      for (const question of questions) {
        const response = await post("", {question, filter, ...(question.time ? {grid} : {})});
        expect([question.name, response.statusCode]).toEqual([question.name, 200]);
        expect(rounded(response.json()), `${question.name} ${JSON.stringify(filter)}`).toEqual(
          rounded(await ask(engine, {question, filter, grid}, model))
        );
      }
  });

  it("are not sent again to a reader who has them", async () => {
    const asked = {question: questions[0], filter: {}};
    const first = await post("", asked);
    expect(first.headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect((await post("", asked, {"if-none-match": first.headers.etag})).statusCode).toBe(304);
    const other = await post("", {...asked, filter: {protos: [17]}}, {"if-none-match": first.headers.etag});
    expect(other.statusCode).toBe(200);
  });

  it("are refused where a field is none of the language", async () => {
    const question = questions[0];
    const refused: [object, string][] = [
      [{question: {...question, by: ["src_ip; DROP TABLE flows"]}, filter: {}}, "question.by.0"],
      [{question: {...question, measures: ["1) FROM flows --"]}, filter: {}}, "question.measures.0"],
      [{question, filter: {where: "1=1"}}, "filter.where"],
      [{question, filter: {captures: ["x' OR 1=1"]}}, "filter.captures.0"],
      [{question: {...question, time: "spread"}, filter: {}}, "grid"],
      [{question: {...question, time: "spread"}, filter: {}, grid: {...grid, count: 1001}}, "grid.count"]
    ];
    for (const [body, field] of refused) {
      const response = await post("", body);
      expect([response.statusCode, response.json().field], JSON.stringify(body)).toEqual([400, field]);
    }
  });

  it("take a stranger's text for a value", async () => {
    const host = "10.0.0.1' OR '1'='1";
    const response = await post("", {question: questions[0], filter: {host}});
    expect(response.json().rows[0][0]).toBe(0);
  });
});

describe("answers over records", () => {
  const span = {from: grid.originUs, to: grid.originUs + grid.count * grid.widthUs};

  it("are those of the whole statement, from records that are kept or not", async () => {
    for (const filter of [{}, {protos: [6]}, {verdicts: ["suspicious" as const]}, {host: "10.0.0.1' OR '1'='1"}])
      for (const {questions} of [tcpPage, scansPage, hostsPage])
        for (const question of questions) {
          const stated = recordQuestionStated(question, filter, gridFor(span, 60), {model});
          const isWhole = Object.keys(filter).length === 0;
          const isSelected = !isWhole && !question.isReadOnce;
          expect(stated.over).toHaveLength((isSelected ? 1 : 0) + (question.made === undefined ? 0 : 1));
          const response = await post("/records", stated);
          const {columns, rows} = await engine.query(stated.sql);
          const names = columns.map(({name}) => name);
          expect([question.name, filter, response.json()]).toEqual([
            question.name,
            filter,
            {columns: names, rows: JSON.parse(JSON.stringify(rows, (_, value) => plain(value)))}
          ]);
        }
  });

  it("are refused where one of the parts does more than read, and nobody else sees the records", async () => {
    const head = "WITH records AS (SELECT 1 AS one)";
    const over = [head.length];
    expect((await post("/records", {sql: `${head} FROM records`, over})).json()).toEqual({
      columns: ["one"],
      rows: [[1]]
    });
    expect((await post("/records", {sql: "SELECT * FROM records"})).statusCode).toBe(400);
    expect((await post("/records", {sql: `${head} DROP VIEW flows`, over})).json().error).toMatch(/only statements/);
    expect((await post("/records", {sql: `${head} FROM records`, over: [over[0] - 1]})).json().field).toBe("over");
    const two = "WITH records AS (SELECT 1) ; DROP VIEW flows; SELECT (2)";
    expect((await post("/records", {sql: `${two} FROM records`, over: [two.length]})).statusCode).toBe(400);
  });
});

/** Sums of fractions differ in their last digits with the order of rows. */
const rounded = (answer: unknown) =>
  JSON.parse(JSON.stringify(answer), (_, value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value));
const plain = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);

describe("lists of flows", () => {
  it("come a page at a time, and one flow with its details", async () => {
    const asked = {filter: {protos: [6]}, order: "bytes", down: true, limit: 5};
    const {columns, rows} = (await post("/flows", asked)).json();
    const sql =
      "SELECT flow_id FROM flows WHERE proto = 6 ORDER BY src_wire_bytes + dst_wire_bytes DESC, ts_start LIMIT 5";
    expect(rows.map((row: unknown[]) => BigInt(row[0] as number))).toEqual(
      (await engine.query(sql)).rows.map(([id]) => id)
    );
    const capture = rows[0][columns.indexOf("capture_sha256")];
    const details = (await post("/flow", {flow: String(rows[0][0]), capture})).json();
    expect(details.rows).toHaveLength(1);
    expect((await post("/flow", {flow: "1 OR 1=1", capture})).statusCode).toBe(400);
  });

  it("are exported whole, by the filter of a page's address", async () => {
    const response = await app.send(
      "GET",
      "/api/answers/export?format=csv&order=bytes&direction=down&filter=proto%3D6"
    );
    expect([response.statusCode, response.body.slice(0, 200)]).toEqual([200, expect.stringMatching(/^flow_id,/)]);
    const lines = response.body.trim().split("\n");
    const {rows} = await engine.query("SELECT COUNT(*) FROM flows WHERE proto = 6");
    expect(lines.length - 1).toBe(Number(rows[0][0]));
    expect(response.headers["content-disposition"]).toBe('attachment; filename="flows.csv"');
  });
});

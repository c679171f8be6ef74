import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {cells} from "../../loaders/export/text-formats.ts";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {addressKey, addressKeySql} from "../../src/lib/address-key.ts";
import type {AnswerSource} from "../../src/lib/answer-source.ts";
import {carriedAnswers} from "../../src/lib/carried-answers.ts";
import {type FlowOrderName, flowOrders, flowPageOf, flowPageSql} from "../../src/lib/flow-page.ts";
import type {FlowTable} from "../../src/lib/flow-table.ts";
import type {Span} from "../../src/lib/time-grid.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {carriedFlows} from "./carried-flows.ts";
import {randomFilter, randomFrom} from "./random-filter.ts";
import {spanOf} from "./span-of.ts";

const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_251_128);

let folder: string;
let engine: LakeEngine;
let model: string;
let flows: FlowTable;
let span: Span;
let carried: Omit<AnswerSource, "stated">;
const never = new AbortController().signal;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-flow-page-"));
  ({model} = await makeLake(join(folder, "lake"), 2000));
  engine = await openLake(join(folder, "lake"), {exportFolder: folder, threads: 1});
  flows = await carriedFlows(engine, model, folder);
  span = spanOf(flows) as Span;
  const none = () => Promise.reject(new Error("not asked for here"));
  carried = carriedAnswers({flows, details: none, incidentFlows: none});
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

/** The page as the server sends it. */
async function served(asked: Parameters<typeof flowPageSql>[0]) {
  const {columns, rows} = await engine.query(flowPageSql(asked, {model, verdicts: "verdict_rows"}));
  const text =
    cells.begin(columns) + rows.map((row, i) => cells.row(row, columns, i)).join("") + cells.end(rows.length);
  return flowPageOf(JSON.parse(text));
}

describe("a page of flows", () => {
  for (const order of Object.keys(flowOrders) as FlowOrderName[])
    it(`by ${order} is the same from the lake and from what a site carries (seed ${seed})`, async () => {
      const random = randomFrom(seed + order.length);
      for (const down of [false, true]) {
        const filter = randomFilter(flows, span, random);
        const asked = {filter, order, down, limit: 300, offset: Math.floor(random() * 40)};
        const [a, b] = [await served(asked), await carried.flows(asked, never)];
        const said = JSON.stringify(asked);
        expect(a.flows.ids, said).toEqual(b.flows.ids);
        expect(a.cursors, said).toEqual(b.cursors);
        expect(a.flows.numbers, said).toEqual(b.flows.numbers);
      }
    });

  it("goes on behind its last row: pages one after another are the whole list, each flow once", async () => {
    for (const order of ["server_name", "anomaly_score", "bytes", "dst_ip", "ts_start"] as const)
      for (const down of [false, true]) {
        const asked = {filter: {}, order, down, limit: 700};
        const whole = (await carried.flows({...asked, limit: flows.rows}, never)).flows.ids;
        for (const source of [served, (page: typeof asked) => carried.flows(page, never)]) {
          const ids: bigint[] = [];
          for (let after: Awaited<ReturnType<typeof served>>["cursors"][number] | undefined; ; ) {
            const page = await source({...asked, ...(after ? {after} : {})});
            ids.push(...page.flows.ids);
            after = page.cursors.at(-1);
            if (page.flows.rows < asked.limit) break;
          }
          expect(ids, `${order} ${down}`).toEqual([...whole]);
        }
      }
  });
});

describe("addresses", () => {
  const addresses = [
    "2001:db8::1",
    "10.0.0.9",
    "9.255.0.1",
    "10.0.0.10",
    "::",
    "::1",
    "fe80::1:2:3:4",
    "::ffff:192.0.2.7",
    "2001:db8:0:0:1::",
    "255.255.255.255",
    "1:2:3:4:5:6:7:8",
    "0.0.0.0"
  ];
  const inOrder = [
    "0.0.0.0",
    "9.255.0.1",
    "10.0.0.9",
    "10.0.0.10",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:192.0.2.7",
    "1:2:3:4:5:6:7:8",
    "2001:db8::1",
    "2001:db8:0:0:1::",
    "fe80::1:2:3:4"
  ];

  it("are ordered as the numbers they are, in the page and in SQL", async () => {
    expect(addresses.toSorted((a, b) => (addressKey(a) < addressKey(b) ? -1 : 1))).toEqual(inOrder);
    const values = addresses.map((address) => `('${address}')`).join(", ");
    const {rows} = await engine.query(`SELECT a, ${addressKeySql("a")} FROM (VALUES ${values}) AS t(a) ORDER BY 2`);
    expect(rows).toEqual(inOrder.map((address) => [address, addressKey(address)]));
  });
});

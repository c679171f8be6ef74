import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {ask, askSql} from "../../loaders/questions/ask.ts";
import {evaluate} from "../../src/lib/evaluate.ts";
import type {FlowTable} from "../../src/lib/flow-table.ts";
import type {Answer, Asked} from "../../src/lib/question.ts";
import {questions} from "../../src/lib/questions/all.ts";
import {selectedFlowsSql} from "../../src/lib/selected-flows.ts";
import {select} from "../../src/lib/selection.ts";
import {sharedPairs} from "../../src/lib/shared-pairs.ts";
import {flowsSql, toSql} from "../../src/lib/sql.ts";
import {gridFor, type Span, windowOf} from "../../src/lib/time-grid.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {carriedFlows} from "./carried-flows.ts";
import {randomFilter, randomFrom} from "./random-filter.ts";
import {spanOf} from "./span-of.ts";

const filtersPerQuestion = 12;
const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_251_121);

let folder: string;
let engine: LakeEngine;
let model: string;
let flows: FlowTable;
let span: Span;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-questions-"));
  const lake = join(folder, "lake");
  ({model} = await makeLake(lake, 4000));
  engine = await openLake(lake, {exportFolder: folder, threads: 1});
  flows = await carriedFlows(engine, model, folder);
  span = spanOf(flows) as Span;
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

describe("what a page answers in the browser equals SQL over the lake", () => {
  for (const question of questions)
    it(`${question.name}: ${filtersPerQuestion} random filters and none (seed ${seed})`, async () => {
      const random = randomFrom(seed ^ nameHash(question.name));
      for (let n = 0; n <= filtersPerQuestion; n++) {
        const filter = n === 0 ? {} : randomFilter(flows, span, random);
        const grid = gridFor(windowOf(span, filter), 2 + random() * 150);
        const asked: Asked = {question, filter, grid};
        expectSame(
          evaluate(flows, asked),
          await ask(engine, asked, model),
          `${question.name} of ${JSON.stringify(filter)}`
        );
        if (n > 3) continue;
        const rest = toSql(asked, {model, isSelected: true}).replace(/^WITH /, ", ");
        expectSame(
          evaluate(flows, asked),
          await askSql(engine, `WITH selected AS (\n${selectedFlowsSql(filter, {model})})${rest}`),
          `${question.name} of ${JSON.stringify(filter)}, over flows that are selected`
        );
        const pairs = sharedPairs(asked, {model});
        if (pairs)
          expectSame(
            evaluate(flows, asked),
            await askSql(engine, `WITH records AS (\n${pairs.made}\n)${pairs.rest.replace(/^WITH /, ",\n")}`),
            `${question.name} of ${JSON.stringify(filter)}, over sums of pairs`
          );
      }
    });

  it("of hosts and what they sent comes from the same sums of pairs", () => {
    const shared = questions.flatMap((question) => sharedPairs({question, filter: {from: 1}}, {model}) ?? []);
    const names = questions.filter((question) => sharedPairs({question, filter: {}}, {model})).map(({name}) => name);
    expect(names.sort()).toEqual(["top-destinations", "top-talkers"]);
    expect(new Set(shared.map(({made}) => made)).size).toBe(1);
  });
});

describe("the flows that a page lists", () => {
  it("are the rows of the SQL it shows, for random filters", async () => {
    const random = randomFrom(seed);
    for (let n = 0; n < 20; n++) {
      const filter = randomFilter(flows, span, random);
      const sql = `SELECT flow_id FROM (${flowsSql(filter, {model}, "f.ts_start, f.flow_id")})`;
      const {rows} = await engine.query(sql);
      const listed = Array.from(select(flows, filter).rows, (row) => flows.ids[row]);
      expect(listed, JSON.stringify(filter)).toEqual(rows.map(([id]) => id));
    }
  });
});

describe("bytes spread over time", () => {
  it("add up to all bytes where no window cuts a flow", () => {
    const question = questions.find(({name}) => name === "volume-by-service")!;
    const answer = evaluate(flows, {question, filter: {}, grid: gridFor(span, 100)});
    const total = evaluate(flows, {question: questions.find(({name}) => name === "totals")!, filter: {}});
    const bytes = answer.rows.reduce((sum, row) => sum + (row[2] as number), 0);
    expect(bytes).toBeCloseTo(total.rows[0][2] as number, 3);
  });

  it("in a window equal the sum that the headline shows for it", () => {
    const random = randomFrom(seed);
    for (let n = 0; n < 10; n++) {
      const filter = {from: Math.floor(span.from + random() * 6e8), to: Math.ceil(span.from + 6e8 + random() * 1e8)};
      const question = questions.find(({name}) => name === "volume-by-service")!;
      const answer = evaluate(flows, {question, filter, grid: gridFor(windowOf(span, filter), 100)});
      const total = evaluate(flows, {question: questions.find(({name}) => name === "totals")!, filter});
      const bytes = answer.rows.reduce((sum, row) => sum + (row[2] as number), 0);
      expect(Math.abs(bytes / (total.rows[0][2] as number) - 1)).toBeLessThan(1e-9);
    }
  });
});

/** Equal rows in equal order; sums of shares may differ in their last digits, since addition goes in another order. */
function expectSame(page: Answer, lake: Answer, what: string): void {
  expect(page.columns, what).toEqual(lake.columns);
  expect(page.rows.length, what).toBe(lake.rows.length);
  page.rows.forEach((row, i) => {
    row.forEach((cell, k) => {
      const other = lake.rows[i][k];
      const said = `${what}, row ${i}, ${page.columns[k]}: ${cell} and ${other}`;
      if (typeof cell !== "number" || typeof other !== "number" || (Number.isInteger(cell) && Number.isInteger(other)))
        expect(cell, said).toBe(other);
      else expect(Math.abs(cell - other), said).toBeLessThanOrEqual(1e-9 * Math.abs(other));
    });
  });
}

function nameHash(name: string): number {
  let hash = 7;
  for (const letter of name) hash = Math.imul(hash, 31) + letter.charCodeAt(0);
  return hash >>> 0;
}

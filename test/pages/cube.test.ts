import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {ask} from "../../loaders/questions/ask.ts";
import {keyOf} from "../../src/lib/answer-source.ts";
import {cubeAnswer, cubeAsked, cubeOf} from "../../src/lib/cube.ts";
import {evaluate} from "../../src/lib/evaluate.ts";
import {withFields} from "../../src/lib/filter.ts";
import type {FlowTable} from "../../src/lib/flow-table.ts";
import type {Cell} from "../../src/lib/question.ts";
import {questions} from "../../src/lib/questions/all.ts";
import {gridFor, type Span} from "../../src/lib/time-grid.ts";
import {aheadOf, narrowedAnswer, widerOf} from "../../src/lib/wider-answers.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {carriedFlows} from "./carried-flows.ts";
import {randomFilter, randomFrom} from "./random-filter.ts";
import {spanOf} from "./span-of.ts";

const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_251_130);
let folder: string;
let engine: LakeEngine;
let model: string;
let flows: FlowTable;
let span: Span;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-cube-"));
  ({model} = await makeLake(join(folder, "lake"), 2500));
  engine = await openLake(join(folder, "lake"), {exportFolder: folder, threads: 1});
  flows = await carriedFlows(engine, model, folder);
  span = spanOf(flows) as Span;
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

describe("a value that is picked", () => {
  it(`is answered from what is known without it, as it is answered itself (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const some = <T>(values: readonly T[]) => values.filter(() => random() < 0.5);
    const [services, states, labels] = (["service", "state", "label"] as const).map((name) => flows.texts[name].values);
    const picks = () =>
      [
        {services: some([...services, null])},
        {protos: some([1, 6, 17, 132])},
        {verdicts: some(states) as "normal"[]},
        {labels: some(labels)},
        {captures: some(flows.texts.capture_sha256.values)}
      ].filter((pick) => Object.values(pick)[0].length > 0);
    let ahead = 0;
    for (const question of questions)
      for (const pick of picks()) {
        const base = withFields(randomFilter(flows, span, random), {[Object.keys(pick)[0]]: undefined});
        const grid = question.time ? gridFor(span, 50) : undefined;
        const asked = {question, grid, filter: withFields(base, pick)};
        const before = aheadOf({question, grid, filter: base}, pick);
        for (const wider of widerOf(asked)) {
          if (!(Object.keys(pick)[0] === wider.field)) continue;
          if (before) {
            ahead++;
            expect(keyOf(before)).toBe(keyOf(wider.asked));
          }
          const said = `${question.name} of ${JSON.stringify(asked.filter)}`;
          const narrowed = narrowedAnswer(asked, wider, evaluate(flows, wider.asked));
          const answered = evaluate(flows, asked);
          if (narrowed === null) continue;
          expect(narrowed.columns, said).toEqual(answered.columns);
          expect(narrowed.rows.length, said).toBe(answered.rows.length);
          for (const [i, row] of narrowed.rows.entries())
            for (const [k, cell] of row.entries())
              expect(isNear(cell, answered.rows[i][k]), `${said}: ${cell}`).toBe(true);
        }
      }
    expect(ahead).toBeGreaterThan(30);
  });

  it("is not answered from a list that was cut", () => {
    const asked = {question: topServers, filter: {services: ["tls"]}};
    const [wider] = widerOf(asked);
    const rows = [
      ["tls", 5],
      ["dns", 4]
    ] as const;
    expect(narrowedAnswer(asked, wider, {columns: ["service", "flows"], rows})).toBeNull();
    expect(narrowedAnswer(asked, wider, {columns: ["service", "flows"], rows: rows.slice(0, 1)})?.rows).toEqual([
      ["tls", 5]
    ]);
  });
});

const topServers = {name: "x", title: "x", by: ["service"], measures: ["flows"], order: "flows", limit: 2} as const;

const withCube = questions.filter((question) => cubeOf({question, filter: {}}, {originUs: 0, widthUs: 1, count: 1}));

describe("a window that is dragged", () => {
  it("has a cube for most charts, and none for groups without number", () => {
    const names = withCube.map(({name}) => name);
    expect(names).toEqual(
      expect.arrayContaining(["totals", "volume-by-service", "flows-by-verdict", "protocols", "services", "flow-count"])
    );
    for (const name of ["top-talkers", "host-count", "top-names", "hierarchy"]) expect(names).not.toContain(name);
  });

  it(`is added up from its cube as it is answered itself, in random windows (seed ${seed})`, () => {
    const random = randomFrom(seed);
    for (const question of withCube)
      for (let n = 0; n < 6; n++) {
        const base = withFields(randomFilter(flows, span, random), {from: undefined, to: undefined});
        const grid = gridFor(span, 20 + random() * 200);
        const cube = cubeOf({question, filter: base}, grid)!;
        const answers = cubeAsked(cube).map((asked) => evaluate(flows, asked));
        for (let w = 0; w < 4; w++) {
          const first = Math.floor(random() * grid.count);
          const last = first + 1 + Math.floor(random() * (grid.count - first));
          const [from, to] = [first, last].map((edge) => grid.originUs + edge * grid.widthUs);
          const filter = withFields(base, {
            from: random() < 0.2 ? undefined : from,
            to: random() < 0.2 ? undefined : to
          });
          const shown = filter.from === undefined ? 0 : first;
          const end = filter.to === undefined ? grid.count : last;
          const own = {...grid, originUs: grid.originUs + shown * grid.widthUs, count: end - shown};
          const asked = {question, filter, grid: own};
          const [added, answered] = [cubeAnswer(asked, cube, answers), evaluate(flows, asked)];
          const said = `${question.name} of ${JSON.stringify(filter)}`;
          expect(added.columns, said).toEqual(answered.columns);
          expect(added.rows.length, said).toBe(answered.rows.length);
          for (const [i, row] of added.rows.entries())
            for (const [k, cell] of row.entries())
              expect(isNear(cell, answered.rows[i][k]), `${said}: ${cell}`).toBe(true);
        }
      }
  });

  it("asks the lake what it asks the page", async () => {
    const random = randomFrom(seed + 1);
    for (const question of withCube.slice(0, 12)) {
      const filter = withFields(randomFilter(flows, span, random), {from: undefined, to: undefined});
      for (const asked of cubeAsked(cubeOf({question, filter}, gridFor(span, 80))!)) {
        const [page, lake] = [evaluate(flows, asked), await ask(engine, asked, model)];
        expect(page.columns).toEqual(lake.columns);
        expect(page.rows.length, asked.question.name).toBe(lake.rows.length);
        for (const [i, row] of page.rows.entries())
          for (const [k, cell] of row.entries()) expect(isNear(cell, lake.rows[i][k]), asked.question.name).toBe(true);
      }
    }
  });
});

/** Equal, or as near as sums in another order are. */
function isNear(a: Cell, b: Cell): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
}

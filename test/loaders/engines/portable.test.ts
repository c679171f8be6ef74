import {describe, expect, it} from "vitest";
import {anomalyIncidents} from "../../../alerts/anomaly-rate.ts";
import {trinoDialect} from "../../../loaders/engines/trino-dialect.ts";
import {driftOf} from "../../../loaders/judge/drift.ts";
import {evidenceOf} from "../../../loaders/judge/incident-evidence.ts";
import {incidentFlows} from "../../../loaders/judge/incident-flows.ts";
import {listIncidents} from "../../../loaders/judge/incident-list.ts";
import {listNotices} from "../../../loaders/judge/notice-list.ts";
import {labOf} from "../../../loaders/judge/threshold-lab.ts";
import {ask} from "../../../loaders/questions/ask.ts";
import {rolledSql} from "../../../loaders/questions/rolled-sql.ts";
import {evaluate} from "../../../models/rules/evaluate.ts";
import {rules} from "../../../models/rules/index.ts";
import {credentialsView} from "../../../schema/credentials-view.ts";
import type {Dialect, QueryEngine, Value} from "../../../schema/engine.ts";
import {lossView} from "../../../schema/loss-view.ts";
import {flowIncidentsView, verdictView} from "../../../schema/verdicts.ts";
import type {Filter} from "../../../src/lib/filter.ts";
import {lossSql} from "../../../src/lib/loss-sql.ts";
import {questions} from "../../../src/lib/questions/all.ts";
import {foreignSql} from "./foreign-sql.ts";

/** Trino's, with its quotients of whole numbers under names: elsewhere they are mistakes. */
const dialect: Dialect = {
  ...trinoDialect,
  epochMs: (timestamp) => `epoch_ms_of(${timestamp})`,
  wholeQuotient: (dividend, divisor) => `whole_quotient(${dividend}, ${divisor})`
};

/** An engine that keeps what it is asked and answers with rows of one kind. */
function recorder(row: readonly Value[] = []): QueryEngine & {readonly asked: string[]} {
  const asked: string[] = [];
  return {
    dialect,
    asked,
    query: async (sql) => {
      asked.push(sql);
      return {columns: [], rows: row.length ? [row] : []};
    },
    close: async () => {}
  };
}

const filters: readonly Filter[] = [
  {},
  {from: 1e15, to: 1e15 + 6e8},
  {
    captures: ["a"],
    protos: [6],
    services: [null, "dns"],
    labels: ["Normal"],
    host: "10.0.0.1",
    verdicts: ["suspicious"],
    incident: "0"
  },
  ...[
    "host:10.0.0.0/8 port:443",
    "name~goo%gle",
    "name:*.ex_am.org bytes>1MB",
    "host:10.0.0.1-10.0.0.77",
    "src:fe80::/10 or not class:none",
    "name:example.org"
  ].map((query) => ({query, from: 1e15}))
];

describe("in Trino's dialect, nothing of DuckDB's alone is in", () => {
  for (const rule of rules)
    it(`the rule ${rule.name}`, async () => {
      const engine = recorder();
      await evaluate(engine, [{...rule, startsFrom: undefined}], ["a"], {localNets: ["10.0.0.0/8", "fd00::/8"]});
      const starts = Object.values(rule.startsFrom ?? {});
      const asked = [...engine.asked, ...starts, rule.countedFlows ?? ""];
      expect(engine.asked).toHaveLength(1);
      expect(asked.flatMap(foreignSql)).toEqual([]);
    });

  for (const question of questions)
    it(`the question ${question.name}`, async () => {
      const engine = recorder();
      const grid = {originUs: 1e15, widthUs: 6e7, count: 60};
      for (const filter of filters) await ask(engine, {question, filter, grid}, "m");
      expect(engine.asked.flatMap(foreignSql)).toEqual([]);
    });

  it("what questions ask of roll-ups", () => {
    const grid = {originUs: 3600e6, widthUs: 3600e6, count: 60};
    const windows: readonly Filter[] = [{}, {services: [null, "dns"], verdicts: ["suspicious"]}, {to: 7200e6}];
    const asked = questions.flatMap((question) =>
      windows.map((filter) => rolledSql({question, filter, grid}, {model: "m", spelling: dialect}))
    );
    const statements = asked.filter((sql) => sql !== null);
    expect(statements.length).toBeGreaterThan(questions.length);
    expect(statements.flatMap(foreignSql)).toEqual([]);
  });

  it("losses over time, and the views", () => {
    const losses = filters.map((filter) => lossSql(filter, {originUs: 1e15, widthUs: 6e7, count: 60}, dialect));
    const views = [verdictView, flowIncidentsView, lossView, credentialsView].map(({sql}) => sql);
    expect([...losses, ...views].flatMap(foreignSql)).toEqual([]);
  });

  it("loaders that judge", async () => {
    const engine = recorder();
    await listIncidents(engine);
    await listNotices(engine);
    await evidenceOf(engine, ["a"], "m");
    const one = recorder([5000]);
    await anomalyIncidents(one, 5);
    await driftOf(one, "nowhere", "models").catch(() => {});
    await labOf(one, "m", 0.5).catch(() => {});
    const finding = {
      source: "rule",
      name: "port_scan",
      capture_sha256: "a",
      src_ip: "10.0.0.1",
      dst_ip: null,
      dst_port: null,
      ts_start: 1e15,
      flowsUntil: 1e15
    };
    for (const model of [null, "m"])
      await incidentFlows(
        engine,
        [{capture_sha256: "a", severity: "high", probability: 0.5, findings: [finding]}] as unknown as Parameters<
          typeof incidentFlows
        >[1],
        model
      );
    const asked = [...engine.asked, ...one.asked];
    expect(asked.flatMap(foreignSql)).toEqual([]);
    for (const table of ["notices", "incidents", "activities", "features", "verdict_rows", "captures"])
      expect(
        asked.some((sql) => new RegExp(`FROM ${table}\\b`).test(sql)),
        table
      ).toBe(true);
  });
});

describe("the check finds", () => {
  it.each([
    ["a::INTEGER", "::"],
    ["start // 60", "//"],
    ["SELECT a, count(*) FROM t GROUP BY ALL", "GROUP BY ALL"],
    ["count(*) FILTER (a)", "FILTER without WHERE"],
    ["[1, 2]", "list literal"],
    ["SELECT {a: 1}", "struct literal"],
    ["epoch_us(ts)", "function epoch_us"],
    ["approx_quantile(a, 0.5)", "function approx_quantile"],
    ["CAST(a AS FLOAT)", "type FLOAT"],
    ["regexp_extract(a, 'b+') <> ''", "no match gives NULL: regexp_extract(a, '0')"],
    ["sum(a) / count(*)", "quotient that may be whole: …sum(a) / count(*)…"]
  ])("%s", (sql, name) => expect(foreignSql(sql)).toContain(name));

  it("nothing in what texts and comments say", () =>
    expect(foreignSql("SELECT a /* b::c */ FROM t WHERE b = 'it''s {a}::// [b]'")).toEqual([]));
});

import {expect, it} from "vitest";
import {inputsOf, noResult, stateOf} from "../../../loaders/results/freshness.ts";

const now = {"table flows": "f1", "table verdicts": "v1", model: "m1", "source a.ts": "s1", packages: "p1"};

it("a loader's inputs are the tables that it reads, and the model where it reads verdicts", () => {
  expect(Object.keys(inputsOf(now, ["flows"])).sort()).toEqual(["packages", "source a.ts", "table flows"]);
  expect(Object.keys(inputsOf(now, ["verdicts"]))).toContain("model");
  expect(inputsOf(now, null)).toEqual(now);
});

it("another model makes stale what reads verdicts, and nothing else", () => {
  const after = {...now, model: "m2"};
  const why = (reads: string[]) =>
    stateOf("x", {...noResult, inputs: inputsOf(now, reads)}, inputsOf(after, reads)).why;
  expect([why(["flows"]), why(["flows", "verdicts"])]).toEqual([[], ["model changed"]]);
});

it("the first part of a table that was empty is a change, and so is the loss of the last", () => {
  const before = inputsOf(now, ["dns"]);
  const after = inputsOf({...now, "table dns": "d1"}, ["dns"]);
  expect(stateOf("x", {...noResult, inputs: before}, after).why).toEqual(["table dns is new"]);
  expect(stateOf("x", {...noResult, inputs: after}, before).why).toEqual(["table dns is gone"]);
});

it("what was never made is missing, whatever there is", () => {
  expect(stateOf("x", noResult, now)).toMatchObject({freshness: "missing", why: ["never made"]});
});

import {expect, it} from "vitest";
import {figureSet, type Judged} from "../../../cli/training/figures.ts";
import {figureSets, judgedFlows, judgedSides, kindsOf} from "../../../cli/training/judged.ts";
import type {CaptureOrigin, Role} from "../../../cli/training/training-flows.ts";

/** Four flows: two ordinary, a scan found and one missed. */
const judged: Judged = judgedFlows(
  ["Normal", "Normal", "PortScan", "PortScan", null],
  ["Normal", "PortScan"],
  Float32Array.of(0.9375, 0.0625, 0.72, 0.28, 0.1875, 0.8125, 0.75, 0.25, 0.5, 0.5),
  ["a", "a", "b", "b", "b"]
);
const known = Int32Array.of(0, 1, 2, 3);

it("a set has the confusion, each class's figures and those of each network", () => {
  const set = figureSet("unknown", "test", judged, known)!;
  expect(set.confusion).toEqual([
    [2, 0],
    [1, 1]
  ]);
  expect(set.classes.map(({precision, recall, support}) => [precision, recall, support])).toEqual([
    [0.6667, 1, 2],
    [1, 0.5, 2]
  ]);
  expect([set.macroF1, set.falseAlarms, set.found]).toEqual([0.7333, 0, 0.5]);
  expect(set.places.map(({name, rows, found}) => [name, rows, found])).toEqual([
    ["a", 2, null],
    ["b", 2, 0.5]
  ]);
});

it("a precision-recall curve goes from the surest row on, and its area is counted by steps", () => {
  const {curve, averagePrecision} = figureSet("unknown", "test", judged, known)!.classes[1];
  expect(curve).toEqual([
    [0.5, 1],
    [1, 0.6667]
  ]);
  // Ranked .81 (a scan), .28 (ordinary), .25 (a scan), .06: 1/2 · 1 + 1/2 · 2/3.
  expect(averagePrecision).toBe(0.8333);
});

it("calibration compares how sure the model was with how often it was right", () => {
  const set = figureSet("unknown", "test", judged, known)!;
  expect(set.reliability).toEqual([
    {confidence: 0.735, right: 0.5, rows: 2},
    {confidence: 0.8125, right: 1, rows: 1},
    {confidence: 0.9375, right: 1, rows: 1}
  ]);
  expect(set.calibrationError).toBe(0.18);
  // (.9375 − 1)², (.72 − 1)², (.8125 − 1)², and (.75 − 0)² for the scan that was missed, in the mean.
  expect(set.brier).toBe(0.17);
});

it("a class that the model has not learnt is never found", () => {
  const own = judgedFlows(["Normal", "DoS"], ["Normal"], Float32Array.of(1, 1), ["a", "a"]);
  expect(figureSet("unknown", "test", own, Int32Array.of(0, 1))!.classes[1]).toMatchObject({label: "DoS", recall: 0});
});

it("a score that is no probability has no calibration", () => {
  const scored = judgedSides([false, true], Float32Array.of(-0.2, 0.1), 0, false, ["a", "a"]);
  const set = figureSet("own", "forest", scored, Int32Array.of(0, 1))!;
  expect([set.confusion, set.reliability, set.calibrationError]).toEqual([
    [
      [1, 0],
      [0, 1]
    ],
    [],
    null
  ]);
});

it("figures of networks not trained on come first, those of the trained ones last", () => {
  const origin = (role: Role, fold: string) => ({role, fold, capture_sha256: fold, flows: {}}) as CaptureOrigin;
  const origins = [origin("train", "a"), origin("background", "repo"), origin("test", "a"), origin("test", "z")];
  const kinds = kindsOf(origins);
  expect(kinds).toEqual(["left_out", "others", "known", "unknown"]);
  expect(figureSets(judged, (row) => kinds[row]).map(({kind}) => kind)).toEqual([
    "unknown",
    "others",
    "left_out",
    "known"
  ]);
  expect(kindsOf([origin("train", "a")])).toEqual(["own"]);
  const attacked = {...origin("train", "a"), flows: {Normal: 9, DoS: 2}};
  const ordinary = {...origin("background", "repo"), flows: {Normal: 9}};
  expect(kindsOf([attacked, ordinary])).toEqual(["own", "others"]);
  expect(kindsOf([attacked, ordinary, {...attacked, fold: "b"}])).toEqual(["left_out", "others", "left_out"]);
});

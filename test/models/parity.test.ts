import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {contributionsOf} from "../../models/activity/additive.ts";
import {treeShap} from "../../models/activity/tree-shap.ts";
import {loadModel, type Model} from "../../models/model.ts";

let model: Model;
beforeAll(async () => {
  model = (await loadModel(resolve(import.meta.dirname, "../../models"))).model!;
});
afterAll(() => model.close());

/** Rows that the trainer was asked about, with its own answers. */
function parityOf(name: string): Record<string, number[][]> & {readonly rows: number[][]} {
  const all = JSON.parse(readFileSync(resolve(import.meta.dirname, `fixtures/${name}-parity.json`), "utf8"));
  expect(all.rows.length).toBeGreaterThan(20);
  return all;
}

/** Greatest difference between two lists of numbers. */
const difference = (a: Iterable<number>, b: readonly number[]) => {
  const values = [...a];
  expect(values.length).toBe(b.length);
  return Math.max(...values.map((value, i) => Math.abs(value - b[i])));
};

it("ONNX Runtime gives the classifier's probabilities as the trainer does, within 1e-5", async () => {
  const {rows, probabilities} = parityOf("classifier");
  const found = await model.classifier!.onnx.run(Float32Array.from(rows.flat()), rows.length);
  expect(difference(found, probabilities.flat())).toBeLessThan(1e-5);
});

it("ONNX Runtime gives the scores of a trained Isolation Forest as scikit-learn does, within 1e-5", async () => {
  const {rows, anomaly_scores} = parityOf("anomaly");
  const {model: forest} = await loadModel(resolve(import.meta.dirname, "fixtures/forest"));
  const found = await forest!.anomaly!.onnx.run(Float32Array.from(rows.flat()), rows.length);
  await forest!.close();
  expect(
    difference(
      found.map((value) => -value),
      anomaly_scores.flat()
    )
  ).toBeLessThan(1e-5);
});

it("ONNX Runtime gives an activity's log-odds and classes as the trainer does, within 1e-5", async () => {
  const {rows, log_odds, classes} = parityOf("activity");
  const matrix = Float32Array.from(rows.flat());
  expect(difference(await model.activity!.onnx.run(matrix, rows.length), log_odds.flat())).toBeLessThan(1e-5);
  expect(difference(await model.activity!.classes.run(matrix, rows.length), classes.flat())).toBeLessThan(1e-5);
});

it("TreeSHAP gives each feature's amount as LightGBM does, within 1e-5", () => {
  const {rows, trees} = parityOf("activity");
  for (const [i, row] of rows.entries()) {
    const amounts = new Float64Array(row.length);
    const base = treeShap(model.activity!.shape.trees, Float32Array.from(row), amounts);
    expect(difference([...amounts, base], trees[i])).toBeLessThan(1e-5);
  }
});

it("an activity's contributions add up to its log-odds within 1e-5", () => {
  const {rows, log_odds} = parityOf("activity");
  for (const [i, row] of rows.entries()) {
    const told = contributionsOf(model.activity!.shape, Float32Array.from(row), 8);
    expect([told.length, told[0].feature, told[9].feature]).toEqual([10, "base", "rest"]);
    const sum = told.reduce((total, {amount}) => total + amount, 0);
    expect(Math.abs(sum - log_odds.flat()[i])).toBeLessThan(1e-5);
  }
});

import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";
import {loadModel} from "../../models/model.ts";

interface Parity {
  readonly features: string[];
  readonly labels: string[];
  readonly rows: number[][];
  readonly probabilities: number[][];
  readonly anomaly_scores: number[];
}

const parity: Parity = JSON.parse(readFileSync(resolve(import.meta.dirname, "fixtures/parity.json"), "utf8"));

/** Greatest difference between two lists of numbers. */
const difference = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i])));

it("ONNX Runtime says of the trainer's rows what the trainer says, within 1e-5", async () => {
  const {model} = await loadModel(resolve(import.meta.dirname, "../../models"));
  const {classifier, anomaly} = model!;
  expect(classifier.card.features).toEqual(parity.features);
  expect(classifier.card.labels).toEqual(parity.labels);
  expect(parity.rows.length).toBeGreaterThan(30);
  const matrix = Float32Array.from(parity.rows.flat());
  const probabilities = await classifier.onnx.run(matrix, parity.rows.length);
  expect(difference([...probabilities], parity.probabilities.flat())).toBeLessThan(1e-5);
  const scores = [...(await anomaly!.onnx.run(matrix, parity.rows.length))].map((value) => -value);
  expect(difference(scores, parity.anomaly_scores)).toBeLessThan(1e-5);
  await model!.close();
});

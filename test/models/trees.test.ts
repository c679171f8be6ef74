import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";
import {forestOnnx} from "../../models/anomaly/forest-onnx.ts";
import {growForest} from "../../models/anomaly/isolation-forest.ts";
import {randomOf} from "../../models/anomaly/random.ts";
import {openOnnx, openWhole} from "../../models/onnx.ts";
import {readEnsemble} from "../../models/tree-ensemble.ts";

const file = (name: string) => readFileSync(resolve(import.meta.dirname, "../../models", name));
const card = (name: string) => JSON.parse(file(`${name}.json`).toString());
/** Bits of 32-bit floats: two of them that are not numbers are equal, 0 and -0 are not. */
const bits = (values: Float32Array) => [...new Int32Array(values.buffer, values.byteOffset, values.length)];

/** The numbers that both ways give, as bits. */
async function both(
  bytes: Uint8Array,
  input: string,
  output: string,
  matrix: Float32Array,
  rows: number,
  width: number
) {
  const [own, whole] = await Promise.all(
    [openOnnx, openWhole].map((open) => open(bytes, {input, output}, matrix.length / rows, width))
  );
  try {
    return [bits(await own.run(matrix, rows)), bits(await whole.run(matrix, rows))];
  } finally {
    await own.close();
    await whole.close();
  }
}

it("trees in WebAssembly give ONNX Runtime's numbers bit for bit: the classifier, over batches, thresholds and missing values", async () => {
  const {features, labels, input, outputs} = card("classifier");
  const bytes = file("classifier.onnx");
  const trees = readEnsemble(bytes, input)!;
  expect([trees.targets, trees.divisor, trees.roots.length]).toEqual([labels.length, 30, 30]);
  const random = randomOf(3);
  const rows = 4099;
  // Values on, just below and just above thresholds of the trees, none, and infinite ones.
  const thresholds = trees.threshold.filter((_, i) => trees.feature[i] >= 0);
  const matrix = Float32Array.from({length: rows * features.length}, () => {
    const near = thresholds[Math.floor(random() * thresholds.length)];
    return [near, near * (1 - 1e-7), near * (1 + 2e-7), random() * 1e5, 0, Number.NaN, Number.POSITIVE_INFINITY][
      Math.floor(random() * 7)
    ];
  });
  const [own, whole] = await both(bytes, input, outputs.probabilities, matrix, rows, labels.length);
  expect(own).toHaveLength(rows * labels.length);
  expect(own).toEqual(whole);
  expect(new Set(own).size).toBeGreaterThan(1000);
});

it("an Isolation Forest likewise, and two ensembles take turns", async () => {
  const random = randomOf(5);
  const sample = Float32Array.from({length: 600 * 3}, () => random() * 100);
  for (const seed of [1, 2, 1]) {
    const bytes = forestOnnx(growForest(sample, 3, {trees: 20, sample: 64, random: randomOf(seed)}), 3);
    const [own, whole] = await both(bytes, "features", "score", sample, 600, 1);
    expect(own).toEqual(whole);
  }
});

it("leaves other graphs to the runtime: an ensemble whose input something else reads, too", async () => {
  const {input, features, outputs} = card("activity");
  const bytes = file("activity.onnx");
  expect(readEnsemble(bytes, input)).toBeNull();
  const matrix = new Float32Array(3 * features.length);
  const [own, whole] = await both(bytes, input, outputs.log_odds, matrix, 3, 1);
  expect(own).toEqual(whole);
});

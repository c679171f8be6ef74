import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";
import {forestOnnx} from "../../../models/anomaly/forest-onnx.ts";
import {growForest, type IsolationForest, type IsolationTree} from "../../../models/anomaly/isolation-forest.ts";
import {randomOf} from "../../../models/anomaly/random.ts";
import {openOnnx} from "../../../models/onnx.ts";
import {readOnnx} from "../../../models/onnx-file.ts";
import {allowedOperators} from "../../../models/operators.ts";

const fixture = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "fixtures/scikit-learn-forest.json"), "utf8")
) as IsolationForest & {readonly rows: number[][]; readonly score_samples: number[]};

async function scoresOf(forest: IsolationForest, rows: readonly (readonly number[])[]): Promise<Float32Array> {
  const width = rows[0].length;
  const model = await openOnnx(forestOnnx(forest, width), {input: "features", output: "score"}, width, 1);
  try {
    return await model.run(Float32Array.from(rows.flat()), rows.length);
  } finally {
    await model.close();
  }
}

it("trees of scikit-learn, written to ONNX, give scikit-learn's scores within 1e-5", async () => {
  const scores = await scoresOf(fixture, fixture.rows);
  expect(scores.length).toBe(43);
  const most = Math.max(...scores.map((score, i) => Math.abs(score + fixture.score_samples[i])));
  expect(most).toBeLessThan(1e-5);
});

it("the ONNX file says what it is, of operators that models may have", () => {
  const {inputs, outputs, operators} = readOnnx(forestOnnx(fixture, 5));
  expect([inputs[0].name, inputs[0].shape[1], outputs[0].name, outputs[0].shape[1]]).toEqual([
    "features",
    5,
    "score",
    1
  ]);
  expect(operators.filter((name) => !allowedOperators.has(name))).toEqual([]);
});

/** Rows of two features. */
function cloud(seed: number): number[][] {
  const random = randomOf(seed);
  return Array.from({length: 500}, () => [100 + 20 * random(), random() + random()]);
}

const grown = (seed: number) =>
  growForest(Float32Array.from(cloud(1).flat()), 2, {trees: 40, sample: 128, random: randomOf(seed)});

it("a grown forest finds rows beyond all others among the strangest, and the same seed grows the same", async () => {
  const rows = [...cloud(2), [100_000, 0.9], [110, 40]];
  const scores = await scoresOf(grown(7), rows);
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
  // Corners of the cloud are strange, too.
  expect(Math.max(order.indexOf(500), order.indexOf(501))).toBeLessThan(15);
  expect(grown(7)).toEqual(grown(7));
  expect(grown(8)).not.toEqual(grown(7));
});

it("trees part their sample: children hold their parent's rows, and no tree is deeper than a balanced one", () => {
  const depthOf = (tree: IsolationTree, node: number): number => {
    if (tree.feature[node] < 0) return 0;
    expect(tree.rows[tree.left[node]] + tree.rows[tree.right[node]]).toBe(tree.rows[node]);
    return 1 + Math.max(depthOf(tree, tree.left[node]), depthOf(tree, tree.right[node]));
  };
  const {trees, sample} = grown(7);
  expect([trees.length, sample]).toEqual([40, 128]);
  for (const tree of trees) {
    expect(tree.rows[0]).toBe(128);
    expect(depthOf(tree, 0)).toBeLessThanOrEqual(7);
  }
});

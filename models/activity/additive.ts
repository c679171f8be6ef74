import type {Contribution} from "../../schema/activities.ts";
import type {Card} from "../card.ts";
import {readFloats, readTrees, type Tree} from "../onnx-trees.ts";
import {treeShap} from "./tree-shap.ts";

/**
 * How a model of activities comes to its log-odds, as its ONNX file has it: `scale × (trees + row · weights + bias) +
 * offset`, of a node `trees` and the tensors `weights`, `bias`, `scale` and `offset`.
 */
export interface AdditiveModel {
  readonly features: readonly string[];
  readonly trees: readonly Tree[];
  readonly weights: Float32Array;
  readonly bias: number;
  readonly scale: number;
  readonly offset: number;
  /** The mean of each feature in training. */
  readonly baseline: readonly number[];
}

/** Reads it; throws a RangeError where the file is built otherwise, or its trees have no covers. */
export function readAdditive(bytes: Uint8Array, {features, baseline}: Card): AdditiveModel {
  const trees = readTrees(bytes, "trees");
  if (trees.some(({cover}) => cover.some((rows) => !(rows > 0))))
    throw new RangeError("trees without covers (nodes_hitrates)");
  if (trees.some(({feature}) => feature.some((k) => k >= features.length)))
    throw new RangeError("trees that ask for more features than the card has");
  const weights = readFloats(bytes, "weights");
  if (weights.length !== features.length)
    throw new RangeError(`expected ${features.length} weights, found ${weights.length}`);
  const [bias, scale, offset] = ["bias", "scale", "offset"].map((name) => readFloats(bytes, name)[0]);
  return {features, trees, weights, bias, scale, offset, baseline: baseline!};
}

/**
 * What each feature of an activity adds to the log-odds: first `base`, what they are without knowing any; then the
 * features with the largest amounts, `most` of them; then `rest`. All amounts together are the log-odds.
 */
export function contributionsOf(model: AdditiveModel, row: Float32Array, most: number): Contribution[] {
  const {features, trees, weights, bias, scale, offset, baseline} = model;
  const amounts = new Float64Array(features.length);
  let base = treeShap(trees, row, amounts) + bias;
  for (let k = 0; k < features.length; k++) {
    amounts[k] += weights[k] * (row[k] - baseline[k]);
    base += weights[k] * baseline[k];
  }
  const told = largest(amounts, most);
  let rest = 0;
  for (let k = 0; k < amounts.length; k++) if (!told.includes(k)) rest += amounts[k];
  return [
    {feature: "base", value: null, amount: scale * base + offset},
    ...told.map((k) => ({feature: features[k], value: row[k], amount: scale * amounts[k]})),
    {feature: "rest", value: null, amount: scale * rest}
  ];
}

/** Places of the largest amounts, whatever their signs, the largest first; of equal ones the first. */
function largest(amounts: Float64Array, most: number): number[] {
  const places: number[] = [];
  for (let k = 0; k < amounts.length; k++) {
    const size = Math.abs(amounts[k]);
    if (places.length === most && size <= Math.abs(amounts[places[most - 1]])) continue;
    let at = Math.min(places.length, most - 1);
    while (at > 0 && Math.abs(amounts[places[at - 1]]) < size) places[at] = places[--at];
    places[at] = k;
  }
  return places;
}

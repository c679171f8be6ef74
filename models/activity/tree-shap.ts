import type {Tree} from "../onnx-trees.ts";

/** Nodes on the way to a leaf at most, with the root's step. */
const deepest = 64;
const size = (deepest * (deepest + 1)) / 2;
/**
 * The path to the node at hand, a copy for each depth: the features asked on the way, the shares of rows that pass their
 * splits where they are unknown (`zero`) and known (`one`), and the weights of subsets by their sizes.
 */
const feature = new Int32Array(size);
const zero = new Float64Array(size);
const one = new Float64Array(size);
const weight = new Float64Array(size);

/**
 * Adds to `amounts` what each feature of a row adds to the trees' sum, exactly (path-dependent TreeSHAP, Lundberg et al.
 * 2018, algorithm 2), and returns the sum that is expected without knowing any: both together are the trees' sum.
 * The trees must have covers.
 */
export function treeShap(trees: readonly Tree[], row: ArrayLike<number>, amounts: Float64Array): number {
  let base = 0;
  for (const tree of trees) {
    base += expected(tree, 0);
    descend(tree, row, amounts, 0, 0, 0, 1, 1, -1);
  }
  return base;
}

function expected(tree: Tree, node: number): number {
  if (tree.feature[node] < 0) return tree.value[node];
  const [yes, no] = [tree.yes[node], tree.no[node]];
  const total = tree.cover[yes] + tree.cover[no];
  return (tree.cover[yes] * expected(tree, yes) + tree.cover[no] * expected(tree, no)) / total;
}

/** `from`: where the path of the node above lies, `length` its steps; the last four are the step that leads here. */
function descend(
  tree: Tree,
  row: ArrayLike<number>,
  amounts: Float64Array,
  node: number,
  from: number,
  length: number,
  ownZero: number,
  ownOne: number,
  ownFeature: number
): void {
  if (length >= deepest - 1) throw new RangeError(`a tree is deeper than ${deepest - 2}`);
  const at = from + length;
  for (let i = 0; i < length; i++) {
    feature[at + i] = feature[from + i];
    zero[at + i] = zero[from + i];
    one[at + i] = one[from + i];
    weight[at + i] = weight[from + i];
  }
  extend(at, length, ownZero, ownOne, ownFeature);
  let steps = length + 1;
  const asked = tree.feature[node];
  if (asked < 0) {
    const value = tree.value[node];
    for (let i = 1; i < steps; i++)
      amounts[feature[at + i]] += unwoundSum(at, steps, i) * (one[at + i] - zero[at + i]) * value;
    return;
  }
  const isYes = row[asked] <= tree.threshold[node];
  const hot = isYes ? tree.yes[node] : tree.no[node];
  const cold = isYes ? tree.no[node] : tree.yes[node];
  const total = tree.cover[hot] + tree.cover[cold];
  let [incomingZero, incomingOne] = [1, 1];
  for (let i = 1; i < steps; i++)
    if (feature[at + i] === asked) {
      incomingZero = zero[at + i];
      incomingOne = one[at + i];
      unwind(at, steps--, i);
      break;
    }
  descend(tree, row, amounts, hot, at, steps, (incomingZero * tree.cover[hot]) / total, incomingOne, asked);
  descend(tree, row, amounts, cold, at, steps, (incomingZero * tree.cover[cold]) / total, 0, asked);
}

function extend(at: number, depth: number, ownZero: number, ownOne: number, ownFeature: number): void {
  feature[at + depth] = ownFeature;
  zero[at + depth] = ownZero;
  one[at + depth] = ownOne;
  weight[at + depth] = depth === 0 ? 1 : 0;
  for (let i = depth - 1; i >= 0; i--) {
    weight[at + i + 1] += (ownOne * weight[at + i] * (i + 1)) / (depth + 1);
    weight[at + i] = (ownZero * weight[at + i] * (depth - i)) / (depth + 1);
  }
}

/** Takes one of the steps out. */
function unwind(at: number, steps: number, index: number): void {
  const depth = steps - 1;
  const [ownZero, ownOne] = [zero[at + index], one[at + index]];
  let next = weight[at + depth];
  for (let j = depth - 1; j >= 0; j--) {
    if (ownOne !== 0) {
      const kept = weight[at + j];
      weight[at + j] = (next * (depth + 1)) / ((j + 1) * ownOne);
      next = kept - (weight[at + j] * ownZero * (depth - j)) / (depth + 1);
    } else weight[at + j] = (weight[at + j] * (depth + 1)) / (ownZero * (depth - j));
  }
  for (let j = index; j < depth; j++) {
    feature[at + j] = feature[at + j + 1];
    zero[at + j] = zero[at + j + 1];
    one[at + j] = one[at + j + 1];
  }
}

/** The sum of weights that the path would have without one of its steps. */
function unwoundSum(at: number, steps: number, index: number): number {
  const depth = steps - 1;
  const [ownZero, ownOne] = [zero[at + index], one[at + index]];
  let next = weight[at + depth];
  let total = 0;
  for (let j = depth - 1; j >= 0; j--) {
    if (ownOne !== 0) {
      const part = (next * (depth + 1)) / ((j + 1) * ownOne);
      total += part;
      next = weight[at + j] - (part * ownZero * (depth - j)) / (depth + 1);
    } else total += weight[at + j] / ((ownZero * (depth - j)) / (depth + 1));
  }
  return total;
}

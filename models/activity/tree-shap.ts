import type {Tree} from "../onnx-trees.ts";

/** One feature on the way to a node: shares of rows that pass its splits if it is unknown and if it is known. */
interface Step {
  readonly feature: number;
  /** Share of training rows that go this way. */
  zero: number;
  /** 1 where the row itself goes this way, else 0. */
  one: number;
  weight: number;
}

/**
 * Adds to `amounts` what each feature of a row adds to the trees' sum, exactly (path-dependent TreeSHAP, Lundberg et al.
 * 2018, algorithm 2), and returns the sum that is expected without knowing any: both together are the trees' sum.
 * The trees must have covers.
 */
export function treeShap(trees: readonly Tree[], row: ArrayLike<number>, amounts: Float64Array): number {
  let base = 0;
  for (const tree of trees) {
    base += expected(tree, 0);
    descend(tree, row, amounts, 0, [], 1, 1, -1);
  }
  return base;
}

function expected(tree: Tree, node: number): number {
  if (tree.feature[node] < 0) return tree.value[node];
  const [yes, no] = [tree.yes[node], tree.no[node]];
  const total = tree.cover[yes] + tree.cover[no];
  return (tree.cover[yes] * expected(tree, yes) + tree.cover[no] * expected(tree, no)) / total;
}

function descend(
  tree: Tree,
  row: ArrayLike<number>,
  amounts: Float64Array,
  node: number,
  before: readonly Step[],
  zero: number,
  one: number,
  feature: number
): void {
  const path = extended(before, zero, one, feature);
  const asked = tree.feature[node];
  if (asked < 0) {
    for (let i = 1; i < path.length; i++) {
      const step = path[i];
      amounts[step.feature] += unwoundSum(path, i) * (step.one - step.zero) * tree.value[node];
    }
    return;
  }
  const [yes, no] = [tree.yes[node], tree.no[node]];
  const [hot, cold] = row[asked] <= tree.threshold[node] ? [yes, no] : [no, yes];
  const total = tree.cover[yes] + tree.cover[no];
  let [incomingZero, incomingOne] = [1, 1];
  let rest: readonly Step[] = path;
  const again = path.findIndex((step, i) => i > 0 && step.feature === asked);
  if (again > 0) {
    incomingZero = path[again].zero;
    incomingOne = path[again].one;
    rest = unwound(path, again);
  }
  descend(tree, row, amounts, hot, rest, (incomingZero * tree.cover[hot]) / total, incomingOne, asked);
  descend(tree, row, amounts, cold, rest, (incomingZero * tree.cover[cold]) / total, 0, asked);
}

function extended(before: readonly Step[], zero: number, one: number, feature: number): Step[] {
  const depth = before.length;
  const path = before.map((step) => ({...step}));
  path.push({feature, zero, one, weight: depth === 0 ? 1 : 0});
  for (let i = depth - 1; i >= 0; i--) {
    path[i + 1].weight += (one * path[i].weight * (i + 1)) / (depth + 1);
    path[i].weight = (zero * path[i].weight * (depth - i)) / (depth + 1);
  }
  return path;
}

/** The path without one of its steps. */
function unwound(path: readonly Step[], index: number): Step[] {
  const depth = path.length - 1;
  const {zero, one} = path[index];
  const result = path.map((step) => ({...step}));
  let next = result[depth].weight;
  for (let j = depth - 1; j >= 0; j--) {
    if (one !== 0) {
      const kept = result[j].weight;
      result[j].weight = (next * (depth + 1)) / ((j + 1) * one);
      next = kept - (result[j].weight * zero * (depth - j)) / (depth + 1);
    } else result[j].weight = (result[j].weight * (depth + 1)) / (zero * (depth - j));
  }
  for (let j = index; j < depth; j++) result[j] = {...result[j + 1], weight: result[j].weight};
  return result.slice(0, depth);
}

function unwoundSum(path: readonly Step[], index: number): number {
  const depth = path.length - 1;
  const {zero, one} = path[index];
  let next = path[depth].weight;
  let total = 0;
  for (let j = depth - 1; j >= 0; j--) {
    if (one !== 0) {
      const weight = (next * (depth + 1)) / ((j + 1) * one);
      total += weight;
      next = path[j].weight - (weight * zero * (depth - j)) / (depth + 1);
    } else total += path[j].weight / ((zero * (depth - j)) / (depth + 1));
  }
  return total;
}

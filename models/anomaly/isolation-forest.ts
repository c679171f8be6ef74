/** A tree of an Isolation Forest by its nodes, the root first. */
export interface IsolationTree {
  /** The feature that a node asks for; -1 in a leaf. */
  readonly feature: readonly number[];
  /** A row goes left where its value is at most this. */
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Rows of the sample that came to a node. */
  readonly rows: readonly number[];
}

/** An Isolation Forest (Liu, Ting and Zhou 2008): the fewer splits part a row from a sample, the stranger it is. */
export interface IsolationForest {
  readonly trees: readonly IsolationTree[];
  /** Rows that each tree was grown on. */
  readonly sample: number;
}

export interface ForestOptions {
  readonly trees: number;
  /** Rows of a tree at most. */
  readonly sample: number;
  readonly random: () => number;
}

/** Splits may fall beyond a node's rows by this share of their spread: what lies outside all of them is then alone soon. */
const beyond = 0.5;
/** Share of splits that ask for a feature that is constant in the node, within this distance of it, for the same reason. */
const ofConstants = {share: 0.1, within: 1} as const;

/**
 * Grows a forest as scikit-learn does: a sample of the rows for each tree, a feature and a place in its range drawn
 * evenly, until rows are alone or the tree is as deep as a balanced one. Unlike there, a place may lie outside the range
 * of the node's rows: otherwise a row beyond all others would count as the outermost of them. Places are drawn on a scale
 * of sign(x) · ln(1 + |x|), else all fall among the few giants, and kept in the features' own units. `matrix`: rows ×
 * width, row-major.
 */
export function growForest(
  matrix: Float32Array,
  width: number,
  {trees, sample, random}: ForestOptions
): IsolationForest {
  const rows = matrix.length / width;
  const size = Math.min(sample, rows);
  const deepest = Math.ceil(Math.log2(Math.max(2, size)));
  const order = Int32Array.from({length: rows}, (_, i) => i);
  const grown = Array.from({length: trees}, () => {
    for (let i = 0; i < size; i++) {
      const other = i + Math.floor(random() * (rows - i));
      [order[i], order[other]] = [order[other], order[i]];
    }
    return growTree(matrix, width, order.slice(0, size), deepest, random);
  });
  return {trees: grown, sample: size};
}

function growTree(
  matrix: Float32Array,
  width: number,
  sample: Int32Array,
  deepest: number,
  random: () => number
): IsolationTree {
  const tree = {
    feature: [] as number[],
    threshold: [] as number[],
    left: [] as number[],
    right: [] as number[],
    rows: [] as number[]
  };
  const low = new Float64Array(width);
  const high = new Float64Array(width);
  const grow = (rows: Int32Array, depth: number): number => {
    const node = tree.feature.push(-1) - 1;
    tree.threshold.push(0);
    tree.left.push(-1);
    tree.right.push(-1);
    tree.rows.push(rows.length);
    if (rows.length < 2 || depth >= deepest) return node;
    low.fill(Number.POSITIVE_INFINITY);
    high.fill(Number.NEGATIVE_INFINITY);
    for (const row of rows)
      for (let k = 0; k < width; k++) {
        const value = matrix[row * width + k];
        if (value < low[k]) low[k] = value;
        if (value > high[k]) high[k] = value;
      }
    const [splits, constants] = [[] as number[], [] as number[]];
    for (let k = 0; k < width; k++) (low[k] < high[k] ? splits : constants).push(k);
    if (splits.length === 0) return node;
    const isConstant = constants.length > 0 && random() < ofConstants.share;
    const from = isConstant ? constants : splits;
    const k = from[Math.floor(random() * from.length)];
    const [least, most] = [scaled(low[k]), scaled(high[k])];
    const margin = isConstant ? ofConstants.within : beyond * (most - least);
    const threshold = Math.fround(unscaled(least - margin + random() * (most - least + 2 * margin)));
    tree.feature[node] = k;
    tree.threshold[node] = threshold;
    const goesLeft = (row: number) => matrix[row * width + k] <= threshold;
    tree.left[node] = grow(rows.filter(goesLeft), depth + 1);
    tree.right[node] = grow(
      rows.filter((row) => !goesLeft(row)),
      depth + 1
    );
    return node;
  };
  grow(sample, 0);
  return tree;
}

const scaled = (value: number) => Math.sign(value) * Math.log1p(Math.abs(value));
const unscaled = (value: number) => Math.sign(value) * Math.expm1(Math.abs(value));

/** Mean length of an unsuccessful search in a binary search tree of so many rows (equation 1). */
export function averagePath(rows: number): number {
  if (rows <= 1) return 0;
  return rows === 2 ? 1 : 2 * (Math.log(rows - 1) + 0.5772156649015329) - (2 * (rows - 1)) / rows;
}

/** What each node's leaf counts: its depth, and what a search would still have taken below it. */
export function pathLengths({left, right, rows}: IsolationTree): Float64Array {
  const depth = new Float64Array(rows.length);
  for (let node = 0; node < rows.length; node++)
    for (const child of [left[node], right[node]]) if (child >= 0) depth[child] = depth[node] + 1;
  return depth.map((steps, node) => steps + averagePath(rows[node]));
}

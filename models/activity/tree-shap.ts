import type {Tree} from "../onnx-trees.ts";

/** Features on the way to a leaf at most: those that a row passes are kept as bits of one number. */
const mostFeatures = 30;

/** A leaf as the box of rows that come to it. Entry by entry a feature that is asked on the way. */
interface Leaf {
  readonly features: readonly number[];
  /** A row passes where its value is above `low` (or no number) and at most `high`. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** The share of training rows that pass what the feature is asked, of those that came to the questions. */
  readonly shares: readonly number[];
  readonly value: number;
  /** Amounts of the features by which of them a row passes (bit k: the k-th), as far as they were needed. */
  readonly known: Map<number, Float64Array>;
}

interface Leaves {
  readonly leaves: readonly Leaf[];
  /** The trees' sum that is expected without knowing any feature. */
  readonly base: number;
}

const leavesOfTrees = new WeakMap<readonly Tree[], Leaves>();

/**
 * Adds to `amounts` what each feature of a row adds to the trees' sum, exactly (path-dependent TreeSHAP, Lundberg et al.
 * 2018), and returns the sum that is expected without knowing any: both together are the trees' sum. Amounts of a leaf
 * depend only on which of its features the row passes, so they are computed once for each such set (the idea of Fast
 * TreeSHAP, Yang 2021). The trees must have covers. Throws a RangeError where a leaf has more than 30 features.
 */
export function treeShap(trees: readonly Tree[], row: ArrayLike<number>, amounts: Float64Array): number {
  let made = leavesOfTrees.get(trees);
  if (!made) {
    const leaves = trees.flatMap(leavesOf);
    made = {
      leaves,
      base: leaves.reduce((sum, {value, shares}) => sum + shares.reduce((p, share) => p * share, value), 0)
    };
    leavesOfTrees.set(trees, made);
  }
  for (const leaf of made.leaves) {
    const {features, low, high, known} = leaf;
    let passed = 0;
    for (let k = 0; k < features.length; k++) {
      const value = row[features[k]];
      if (!(value <= low[k]) && (high[k] === Number.POSITIVE_INFINITY || value <= high[k])) passed |= 1 << k;
    }
    let own = known.get(passed);
    if (!own) {
      own = amountsOf(leaf, passed);
      known.set(passed, own);
    }
    for (let k = 0; k < features.length; k++) amounts[features[k]] += own[k];
  }
  return made.base;
}

function leavesOf(tree: Tree): Leaf[] {
  const leaves: Leaf[] = [];
  const descend = (node: number, way: ReadonlyMap<number, {low: number; high: number; share: number}>) => {
    const asked = tree.feature[node];
    if (asked < 0) {
      if (way.size > mostFeatures) throw new RangeError(`a leaf with ${way.size} features, more than ${mostFeatures}`);
      const asks = [...way.values()];
      leaves.push({
        features: [...way.keys()],
        low: asks.map(({low}) => low),
        high: asks.map(({high}) => high),
        shares: asks.map(({share}) => share),
        value: tree.value[node],
        known: new Map()
      });
      return;
    }
    const [yes, no, threshold] = [tree.yes[node], tree.no[node], tree.threshold[node]];
    const before = way.get(asked) ?? {low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, share: 1};
    const total = tree.cover[yes] + tree.cover[no];
    const share = (child: number) => (before.share * tree.cover[child]) / total;
    descend(yes, new Map(way).set(asked, {...before, high: Math.min(before.high, threshold), share: share(yes)}));
    descend(no, new Map(way).set(asked, {...before, low: Math.max(before.low, threshold), share: share(no)}));
  };
  descend(0, new Map());
  return leaves;
}

/** Shapley values of a leaf's features: without a feature its share counts, with it whether the row passes. */
function amountsOf({features, shares, value}: Leaf, passed: number): Float64Array {
  const count = features.length;
  const amounts = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    // Coefficients by the number of known features among the others: the product over them of (share + passes × t).
    const sums = new Float64Array(count);
    sums[0] = 1;
    for (let other = 0, size = 1; other < count; other++) {
      if (other === k) continue;
      const passes = (passed >> other) & 1;
      for (let t = size; t >= 0; t--) sums[t] = sums[t] * shares[other] + (t > 0 ? sums[t - 1] * passes : 0);
      size++;
    }
    let weight = 1 / count;
    let mean = 0;
    for (let t = 0; t < count; t++) {
      mean += weight * sums[t];
      weight *= (t + 1) / (count - 1 - t);
    }
    amounts[k] = value * (((passed >> k) & 1) - shares[k]) * mean;
  }
  return amounts;
}

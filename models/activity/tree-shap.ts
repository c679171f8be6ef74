import type {Tree} from "../onnx-trees.ts";

/** Questions on the way to a leaf at most: a row's answers are kept as bits of one number. */
const mostQuestions = 30;
/** Leaves that ask no more than these are looked at together: more questions would seldom be answered alike. */
const mostTogether = 12;

/** A leaf as the box of rows that come to it. */
interface Leaf {
  /** Entry by entry a feature that is asked on the way: the questions a row must answer with yes and with no to pass. */
  readonly features: readonly number[];
  readonly asks: readonly {readonly yes: readonly number[]; readonly no: readonly number[]}[];
  /** The share of training rows that pass what the feature is asked, of those that came to the questions. */
  readonly shares: readonly number[];
  readonly value: number;
}

/** Leaves of one tree that ask few questions together. */
interface Group {
  readonly leaves: readonly Leaf[];
  /** Question by question: whether the value of a feature is at most a threshold. */
  readonly asked: Int32Array;
  readonly thresholds: Float64Array;
  readonly features: Int32Array;
  /** What each of the features adds, by the answers (bit k: the k-th is yes), as far as they were needed. */
  readonly known: Map<number, Float64Array>;
}

interface Groups {
  readonly groups: readonly Group[];
  /** The trees' sum that is expected without knowing any feature. */
  readonly base: number;
}

const groupsOfTrees = new WeakMap<readonly Tree[], Groups>();

/**
 * Adds to `amounts` what each feature of a row adds to the trees' sum, exactly (path-dependent TreeSHAP, Lundberg et al.
 * 2018), and returns the sum that is expected without knowing any: both together are the trees' sum. Amounts depend only on
 * a row's answers to the trees' questions, so they are computed once for all rows that answer alike (the idea of Fast
 * TreeSHAP, Yang 2021). The trees must have covers. Throws a RangeError where a leaf asks more than 30 questions.
 */
export function treeShap(trees: readonly Tree[], row: ArrayLike<number>, amounts: Float64Array): number {
  let made = groupsOfTrees.get(trees);
  if (!made) {
    made = groupsOf(trees);
    groupsOfTrees.set(trees, made);
  }
  for (const group of made.groups) {
    const {asked, thresholds, features, known} = group;
    let answers = 0;
    for (let k = 0; k < asked.length; k++) if (row[asked[k]] <= thresholds[k]) answers |= 1 << k;
    let own = known.get(answers);
    if (!own) {
      own = amountsOfGroup(group, answers);
      known.set(answers, own);
    }
    for (let k = 0; k < features.length; k++) amounts[features[k]] += own[k];
  }
  return made.base;
}

/** A leaf with the nodes that it asks, before they are numbered within a group. */
interface Path extends Pick<Leaf, "shares" | "value"> {
  readonly asks: ReadonlyMap<number, {readonly yes: readonly number[]; readonly no: readonly number[]}>;
}

function groupsOf(trees: readonly Tree[]): Groups {
  const groups: Group[] = [];
  let base = 0;
  for (const tree of trees) {
    const paths = pathsOf(tree);
    for (const {value, shares} of paths) base += shares.reduce((product, share) => product * share, value);
    let together: Path[] = [];
    let questions = new Set<number>();
    for (const path of paths) {
      const own = [...path.asks.values()].flatMap(({yes, no}) => [...yes, ...no]);
      if (own.length > mostQuestions)
        throw new RangeError(`a leaf that asks ${own.length} questions, more than ${mostQuestions}`);
      if (together.length > 0 && new Set([...questions, ...own]).size > mostTogether) {
        groups.push(groupOf(tree, together, questions));
        [together, questions] = [[], new Set()];
      }
      together.push(path);
      for (const node of own) questions.add(node);
    }
    groups.push(groupOf(tree, together, questions));
  }
  return {groups, base};
}

function groupOf(tree: Tree, paths: readonly Path[], questions: ReadonlySet<number>): Group {
  const nodes = [...questions];
  const bits = (of: readonly number[]) => of.map((node) => nodes.indexOf(node));
  return {
    leaves: paths.map(({asks, shares, value}) => ({
      features: [...asks.keys()],
      asks: [...asks.values()].map(({yes, no}) => ({yes: bits(yes), no: bits(no)})),
      shares,
      value
    })),
    asked: Int32Array.from(nodes, (node) => tree.feature[node]),
    thresholds: Float64Array.from(nodes, (node) => tree.threshold[node]),
    features: Int32Array.from(new Set(nodes.map((node) => tree.feature[node]))),
    known: new Map()
  };
}

function pathsOf(tree: Tree): Path[] {
  const paths: Path[] = [];
  interface Way {
    readonly yes: readonly number[];
    readonly no: readonly number[];
    readonly share: number;
  }
  const descend = (node: number, way: ReadonlyMap<number, Way>) => {
    const asked = tree.feature[node];
    if (asked < 0) {
      paths.push({asks: way, shares: [...way.values()].map(({share}) => share), value: tree.value[node]});
      return;
    }
    const [yes, no] = [tree.yes[node], tree.no[node]];
    const before = way.get(asked) ?? {yes: [], no: [], share: 1};
    const total = tree.cover[yes] + tree.cover[no];
    const share = (child: number) => (before.share * tree.cover[child]) / total;
    descend(yes, new Map(way).set(asked, {...before, yes: [...before.yes, node], share: share(yes)}));
    descend(no, new Map(way).set(asked, {...before, no: [...before.no, node], share: share(no)}));
  };
  descend(0, new Map());
  return paths;
}

/** What the group's features add where its questions are answered so. */
function amountsOfGroup({leaves, features}: Group, answers: number): Float64Array {
  const amounts = new Float64Array(features.length);
  for (const leaf of leaves) {
    const passed = leaf.asks.reduce((bits, {yes, no}, k) => {
      const passes = yes.every((q) => (answers >> q) & 1) && no.every((q) => !((answers >> q) & 1));
      return passes ? bits | (1 << k) : bits;
    }, 0);
    const own = amountsOf(leaf, passed);
    for (const [k, feature] of leaf.features.entries()) amounts[features.indexOf(feature)] += own[k];
  }
  return amounts;
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

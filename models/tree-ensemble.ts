import {attributesOf, text} from "./onnx-trees.ts";
import {type Field, fields} from "./protobuf.ts";
import {bytesField, message, varintField} from "./protobuf-writer.ts";

/** The trees of a graph that begins with an ensemble of them, and the graph of what follows. */
export interface TreeEnsemble {
  /** Four 32-bit words a node: threshold, feature, place of the child for values up to it, and of the other; leaves have -1 as feature. */
  readonly threshold: Float32Array;
  readonly feature: Int32Array;
  readonly yes: Int32Array;
  readonly no: Int32Array;
  /** The first node of each tree. */
  readonly roots: readonly number[];
  /** nodes × targets; 0 but in leaves. */
  readonly values: Float32Array;
  readonly targets: number;
  /** What sums are divided by. */
  readonly divisor: number;
  /** The file without the ensemble: its sums (rows × targets) are the input, of this name. */
  readonly rest: Uint8Array;
  readonly restInput: string;
}

/** Attributes that change nothing of how trees are read here. */
const known =
  /^(nodes_(treeids|nodeids|featureids|modes|values|truenodeids|falsenodeids|hitrates)|target_(treeids|nodeids|ids|weights)|n_targets|aggregate_function|post_transform)$/;

/**
 * Takes the ensemble off a graph whose input goes into one TreeEnsembleRegressor (ai.onnx.ml 3) and nowhere else; null
 * where the graph is built otherwise.
 */
export function readEnsemble(bytes: Uint8Array, input: string): TreeEnsemble | null {
  const file = [...fields(bytes)];
  const graph = file.find(({number}) => number === 7);
  if (!graph) return null;
  const parts = [...fields(graph.bytes)];
  const readers = parts.filter((part) => part.number === 1 && textsOf(part, 1).includes(input));
  const [node] = readers;
  if (readers.length !== 1 || textsOf(node, 4)[0] !== "TreeEnsembleRegressor") return null;
  const attributes = attributesOf(node.bytes);
  if ([...attributes.keys()].some((name) => !known.test(name))) return null;
  const texts = (name: string) => attributes.get(name)?.texts ?? [];
  const aggregate = texts("aggregate_function")[0] ?? "SUM";
  if (!["SUM", "AVERAGE"].includes(aggregate) || (texts("post_transform")[0] ?? "NONE") !== "NONE") return null;
  if (texts("nodes_modes").some((mode) => mode !== "LEAF" && mode !== "BRANCH_LEQ")) return null;
  const trees = treesOf((name) => attributes.get(name)?.numbers ?? [], texts("nodes_modes"));
  const [output] = textsOf(node, 2);
  const outputs = parts.filter(({number}) => number === 12).map((part) => textsOf(part, 1)[0]);
  if (!trees || outputs.includes(output)) return null;
  const kept = parts.filter((part) => part !== node);
  const rest = message(
    kept.map((part) => bytesField(part.number, part.number === 11 ? matrix(output, trees.targets) : part.bytes))
  );
  return {
    ...trees,
    divisor: aggregate === "AVERAGE" ? trees.roots.length : 1,
    rest: message(
      file.map((part) =>
        part === graph
          ? bytesField(7, rest)
          : part.bytes.length > 0
            ? bytesField(part.number, part.bytes)
            : varintField(part.number, part.varint)
      )
    ),
    restInput: output
  };
}

/** Null where nodes lead astray: the runtime then says what it makes of it. */
function treesOf(
  numbers: (name: string) => readonly number[],
  modes: readonly string[]
): Omit<TreeEnsemble, "divisor" | "rest" | "restInput"> | null {
  const [tree, node, feature, value, yes, no] = [
    "treeids",
    "nodeids",
    "featureids",
    "values",
    "truenodeids",
    "falsenodeids"
  ].map((name) => numbers(`nodes_${name}`));
  const [targets] = numbers("n_targets");
  const count = tree.length;
  if (!(targets > 0) || [node, feature, value, yes, no, modes].some(({length}) => length !== count)) return null;
  const key = (t: number, n: number) => t * 2 ** 24 + n;
  const places = new Map(tree.map((t, i) => [key(t, node[i]), i]));
  const ensemble = {
    threshold: Float32Array.from(value),
    feature: Int32Array.from(feature, (k, i) => (modes[i] === "LEAF" ? -1 : k)),
    yes: Int32Array.from(yes, (n, i) => places.get(key(tree[i], n)) ?? -1),
    no: Int32Array.from(no, (n, i) => places.get(key(tree[i], n)) ?? -1),
    roots: [...new Set(tree)].map((t) => places.get(key(t, 0)) ?? -1),
    values: new Float32Array(count * targets),
    targets
  };
  if (ensemble.roots.includes(-1)) return null;
  for (let i = 0; i < count; i++)
    if (ensemble.feature[i] >= 0 && !(ensemble.yes[i] > i && ensemble.no[i] > i)) return null;
  const [ofTree, ofNode, ids, weights] = ["treeids", "nodeids", "ids", "weights"].map((name) =>
    numbers(`target_${name}`)
  );
  for (const [i, id] of ids.entries()) {
    const place = places.get(key(ofTree[i], ofNode[i]));
    if (place === undefined || !(id < targets)) return null;
    ensemble.values[place * targets + id] += weights[i];
  }
  return ensemble;
}

function textsOf({bytes}: Field, number: number): string[] {
  return [...fields(bytes)].filter((field) => field.number === number).map(text);
}

/** A value of rows × width 32-bit floats (ValueInfoProto). */
export function matrix(name: string, width: number): Uint8Array {
  const shape = message([bytesField(1, bytesField(2, "rows")), bytesField(1, varintField(1, width))]);
  const tensor = message([varintField(1, 1), bytesField(2, shape)]);
  return message([bytesField(1, name), bytesField(2, bytesField(1, tensor))]);
}

import {bytesField, message, packedVarints, varintField} from "../protobuf-writer.ts";
import {matrix} from "../tree-ensemble.ts";
import {averagePath, type IsolationForest, pathLengths} from "./isolation-forest.ts";

/** Numbers of ONNX's data types and kinds of attributes. */
const float32 = 1;
const kinds = {text: 3, floats: 6, ints: 7, texts: 8} as const;

/**
 * The forest as an ONNX file: `features` (rows × width) in, `score` (rows × 1) out, 2^(-mean path / average path) as in
 * equation 2 of the paper, which is scikit-learn's negated `score_samples`. One TreeEnsembleRegressor (ai.onnx.ml 3) gives
 * the mean path.
 */
export function forestOnnx(forest: IsolationForest, width: number): Uint8Array {
  const trees = node("TreeEnsembleRegressor", ["features"], "path", "ai.onnx.ml", treeAttributes(forest));
  const graph = message([
    bytesField(1, trees),
    bytesField(1, node("Mul", ["path", "minus_path"], "exponent")),
    bytesField(1, node("Pow", ["two", "exponent"], "score")),
    bytesField(2, "isolation_forest"),
    bytesField(5, scalar("minus_path", -1 / averagePath(forest.sample))),
    bytesField(5, scalar("two", 2)),
    bytesField(11, matrix("features", width)),
    bytesField(12, matrix("score", 1))
  ]);
  const operators = (domain: string, version: number) =>
    bytesField(8, message([bytesField(1, domain), varintField(2, version)]));
  return message([
    varintField(1, 8),
    bytesField(2, "flowbook"),
    bytesField(7, graph),
    operators("", 15),
    operators("ai.onnx.ml", 3)
  ]);
}

function treeAttributes({trees}: IsolationForest): Uint8Array[] {
  const nodes = {
    treeids: [] as number[],
    nodeids: [] as number[],
    featureids: [] as number[],
    truenodeids: [] as number[],
    falsenodeids: [] as number[]
  };
  const target = {treeids: [] as number[], nodeids: [] as number[], ids: [] as number[]};
  const [modes, values, covers, weights] = [[] as string[], [] as number[], [] as number[], [] as number[]];
  for (const [number, tree] of trees.entries()) {
    const paths = pathLengths(tree);
    for (const [place, feature] of tree.feature.entries()) {
      const isLeaf = feature < 0;
      nodes.treeids.push(number);
      nodes.nodeids.push(place);
      nodes.featureids.push(Math.max(0, feature));
      nodes.truenodeids.push(Math.max(0, tree.left[place]));
      nodes.falsenodeids.push(Math.max(0, tree.right[place]));
      modes.push(isLeaf ? "LEAF" : "BRANCH_LEQ");
      values.push(isLeaf ? 0 : roundedDown(tree.threshold[place]));
      covers.push(tree.rows[place]);
      if (!isLeaf) continue;
      target.treeids.push(number);
      target.nodeids.push(place);
      target.ids.push(0);
      weights.push(paths[place]);
    }
  }
  return [
    ...Object.entries(nodes).map(([name, ints]) => intsAttribute(`nodes_${name}`, ints)),
    ...Object.entries(target).map(([name, ints]) => intsAttribute(`target_${name}`, ints)),
    attribute(
      "nodes_modes",
      kinds.texts,
      modes.map((mode) => bytesField(9, mode))
    ),
    floatsAttribute("nodes_values", values),
    floatsAttribute("nodes_hitrates", covers),
    floatsAttribute("target_weights", weights),
    attribute("n_targets", 2, [varintField(3, 1)]),
    attribute("aggregate_function", kinds.text, [bytesField(4, "AVERAGE")]),
    attribute("post_transform", kinds.text, [bytesField(4, "NONE")])
  ];
}

/** The greatest 32-bit float not above it: 32-bit values then fall on the same side of both. */
function roundedDown(threshold: number): number {
  const near = Math.fround(threshold);
  if (near <= threshold) return near;
  const bits = new Int32Array(Float32Array.of(near).buffer);
  if (near === 0) return -1.401298464324817e-45;
  bits[0] += near > 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0];
}

function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  domain = "",
  attributes: readonly Uint8Array[] = []
): Uint8Array {
  return message([
    ...inputs.map((name) => bytesField(1, name)),
    bytesField(2, output),
    bytesField(3, output),
    bytesField(4, operator),
    ...attributes.map((one) => bytesField(5, one)),
    bytesField(7, domain)
  ]);
}

function attribute(name: string, kind: number, values: readonly Uint8Array[]): Uint8Array {
  return message([bytesField(1, name), ...values, varintField(20, kind)]);
}

const intsAttribute = (name: string, values: readonly number[]) =>
  attribute(name, kinds.ints, [bytesField(8, packedVarints(values))]);

const floatsAttribute = (name: string, values: readonly number[]) =>
  attribute(name, kinds.floats, [bytesField(7, floats(values))]);

function scalar(name: string, value: number): Uint8Array {
  return message([varintField(2, float32), bytesField(4, floats([value])), bytesField(8, name)]);
}

function floats(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

import {type Field, fields} from "./protobuf.ts";

/** A tree of an ONNX file by its nodes; those of a leaf's are -1. */
export interface Tree {
  /** The feature that a node asks for; -1 in a leaf. */
  readonly feature: Int32Array;
  /** A row goes to `yes` where its value is at most this, else to `no`. */
  readonly threshold: Float32Array;
  readonly yes: Int32Array;
  readonly no: Int32Array;
  /** A leaf's value; 0 elsewhere. */
  readonly value: Float64Array;
  /** How many rows of training came to a node; 0 where the file does not say. */
  readonly cover: Float64Array;
}

export type Attributes = ReadonlyMap<string, Attribute>;

interface Attribute {
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
}

/**
 * The trees of the file's node of that name, a TreeEnsembleRegressor with one target (ai.onnx.ml 3). Throws a RangeError
 * where there is none, or it is built otherwise.
 */
export function readTrees(bytes: Uint8Array, name: string): Tree[] {
  const graph = [...fields(bytes)].find(({number}) => number === 7);
  const nodes = graph ? [...fields(graph.bytes)].filter(({number}) => number === 1) : [];
  const node = nodes.find(({bytes}) => [...fields(bytes)].some((f) => f.number === 3 && text(f) === name));
  if (!node) throw new RangeError(`no node ${name}`);
  return treesOf(attributesOf(node.bytes));
}

/** The values of the file's constant tensor of that name (32-bit floats). Throws a RangeError where there is none. */
export function readFloats(bytes: Uint8Array, name: string): Float32Array {
  const graph = [...fields(bytes)].find(({number}) => number === 7);
  const tensors = graph ? [...fields(graph.bytes)].filter(({number}) => number === 5) : [];
  for (const {bytes: tensor} of tensors) {
    const all = [...fields(tensor)];
    if (!all.some((f) => f.number === 8 && text(f) === name)) continue;
    const raw = all.find(({number}) => number === 9);
    return Float32Array.from(
      raw ? floats(raw.bytes) : all.filter(({number}) => number === 4).flatMap((f) => floats(f.bytes))
    );
  }
  throw new RangeError(`no tensor ${name}`);
}

function treesOf(attributes: Attributes): Tree[] {
  const numbers = (name: string) => attributes.get(name)?.numbers ?? [];
  const ids = numbers("nodes_treeids");
  const modes = attributes.get("nodes_modes")?.texts ?? [];
  const strange = modes.find((mode) => mode !== "LEAF" && mode !== "BRANCH_LEQ");
  if (strange !== undefined) throw new RangeError(`trees that ask ${strange}`);
  if (modes.length !== ids.length || ids.length === 0) throw new RangeError("nodes without modes");
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const trees = new Map<number, Tree>();
  for (const [id, nodes] of counts)
    trees.set(id, {
      feature: new Int32Array(nodes).fill(-1),
      threshold: new Float32Array(nodes),
      yes: new Int32Array(nodes).fill(-1),
      no: new Int32Array(nodes).fill(-1),
      value: new Float64Array(nodes),
      cover: new Float64Array(nodes)
    });
  const [nodeIds, featureIds, values, yes, no, cover] = [
    "nodeids",
    "featureids",
    "values",
    "truenodeids",
    "falsenodeids",
    "hitrates"
  ].map((name) => numbers(`nodes_${name}`));
  for (const [i, id] of ids.entries()) {
    const tree = trees.get(id)!;
    const node = nodeIds[i];
    if (!(node < tree.feature.length))
      throw new RangeError(`tree ${id} has a node ${node} beyond its ${tree.feature.length}`);
    if (cover.length > 0) tree.cover[node] = cover[i];
    if (modes[i] === "LEAF") continue;
    if (!(yes[i] < tree.feature.length && no[i] < tree.feature.length))
      throw new RangeError(`tree ${id}: node ${node} leads to none`);
    tree.feature[node] = featureIds[i];
    tree.threshold[node] = values[i];
    tree.yes[node] = yes[i];
    tree.no[node] = no[i];
  }
  const targets = ["treeids", "nodeids", "ids", "weights"].map((name) => numbers(`target_${name}`));
  for (const [i, id] of targets[0].entries()) {
    if (targets[2][i] !== 0) throw new RangeError("trees with several targets");
    const tree = trees.get(id);
    if (!tree) throw new RangeError(`a leaf of a tree ${id} that there is not`);
    tree.value[targets[1][i]] = targets[3][i];
  }
  return [...trees.values()];
}

/** AttributeProto of onnx.proto: name 1, i 3, s 4, floats 7, ints 8, strings 9. */
export function attributesOf(node: Uint8Array): Attributes {
  const attributes = new Map<string, Attribute>();
  for (const {number, bytes} of fields(node)) {
    if (number !== 5) continue;
    const all = [...fields(bytes)];
    const name = all.find((f) => f.number === 1);
    if (!name) continue;
    attributes.set(text(name), {
      numbers: all.flatMap((f) =>
        f.number === 7 ? floats(f.bytes) : f.number === 8 || f.number === 3 ? integers(f) : []
      ),
      texts: all.filter((f) => f.number === 9 || f.number === 4).map(text)
    });
  }
  return attributes;
}

/** A field's bytes as text. */
export function text({bytes}: Field): string {
  return new TextDecoder().decode(bytes);
}

function floats(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({length: bytes.length >> 2}, (_, i) => view.getFloat32(4 * i, true));
}

/** One number, or several in a packed field. */
function integers({bytes, varint}: Field): number[] {
  if (bytes.length === 0) return [varint];
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128 || at >= bytes.length) break;
    }
    found.push(value);
  }
  return found;
}

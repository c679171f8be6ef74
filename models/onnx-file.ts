import {type Field, fields} from "./protobuf.ts";

/** What an ONNX file says of itself, read without running it (onnx.proto, ONNX IR 3 to 10). */
export interface OnnxFile {
  /** `domain.Operator`, without domain for ONNX's own; those of subgraphs too. */
  readonly operators: readonly string[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Some tensor's data lie in another file. */
  readonly externalData: boolean;
}

export interface OnnxValue {
  readonly name: string;
  /** `float32`, `int64`, … ; `sequence` or `map` where it is no tensor. */
  readonly type: string;
  /** null for a dimension without a fixed size. */
  readonly shape: readonly (number | null)[];
}

const elementTypes: Record<number, string> = {
  1: "float32",
  6: "int32",
  7: "int64",
  8: "string",
  9: "bool",
  11: "float64"
};

/** Subgraphs in subgraphs at most. */
const maxDepth = 8;

/** Reads an ONNX file's structure; throws a RangeError where the bytes are not one. */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  const found = {operators: new Set<string>(), externalData: false};
  const parts = [...fields(bytes)];
  // Written twice, a field holds both (Protocol Buffers, "last one wins" merges messages): the runtime sees all of them.
  const graphs = parts.filter(({number}) => number === 7);
  if (graphs.length === 0) throw new RangeError("no graph");
  if (parts.some(({number}) => number === 25)) throw new RangeError("it defines operators of its own");
  const all = graphs.flatMap(({bytes}) => walkGraph(bytes, found, 0));
  const initial = new Set(all.filter(({number}) => number === 5).map(({bytes}) => text(bytes, 8)));
  const values = (wanted: number) => all.filter(({number}) => number === wanted).map(({bytes}) => value(bytes));
  return {
    operators: [...found.operators].sort(),
    inputs: values(11).filter(({name}) => !initial.has(name)),
    outputs: values(12),
    externalData: found.externalData
  };
}

interface Found {
  readonly operators: Set<string>;
  externalData: boolean;
}

function walkGraph(graph: Uint8Array, found: Found, depth: number): Field[] {
  if (depth > maxDepth) throw new RangeError(`subgraphs nested deeper than ${maxDepth}`);
  const all = [...fields(graph)];
  for (const {number, bytes} of all) {
    if (number === 1) walkNode(bytes, found, depth);
    else if (number === 5) tensor(bytes, found);
    else if (number === 15) sparseTensor(bytes, found);
  }
  return all;
}

function walkNode(node: Uint8Array, found: Found, depth: number): void {
  const domain = text(node, 7);
  found.operators.add(domain && domain !== "ai.onnx" ? `${domain}.${text(node, 4)}` : text(node, 4));
  for (const {number, bytes} of fields(node)) {
    if (number !== 5) continue;
    for (const part of fields(bytes)) {
      if (part.number === 5 || part.number === 10) tensor(part.bytes, found);
      else if (part.number === 6 || part.number === 11) walkGraph(part.bytes, found, depth + 1);
      else if (part.number === 22 || part.number === 23) sparseTensor(part.bytes, found);
    }
  }
}

function tensor(bytes: Uint8Array, found: Found): void {
  for (const {number, varint} of fields(bytes))
    if (number === 13 || (number === 14 && varint === 1)) found.externalData = true;
}

/** Its values and their places are tensors. */
function sparseTensor(bytes: Uint8Array, found: Found): void {
  for (const {number, bytes: part} of fields(bytes)) if (number === 1 || number === 2) tensor(part, found);
}

function value(bytes: Uint8Array): OnnxValue {
  const type = [...fields(bytes)].find(({number}) => number === 2);
  const kind = type && [...fields(type.bytes)].find(({number}) => [1, 4, 5].includes(number));
  const name = text(bytes, 1);
  if (kind?.number !== 1) return {name, type: kind?.number === 5 ? "map" : "sequence", shape: []};
  let [element, shape] = ["unknown", [] as (number | null)[]];
  for (const part of fields(kind.bytes)) {
    if (part.number === 1) element = elementTypes[part.varint] ?? `type ${part.varint}`;
    if (part.number === 2) shape = [...fields(part.bytes)].map((dimension) => size(dimension.bytes));
  }
  return {name, type: element, shape};
}

function size(dimension: Uint8Array): number | null {
  return [...fields(dimension)].find(({number}) => number === 1)?.varint ?? null;
}

/** The last text of that field, as the format wants it; empty without one. */
function text(message: Uint8Array, wanted: number): string {
  let found = "";
  for (const {number, bytes} of fields(message)) if (number === wanted) found = new TextDecoder().decode(bytes);
  return found;
}

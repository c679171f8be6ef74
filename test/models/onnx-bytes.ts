/** ONNX files made by hand, field by field (onnx.proto), for what no exporter would write. */

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];

/** A field of the message: a number, a text or a message. */
export function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === "number") return Uint8Array.from([...varint(number * 8), ...varint(value)]);
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]);
}

export function message(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function value(name: string, columns: number): Uint8Array {
  const dimensions = message(field(1, message(field(2, "rows"))), field(1, message(field(1, columns))));
  return message(field(1, name), field(2, message(field(1, message(field(1, 1), field(2, dimensions))))));
}

export interface Node {
  readonly operator: string;
  readonly domain?: string;
  readonly from: string;
  readonly to: string;
}

/** A graph of nodes in a row between one input and one output of rows × columns floats. */
export function onnxFile(
  nodes: readonly Node[],
  input: readonly [name: string, columns: number],
  output: readonly [name: string, columns: number],
  ...more: readonly Uint8Array[]
): Uint8Array {
  const encoded = nodes.map(({operator, domain, from, to}) =>
    field(1, message(field(1, from), field(2, to), field(4, operator), ...(domain ? [field(7, domain)] : [])))
  );
  const graph = message(
    ...encoded,
    field(2, "graph"),
    ...more,
    field(11, value(...input)),
    field(12, value(...output))
  );
  return message(
    field(1, 8),
    field(7, graph),
    field(8, message(field(1, ""), field(2, 15))),
    field(8, message(field(1, "ai.onnx.ml"), field(2, 3)))
  );
}

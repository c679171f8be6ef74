import type {DuckDBConnection} from "@duckdb/node-api";
import nb, {type DataChunk} from "@duckdb/node-bindings";

const widths = {DOUBLE: 8, FLOAT: 4, INTEGER: 4, BIGINT: 8} as const;

/** Types of columns that {@link numberColumns} reads. */
export type NumberType = keyof typeof widths;

type ArrayOf = {DOUBLE: Float64Array; FLOAT: Float32Array; INTEGER: Int32Array; BIGINT: BigInt64Array};

/** Columns of a query by name, an array each. */
export type NumberColumns<T extends Readonly<Record<string, NumberType>>> = {
  readonly [K in keyof T]: ArrayOf[T[K]];
} & {readonly rows: number};

/**
 * Reads a query whose columns have exactly these types, in this order, from the engine's own vectors: a value a time
 * costs fifty times as much. NULL is NaN in a DOUBLE or FLOAT, and 0 elsewhere.
 */
export async function numberColumns<const T extends Readonly<Record<string, NumberType>>>(
  connection: DuckDBConnection,
  sql: string,
  types: T
): Promise<NumberColumns<T>> {
  const result = await connection.stream(sql);
  const names = Object.keys(types);
  const found = result.columnNames().map((name, k) => `${name} ${result.columnTypes()[k]}`);
  const expected = names.map((name) => `${name} ${types[name]}`);
  const at = expected.findIndex((column, k) => found[k] !== column);
  if (at >= 0 || found.length !== expected.length)
    throw new Error(`column ${at + 1}: expected ${expected[at]}, found ${found[at]}`);
  const pieces: Uint8Array[][] = names.map(() => []);
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    rows += chunk.rowCount;
    for (const [k, name] of names.entries()) pieces[k].push(vectorBytes(chunk.chunk, k, chunk.rowCount, types[name]));
  }
  const columns = names.map((name, k) => [name, typed(types[name], joined(pieces[k], rows * widths[types[name]]))]);
  return {...Object.fromEntries(columns), rows};
}

function vectorBytes(chunk: DataChunk, column: number, rows: number, type: NumberType): Uint8Array {
  const vector = nb.data_chunk_get_vector(chunk, column);
  const bytes = nb.vector_get_data(vector, rows * widths[type]).slice();
  const validity = nb.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
  if (validity) {
    const values = typed(type, bytes);
    const none = type === "BIGINT" ? 0n : type === "INTEGER" ? 0 : Number.NaN;
    for (let i = 0; i < rows; i++) if ((validity[i >> 3] & (1 << (i & 7))) === 0) values[i] = none;
  }
  return bytes;
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function typed(type: NumberType, {buffer, byteOffset, byteLength}: Uint8Array) {
  const length = byteLength / widths[type];
  if (type === "DOUBLE") return new Float64Array(buffer, byteOffset, length);
  if (type === "FLOAT") return new Float32Array(buffer, byteOffset, length);
  if (type === "INTEGER") return new Int32Array(buffer, byteOffset, length);
  return new BigInt64Array(buffer, byteOffset, length);
}

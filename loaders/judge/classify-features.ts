import type {DuckDBConnection} from "@duckdb/node-api";
import nb, {type DataChunk} from "@duckdb/node-bindings";
import {openEngine} from "../../capture/partitions/engine.ts";
import type {PartFile} from "../../capture/partitions/layout.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import type {TextColumn} from "../../schema/rows.ts";

/** Flows of one part with the features that were asked for. */
export interface FeatureBatch {
  readonly rows: number;
  readonly flowId: BigInt64Array;
  readonly captures: TextColumn;
  /** IP protocol numbers. */
  readonly protocols: Int16Array;
  /** Services as they were recognised; -1 where none was. */
  readonly services: TextColumn;
  /** rows × these features, row-major, valid until the next batch; one of the lists that were asked for. */
  matrix(features: readonly string[]): Float32Array;
}

/** Rows of a batch at most: the engine gives 2,048 a time, and models cost a tenth more by so few. */
const batchRows = 16_384;

/**
 * The features of a part's flows, batch by batch, as matrices of 32-bit floats, filled from the engine's own vectors: a
 * value a time would cost more than the scoring. `inputs` are the lists of features of which matrices are made. Texts
 * come as their numbers, for the same reason.
 */
export async function* partFeatures(
  files: readonly PartFile[],
  flows: readonly PartFile[],
  inputs: readonly (readonly string[])[]
): AsyncGenerator<FeatureBatch> {
  const instance = await openEngine("512MB");
  const connection = await instance.connect();
  try {
    const captures = await numbered(connection, flows, "capture_sha256");
    const services = await numbered(connection, flows, "service");
    const names = [...new Set(inputs.flat())];
    // Rows of the features are in another order than those of the flows. The id alone tells flows apart: it is a hash of
    // the capture, too.
    const result = await connection.stream(
      `SELECT flow_id, capture, proto, service, ${names.map(quoted).join(", ")}
       FROM ${scan(files)} AS features JOIN (SELECT flow_id, c.id AS capture, proto, coalesce(s.id, -1) AS service FROM ${scan(flows)} AS f
         JOIN numbered_capture_sha256 AS c ON c.text = f.capture_sha256 LEFT JOIN numbered_service AS s ON s.text = f.service) AS own USING (flow_id)`
    );
    const gathered = new Gathered(names, inputs);
    const batch = () => gathered.take(captures, services);
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      if (gathered.rows + chunk.rowCount > batchRows) yield batch();
      gathered.add(chunk.chunk, chunk.rowCount);
    }
    if (gathered.rows > 0) yield batch();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows put together until they are a batch. The matrices are filled again for the next one. */
class Gathered {
  rows = 0;
  readonly #flowId = new BigInt64Array(batchRows);
  readonly #captures = new Int32Array(batchRows);
  readonly #protocols = new Int16Array(batchRows);
  readonly #services = new Int32Array(batchRows);
  readonly #names: readonly string[];
  readonly #inputs: readonly {readonly features: readonly string[]; readonly matrix: Float32Array}[];

  constructor(names: readonly string[], inputs: readonly (readonly string[])[]) {
    this.#names = names;
    this.#inputs = inputs.map((features) => ({features, matrix: new Float32Array(batchRows * features.length)}));
  }

  add(chunk: DataChunk, rows: number): void {
    const from = this.rows;
    const integers = (column: number) => numbers(chunk, column, rows, Int32Array);
    this.#flowId.set(numbers(chunk, 0, rows, BigInt64Array), from);
    this.#captures.set(integers(1), from);
    this.#protocols.set(numbers(chunk, 2, rows, Int16Array), from);
    this.#services.set(integers(3), from);
    for (const [k, name] of this.#names.entries()) {
      const values = floats(chunk, k + 4, rows);
      for (const {features, matrix} of this.#inputs) {
        const column = features.indexOf(name);
        if (column >= 0) fillColumn(matrix, features.length, column, values, from);
      }
    }
    this.rows += rows;
  }

  take(captures: readonly string[], services: readonly string[]): FeatureBatch {
    const rows = this.rows;
    const batch: FeatureBatch = {
      rows,
      flowId: this.#flowId.slice(0, rows),
      captures: {codes: this.#captures.slice(0, rows), values: captures},
      protocols: this.#protocols.slice(0, rows),
      services: {codes: this.#services.slice(0, rows), values: services},
      matrix: (wanted) => this.#inputs.find(({features}) => features === wanted)!.matrix
    };
    this.rows = 0;
    return batch;
  }
}

/** Writes values into a column of a row-major matrix, from a row on. */
export function fillColumn(
  matrix: Float32Array,
  width: number,
  column: number,
  values: ArrayLike<number>,
  from: number
): void {
  for (let i = 0, at = from * width + column; i < values.length; i++, at += width) matrix[at] = values[i];
}

/** The distinct texts of a column in their order; the table `numbered_<column>` has their places. */
async function numbered(
  connection: DuckDBConnection,
  flows: readonly PartFile[],
  column: "capture_sha256" | "service"
): Promise<string[]> {
  await connection.run(
    `CREATE TEMP TABLE numbered_${column} AS SELECT text, CAST(row_number() OVER (ORDER BY text) - 1 AS INTEGER) AS id
     FROM (SELECT DISTINCT ${column} AS text FROM ${scan(flows)} WHERE ${column} IS NOT NULL)`
  );
  const result = await connection.run(`SELECT text FROM numbered_${column} ORDER BY id`);
  return (await result.getRows()).map(([text]) => String(text));
}

/** Rows of all those files, from their footers. */
export async function countRows(files: readonly PartFile[]): Promise<number> {
  if (files.length === 0) return 0;
  const instance = await openEngine("512MB");
  const connection = await instance.connect();
  try {
    const result = await connection.run(`SELECT COUNT(*) FROM ${scan(files)}`);
    return Number((await result.getRows())[0][0]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function scan(files: readonly PartFile[]): string {
  return `read_parquet([${files.map(({path}) => literal(path)).join(", ")}], hive_partitioning = false)`;
}

/** A vector's memory, valid until the next chunk. */
function numbers<T>(
  chunk: DataChunk,
  column: number,
  rows: number,
  Numbers: {new (buffer: ArrayBufferLike, at: number, length: number): T; readonly BYTES_PER_ELEMENT: number}
): T {
  const vector = nb.data_chunk_get_vector(chunk, column);
  const {buffer, byteOffset} = nb.vector_get_data(vector, rows * Numbers.BYTES_PER_ELEMENT);
  return new Numbers(buffer, byteOffset, rows);
}

/** A FLOAT column; NaN where NULL, which features never are. */
function floats(chunk: DataChunk, column: number, rows: number): Float32Array {
  const values = numbers(chunk, column, rows, Float32Array);
  const validity = nb.vector_get_validity(nb.data_chunk_get_vector(chunk, column), Math.ceil(rows / 64) * 8);
  if (!validity) return values;
  return values.map((value, i) => ((validity[i >> 3] & (1 << (i & 7))) === 0 ? Number.NaN : value));
}

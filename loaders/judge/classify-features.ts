import type {DuckDBConnection} from "@duckdb/node-api";
import nb, {type DataChunk, type Vector} from "@duckdb/node-bindings";
import {openEngine} from "../../capture/partitions/engine.ts";
import type {PartFile} from "../../capture/partitions/layout.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import type {TextColumn} from "../../schema/rows.ts";
import {type FlowNumbers, type FlowTexts, flowNumbers, numberedFlowsSql, numberTexts} from "./activity-flows.ts";
import {fillMatrix} from "./fill-matrix.ts";

/** Flows of one part with the features that were asked for. */
export interface FeatureBatch {
  readonly rows: number;
  readonly flowId: BigInt64Array;
  readonly captures: TextColumn;
  /** IP protocol numbers. */
  readonly protocols: ArrayLike<number>;
  /** Services as they were recognised; -1 where none was. */
  readonly services: TextColumn;
  /** What activities are made of, and what its numbers stand for, the same in all batches. */
  readonly flows: FlowNumbers;
  readonly texts: FlowTexts;
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
    await connection.run("SET TimeZone = 'UTC'");
    const texts = await numberTexts(connection, scan(flows));
    const services = await numberedServices(connection, flows);
    const names = [...new Set(inputs.flat())];
    // In the order as written the narrow side of the join is kept in memory; by its estimates the engine would take the
    // features, which are ten times as much.
    await connection.run("SET disabled_optimizers = 'join_order,build_side_probe_side'");
    // Rows of the features are in another order than those of the flows. The id alone tells flows apart: it is a hash of
    // the capture, too.
    const result = await connection.stream(
      `SELECT flow_id, own.service, ${ownNames.map((name) => `own.${name}`).join(", ")}, ${names.map((name) => `features.${quoted(name)}`).join(", ")}
       FROM ${scan(files)} AS features JOIN (SELECT f.* EXCLUDE (service, capture_sha256), coalesce(n.id, -1) AS service
         FROM (${numberedFlowsSql(scan(flows), texts)}) AS f LEFT JOIN numbered_services AS n ON n.text = f.service) AS own USING (flow_id)`
    );
    const gathered = new Gathered(names, inputs);
    const batch = () => gathered.take(texts, services);
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

const ownNames = Object.keys(flowNumbers) as (keyof typeof flowNumbers)[];

/** Rows put together until they are a batch. The matrices are filled again for the next one. */
class Gathered {
  rows = 0;
  readonly #flowId = new BigInt64Array(batchRows);
  readonly #services = new Int32Array(batchRows);
  readonly #own = ownNames.map((name) => new (numbersOf(name))(batchRows));
  readonly #features: number;
  readonly #inputs: readonly {
    readonly features: readonly string[];
    /** Place of each feature among the query's. */
    readonly places: readonly number[];
    readonly matrix: Float32Array;
  }[];

  constructor(names: readonly string[], inputs: readonly (readonly string[])[]) {
    this.#features = names.length;
    this.#inputs = inputs.map((features) => ({
      features,
      places: features.map((name) => names.indexOf(name)),
      matrix: new Float32Array(batchRows * features.length)
    }));
  }

  add(chunk: DataChunk, rows: number): void {
    const from = this.rows;
    this.#flowId.set(numbers(chunk, 0, rows, BigInt64Array), from);
    this.#services.set(numbers(chunk, 1, rows, Int32Array), from);
    for (const [k, name] of ownNames.entries()) {
      const Numbers: NumbersOf<ArrayLike<number>> = numbersOf(name);
      this.#own[k].set(numbers(chunk, 2 + k, rows, Numbers), from);
    }
    const columns = Array.from({length: this.#features}, (_, k) => floats(chunk, 2 + ownNames.length + k, rows));
    for (const {places, matrix} of this.#inputs)
      fillMatrix(
        matrix,
        places.map((place) => columns[place]),
        rows,
        from
      );
    this.rows += rows;
  }

  take(texts: FlowTexts, services: readonly string[]): FeatureBatch {
    const rows = this.rows;
    const own = Object.fromEntries(ownNames.map((name, k) => [name, this.#own[k].slice(0, rows)]));
    const flows = {...own, rows} as unknown as FlowNumbers;
    const batch: FeatureBatch = {
      rows,
      flowId: this.#flowId.slice(0, rows),
      captures: {codes: flows.capture, values: texts.captures},
      protocols: flows.proto,
      services: {codes: this.#services.slice(0, rows), values: services},
      flows,
      texts,
      matrix: (wanted) => this.#inputs.find(({features}) => features === wanted)!.matrix
    };
    this.rows = 0;
    return batch;
  }
}

function numbersOf(name: keyof typeof flowNumbers) {
  return flowNumbers[name] === "DOUBLE" ? Float64Array : Int32Array;
}

/** The distinct services in their order; the table `numbered_services` has their places. */
async function numberedServices(connection: DuckDBConnection, flows: readonly PartFile[]): Promise<string[]> {
  await connection.run(
    `CREATE TEMP TABLE numbered_services AS SELECT text, CAST(row_number() OVER (ORDER BY text) - 1 AS INTEGER) AS id
     FROM (SELECT DISTINCT service AS text FROM ${scan(flows)} WHERE service IS NOT NULL)`
  );
  const result = await connection.run("SELECT text FROM numbered_services ORDER BY id");
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

interface NumbersOf<T> {
  new (buffer: ArrayBufferLike, at: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** A vector's memory, valid until the next chunk. */
function numbers<T>(chunk: DataChunk, column: number, rows: number, Numbers: NumbersOf<T>): T {
  return numbersOfVector(nb.data_chunk_get_vector(chunk, column), rows, Numbers);
}

function numbersOfVector<T>(vector: Vector, rows: number, Numbers: NumbersOf<T>): T {
  const {buffer, byteOffset} = nb.vector_get_data(vector, rows * Numbers.BYTES_PER_ELEMENT);
  return new Numbers(buffer, byteOffset, rows);
}

/** A FLOAT column; NaN where NULL, which features never are. */
function floats(chunk: DataChunk, column: number, rows: number): Float32Array {
  const vector = nb.data_chunk_get_vector(chunk, column);
  const values = numbersOfVector(vector, rows, Float32Array);
  const validity = nb.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
  if (!validity) return values;
  return values.map((value, i) => ((validity[i >> 3] & (1 << (i & 7))) === 0 ? Number.NaN : value));
}

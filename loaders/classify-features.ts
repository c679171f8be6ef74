import {DuckDBBigIntVector, DuckDBFloatVector, DuckDBInstance, type DuckDBVector} from "@duckdb/node-api";
import type {PartFile} from "../capture/partitions/layout.ts";
import {literal, quoted} from "../schema/ddl.ts";

/** Flows of one part with the features that were asked for. */
export interface FeatureBatch {
  readonly rows: number;
  readonly flowId: BigInt64Array;
  readonly captures: readonly string[];
  /** The column of that feature. */
  column(name: string): Float32Array;
}

/**
 * The features of a part's flows, batch by batch (about 2,000 rows each), as 32-bit floats from the engine's own
 * vectors: a value a time would cost more than the scoring. Batches are valid until the next one.
 */
export async function* partFeatures(
  files: readonly PartFile[],
  names: readonly string[]
): AsyncGenerator<FeatureBatch> {
  const instance = await DuckDBInstance.create(":memory:", {threads: "1", memory_limit: "512MB"});
  const connection = await instance.connect();
  try {
    const paths = files.map(({path}) => literal(path)).join(", ");
    const columns = ["flow_id", "capture_sha256", ...names].map(quoted).join(", ");
    const result = await connection.stream(
      `SELECT ${columns} FROM read_parquet([${paths}], hive_partitioning = false)`
    );
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      const rows = chunk.rowCount;
      const captures = chunk.getColumnValues(1).map(String);
      const index = new Map(names.map((name, i) => [name, i + 2]));
      const vector = (i: number) => chunk!.getColumnVector(i);
      yield {
        rows,
        flowId: bigints(vector(0), rows),
        captures,
        column: (name) => floats(vector(index.get(name)!), name, rows)
      };
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows of all those files, from their footers. */
export async function countRows(files: readonly PartFile[]): Promise<number> {
  if (files.length === 0) return 0;
  const instance = await DuckDBInstance.create(":memory:", {threads: "1"});
  const connection = await instance.connect();
  try {
    const paths = files.map(({path}) => literal(path)).join(", ");
    const result = await connection.run(`SELECT COUNT(*) FROM read_parquet([${paths}], hive_partitioning = false)`);
    return Number((await result.getRows())[0][0]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function bigints(vector: DuckDBVector, rows: number): BigInt64Array {
  if (!(vector instanceof DuckDBBigIntVector)) throw new Error("features: flow_id is not a BIGINT");
  return BigInt64Array.from({length: rows}, (_, i) => vector.getItem(i) ?? 0n);
}

function floats(vector: DuckDBVector, name: string, rows: number): Float32Array {
  if (!(vector instanceof DuckDBFloatVector)) throw new Error(`features: ${name} is not a FLOAT`);
  return Float32Array.from({length: rows}, (_, i) => vector.getItem(i) ?? Number.NaN);
}

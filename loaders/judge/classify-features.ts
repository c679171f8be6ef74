import nb, {type DataChunk} from "@duckdb/node-bindings";
import {openEngine} from "../../capture/partitions/engine.ts";
import type {PartFile} from "../../capture/partitions/layout.ts";
import {literal, quoted} from "../../schema/ddl.ts";

/** Flows of one part with the features that were asked for. */
export interface FeatureBatch {
  readonly rows: number;
  readonly flowId: BigInt64Array;
  readonly captures: readonly string[];
  /** IP protocol numbers. */
  readonly protocols: Int16Array;
  /** The column of that feature. */
  column(name: string): Float32Array;
}

/**
 * The features of a part's flows, batch by batch (about 2,000 rows each), as 32-bit floats from the engine's own
 * vectors: a value a time would cost more than the scoring. Batches are valid until the next one.
 */
export async function* partFeatures(
  files: readonly PartFile[],
  flows: readonly PartFile[],
  names: readonly string[]
): AsyncGenerator<FeatureBatch> {
  const instance = await openEngine("512MB");
  const connection = await instance.connect();
  try {
    const columns = ["flow_id", "capture_sha256", "proto", ...names].map(quoted).join(", ");
    // Its rows are in another order than those of the flows.
    const result = await connection.stream(
      `SELECT ${columns} FROM ${scan(files)} JOIN (SELECT flow_id, capture_sha256, proto FROM ${scan(flows)}) f USING (flow_id, capture_sha256)`
    );
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      const {rowCount: rows, chunk: data} = chunk;
      const captures = chunk.getColumnValues(1).map(String);
      const index = new Map(names.map((name, i) => [name, i + 3]));
      const ids = values(data, 0, rows, 8);
      const protocols = values(data, 2, rows, 2);
      yield {
        rows,
        flowId: new BigInt64Array(ids.buffer, ids.byteOffset, rows),
        captures,
        protocols: new Int16Array(protocols.buffer, protocols.byteOffset, rows),
        column: (name) => floats(data, index.get(name)!, rows)
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

/** A vector's memory, copied: rows of `width` bytes. */
function values(chunk: DataChunk, column: number, rows: number, width: number): Uint8Array {
  return nb.vector_get_data(nb.data_chunk_get_vector(chunk, column), rows * width).slice();
}

/** A FLOAT column; NaN where NULL, which features never are. */
function floats(chunk: DataChunk, column: number, rows: number): Float32Array {
  const bytes = values(chunk, column, rows, 4);
  const result = new Float32Array(bytes.buffer, bytes.byteOffset, rows);
  const validity = nb.vector_get_validity(nb.data_chunk_get_vector(chunk, column), Math.ceil(rows / 64) * 8);
  if (validity) for (let i = 0; i < rows; i++) if ((validity[i >> 3] & (1 << (i & 7))) === 0) result[i] = Number.NaN;
  return result;
}

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
  /** The column of that feature, valid until the next batch. */
  column(name: string): Float32Array;
}

/**
 * The features of a part's flows, batch by batch (about 2,000 rows each), as 32-bit floats from the engine's own
 * vectors: a value a time would cost more than the scoring. Texts come as their numbers, for the same reason.
 */
export async function* partFeatures(
  files: readonly PartFile[],
  flows: readonly PartFile[],
  names: readonly string[]
): AsyncGenerator<FeatureBatch> {
  const instance = await openEngine("512MB");
  const connection = await instance.connect();
  try {
    const captures = await numbered(connection, flows, "capture_sha256");
    const services = await numbered(connection, flows, "service");
    // Rows of the features are in another order than those of the flows.
    const result = await connection.stream(
      `SELECT flow_id, c.id, proto, coalesce(s.id, -1), ${names.map(quoted).join(", ")}
       FROM ${scan(files)} JOIN (SELECT flow_id, capture_sha256, proto, service FROM ${scan(flows)}) AS f USING (flow_id, capture_sha256)
         JOIN numbered_capture_sha256 AS c ON c.text = f.capture_sha256 LEFT JOIN numbered_service AS s ON s.text = f.service`
    );
    const index = new Map(names.map((name, i) => [name, i + 4]));
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      const {rowCount: rows, chunk: data} = chunk;
      const integers = (column: number) => new Int32Array(kept(data, column, rows, 4).buffer);
      yield {
        rows,
        flowId: new BigInt64Array(kept(data, 0, rows, 8).buffer),
        captures: {codes: integers(1), values: captures},
        protocols: new Int16Array(kept(data, 2, rows, 2).buffer),
        services: {codes: integers(3), values: services},
        column: (name) => floats(data, index.get(name)!, rows)
      };
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
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

function vectorBytes(chunk: DataChunk, column: number, rows: number, width: number): Uint8Array {
  return nb.vector_get_data(nb.data_chunk_get_vector(chunk, column), rows * width);
}

/** A vector's memory, copied: rows of `width` bytes. */
function kept(chunk: DataChunk, column: number, rows: number, width: number): Uint8Array {
  return vectorBytes(chunk, column, rows, width).slice();
}

/** A FLOAT column; NaN where NULL, which features never are. */
function floats(chunk: DataChunk, column: number, rows: number): Float32Array {
  const bytes = vectorBytes(chunk, column, rows, 4);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, rows);
  const validity = nb.vector_get_validity(nb.data_chunk_get_vector(chunk, column), Math.ceil(rows / 64) * 8);
  if (!validity) return values;
  return values.map((value, i) => ((validity[i >> 3] & (1 << (i & 7))) === 0 ? Number.NaN : value));
}

import type {DuckDBConnection} from "@duckdb/node-api";
import {type ActivityFlows, scopeOf, stateGroup} from "../../models/activity/flows.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import {type NumberType, numberColumns} from "../lake/number-columns.ts";

/** Flows as numbers, with what the numbers stand for. */
export interface NumberedFlows {
  readonly flows: Omit<ActivityFlows, "probabilities">;
  /** The columns that were asked for beside them: rows × columns, row-major. */
  readonly matrix: Float32Array;
  readonly flowId: BigInt64Array;
  /** The capture of each row, by its place in `captures`. */
  readonly capture: Int32Array;
  readonly captures: readonly string[];
  /** Addresses by their numbers; a source's is its number modulo their count. */
  readonly addresses: readonly string[];
}

const types = {
  flow_id: "BIGINT",
  capture: "INTEGER",
  start: "DOUBLE",
  duration: "DOUBLE",
  source: "INTEGER",
  responder: "INTEGER",
  proto: "INTEGER",
  src_port: "INTEGER",
  dst_port: "INTEGER",
  state: "INTEGER",
  packets_out: "DOUBLE",
  packets_back: "DOUBLE",
  payload_out: "DOUBLE",
  payload_back: "DOUBLE"
} as const satisfies Record<string, NumberType>;

const stateNumber = `CASE conn_state ${[...stateGroup].map(([name, n]) => `WHEN ${literal(name)} THEN ${n}`).join(" ")} ELSE 0 END`;

/**
 * Reads flows: `flows` is a subquery with the columns of that table, `joined` what follows it to bring `columns`, which
 * are FLOAT. Rows come in the order of capture, start and id where `isOrdered`, else in any; captures and addresses in
 * that of their texts.
 */
export async function readNumberedFlows(
  connection: DuckDBConnection,
  {flows, joined, isOrdered}: {readonly flows: string; readonly joined: string; readonly isOrdered: boolean},
  columns: readonly string[]
): Promise<NumberedFlows> {
  const addresses = await numbered(
    connection,
    "addresses",
    `SELECT src_ip AS text FROM ${flows} UNION SELECT dst_ip FROM ${flows}`
  );
  const captures = await numbered(
    connection,
    "numbered_captures",
    `SELECT DISTINCT capture_sha256 AS text FROM ${flows}`
  );
  const read = await numberColumns(
    connection,
    `SELECT flow_id, capture, start, duration, source, responder, f.proto, src_port, dst_port, state, packets_out, packets_back,
       payload_out, payload_back${columns.map((name) => `, ${quoted(name)}`).join("")}
     FROM (SELECT flow_id, capture_sha256, c.id AS capture, CAST(epoch_us(ts_start) AS DOUBLE) AS start, CAST(duration_us AS DOUBLE) AS duration,
         s.id AS source, d.id AS responder, CAST(proto AS INTEGER) AS proto, src_port, dst_port, CAST(${stateNumber} AS INTEGER) AS state,
         CAST(src_pkts AS DOUBLE) AS packets_out, CAST(dst_pkts AS DOUBLE) AS packets_back, CAST(src_payload_bytes AS DOUBLE) AS payload_out,
         CAST(dst_payload_bytes AS DOUBLE) AS payload_back
       FROM ${flows} JOIN addresses s ON s.text = src_ip JOIN addresses d ON d.text = dst_ip JOIN numbered_captures c ON c.text = capture_sha256) f
     ${joined}
     ${isOrdered ? "ORDER BY capture, start, flow_id" : ""}`,
    {...types, ...(Object.fromEntries(columns.map((name) => [name, "FLOAT"])) as Record<string, "FLOAT">)}
  );
  const {rows} = read;
  const scopes = Uint8Array.from(addresses, scopeOf);
  const matrix = new Float32Array(rows * columns.length);
  for (const [k, name] of columns.entries()) {
    const column = (read as unknown as Record<string, Float32Array>)[name];
    for (let i = 0; i < rows; i++) matrix[i * columns.length + k] = column[i];
  }
  const source = new Float64Array(rows);
  const scope = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    source[i] = read.capture[i] * addresses.length + read.source[i];
    scope[i] = scopes[read.responder[i]];
  }
  return {
    addresses,
    captures,
    matrix,
    flowId: read.flow_id,
    capture: read.capture,
    flows: {
      rows,
      start: read.start,
      durationUs: read.duration,
      source,
      responder: read.responder,
      scope,
      protocol: new Int16Array(read.proto),
      srcPort: read.src_port,
      dstPort: read.dst_port,
      state: new Uint8Array(read.state),
      srcPackets: read.packets_out,
      dstPackets: read.packets_back,
      srcPayload: read.payload_out,
      dstPayload: read.payload_back
    }
  };
}

/** Numbers the texts of a query in their order, in a temporary table `name` of `text` and `id`; returns them. */
async function numbered(connection: DuckDBConnection, name: string, query: string): Promise<string[]> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${name} AS SELECT text, CAST(row_number() OVER (ORDER BY text) - 1 AS INTEGER) AS id FROM (${query})`
  );
  // As one text: a value a time costs ten times as much. Neither addresses nor hashes have line ends.
  const result = await connection.run(`SELECT string_agg(text, chr(10) ORDER BY id) FROM ${name}`);
  const [[texts]] = await result.getRows();
  return texts === null ? [] : String(texts).split("\n");
}

import type {DuckDBConnection} from "@duckdb/node-api";
import {type ActivityFlows, scopeOf, stateGroup} from "../../models/activity/flows.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import {type NumberColumns, type NumberType, numberColumns} from "../lake/number-columns.ts";
import {fillMatrix} from "./fill-matrix.ts";

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

/** Columns of flows that are numbers as they are, or stand for texts. */
export const flowNumbers = {
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

/** Those columns of some flows. */
export type FlowNumbers = NumberColumns<typeof flowNumbers>;

/** What the numbers of captures and addresses stand for, in the order of the texts. */
export interface FlowTexts {
  readonly captures: readonly string[];
  readonly addresses: readonly string[];
}

const stateNumber = `CASE conn_state ${[...stateGroup].map(([name, n]) => `WHEN ${literal(name)} THEN ${n}`).join(" ")} ELSE 0 END`;

/** Numbers the captures and addresses of a subquery with the columns of `flows`, for {@link numberedFlowsSql}. */
async function numberTexts(connection: DuckDBConnection, flows: string): Promise<FlowTexts> {
  return {
    addresses: await numbered(
      connection,
      "addresses",
      `SELECT src_ip AS text FROM ${flows} UNION SELECT dst_ip FROM ${flows}`
    ),
    captures: await numbered(connection, "numbered_captures", `SELECT DISTINCT capture_sha256 AS text FROM ${flows}`)
  };
}

/** Those flows with `flow_id`, `capture_sha256`, `service` and the columns of {@link flowNumbers}, after {@link numberTexts}. */
function numberedFlowsSql(flows: string, {captures}: FlowTexts): string {
  // Most parts are of one capture: its text is then not read for each flow.
  const [capture, join] =
    captures.length === 1
      ? ["CAST(0 AS INTEGER)", ""]
      : ["c.id", "JOIN numbered_captures c ON c.text = capture_sha256"];
  return `SELECT flow_id, capture_sha256, service, ${capture} AS capture, CAST(epoch_us(ts_start) AS DOUBLE) AS start, CAST(duration_us AS DOUBLE) AS duration,
    s.id AS source, d.id AS responder, CAST(proto AS INTEGER) AS proto, src_port, dst_port, CAST(${stateNumber} AS INTEGER) AS state,
    CAST(src_pkts AS DOUBLE) AS packets_out, CAST(dst_pkts AS DOUBLE) AS packets_back, CAST(src_payload_bytes AS DOUBLE) AS payload_out,
    CAST(dst_payload_bytes AS DOUBLE) AS payload_back
    FROM ${flows} JOIN addresses s ON s.text = src_ip JOIN addresses d ON d.text = dst_ip ${join}`;
}

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
  const texts = await numberTexts(connection, flows);
  const read = await numberColumns(
    connection,
    `SELECT flow_id, ${Object.keys(flowNumbers)
      .map((name) => `f.${name}`)
      .join(", ")}${columns.map((name) => `, ${quoted(name)}`).join("")}
     FROM (${numberedFlowsSql(flows, texts)}) f
     ${joined}
     ${isOrdered ? "ORDER BY capture, start, flow_id" : ""}`,
    {
      flow_id: "BIGINT",
      ...flowNumbers,
      ...(Object.fromEntries(columns.map((name) => [name, "FLOAT"])) as Record<string, "FLOAT">)
    }
  );
  const {rows} = read;
  const matrix = new Float32Array(rows * columns.length);
  fillMatrix(
    matrix,
    columns.map((name) => (read as unknown as Record<string, Float32Array>)[name]),
    rows,
    0
  );
  return {...numberedFlows(read, texts), matrix, flowId: read.flow_id};
}

/** Flows as activities are made of them. */
export function numberedFlows(
  read: FlowNumbers,
  texts: FlowTexts
): Pick<NumberedFlows, "flows" | "capture" | "captures" | "addresses"> {
  const {rows} = read;
  const {addresses} = texts;
  const scopes = Uint8Array.from(addresses, scopeOf);
  const source = new Float64Array(rows);
  const scope = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    source[i] = read.capture[i] * addresses.length + read.source[i];
    scope[i] = scopes[read.responder[i]];
  }
  return {
    ...texts,
    capture: read.capture,
    flows: {
      rows,
      start: read.start,
      durationUs: read.duration,
      addresses,
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

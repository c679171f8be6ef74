import {basename} from "node:path";
import type {DuckDBConnection} from "@duckdb/node-api";
import {readReviews} from "../../alerts/reviews.ts";
import {readTrafficLabels} from "../../alerts/traffic-labels.ts";
import {openEngine} from "../../capture/partitions/engine.ts";
import {readNumberedFlows} from "../../loaders/judge/activity-flows.ts";
import {lakeViews} from "../../loaders/lake/lake-views.ts";
import {literal} from "../../schema/ddl.ts";
import {verdictClasses} from "../../schema/verdicts.ts";
import {exit, UserError} from "../verb.ts";
import {type CaptureOrigin, type TrainingFlows, trainingFeatures} from "./training-flows.ts";

const normal = "Normal";

/**
 * The flows of a lake that its readers labelled: those of incidents (true: as their class, false: as Normal) and those of
 * hosts and stretches. Where labels disagree the last one counts; other flows are left out. Captures in `without` are,
 * too: what was given as a file is labelled by its truth.
 */
export async function labelledTraffic(lake: string, without: ReadonlySet<string>): Promise<TrainingFlows> {
  const instance = await openEngine("2GB");
  const connection = await instance.connect();
  try {
    for (const statement of await lakeViews(connection, lake)) await connection.run(statement);
    await labelFlows(connection, lake, without);
    const read = await readNumberedFlows(
      connection,
      {
        flows:
          "(SELECT f.* FROM flows AS f SEMI JOIN labelled_flows AS l ON l.flow_id = f.flow_id AND l.capture_sha256 = f.capture_sha256)",
        joined: "JOIN features USING (flow_id, capture_sha256) JOIN labelled_flows USING (flow_id, capture_sha256)",
        isOrdered: true
      },
      [...trainingFeatures, "class_number", "label_number"]
    );
    if (read.flows.rows === 0)
      throw new UserError(exit.usage, "train: --labels: this lake has no labelled flow", {
        hint: "flowbook incidents label ID true, or flowbook label --class PortScan --host 10.0.0.5"
      });
    const width = trainingFeatures.length;
    const matrix = new Float32Array(read.flows.rows * width);
    const labels: string[] = [];
    const groups: string[] = [];
    const counts = read.captures.map((): Record<string, number> => ({}));
    for (let i = 0; i < read.flows.rows; i++) {
      const row = read.matrix.subarray(i * (width + 2), (i + 1) * (width + 2));
      matrix.set(row.subarray(0, width), i * width);
      const label = verdictClasses[row[width]];
      labels.push(label);
      groups.push(
        label === normal ? read.addresses[read.flows.source[i] % read.addresses.length] : `label ${row[width + 1]}`
      );
      const own = counts[read.capture[i]];
      own[label] = (own[label] ?? 0) + 1;
    }
    const names = await captureNames(connection);
    const origins = read.captures.map(
      (hash, k): CaptureOrigin => ({
        role: "labels",
        fold: `lake ${basename(names.get(hash) ?? hash.slice(0, 12))}`,
        capture_sha256: hash,
        flows: counts[k]
      })
    );
    return {...read, matrix, labels, groups, origins};
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Makes the table `labelled_flows`: each labelled flow with its class and label by their numbers. */
async function labelFlows(connection: DuckDBConnection, lake: string, without: ReadonlySet<string>): Promise<void> {
  const classNumber = (name: string) =>
    `CASE ${name} ${verdictClasses.map((each, k) => `WHEN ${literal(each)} THEN ${k}`).join(" ")} END`;
  const told = Object.entries(readReviews(lake).labels).filter(([, {label}]) => label !== "unknown");
  const parts = told.map(
    ([id, {label, atMs}], k) =>
      `SELECT m.flow_id, m.capture_sha256, ${label === "true" ? classNumber("i.class") : verdictClasses.indexOf(normal)} AS class_number, ${k} AS label_number, ${atMs} AS at_ms
       FROM incident_flows AS m JOIN incidents AS i ON i.incident_id = m.incident_id AND i.capture_sha256 = m.capture_sha256 WHERE m.incident_id = ${literal(id)}`
  );
  for (const [k, {class: named, host, fromUs, toUs, atMs}] of readTrafficLabels(lake).entries()) {
    const where = [
      host === null ? "TRUE" : `src_ip = ${literal(host)}`,
      fromUs === null ? "TRUE" : `epoch_us(ts_start) >= ${fromUs}`,
      toUs === null ? "TRUE" : `epoch_us(ts_start) < ${toUs}`
    ];
    parts.push(
      `SELECT flow_id, capture_sha256, ${classNumber(literal(named))}, ${told.length + k}, ${atMs} FROM flows WHERE ${where.join(" AND ")}`
    );
  }
  const none =
    "SELECT 0::BIGINT AS flow_id, '' AS capture_sha256, 0 AS class_number, 0 AS label_number, 0 AS at_ms WHERE FALSE";
  const left = [...without].map(literal).join(", ");
  await connection.run(
    `CREATE TEMP TABLE labelled_flows AS
     SELECT flow_id, capture_sha256, CAST(arg_max(class_number, (at_ms, label_number)) AS FLOAT) AS class_number, CAST(arg_max(label_number, (at_ms, label_number)) AS FLOAT) AS label_number
     FROM (${[none, ...parts].join(" UNION ALL ")})
     WHERE class_number IS NOT NULL ${left ? `AND capture_sha256 NOT IN (${left})` : ""}
     GROUP BY flow_id, capture_sha256`
  );
}

async function captureNames(connection: DuckDBConnection): Promise<ReadonlyMap<string, string>> {
  const result = await connection.run("SELECT capture_sha256, path FROM captures");
  return new Map((await result.getRows()).map(([hash, path]) => [String(hash), String(path)]));
}

/** Two sets of flows as one, the second after the first. */
export function joinedFlows(a: TrainingFlows, b: TrainingFlows): TrainingFlows {
  if (a.flows.rows === 0) return b;
  const addresses = [...a.addresses, ...b.addresses];
  const source = new Float64Array(a.flows.rows + b.flows.rows);
  const capture = Int32Array.from([...a.capture, ...[...b.capture].map((k) => k + a.captures.length)]);
  const responder = Int32Array.from([
    ...a.flows.responder,
    ...[...b.flows.responder].map((k) => k + a.addresses.length)
  ]);
  for (let i = 0; i < source.length; i++) {
    const [part, row, before] = i < a.flows.rows ? [a, i, 0] : [b, i - a.flows.rows, a.addresses.length];
    source[i] = capture[i] * addresses.length + before + (part.flows.source[row] % part.addresses.length);
  }
  const doubles = (name: "start" | "durationUs" | "srcPackets" | "dstPackets" | "srcPayload" | "dstPayload") =>
    Float64Array.from([...a.flows[name], ...b.flows[name]]);
  const matrix = new Float32Array(a.matrix.length + b.matrix.length);
  matrix.set(a.matrix);
  matrix.set(b.matrix, a.matrix.length);
  return {
    addresses,
    captures: [...a.captures, ...b.captures],
    capture,
    matrix,
    flowId: BigInt64Array.from([...a.flowId, ...b.flowId]),
    labels: [...a.labels, ...b.labels],
    groups: [...a.groups, ...b.groups],
    origins: [...a.origins, ...b.origins],
    flows: {
      rows: source.length,
      start: doubles("start"),
      durationUs: doubles("durationUs"),
      source,
      responder,
      scope: Uint8Array.from([...a.flows.scope, ...b.flows.scope]),
      protocol: Int16Array.from([...a.flows.protocol, ...b.flows.protocol]),
      srcPort: Int32Array.from([...a.flows.srcPort, ...b.flows.srcPort]),
      dstPort: Int32Array.from([...a.flows.dstPort, ...b.flows.dstPort]),
      state: Uint8Array.from([...a.flows.state, ...b.flows.state]),
      srcPackets: doubles("srcPackets"),
      dstPackets: doubles("dstPackets"),
      srcPayload: doubles("srcPayload"),
      dstPayload: doubles("dstPayload")
    }
  };
}

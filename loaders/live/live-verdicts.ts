import {partFiles} from "../../capture/partitions/layout.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import type {FlowState} from "../../schema/incidents.ts";
import type {FlowVerdict} from "../../schema/live/news.ts";
import type {RecentFlow} from "../../schema/live/recent-flow.ts";
import {flowState} from "../../schema/verdicts.ts";
import {openLake} from "../lake/duckdb.ts";

/** What scoring some parts came to. */
export interface ScoredParts {
  readonly scored: number;
  readonly suspicious: number;
  /** Flows with an anomaly score, and those of them that are anomalous. */
  readonly anomalyScored: number;
  readonly anomalous: number;
  /** Of the flows that were asked for, those in these parts. */
  readonly verdicts: readonly FlowVerdict[];
  /** The most anomalous of the suspicious flows; `verdicts` has theirs, too. */
  readonly suspects: readonly RecentFlow[];
}

const mostSuspects = 12;

/** Counts the verdicts of freshly scored parts, and looks those of some flows up. */
export async function scoredParts(
  lake: string,
  parts: readonly string[],
  flows: readonly string[]
): Promise<ScoredParts> {
  const files = partFiles(lake, "verdicts", parts);
  if (files.length === 0) return {scored: 0, suspicious: 0, anomalyScored: 0, anomalous: 0, verdicts: [], suspects: []};
  return inLake(lake, async (engine) => {
    const from = `(SELECT v.*, i.severity, ${flowState("i.severity", "v.is_anomaly", "v.label")} AS state
      FROM read_parquet([${files.map(({path}) => literal(path)).join(", ")}], hive_partitioning = false) v
      LEFT JOIN flow_incidents i ON i.flow_id = v.flow_id AND i.capture_sha256 = v.capture_sha256)`;
    const counts = await engine.query(
      `SELECT count(*), count(*) FILTER (state = 'suspicious'), count(is_anomaly), count(*) FILTER (is_anomaly) FROM ${from}`
    );
    const [scored, suspicious, anomalyScored, anomalous] = counts.rows[0].map(Number);
    const suspects = suspicious === 0 ? [] : await suspectsOf(engine, lake, parts, from);
    const ids = [...flows, ...suspects.map(({id}) => id)].filter((id) => /^-?\d+$/.test(id));
    const found =
      ids.length === 0
        ? {rows: []}
        : await engine.query(
            `SELECT CAST(flow_id AS VARCHAR), label, probability, is_unknown, state, is_anomaly FROM ${from} WHERE flow_id IN (${ids.join(", ")})`
          );
    return {
      scored,
      suspicious,
      anomalyScored,
      anomalous,
      verdicts: found.rows.map(([flow, label, probability, isUnknown, state, isAnomaly]) => ({
        flow: String(flow),
        label: label === null ? null : String(label),
        probability: probability === null ? null : Number(probability),
        isUnknown: isUnknown === true,
        state: state as FlowState,
        isAnomaly: isAnomaly === null ? null : isAnomaly === true
      })),
      suspects
    };
  });
}

async function suspectsOf(
  engine: QueryEngine,
  lake: string,
  parts: readonly string[],
  verdicts: string
): Promise<RecentFlow[]> {
  const files = partFiles(lake, "flows", parts)
    .map(({path}) => literal(path))
    .join(", ");
  const {rows} = await engine.query(
    `SELECT CAST(f.flow_id AS VARCHAR), proto, src_ip, src_port, dst_ip, dst_port, epoch_us(ts_start), epoch_us(ts_end),
       src_pkts + dst_pkts, src_wire_bytes + dst_wire_bytes, service, conn_state
     FROM read_parquet([${files}], hive_partitioning = false) f
     JOIN (SELECT flow_id, anomaly_score FROM ${verdicts} WHERE state = 'suspicious') v ON v.flow_id = f.flow_id
     ORDER BY anomaly_score DESC NULLS LAST, f.flow_id LIMIT ${mostSuspects}`
  );
  const text = (value: unknown) => (value === null ? null : String(value));
  return rows.map(([id, proto, src, srcPort, dst, dstPort, start, end, packets, bytes, service, state]) => ({
    id: String(id),
    proto: Number(proto),
    src: text(src),
    srcPort: Number(srcPort ?? 0),
    dst: text(dst),
    dstPort: Number(dstPort ?? 0),
    start: Number(start),
    end: Number(end),
    packets: Number(packets),
    bytes: Number(bytes),
    service: text(service),
    state: text(state),
    isOver: true
  }));
}

async function inLake<T>(lake: string, ask: (engine: QueryEngine) => Promise<T>): Promise<T> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 256, hasRollups: false});
  try {
    return await ask(engine);
  } finally {
    await engine.close();
  }
}

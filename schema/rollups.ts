/**
 * Roll-ups: sums of the flows of a part by time bucket and a few columns, made beside the lake and never asked for by
 * name: answers to the pages' questions are taken from them where they give the same (`loaders/questions/rolled-sql.ts`).
 */
export interface Rollup {
  /** Letters alone: it is part of names of files and views. */
  readonly name: string;
  /** What its sums are grouped by, beside time and `common`. */
  readonly by: readonly RollupColumn[];
  /** {@link rollupColumns} without this; a filter or group by one that is not there needs a larger roll-up. */
  readonly common?: readonly RollupColumn[];
  /** These flows alone. */
  readonly only?: "unusual-port";
  /** Widths of its buckets in µs, finest first; each is a multiple of the one before it. */
  readonly widthsUs: readonly number[];
}

export interface RollupColumn {
  readonly name: string;
  readonly type: "VARCHAR" | "INTEGER" | "BIGINT";
}

const second = 1e6;
const minute = 60 * second;
const hour = 60 * minute;

/** In every roll-up: captures that were forgotten or imported again are left out by it. */
const captureColumn: RollupColumn = {name: "capture_sha256", type: "VARCHAR"};
const verdictColumn: RollupColumn = {name: "verdict", type: "VARCHAR"};

/** Each flow once for its originator and once for its responder. */
const ofHosts: readonly RollupColumn[] = [
  {name: "ip", type: "VARCHAR"},
  {name: "role", type: "INTEGER"}
];

/** What a roll-up is grouped by where it says nothing else. `verdict` is what the model says of a flow, incidents left out. */
export const rollupColumns: readonly RollupColumn[] = [{name: "capture_sha256", type: "VARCHAR"}, {name: "proto", type: "INTEGER"}, {name: "service", type: "VARCHAR"}, verdictColumn];

/** The roll-ups, those first that are smaller. */
export const rollups: readonly Rollup[] = [
  {name: "mix", by: [], widthsUs: [5 * second, minute, hour]},
  {name: "states", by: [{name: "conn_state", type: "VARCHAR"}], widthsUs: [hour]},
  {name: "classes", by: [{name: "label", type: "VARCHAR"}], widthsUs: [hour]},
  {name: "scores", by: [{name: "score_bin", type: "INTEGER"}], widthsUs: [hour]},
  {name: "names", by: [{name: "server_name", type: "VARCHAR"}], widthsUs: [hour]},
  {name: "talkers", by: ofHosts, common: [captureColumn, verdictColumn], widthsUs: [hour]},
  {name: "misplaced", by: [{name: "dst_port", type: "INTEGER"}], only: "unusual-port", widthsUs: [hour]},
  {name: "hosts", by: ofHosts, widthsUs: [hour]},
  {name: "ports", by: [{name: "dst_port", type: "INTEGER"}], widthsUs: [hour]}
];

/** `role`: the flow's originator, its responder, its responder that is the originator, too. */
export const rollupRoles = {originator: 0, responder: 1, itself: 2} as const;

/**
 * `kind`: where flows start, the first edge of a bucket at which they are gone, what is spread over their time, and each bucket
 * that they last into from one before it: what is in a window started in it or was carried into it.
 */
export const rollupKinds = {started: 0, gone: 1, spread: 2, carried: 3} as const;

/** Sums of a row, as columns of flows and verdicts, that a spread flow divides. */
export const dividedSums = {
  src_packets: "src_pkts",
  dst_packets: "dst_pkts",
  src_bytes: "src_wire_bytes",
  dst_bytes: "dst_wire_bytes"
} as const;

/** Sums of a row that count whole flows; 0 in rows of what is spread. */
export const countedSums = {
  retransmits: "src_retransmits + dst_retransmits",
  rtt_sum_us: "rtt_us",
  timed_flows: "CASE WHEN rtt_us IS NOT NULL THEN 1 ELSE 0 END",
  without_payload: "CASE WHEN src_payload_bytes + dst_payload_bytes = 0 THEN 1 ELSE 0 END",
  unknown_class: "CASE WHEN is_unknown THEN 1 ELSE 0 END",
  anomaly_scored: "CASE WHEN is_anomaly IS NOT NULL THEN 1 ELSE 0 END",
  anomalous: "CASE WHEN is_anomaly THEN 1 ELSE 0 END",
  scored_flows: "CASE WHEN anomaly_score IS NOT NULL THEN 1 ELSE 0 END",
  scored_anomalous: "CASE WHEN anomaly_score IS NOT NULL AND is_anomaly THEN 1 ELSE 0 END"
} as const;

export function groupsOfRollup({by, common = rollupColumns}: Rollup): readonly RollupColumn[] {
  return [...common, ...by];
}

/** The columns of a roll-up in the order of its files. `flows`: whole flows; of what is spread, flows that reach into the bucket. */
export function columnsOfRollup(rollup: Rollup): {readonly name: string; readonly type: string}[] {
  return [{name: "kind", type: "INTEGER"}, {name: "ts_us", type: "BIGINT"}, ...groupsOfRollup(rollup), {name: "flows", type: "DOUBLE"}, ...Object.keys({...dividedSums, ...countedSums}).map((name) => ({name, type: "DOUBLE"}))];
}

/** The view of a roll-up's sums of a width, for the verdicts of a model; `corrections` has what incidents change of them. */
export function rollupView(rollup: Pick<Rollup, "name">, widthUs: number, model: string | null, corrections = false): string {
  return `rollup_${rollup.name}_${widthUs / second}_${modelMark(model)}${corrections ? "_corrections" : ""}`;
}

/** The view of the flows that no roll-up of that model has yet. */
export function besideRollups(model: string | null): string {
  return `flows_beside_${modelMark(model)}`;
}

/** A model in names of files and views. */
export function modelMark(model: string | null): string {
  return model?.slice(0, 12) ?? "none";
}

import type {TableName} from "../../schema/tables.ts";
import {flowColumnsSql} from "../../src/lib/flow-page.js";
import {fromSql} from "../../src/lib/sql.js";

/** One file of data for the pages: a query over the lake. */
export interface PageData {
  /** Tables of the lake that it reads: only a change of these makes it stale. */
  readonly reads: readonly TableName[];
  /** The query; `model` is the hash of the model whose verdicts count, null where there is none. */
  sql(model: string | null): string;
}

/** Results that a server makes when a page asks for them (`data/NAME.json`), since they read much of the lake. */
export const askedResults = ["model", "drift", "threshold-lab", "health"] as const;

/** Results that a static site carries; where a server answers, nobody reads them, so they are made for a build alone. */
export const carriedResults: readonly string[] = [
  "data/flows.packed",
  "data/flow-details.packed",
  "data/incident-flows.packed",
  ...askedResults.map((name) => `data/${name}.json`)
];

/**
 * Results whose loaders share a process (`freshness-together.ts`): each writes its whole result before its module has run,
 * changes nothing of its process, and holds little.
 */
export const togetherResults: readonly string[] = [
  "data/captures.json",
  "data/conformance.json",
  "data/experiments.json",
  "data/incidents.json",
  "data/loss.json",
  "data/notebook.json",
  "data/rules.json",
  "data/schema.json"
];

/** What the pages of a static site draw from, and nothing a server sends: a row per flow with its current verdict, in the order of time. */
export const flowsData: PageData = {
  reads: ["flows", "verdicts", "incidents", "incident_flows"],
  sql: (model) => `SELECT ${flowColumnsSql()}${fromSql({model, verdicts: "verdict_rows"}, true)}
  ORDER BY f.ts_start, f.flow_id, f.capture_sha256`
};

/** The columns of a flow that only its own panel shows, in the same order as {@link flowsData}, and those that its Community ID follows from. */
export const flowDetailsData: PageData = {
  reads: ["flows"],
  sql: () => `SELECT outer_src_ip, outer_dst_ip, vlan, vlan_inner, tunnel, src_ip_bytes, dst_ip_bytes, src_payload_bytes,
    dst_payload_bytes, history, end_reason, community_id, ja4, src_ip, dst_ip, src_port, dst_port, proto
  FROM flows
  ORDER BY ts_start, flow_id, capture_sha256`
};

/** A row per capture, oldest packets first. A single sensor is not named: reports are passed on, and its name is that of a machine. */
export const capturesData: PageData = {
  reads: ["captures"],
  sql: () => `SELECT capture_sha256, path, format, file_bytes, packets, wire_bytes, captured_bytes, cut_packets,
    non_ip_packets, arp_packets, malformed, duplicate_packets, left_out_packets, misdated_packets, unread_packets, unread, flows, evicted_flows, kernel_drops, interface_drops, pipe_drops,
    dissect_malformed, dissect_given_up + dissect_dropped_rows + dissect_unread_flows AS dissect_lost,
    epoch_us(first_ts) AS first_ts, epoch_us(last_ts) AS last_ts, problem, epoch_us(imported_at) AS imported_at, meter,
    CASE WHEN (SELECT count(DISTINCT sensor) FROM captures) > 1 THEN sensor END AS sensor
  FROM captures
  ORDER BY first_ts NULLS LAST, capture_sha256`
};

/** The incidents, by time; merged ones say into which. */
export const incidentsData: PageData = {
  reads: ["incidents"],
  sql: () => `SELECT incident_id, capture_sha256, epoch_us(ts_start) AS ts_start, epoch_us(ts_end) AS ts_end, state, merged_into,
    class, CAST(probability AS DOUBLE) AS probability, severity, attack_technique, src_ip, dst_ip, dst_port, flows, summary, reasons
  FROM incidents
  ORDER BY ts_start, incident_id`
};

/** The flows of incidents by their rows among {@link flowsData}, from 0, those that matter most first. */
export const incidentFlowsData: PageData = {
  reads: ["flows", "incidents", "incident_flows"],
  sql: () => `SELECT i.incident_id, p.row, CAST(i.contribution AS DOUBLE) AS contribution
  FROM incident_flows AS i
  JOIN (SELECT flow_id, capture_sha256, row_number() OVER (ORDER BY ts_start, flow_id, capture_sha256) - 1 AS row FROM flows) AS p
    ON p.flow_id = i.flow_id AND p.capture_sha256 = i.capture_sha256
  ORDER BY i.incident_id, i.contribution DESC, i.flow_id`
};

/** What captures that lost packets received and lost, and when; no row where nothing was lost. */
export const lossData: PageData = {
  reads: ["captures", "parts"],
  sql: () => `SELECT capture_sha256, layer, epoch_us(ts_start) AS ts_start, epoch_us(ts_end) AS ts_end, count FROM (
    SELECT capture_sha256, 'received' AS layer, ts_start, ts_end, packets AS count FROM parts
    UNION ALL
    SELECT capture_sha256, 'evicted' AS layer, ts_start, ts_end, evicted_flows AS count FROM parts WHERE evicted_flows > 0
    UNION ALL
    SELECT capture_sha256, layer, ts_start, ts_end, packets AS count FROM loss
  ) WHERE capture_sha256 IN (SELECT capture_sha256 FROM loss)
  ORDER BY ts_start, layer, capture_sha256, ts_end`
};

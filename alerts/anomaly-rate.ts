import {createHash} from "node:crypto";
import {currentModel} from "../loaders/judge/current-model.ts";
import type {ListedIncident} from "../loaders/judge/incident-list.ts";
import {together} from "../models/rules/merge.ts";
import type {QueryEngine} from "../schema/engine.ts";

/** The name under which a raised anomaly rate is told and muted, beside those of rules. */
export const anomalyRule = "anomaly_rate";

const windowUs = 300e6;
/** Fewer scored flows say nothing of a rate. */
const leastScored = 50;

interface Window {
  readonly capture_sha256: string;
  readonly capture: string;
  readonly ts_start: number;
  readonly ts_end: number;
  readonly scored: number;
  readonly anomalous: number;
}

/**
 * Stretches of a capture whose flows are anomalous in at least `percent` of the scored, over windows of five minutes of
 * packet time; windows that follow each other are one. In the form of incidents, of which the lake keeps none.
 */
export async function anomalyIncidents(engine: QueryEngine, percent: number): Promise<ListedIncident[]> {
  const model = await currentModel(engine);
  if (model === null) return [];
  const {dialect} = engine;
  const {rows} = await engine.query(
    `SELECT f.capture_sha256, min(c.path), min(f.ts_start), max(f.ts_end), count(v.is_anomaly),
      sum(CASE WHEN v.is_anomaly THEN 1 ELSE 0 END)
    FROM flows f JOIN verdicts v ON v.flow_id = f.flow_id AND v.model = ?
      LEFT JOIN captures c ON c.capture_sha256 = f.capture_sha256
    GROUP BY f.capture_sha256, ${dialect.bucket("f.ts_start", windowUs)}
    HAVING count(v.is_anomaly) >= ${leastScored}
      AND 100 * sum(CASE WHEN v.is_anomaly THEN 1 ELSE 0 END) >= ? * count(v.is_anomaly)`,
    [model, percent]
  );
  const windows = rows.map(
    ([capture_sha256, capture, ts_start, ts_end, scored, anomalous]): Window => ({
      capture_sha256: String(capture_sha256),
      capture: String(capture ?? ""),
      ts_start: Number(ts_start),
      ts_end: Number(ts_end),
      scored: Number(scored),
      anomalous: Number(anomalous)
    })
  );
  return together(windows, ({capture_sha256}) => capture_sha256, windowUs).map((group) => incident(group, percent));
}

function incident(group: readonly Window[], percent: number): ListedIncident {
  const [{capture_sha256, capture}] = group;
  const ts_start = Math.min(...group.map((window) => window.ts_start));
  const scored = group.reduce((sum, window) => sum + window.scored, 0);
  const anomalous = group.reduce((sum, window) => sum + window.anomalous, 0);
  const share = ((100 * anomalous) / scored).toFixed(1);
  const bucket = Math.floor(ts_start / windowUs);
  const ts_end = Math.max(...group.map((window) => window.ts_end));
  const summary = `${anomalous.toLocaleString("en")} of ${scored.toLocaleString("en")} scored flows are anomalous, ${share} %.`;
  const severity = "medium";
  const reason = {
    text: `anomalous among scored flows: ${share} % (limit: at least ${percent} %)`,
    figure: "anomalous among scored flows",
    value: Number(share),
    limit: percent,
    unit: "%"
  };
  return {
    incident_id: createHash("sha256").update(`${capture_sha256}\0${anomalyRule}\0${bucket}`).digest("hex").slice(0, 16),
    capture,
    capture_sha256,
    ts_start,
    ts_end,
    state: "closed",
    merged_into: null,
    class: anomalyRule,
    probability: 0,
    severity,
    attack_technique: null,
    src_ip: null,
    dst_ip: null,
    dst_port: null,
    flows: anomalous,
    summary,
    findings: [
      {
        source: "anomaly",
        name: anomalyRule,
        id: null,
        severity,
        probability: 0,
        ts_start,
        ts_end,
        summary,
        reasons: [reason]
      }
    ]
  };
}

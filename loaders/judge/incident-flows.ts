import {rules} from "../../models/rules/index.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {severities} from "../../schema/incidents.ts";
import {verdictRows} from "../../schema/verdicts.ts";
import type {Incident} from "./incident-builder.ts";

/** Flows of incidents, a column at a time. */
export interface IncidentFlows {
  readonly rows: number;
  /** Index in the list of incidents that was asked about. */
  readonly incident: Int32Array;
  readonly flowId: BigInt64Array;
  readonly contribution: Float64Array;
  readonly isMain: Float64Array;
}

/** Incidents asked about in one query at most: a query's text has a limit. */
const findingsAtOnce = 4000;

/**
 * The flows that belong to incidents of the engine's captures: of a rule's finding those of its hosts, port and stretch
 * that the rule counts (`Rule.countedFlows`), of a model's those that its source began in the window and the classifier
 * does not take for normal. `model`: whose verdicts weigh in.
 */
export async function incidentFlows(
  engine: QueryEngine,
  incidents: readonly Incident[],
  model: string | null
): Promise<IncidentFlows> {
  const rows: [number, bigint, number, boolean][] = [];
  let batch: string[] = [];
  const ask = async () => {
    if (batch.length === 0) return;
    const found = await engine.query(flowsSql(batch, model));
    for (const [incident, flow, share, isMain] of found.rows)
      rows.push([Number(incident), flow as bigint, Number(share), isMain === true]);
    batch = [];
  };
  // Flows are of one capture: what stands in the way of one incident a flow lies within it.
  let capture: string | null = null;
  for (const [k, incident] of incidents.entries()) {
    if (incident.capture_sha256 !== capture && batch.length >= findingsAtOnce) await ask();
    capture = incident.capture_sha256;
    batch.push(...findingRows(k, incident));
  }
  await ask();
  return {
    rows: rows.length,
    incident: Int32Array.from(rows, ([incident]) => incident),
    flowId: BigInt64Array.from(rows, ([, flow]) => flow),
    contribution: Float64Array.from(rows, ([, , share]) => share),
    isMain: Float64Array.from(rows, ([, , , isMain]) => Number(isMain))
  };
}

/** The findings of an incident as rows of VALUES. */
function findingRows(index: number, {findings, severity, probability}: Incident): string[] {
  const text = (value: string | null) => (value === null ? "CAST(NULL AS VARCHAR)" : literal(value));
  return findings.map(
    ({source, name, capture_sha256, src_ip, dst_ip, dst_port, ts_start, flowsUntil}) =>
      `(${index}, ${severities.indexOf(severity)}, CAST(${probability} AS DOUBLE), ${literal(source === "rule" ? name : source)}, ${literal(capture_sha256)}, ${text(src_ip)}, ${text(dst_ip)}, ${dst_port === null ? "CAST(NULL AS INTEGER)" : dst_port}, ${time(ts_start)}, ${time(flowsUntil)})`
  );
}

const time = (us: number) => {
  const text = new Date(Math.floor(us / 1000)).toISOString().replace("T", " ").slice(0, -1);
  return `TIMESTAMP '${text}${String(((us % 1000) + 1000) % 1000).padStart(3, "0")}'`;
};

function flowsSql(findings: readonly string[], model: string | null): string {
  const counted = rules.flatMap(({name, countedFlows}) =>
    countedFlows === undefined ? [] : [`WHEN ${literal(name)} THEN ${countedFlows}`]
  );
  // Conditions of rules name columns of flows alone: those of findings have other names.
  const belongs = `f.ts_start <= e.flows_until AND (e.to_port IS NULL OR f.dst_port = e.to_port)
      AND CASE WHEN e.finding IN ('activity', 'classifier') THEN f.ts_start ELSE f.ts_end END >= e.since
      AND CASE e.finding ${counted.join(" ")} ELSE TRUE END`;
  const joined = (
    on: string,
    where: string
  ) => `SELECT e.incident, e.gravity, e.certainty, e.finding, e.since, f.flow_id, f.capture_sha256
    FROM flows AS f JOIN findings AS e ON f.capture_sha256 = e.of_capture AND ${on} WHERE ${where} AND ${belongs}`;
  const attack = "CASE WHEN v.label <> 'Normal' THEN CAST(v.probability AS DOUBLE) ELSE 0 END";
  const verdicts = `LEFT JOIN ${verdictRows} AS v ON v.flow_id = c.flow_id AND v.capture_sha256 = c.capture_sha256 AND v.model = ${literal(model ?? "")}`;
  // A model judges all that a source did: what the classifier takes for normal of it does not belong to the incident,
  // unless it takes all of it for normal.
  const isOdd = "CASE WHEN c.finding IN ('activity', 'classifier') AND v.label = 'Normal' THEN 0 ELSE 1 END";
  const ofModels =
    model === null
      ? "SELECT c.*, 0 AS attack FROM joined AS c"
      : `SELECT * FROM (SELECT o.*, max(is_odd) OVER (PARTITION BY incident, finding, since) AS any_odd FROM (
      SELECT c.*, ${attack} AS attack, ${isOdd} AS is_odd FROM joined AS c ${verdicts}) AS o) AS p WHERE is_odd = 1 OR any_odd = 0`;
  return `WITH findings(incident, gravity, certainty, finding, of_capture, from_ip, to_ip, to_port, since, flows_until) AS (
    VALUES ${findings.join(",\n    ")}),
  joined AS (
    ${joined("f.src_ip = e.from_ip", "(e.to_ip IS NULL OR f.dst_ip = e.to_ip)")}
    UNION ALL ${joined("f.dst_ip = e.to_ip", "e.from_ip IS NULL")}
    UNION ALL ${joined("TRUE", "e.from_ip IS NULL AND e.to_ip IS NULL")}),
  weighed AS (SELECT incident, gravity, certainty, flow_id, capture_sha256, count(*) + max(attack) AS weight FROM (${ofModels}) AS counted
    GROUP BY incident, gravity, certainty, flow_id, capture_sha256)
  SELECT incident, flow_id, CAST(weight AS DOUBLE) / sum(weight) OVER (PARTITION BY incident) AS contribution,
    row_number() OVER (PARTITION BY capture_sha256, flow_id ORDER BY gravity DESC, certainty DESC, incident) = 1 AS is_main
  FROM weighed ORDER BY incident, contribution DESC, flow_id`;
}

import {seriesColumns, seriesKeys} from "../../schema/series.ts";
import {attempts, rankOfOutcome} from "../../src/lib/records/scans.js";
import {selectedColumns} from "../../src/lib/selected-flows.js";

const {outcome, is_probe: isProbe, sent, end_us: endUs} = attempts.derived as Record<string, string>;
const keys = seriesKeys.map(({name}) => `f.${name}`).join(", ");

const sums: Readonly<Record<string, string>> = {
  flows: "count(*)",
  sent: "sum(sent)",
  sent_squares: "sum(CAST(sent AS DOUBLE) * sent)",
  answered: "count(*) FILTER (outcome = 'open')",
  probes: "count(*) FILTER (is_probe)",
  probes_open: "count(*) FILTER (is_probe AND outcome = 'open')",
  probes_refused: "count(*) FILTER (is_probe AND outcome = 'refused')",
  probes_silent: "count(*) FILTER (is_probe AND outcome = 'no answer')",
  probes_best: `min(${rankOfOutcome}) FILTER (is_probe)`,
  probes_first_us: "min(ts_us) FILTER (is_probe)",
  probes_last_us: "max(end_us) FILTER (is_probe)",
  times: "list_sort(list(ts_us))"
};

/** The rows of `flow_series` of some flows: a table, view, or query in parentheses. */
export function seriesSql(flows: string, where = ""): string {
  const columns = seriesColumns.map(({name, type}) =>
    name in sums ? `CAST(${sums[name]} AS ${type}) AS ${name}` : `CAST(${name} AS ${type}) AS ${name}`
  );
  return `SELECT ${columns.join(", ")} FROM (
  SELECT ${keys}, ${outcome} AS outcome, ${isProbe} AS is_probe, ${sent} AS sent, epoch_us(f.ts_start) AS ts_us, ${endUs} AS end_us
  FROM ${flows} AS f${where}
) AS tried GROUP BY ALL`;
}

/** The rows of `flow_series_incidents` of some flows; the view `flow_incidents` says whose they are. */
export function seriesIncidentsSql(flows: string): string {
  const named = (condition: string) => `max(i.incident_id)${condition && ` FILTER (${condition})`}`;
  const columns = seriesKeys.map(({name, type}) => `CAST(f.${name} AS ${type}) AS ${name}`);
  return `SELECT ${columns.join(", ")}, ${named("")} AS incident, ${named(isProbe)} AS probe_incident
FROM ${flows} AS f JOIN flow_incidents AS i ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256
GROUP BY ALL`;
}

/** Flows with the columns that pages select. */
export function sortedFlowsOf(flows: string): string {
  return `SELECT ${selectedColumns.join(", ")} FROM ${flows}`;
}

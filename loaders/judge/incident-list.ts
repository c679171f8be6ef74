import type {Reason} from "../../models/rules/rule.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {type IncidentRow, type Severity, severities} from "../../schema/incidents.ts";
import type {Evidence} from "./evidence.ts";

/** A finding as `incidents.reasons` keeps it. */
export type ListedFinding = Pick<
  Evidence,
  "name" | "id" | "severity" | "probability" | "ts_start" | "ts_end" | "summary"
> & {readonly source: string; readonly reasons: readonly Reason[]};

/** An incident as it is shown: times in µs since 1970, findings as objects, the capture by its name. */
export interface ListedIncident extends Omit<IncidentRow, "flows" | "reasons"> {
  readonly capture: string;
  readonly flows: number;
  /** Gravest first. */
  readonly findings: readonly ListedFinding[];
}

export interface IncidentFilter {
  readonly class?: string;
  /** Only incidents of at least this severity. */
  readonly severity?: Severity;
  /** Merged ones, too. */
  readonly merged?: boolean;
}

/** The lake's incidents in order of time. */
export async function listIncidents(engine: QueryEngine, filter: IncidentFilter = {}): Promise<ListedIncident[]> {
  const {columns, rows} = await engine.query(
    `SELECT i.*, c.path AS capture FROM incidents AS i LEFT JOIN captures AS c ON c.capture_sha256 = i.capture_sha256
    ORDER BY i.ts_start, i.class, i.incident_id`
  );
  const least = filter.severity === undefined ? 0 : severities.indexOf(filter.severity);
  return rows
    .map((row) => {
      const plain = row.map((value) => (typeof value === "bigint" ? Number(value) : value));
      const {reasons, ...incident} = Object.fromEntries(columns.map(({name}, k) => [name, plain[k]]));
      return {...incident, findings: JSON.parse(String(reasons))} as unknown as ListedIncident;
    })
    .filter(
      ({class: named, severity, state}) =>
        (filter.class === undefined || named === filter.class) &&
        severities.indexOf(severity) >= least &&
        (filter.merged === true || state !== "merged")
    );
}

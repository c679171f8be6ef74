import type {DataRow} from "./captures.js";
import type {Filter} from "./filter.js";
import type {Reviewed} from "./reviews.js";

/** What one detector said, with the figures that decided; texts from strangers in `summary` and `reasons`. */
export interface FindingFacts {
  /** `rule`, `activity` or `classifier`. */
  readonly source: string;
  readonly name: string;
  /** `notice_id` of a rule's finding; null for models. */
  readonly id: string | null;
  readonly severity: string;
  readonly probability: number;
  readonly from: number;
  readonly to: number;
  readonly summary: string;
  readonly reasons: readonly string[];
}

/** An incident; times in µs since 1970, texts from strangers in `summary` and its findings. */
export interface IncidentFacts extends Reviewed {
  readonly capture: string;
  readonly from: number;
  readonly to: number;
  /** growing, open, closed or merged. */
  readonly state: string;
  /** The incident that a merged one is part of; null for others. */
  readonly mergedInto: string | null;
  readonly class: string;
  readonly probability: number;
  readonly severity: string;
  /** MITRE ATT&CK technique id; null where there is none. */
  readonly technique: string | null;
  /** Port aimed at; null for many. */
  readonly port: number | null;
  readonly flows: number;
  readonly summary: string;
  /** Gravest first. */
  readonly findings: readonly FindingFacts[];
}

/** Reads `incidents.json`. */
export function incidentFacts(rows: readonly DataRow[]): IncidentFacts[] {
  return rows.map((row) => {
    const maybe = (name: string) => (row[name] === null || row[name] === undefined ? null : String(row[name]));
    const findings = findingsOf(String(row.reasons));
    const named = String(row.class);
    return {
      id: String(row.incident_id),
      capture: String(row.capture_sha256),
      from: Number(row.ts_start),
      to: Number(row.ts_end),
      state: String(row.state),
      mergedInto: maybe("merged_into"),
      class: named,
      probability: Number(row.probability),
      severity: String(row.severity),
      technique: maybe("attack_technique"),
      src: maybe("src_ip"),
      dst: maybe("dst_ip"),
      port: row.dst_port === null || row.dst_port === undefined ? null : Number(row.dst_port),
      flows: Number(row.flows),
      summary: String(row.summary),
      findings,
      ...reviewedAs(named, findings)
    };
  });
}

function findingsOf(json: string): FindingFacts[] {
  try {
    const list = JSON.parse(json) as Readonly<Record<string, unknown>>[];
    return list.map((one) => ({
      source: String(one.source),
      name: String(one.name),
      id: one.id === null ? null : String(one.id),
      severity: String(one.severity),
      probability: Number(one.probability),
      from: Number(one.ts_start),
      to: Number(one.ts_end),
      summary: String(one.summary),
      reasons: ((one.reasons ?? []) as {text: unknown}[]).map(({text}) => String(text))
    }));
  } catch {
    return [];
  }
}

/**
 * By what reviews know an incident: a suppression of a rule fits where all that rules found in it is that rule's; it is
 * acknowledged, too, where each of its rules' notices is.
 */
export function reviewedAs(
  named: string,
  findings: readonly Pick<FindingFacts, "source" | "name" | "id">[]
): Pick<Reviewed, "rules" | "notices"> {
  const ofRules = findings.filter(({source}) => source === "rule");
  const names = [...new Set(ofRules.map(({name}) => name))];
  return {
    rules: names.length === 1 ? [named, names[0]] : [named],
    notices: ofRules.flatMap(({id}) => (id === null ? [] : [id]))
  };
}

const severities = ["high", "medium", "low", "info"];

/** True where the flows of an incident are suspicious. */
export const isGrave = ({severity, state}: Pick<IncidentFacts, "severity" | "state">) =>
  (severity === "high" || severity === "medium") && state !== "merged";

/**
 * The incidents that the filter's window, host, captures and incident leave, without merged ones: gravest first, then by
 * time. What filters single flows (protocol, service, verdict, class) leaves incidents alone: one is more than its flows.
 */
export function incidentsOf(
  incidents: readonly IncidentFacts[],
  {from, to, host, captures, incident}: Filter
): IncidentFacts[] {
  return incidents
    .filter(({state}) => state !== "merged")
    .filter((one) => incident === undefined || one.id === incident)
    .filter((one) => from === undefined || one.to >= from)
    .filter((one) => to === undefined || one.from < to)
    .filter(({src, dst}) => host === undefined || src === host || dst === host)
    .filter(({capture}) => !captures || captures.includes(capture))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || a.from - b.from);
}

/**
 * Incidents of one kind, which the same rules found with the same severity, together: in the order of their first ones. A list
 * that holds several of a kind shows the first and folds the others.
 */
export function alike(incidents: readonly IncidentFacts[]): IncidentFacts[][] {
  const kinds = new Map<string, IncidentFacts[]>();
  for (const incident of incidents) {
    const rules = incident.findings.filter(({source}) => source === "rule").map(({name}) => name);
    const key = JSON.stringify([incident.severity, incident.class, [...new Set(rules)].sort()]);
    const known = kinds.get(key);
    if (known) known.push(incident);
    else kinds.set(key, [incident]);
  }
  return [...kinds.values()];
}

/** A flow as far as incidents of its hosts are asked for. */
export interface FlowEnds {
  readonly capture: string;
  readonly src: string;
  readonly dst: string;
  /** Its start, in µs. */
  readonly at: number;
}

/**
 * The grave incident that is nearest in time among those of a flow's two hosts, else among those of either, and the hosts
 * that both have: what led to an incident, or came of it, is often no part of it.
 */
export function incidentBeside(
  incidents: readonly IncidentFacts[],
  {capture, src, dst, at}: FlowEnds
): {readonly incident: IncidentFacts; readonly hosts: readonly string[]} | null {
  const beside = incidents
    .filter((incident) => incident.capture === capture && isGrave(incident))
    .map((incident) => ({
      incident,
      hosts: [...new Set([src, dst])].filter((host) => host === incident.src || host === incident.dst),
      apart: Math.max(incident.from - at, at - incident.to, 0)
    }))
    .filter(({hosts}) => hosts.length > 0)
    .sort((a, b) => b.hosts.length - a.hosts.length || a.apart - b.apart);
  return beside.length === 0 ? null : {incident: beside[0].incident, hosts: beside[0].hosts};
}

/** The words of a class: `LateralMovement` is *Lateral movement*; names in capitals stay. */
export function className(name: string): string {
  const words = name.replaceAll(/(?<=[a-z])(?=[A-Z][a-z])/g, " ").split(" ");
  return words.map((word, k) => (k === 0 || /^[A-Z]{2}/.test(word) ? word : word.toLowerCase())).join(" ");
}

/** Of an incident's time, before and after it; and at least so many µs. */
const [marginShare, leastMarginUs] = [0.05, 1e6];

/** The window in which an incident is looked at: its time with some of what was before and after it. What still grows has no end yet. */
export function windowOfIncident({from, to, state}: Pick<IncidentFacts, "from" | "to" | "state">): {
  readonly from?: number;
  readonly to?: number;
} {
  if (state !== "closed") return {};
  const margin = Math.max(leastMarginUs, Math.round((to - from) * marginShare));
  return {from: from - margin, to: to + 1 + margin};
}

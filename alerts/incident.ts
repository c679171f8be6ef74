import {basename} from "node:path";
import type {ListedIncident} from "../loaders/judge/incident-list.ts";
import {type Severity, severities} from "../schema/incidents.ts";
import {reviewedAs} from "../src/lib/incidents.ts";
import type {Reviewed} from "../src/lib/reviews.ts";
import {shortened, visibleText} from "../src/lib/visible-text.ts";

/** What an alert tells of an incident; all texts are made visible and of bounded length. Times in µs since 1970. */
export interface Incident {
  readonly id: string;
  readonly class: string;
  /** Name of its gravest finding: a rule, or what a model says. */
  readonly rule: string;
  readonly severity: Severity;
  /** That it is an attack, 0 to 1. */
  readonly probability: number;
  /** MITRE ATT&CK technique id; null where none fits. */
  readonly technique: string | null;
  readonly from: number;
  readonly to: number;
  /** Null where many did it. */
  readonly src: string | null;
  /** Null where it was done to many. */
  readonly dst: string | null;
  readonly port: number | null;
  readonly flows: number;
  readonly summary: string;
  readonly reasons: readonly string[];
  /** File name or interface of the capture. */
  readonly capture: string;
  readonly captureSha256: string;
}

const mostReasons = 12;
const longestText = 500;

/** An incident of the lake as an alert tells it. */
export function incidentOf(incident: ListedIncident): Incident {
  const reasons = incident.findings.flatMap((finding) => finding.reasons);
  return {
    id: incident.incident_id,
    class: incident.class,
    rule: incident.findings[0]?.name ?? incident.class,
    severity: incident.severity,
    probability: incident.probability,
    technique: incident.attack_technique,
    from: incident.ts_start,
    to: incident.ts_end,
    src: incident.src_ip,
    dst: incident.dst_ip,
    port: incident.dst_port,
    flows: incident.flows,
    summary: plain(incident.summary),
    reasons: reasons.slice(0, mostReasons).map(({text}) => plain(text)),
    capture: plain(basename(incident.capture ?? "")),
    captureSha256: incident.capture_sha256
  };
}

/** By what reviews know it, and the settings mute it. */
export function reviewedOf({incident_id, class: named, src_ip, dst_ip, findings}: ListedIncident): Reviewed {
  return {id: incident_id, src: src_ip, dst: dst_ip, ...reviewedAs(named, findings)};
}

const plain = (text: string) => shortened(visibleText(text), longestText);

/** Gravest first, then by time. */
export function byGravity(a: Incident, b: Incident): number {
  return severities.indexOf(b.severity) - severities.indexOf(a.severity) || a.from - b.from;
}

/** What is needed to know an incident again. */
export type Trace = Pick<Incident, "rule" | "src" | "dst" | "from" | "to">;

/**
 * True where one incident goes on in the other: the same rule, hosts that agree (many agree with each), and at most
 * `quietUs` of packet time between them. A growing live capture may find its beginning anew, and another capture sees
 * the same attack under another id.
 */
export function goesOn(a: Trace, b: Trace, quietUs: number): boolean {
  const agree = (x: string | null, y: string | null) => x === y || x === null || y === null;
  if (a.rule !== b.rule || a.from > b.to + quietUs || b.from > a.to + quietUs) return false;
  if (!agree(a.src, b.src) || !agree(a.dst, b.dst)) return false;
  const namesNone = a.src === null && a.dst === null && b.src === null && b.dst === null;
  return namesNone || (a.src !== null && a.src === b.src) || (a.dst !== null && a.dst === b.dst);
}

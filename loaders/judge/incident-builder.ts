import {createHash} from "node:crypto";
import {kindOf, modelClassOf} from "../../models/rules/classes.ts";
import {common, extent, grouped, overlaps, together, total} from "../../models/rules/merge.ts";
import {type IncidentState, type Severity, severities} from "../../schema/incidents.ts";
import type {Evidence, EvidenceSource} from "./evidence.ts";

/** An incident with its findings, before it is a row of `incidents`. Times in µs since 1970. */
export interface Incident {
  readonly incident_id: string;
  readonly capture_sha256: string;
  readonly ts_start: number;
  readonly ts_end: number;
  readonly state: IncidentState;
  readonly merged_into: string | null;
  readonly class: string;
  readonly probability: number;
  readonly severity: Severity;
  readonly attack_technique: string | null;
  readonly src_ip: string | null;
  readonly dst_ip: string | null;
  readonly dst_port: number | null;
  readonly summary: string;
  /** Gravest first. */
  readonly findings: readonly Evidence[];
}

/** What is known of an incident that was told before. */
export type ToldIncident = Pick<
  Incident,
  | "incident_id"
  | "capture_sha256"
  | "ts_start"
  | "ts_end"
  | "state"
  | "class"
  | "probability"
  | "severity"
  | "attack_technique"
  | "src_ip"
  | "dst_ip"
  | "dst_port"
  | "summary"
>;

export interface BuildOptions {
  /** The last packet of a capture that is still running, µs since 1970; null where all is over. */
  readonly nowUs: number | null;
  /** Incidents told before: they keep their ids, and one that became part of another says so. */
  readonly told?: readonly ToldIncident[];
}

/** What happens within so much of an incident's end belongs to it, and it is closed when nothing did. */
export const incidentGapUs = 300e6;
/** An incident grew where something of it happened so short a time ago. */
const growingUs = 60e6;
/** Votes of the classifier alone make an incident of so many flows at least. */
const leastVotes = 5;
/** Rules that rest on times and sizes alone, which the activity model sees, too: no second witness unless it lasts. */
const byNumbers: ReadonlySet<string> = new Set(["beaconing"]);
/** Minutes of faint suspicion that bear out what such a rule found. */
const lastingMinutes = 10;
/** Rules that tell of what is new, which often is a little suspicious, too: no evidence of an attack. */
const ofNews: ReadonlySet<string> = new Set(["new_service", "new_host"]);
/** The class of what models find and cannot name. */
export const unnamedClass = "Suspicious activity";

/**
 * Joins the findings of one capture to incidents; a pure function, so that a capture gives the same ones live and from
 * file. An incident is of one class and one subject: a source, or the target of many sources. Rules name first: what models
 * find of the same source (or against the same target of many) in the same stretch joins what rules of medium severity or
 * of the same class found; of an activity of several attacks each part joins what is of its kind, or about its target and
 * service. What no rule found is an incident of its own where the activity model is sure, and one of low severity where
 * only the classifier's votes say so.
 */
export function buildIncidents(evidence: readonly Evidence[], {nowUs, told = []}: BuildOptions): Incident[] {
  const ofRules = evidence.filter(({source}) => source === "rule");
  const groups = together(ofRules, keyOf, incidentGapUs).map((findings) => new Group(findings));
  const bySubject = grouped(groups, ({subject}) => subject);
  const ofModels = evidence.filter(({source}) => source !== "rule");
  for (const found of ofModels.sort((a, b) => bySource(a, b) || byWholeness(a, b) || byTime(a, b))) {
    const own = bySubject.get(subjectOf(found)) ?? [];
    const against = found.dst_ip === null ? [] : (bySubject.get(targetOf(found.dst_ip)) ?? []);
    const isOfClass = (group: Group) => (group.class === (found.class ?? unnamedClass) ? 1 : 0);
    const [home] = [...own, ...against]
      .filter((group) => group.takes(found))
      .sort((a, b) => isOfClass(b) - isOfClass(a) || byGravity(a.gravest, b.gravest));
    if (home) home.add(found);
    else {
      const group = new Group([found]);
      groups.push(group);
      bySubject.set(group.subject, [...own, group]);
    }
  }
  const joined = together(groups, ({key}) => key, incidentGapUs)
    .map((same) => new Group(same.flatMap(({findings}) => findings)))
    .filter(({isEvidence}) => isEvidence);
  return named(joined, told, nowUs);
}

/** Findings that belong together. */
class Group {
  readonly findings: Evidence[];
  readonly subject: string;
  /** As rules name it, else the activity model; votes of the classifier name only what is theirs alone. */
  class: string;
  gravest: Evidence;
  ts_start: number;
  ts_end: number;

  constructor(findings: readonly Evidence[]) {
    this.findings = [...findings].sort(byGravity);
    this.gravest = this.findings[0];
    const best = this.findings.filter(({source}) => source === this.#source);
    const naming = best.some(({part}) => !part) ? best.filter(({part}) => !part) : best;
    const first = naming.find((finding) => finding.class !== null) ?? naming[0];
    this.class = first.class ?? unnamedClass;
    this.subject = subjectOf(first);
    ({ts_start: this.ts_start, ts_end: this.ts_end} = extent(findings));
  }

  /** The best source it has. */
  get #source(): EvidenceSource {
    return [...this.findings].sort(bySource)[0].source;
  }

  get key(): string {
    return keyOf({capture_sha256: this.gravest.capture_sha256, class: this.class}, this.subject);
  }

  /** A few flows that only the classifier names are no evidence, nor is what the activity model nearly takes for suspicious. */
  get isEvidence(): boolean {
    if (this.findings.every(({source, severity}) => source === "activity" && severity === "low")) return false;
    return this.gravest.source !== "classifier" || total(this.findings, ({flows}) => flows) >= leastVotes;
  }

  /**
   * What a rule of low severity found counts for more where the activity model nearly says the same: names the same kind of
   * attack, or judges what was done to the service that the rule speaks of; for many minutes where both saw the same numbers.
   */
  get severity(): Severity {
    if (this.gravest.severity !== "low" || this.#source !== "rule") return this.gravest.severity;
    if (this.findings.every(({source, name}) => source !== "rule" || ofNews.has(name))) return "low";
    const witnesses = this.findings.filter((one) => one.source === "activity" && this.#isBorneOutBy(one));
    const rests = this.findings.every(({source, name}) => source !== "rule" || byNumbers.has(name));
    return witnesses.length >= (rests ? lastingMinutes : 1) ? "medium" : "low";
  }

  #isBorneOutBy(activity: Evidence): boolean {
    if (activity.class !== null && kindOf(activity.class) === kindOf(this.class)) return true;
    return this.findings.some(
      ({source, dst_ip, dst_port}) =>
        source === "rule" &&
        dst_ip !== null &&
        dst_ip === activity.dst_ip &&
        (dst_port === null || dst_port === activity.dst_port)
    );
  }

  /** True where a model's finding of its subject, in its stretch, is about the same thing. */
  takes(found: Evidence): boolean {
    if (!meet(this, found)) return false;
    if (found.part) return this.#takesPart(found);
    if (found.source === "activity" && found.severity === "low")
      return this.#source === "rule" && rank(this.gravest.severity) >= rank("low");
    if (modelClassOf(this.class) === modelClassOf(found.class ?? unnamedClass)) return true;
    const isOpenToIt = found.class === null || found.source === "classifier" || this.class === unnamedClass;
    return rank(this.gravest.severity) >= rank("medium") && isOpenToIt;
  }

  /**
   * True where a part of an activity is the same kind of attack, was told by a rule already (of the same service of the same
   * target), or is of an activity that nothing names.
   */
  #takesPart(found: Evidence): boolean {
    if (kindOf(this.class) === kindOf(found.class ?? unnamedClass)) return true;
    return this.findings.some((one) => {
      if (!overlaps(one, found)) return false;
      if (one.source === "activity") return this.class === unnamedClass;
      const isSameTarget = one.dst_ip === null || one.dst_ip === found.dst_ip;
      const isSameService = one.dst_port === null || one.dst_port === found.dst_port;
      return one.source === "rule" && rank(one.severity) >= rank("low") && isSameTarget && isSameService;
    });
  }

  add(found: Evidence): void {
    this.findings.push(found);
    if (byGravity(found, this.gravest) < 0) this.gravest = found;
    if (this.class === unnamedClass && found.source === "activity" && !found.part)
      this.class = found.class ?? unnamedClass;
    this.ts_start = Math.min(this.ts_start, found.ts_start);
    this.ts_end = Math.max(this.ts_end, found.ts_end);
  }
}

/** Gives the groups their ids, lives and facts, in order of time; told incidents that became part of others come last. */
function named(groups: readonly Group[], told: readonly ToldIncident[], nowUs: number | null): Incident[] {
  const known = grouped([...told].sort(byLife), (one) => keyOf(one));
  const ofKey = grouped([...groups].sort(byTime), ({key}) => key);
  const incidents: Incident[] = [];
  const heirs = new Map<ToldIncident, Incident>();
  for (const [key, own] of ofKey) {
    const before = known.get(key) ?? [];
    const taken = new Set(before.map(({incident_id}) => incident_id));
    const inherited = grouped(before, (one) => own.find((group) => meet(group, one)) ?? null);
    let number = 0;
    const freeId = (): string => {
      const id = idOf(key, ++number);
      return taken.has(id) ? freeId() : id;
    };
    for (const group of own) {
      const [first, ...rest] = inherited.get(group) ?? [];
      const incident = incidentOf(group, first?.incident_id ?? freeId(), nowUs);
      incidents.push(incident);
      if (first) heirs.set(first, incident);
      for (const one of rest) heirs.set(one, incident);
    }
  }
  // What was told under another class may be part of what is known of its subject by now; else it was taken back.
  for (const one of told)
    if (!heirs.has(one)) {
      const heir = incidents.find((incident) => subjectOf(incident) === subjectOf(one) && meet(incident, one));
      if (heir) heirs.set(one, heir);
    }
  const merged = [...heirs]
    .filter(([one, heir]) => one.incident_id !== heir.incident_id)
    .map(([one, heir]): Incident => ({...one, state: "merged", merged_into: heir.incident_id, findings: []}));
  return [...incidents.sort((a, b) => byTime(a, b) || (a.incident_id < b.incident_id ? -1 : 1)), ...merged];
}

function incidentOf(group: Group, incident_id: string, nowUs: number | null): Incident {
  const findings = [...group.findings].sort(byGravity);
  const [gravest] = findings;
  // A model sees a minute and often one target of several: rules know whom it was about.
  const ofRules = findings.filter(({source}) => source === "rule");
  const naming = ofRules.length > 0 ? ofRules : findings;
  const silentUs = nowUs === null ? Number.POSITIVE_INFINITY : nowUs - group.ts_end;
  return {
    incident_id,
    capture_sha256: gravest.capture_sha256,
    ts_start: group.ts_start,
    ts_end: group.ts_end,
    state: silentUs > incidentGapUs ? "closed" : silentUs > growingUs ? "open" : "growing",
    merged_into: null,
    class: group.class,
    probability: Math.max(...findings.map(({probability}) => probability)),
    severity: group.severity,
    attack_technique: findings.find(({attack_technique}) => attack_technique !== null)?.attack_technique ?? null,
    src_ip: common(naming.map(({src_ip}) => src_ip)),
    dst_ip: common(naming.map(({dst_ip}) => dst_ip)),
    dst_port: common(naming.map(({dst_port}) => dst_port)),
    summary: gravest.summary,
    findings
  };
}

const targetOf = (dst_ip: string) => `→ ${dst_ip}`;

/** The source, else the target of many; of what many do to one target (DDoS) always the target. */
function subjectOf({class: named, src_ip, dst_ip}: Pick<Evidence, "class" | "src_ip" | "dst_ip">): string {
  if (dst_ip !== null && (src_ip === null || named === "DDoS")) return targetOf(dst_ip);
  return src_ip ?? "";
}

/** Incidents of equal keys that meet are one. */
function keyOf(
  one: Pick<Evidence, "capture_sha256" | "class"> & Partial<Pick<Evidence, "src_ip" | "dst_ip">>,
  subject = subjectOf({class: one.class, src_ip: one.src_ip ?? null, dst_ip: one.dst_ip ?? null})
): string {
  return [one.capture_sha256, one.class ?? unnamedClass, subject].join("\0");
}

function idOf(key: string, number: number): string {
  return createHash("sha256").update(`${key}\0${number}`).digest("hex").slice(0, 16);
}

interface Lasting {
  readonly ts_start: number;
  readonly ts_end: number;
}

const meet = (a: Lasting, b: Lasting) => overlaps(a, b, incidentGapUs);

const byTime = (a: Lasting, b: Lasting) => a.ts_start - b.ts_start || a.ts_end - b.ts_end;

/** What was merged before does not come first again. */
function byLife(a: ToldIncident, b: ToldIncident): number {
  return Number(a.state === "merged") - Number(b.state === "merged") || byTime(a, b);
}

const sources = ["rule", "activity", "classifier"] as const;
const bySource = (a: Evidence, b: Evidence) => sources.indexOf(a.source) - sources.indexOf(b.source);

/** Activities before their parts. */
const byWholeness = (a: Evidence, b: Evidence) => Number(a.part ?? false) - Number(b.part ?? false);

/** Gravest first; of equal ones rules before models, the surest, the earliest. */
function byGravity(a: Evidence, b: Evidence): number {
  const byName = a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  return (
    rank(b.severity) - rank(a.severity) || bySource(a, b) || b.probability - a.probability || byTime(a, b) || byName
  );
}

const rank = (severity: Severity) => severities.indexOf(severity);

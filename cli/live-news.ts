import type {Incident} from "../loaders/judge/incident-builder.ts";
import type {LiveFindings} from "../loaders/live/live-analysis.ts";
import {isSuspicious} from "../schema/incidents.ts";
import type {ScoringNews} from "../schema/live/news.ts";

const mostIncidents = 20;

/** How many incidents a capture has, and the newest of them. */
export function incidentNews(all: readonly Incident[]): ScoringNews & {kind: "incidents"} {
  const present = all.filter(({state}) => state !== "merged");
  const newest = present.toSorted((a, b) => b.ts_end - a.ts_end).slice(0, mostIncidents);
  return {
    kind: "incidents",
    total: present.length,
    grave: present.filter(({severity}) => isSuspicious(severity)).length,
    incidents: newest.map(({incident_id, class: named, findings, ...row}) => ({
      id: incident_id,
      class: named,
      rules: findings.map(({name}) => name),
      state: row.state,
      probability: row.probability,
      technique: row.attack_technique,
      severity: row.severity,
      src: row.src_ip,
      dst: row.dst_ip,
      from: row.ts_start,
      to: row.ts_end,
      // Findings may count the same flows.
      flows: Math.max(...findings.map(({flows}) => flows)),
      summary: row.summary
    }))
  };
}

/** What the judging of flows under way came to. */
export function verdictNews(findings: LiveFindings, atMs: number): ScoringNews & {kind: "verdicts"} {
  const {scored, provisional, suspicious, verdicts, suspects, delay, left, scoreMs, rulesMs} = findings;
  return {
    kind: "verdicts",
    atMs,
    scored,
    provisional,
    suspicious,
    verdicts,
    suspects,
    packetToVerdictP50Ms: delay.p50Ms,
    packetToVerdictP95Ms: delay.p95Ms,
    firstVerdictP95Ms: delay.firstP95Ms,
    left,
    scoreMs,
    rulesMs
  };
}

import {type ListedIncident, listIncidents} from "../loaders/judge/incident-list.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import {demoHashes} from "../loaders/results/demo-captures.ts";
import {type Severity, severities} from "../schema/incidents.ts";
import {acknowledgementOf, type Reviews, suppressionOf} from "../src/lib/reviews.ts";
import {anomalyIncidents} from "./anomaly-rate.ts";
import {byGravity, incidentOf, reviewedOf, type Trace} from "./incident.ts";
import type {AlertSettings} from "./settings.ts";
import {type AlertState, stateLimits} from "./state.ts";
import {ToldIncidents} from "./told.ts";

/** SHA-256 of the demo captures, once they were asked for. */
let demo: ReadonlySet<string> | null = null;

/**
 * The lake's incidents that may be told, and its raised anomaly rates where they are told. Those of the demo captures are
 * left out: their attacks were staged.
 */
export async function incidentsOfLake(lake: string, {anomalyPercent}: AlertSettings): Promise<ListedIncident[]> {
  const engine = await openLake(lake, {hasRollups: false});
  try {
    const rates = anomalyPercent === null ? [] : await anomalyIncidents(engine, anomalyPercent);
    const all = [...(await listIncidents(engine)), ...rates];
    demo ??= new Set(demoHashes());
    return all.filter(({capture_sha256}) => !demo?.has(capture_sha256));
  } finally {
    await engine.close();
  }
}

/**
 * Takes the incidents that were not judged before into what is told next, unless they lie below the threshold, their rule
 * or class is muted, a reader acknowledged or suppressed them, or an incident that was told goes on in them. One that is
 * judged is not told later, whatever changes in the settings, except where it lay below the threshold and grew above it.
 */
export function gather(
  state: AlertState,
  incidents: readonly ListedIncident[],
  settings: AlertSettings,
  reviews: Reviews,
  nowMs: number
): AlertState {
  const seen = new Seen(state.seen, settings.severity);
  const waiting = [...state.waiting];
  const told = new ToldIncidents(state.told, settings.quietS * 1e6, stateLimits.told);
  let {goneOn, left, crowdedOut} = state.counts;
  let more = state.waitingMore;
  const isLeft = (listed: ListedIncident) => {
    const reviewed = reviewedOf(listed);
    return (
      rank(listed.severity) < rank(settings.severity) ||
      reviewed.rules.some((name) => settings.mute.includes(name)) ||
      acknowledgementOf(reviews, reviewed) !== undefined ||
      suppressionOf(reviews, reviewed, nowMs) !== undefined
    );
  };
  // An incident that was told may have lasted on: what then begins anew goes on from its end.
  for (const one of incidents) if (!seen.isNews(one)) told.join(traceOf(one));
  const news = incidents.filter((one) => seen.isNews(one)).map((listed) => ({listed, incident: incidentOf(listed)}));
  for (const {listed, incident} of news.sort((a, b) => byGravity(a.incident, b.incident))) {
    if (isLeft(listed)) left++;
    else if (told.join(incident)) goneOn++;
    else {
      told.add(incident);
      if (waiting.length < stateLimits.waiting) waiting.push(incident);
      else {
        more++;
        crowdedOut++;
      }
    }
  }
  return {
    ...state,
    // What is gone from the lake need not be remembered.
    seen: seenOf(incidents, settings.severity),
    told: told.list(),
    waiting,
    waitingMore: more,
    counts: {...state.counts, goneOn, left, crowdedOut}
  };
}

/** What is remembered of judged incidents: their ids, of those below the threshold with their severity. */
export function seenOf(incidents: readonly ListedIncident[], least: Severity): string[] {
  return incidents.map(({incident_id, severity}) =>
    rank(severity) < rank(least) ? `${incident_id} ${severity}` : incident_id
  );
}

class Seen {
  readonly #severities: ReadonlyMap<string, Severity | undefined>;
  readonly #least: Severity;

  constructor(seen: readonly string[], least: Severity) {
    this.#severities = new Map(seen.map((one) => one.split(" ") as [string, Severity | undefined]));
    this.#least = least;
  }

  /** Not judged before, neither itself nor as the notices it is made of; or it grew beyond the threshold since. */
  isNews(incident: ListedIncident): boolean {
    const {incident_id: id, severity} = incident;
    if (this.#severities.has(id)) {
      const before = this.#severities.get(id);
      return before !== undefined && rank(severity) > rank(before) && rank(severity) >= rank(this.#least);
    }
    const {notices = []} = reviewedOf(incident);
    return !(notices.length > 0 && notices.every((notice) => this.#severities.has(notice)));
  }
}

const rank = (severity: Severity) => severities.indexOf(severity);

const traceOf = (listed: ListedIncident): Trace => incidentOf(listed);

import {openLake} from "../loaders/duckdb.ts";
import {listNotices, type Notice, severities} from "../loaders/notice-list.ts";
import {type Reviews, suppressionOf} from "../src/lib/reviews.ts";
import {anomalyIncidents} from "./anomaly-rate.ts";
import {byGravity, goesOn, type Incident, incidentOf} from "./incident.ts";
import type {AlertSettings} from "./settings.ts";
import {type AlertState, stateLimits} from "./state.ts";

/** The lake's notices, and its raised anomaly rates where they are told. */
export async function noticesOfLake(lake: string, {anomalyPercent}: AlertSettings): Promise<Notice[]> {
  const engine = await openLake(lake);
  try {
    const rates = anomalyPercent === null ? [] : await anomalyIncidents(engine, anomalyPercent);
    return [...(await listNotices(engine)), ...rates];
  } finally {
    await engine.close();
  }
}

/**
 * Takes the notices that were not judged before into what is told next, unless they lie below the threshold, their rule
 * is muted, a reader acknowledged or suppressed them, or an incident that was told goes on in them. One that is judged is
 * not told later, whatever changes in the settings.
 */
export function gather(
  state: AlertState,
  notices: readonly Notice[],
  settings: AlertSettings,
  reviews: Reviews,
  nowMs: number
): AlertState {
  const seen = new Set(state.seen);
  const least = severities.indexOf(settings.severity);
  const [waiting, told] = [[...state.waiting], [...state.told]];
  let {goneOn, left, crowdedOut} = state.counts;
  let more = state.waitingMore;
  const incidents = notices.map(incidentOf);
  for (const incident of incidents.filter(({id}) => !seen.has(id)).sort(byGravity)) {
    const isLeft =
      severities.indexOf(incident.severity) < least ||
      settings.mute.includes(incident.rule) ||
      Object.hasOwn(reviews.acknowledged, incident.id) ||
      suppressionOf(reviews, incident, nowMs) !== undefined;
    if (isLeft) {
      left++;
      continue;
    }
    const before = told.findIndex((trace) => goesOn(trace, incident, settings.quietS * 1e6));
    if (before >= 0) {
      told[before] = joined(told[before], incident);
      goneOn++;
      continue;
    }
    told.push(traceOf(incident));
    if (waiting.length < stateLimits.waiting) waiting.push(incident);
    else {
      more++;
      crowdedOut++;
    }
  }
  return {
    ...state,
    // What is gone from the lake need not be remembered.
    seen: incidents.map(({id}) => id),
    told: extended(told, incidents, settings.quietS * 1e6).slice(-stateLimits.told),
    waiting,
    waitingMore: more,
    counts: {...state.counts, goneOn, left, crowdedOut}
  };
}

type Trace = AlertState["told"][number];

const traceOf = ({rule, src, dst, from, to}: Incident): Trace => ({rule, src, dst, from, to});

function joined(trace: Trace, incident: Incident): Trace {
  return {...trace, from: Math.min(trace.from, incident.from), to: Math.max(trace.to, incident.to)};
}

/** Incidents that were told may last on: what then begins anew goes on from their end. */
function extended(told: readonly Trace[], incidents: readonly Incident[], quietUs: number): Trace[] {
  return told.map((trace) =>
    incidents.reduce(
      (longer, incident) =>
        incident.rule === longer.rule && goesOn(longer, incident, quietUs) ? joined(longer, incident) : longer,
      trace
    )
  );
}

import {listNotices, type Notice} from "../loaders/judge/notice-list.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import {demoHashes} from "../loaders/results/demo-captures.ts";
import {severities} from "../schema/incidents.ts";
import {type Reviews, suppressionOf} from "../src/lib/reviews.ts";
import {anomalyIncidents} from "./anomaly-rate.ts";
import {byGravity, type Incident, incidentOf, type Trace} from "./incident.ts";
import type {AlertSettings} from "./settings.ts";
import {type AlertState, stateLimits} from "./state.ts";
import {ToldIncidents} from "./told.ts";

/** SHA-256 of the demo captures, once they were asked for. */
let demo: ReadonlySet<string> | null = null;

/**
 * The lake's notices that may be told, and its raised anomaly rates where they are told. Those of the demo captures are
 * left out: their attacks were staged.
 */
export async function noticesOfLake(lake: string, {anomalyPercent}: AlertSettings): Promise<Notice[]> {
  const engine = await openLake(lake);
  try {
    const rates = anomalyPercent === null ? [] : await anomalyIncidents(engine, anomalyPercent);
    const all = [...(await listNotices(engine)), ...rates];
    demo ??= new Set(demoHashes());
    return all.filter(({capture_sha256}) => !demo?.has(capture_sha256));
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
  const waiting = [...state.waiting];
  const told = new ToldIncidents(state.told, settings.quietS * 1e6, stateLimits.told);
  let {goneOn, left, crowdedOut} = state.counts;
  let more = state.waitingMore;
  const isLeft = (incident: Incident) =>
    severities.indexOf(incident.severity) < least ||
    settings.mute.includes(incident.rule) ||
    Object.hasOwn(reviews.acknowledged, incident.id) ||
    suppressionOf(reviews, incident, nowMs) !== undefined;
  // An incident that was told may have lasted on: what then begins anew goes on from its end.
  for (const notice of notices) if (seen.has(notice.notice_id)) told.join(traceOf(notice));
  const news = notices.filter(({notice_id}) => !seen.has(notice_id)).map(incidentOf);
  for (const incident of news.sort(byGravity)) {
    if (isLeft(incident)) left++;
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
    seen: notices.map(({notice_id}) => notice_id),
    told: told.list(),
    waiting,
    waitingMore: more,
    counts: {...state.counts, goneOn, left, crowdedOut}
  };
}

const traceOf = ({rule, src_ip: src, dst_ip: dst, ts_start: from, ts_end: to}: Notice): Trace => ({
  rule,
  src,
  dst,
  from,
  to
});

import type {AnswerSource} from "../../lib/answer-source.js";
import {busiestStretch, type CaptureFacts, farStretches, type Stretch} from "../../lib/captures.js";
import {type Filter, formatFilter, isEverything, parseFilter} from "../../lib/filter.js";
import {type IncidentFacts, windowOfIncident} from "../../lib/incidents.js";
import {captures as flowsByCapture} from "../../lib/questions/captures.js";

/** What is kept here chose all of time in a lake of that version. */
const allTimeKey = "flowbook all time";

/**
 * Where a page is opened with an incident and no time, as messages link to it, it begins with the incident's time: of a day's
 * capture a minute is a line. Where captures lie years apart, a page that was opened without a filter, or with a host alone, begins with the stretch
 * that has the most flows: all of them together are a line. The bar offers the others and all of time.
 */
export async function beginWhere(
  captures: readonly CaptureFacts[],
  incidents: readonly IncidentFacts[],
  version: string,
  source: AnswerSource
): Promise<void> {
  const {dataset} = document.documentElement;
  // Once a document: whoever reads it keeps the window when new data come.
  if (dataset.fbBegun !== undefined) return;
  dataset.fbBegun = "";
  const filter = parseFilter(location.hash);
  const begin = (window: {readonly from?: number; readonly to?: number}) =>
    history.replaceState(history.state, "", `#${formatFilter({...filter, ...window})}`);
  const {host, incident, ...others} = filter;
  if (incident !== undefined) {
    const known = incidents.find(({id}) => id === incident);
    if (known && host === undefined && isEverything(others)) begin(windowOfIncident(known));
    return;
  }
  if (!isEverything(others) || (location.hash.length > 1 && host === undefined)) return;
  if (sessionStorage.getItem(allTimeKey) === version) return;
  const stretches = farStretches(captures);
  if (stretches.length === 0) return;
  const busiest = host === undefined ? stretches[0] : await busiestOf(stretches, filter, source);
  if (!busiest) return;
  begin({from: busiest.from, to: busiest.to});
}

/** Pages that are opened later in this tab begin with all of time, too, as long as the lake is of that version. */
export function keepAllOfTime(version: string): void {
  sessionStorage.setItem(allTimeKey, version);
}

/** The stretch with the most flows that pass a filter; undefined where no flow does, or nobody answers. */
async function busiestOf(
  stretches: readonly Stretch[],
  filter: Filter,
  source: AnswerSource
): Promise<Stretch | undefined> {
  try {
    const {rows} = await source.answer({question: flowsByCapture, filter}, new AbortController().signal);
    return busiestStretch(stretches, new Map(rows.map(([sha256, flows]) => [String(sha256), Number(flows)])));
  } catch {
    // The page asks again, and says what is wrong.
    return undefined;
  }
}

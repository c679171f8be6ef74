import {activityWindowUs, leastActivityFlows} from "../../schema/activities.ts";
import type {ActivityFlows} from "./flows.ts";

/** A source in a window: its flows in the order of their starts. */
export interface Activity {
  /** µs since 1970, a multiple of the window. */
  readonly windowStart: number;
  readonly source: number;
  readonly rows: Int32Array;
}

/** Puts flows together by source and window of 60 s; those with less than three flows are left out. In order of time, then of source. */
export function activitiesOf(flows: ActivityFlows): Activity[] {
  const {rows, start, source, srcPort, dstPort, protocol} = flows;
  const window = new Float64Array(rows);
  for (let i = 0; i < rows; i++) window[i] = Math.floor(start[i] / activityWindowUs);
  const order = new Int32Array(rows);
  for (let i = 0; i < rows; i++) order[i] = i;
  // Flows of the same moment are put in one order, whatever order they came in.
  order.sort(
    (a, b) =>
      window[a] - window[b] ||
      source[a] - source[b] ||
      start[a] - start[b] ||
      protocol[a] - protocol[b] ||
      srcPort[a] - srcPort[b] ||
      dstPort[a] - dstPort[b]
  );
  const activities: Activity[] = [];
  for (let from = 0; from < rows; ) {
    const first = order[from];
    let to = from + 1;
    while (to < rows && source[order[to]] === source[first] && window[order[to]] === window[first]) to++;
    if (to - from >= leastActivityFlows)
      activities.push({
        windowStart: window[first] * activityWindowUs,
        source: source[first],
        rows: order.subarray(from, to)
      });
    from = to;
  }
  return activities;
}

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
  const {rows, start, source} = flows;
  // Groups are numbered as they come, by a table of open addressing: a Map of texts would cost several times as much.
  const places = new Int32Array(2 ** (32 - Math.clz32(Math.max(1, rows))) * 2);
  const first: number[] = [];
  const group = new Int32Array(rows);
  const window = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    window[i] = Math.floor(start[i] / activityWindowUs);
    let at = placeOf(source[i], window[i]) & (places.length - 1);
    while (
      places[at] !== 0 &&
      !(source[first[places[at] - 1]] === source[i] && window[first[places[at] - 1]] === window[i])
    )
      at = (at + 1) & (places.length - 1);
    if (places[at] === 0) places[at] = first.push(i);
    group[i] = places[at] - 1;
  }
  const ends = new Int32Array(first.length);
  for (let i = 0; i < rows; i++) ends[group[i]]++;
  for (let k = 1; k < ends.length; k++) ends[k] += ends[k - 1];
  const order = new Int32Array(rows);
  const next = Int32Array.from(ends, (_, k) => (k === 0 ? 0 : ends[k - 1]));
  for (let i = 0; i < rows; i++) order[next[group[i]]++] = i;
  const activities: Activity[] = [];
  for (const [k, row] of first.entries()) {
    const from = k === 0 ? 0 : ends[k - 1];
    if (ends[k] - from < leastActivityFlows) continue;
    const own = order.subarray(from, ends[k]).sort((a, b) => start[a] - start[b] || sameMoment(flows, a, b));
    activities.push({windowStart: window[row] * activityWindowUs, source: source[row], rows: own});
  }
  return activities.sort((a, b) => a.windowStart - b.windowStart || compareSources(flows, a.source, b.source));
}

/** By capture, then by the address's text. */
function compareSources({addresses}: ActivityFlows, a: number, b: number): number {
  if (!addresses) return a - b;
  const count = addresses.length;
  return Math.floor(a / count) - Math.floor(b / count) || compareTexts(addresses[a % count], addresses[b % count]);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The order of flows that started in the same moment, whatever order they came in: by all that features are made of. */
function sameMoment(flows: ActivityFlows, a: number, b: number): number {
  for (const column of ordering) {
    const values = flows[column];
    if (values[a] === values[b]) continue;
    if (column === "responder" && flows.addresses)
      return compareTexts(flows.addresses[values[a]], flows.addresses[values[b]]);
    return values[a] - values[b];
  }
  return 0;
}

const ordering = [
  "protocol",
  "srcPort",
  "dstPort",
  "responder",
  "srcPayload",
  "dstPayload",
  "srcPackets",
  "dstPackets",
  "durationUs",
  "state"
] as const;

function placeOf(source: number, window: number): number {
  const mixed =
    Math.imul(source ^ (source / 4_294_967_296), 0x9e3779b1) ^ Math.imul(window ^ (window / 4_294_967_296), 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

import type {FlowTable} from "./flow-table.js";

/**
 * When a flow was active: the column `activity` of the lake, read for charts of volume over time. A flow without it is
 * spread evenly over its duration.
 */
export interface Activity {
  /** Where each bin begins and how long it is, within the flow, in µs since 1970. */
  readonly starts: Float64Array;
  readonly lengths: Float64Array;
  /** The part of the flow's bytes in each. */
  readonly shares: Float64Array;
}

/** Reads the text of a flow's activity. */
export function readActivity(text: string, startUs: number, durationUs: number): Activity {
  const [widths, bins, bytes] = text.split(";").map((list) => list.split(","));
  const base = Math.floor(startUs / 1e6);
  const endUs = startUs + durationUs;
  const values = Float64Array.from(bytes, Number);
  const all = values.reduce((total, value) => total + value, 0);
  const [starts, lengths] = [new Float64Array(bins.length), new Float64Array(bins.length)];
  for (const [i, number] of bins.entries()) {
    const begin = (base + Number(number)) * 1e6;
    // A last packet at the bin's begin takes a microsecond.
    starts[i] = Math.min(Math.max(begin, startUs), endUs - 1);
    lengths[i] = Math.min(begin + Number(widths[i]) * 1e6, endUs) - starts[i];
  }
  return {starts, lengths, shares: values.map((value) => value / all)};
}

/** The part of a flow's bytes that lies in [from, to), 0 to 1. */
export function activeShareOf({starts, lengths, shares}: Activity, fromUs: number, toUs: number): number {
  let share = 0;
  for (let i = 0; i < starts.length; i++) {
    const within = Math.min(starts[i] + lengths[i], toUs) - Math.max(starts[i], fromUs);
    if (within > 0) share += (shares[i] * within) / lengths[i];
  }
  return share;
}

const kept = new WeakMap<FlowTable, (Activity | null)[]>();

/** The activity of a row, read once; null where the flow is spread evenly. */
export function activityOf(flows: FlowTable, row: number): Activity | null {
  const {codes, values} = flows.texts.activity;
  if (codes[row] < 0) return null;
  let read = kept.get(flows);
  if (!read) kept.set(flows, (read = []));
  const found = read[row];
  if (found !== undefined) return found;
  return (read[row] = readActivity(values[codes[row]], flows.numbers.ts_start[row], flows.numbers.duration_us[row]));
}

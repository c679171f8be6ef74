import type {FlowTable} from "./flow-table.js";

/**
 * When flows were active: the column `activity` of the lake (schema/flows.ts), read for charts of volume over time. A flow
 * without it is spread evenly over its duration. Bins of all texts lie one behind another: as objects they would take four
 * times the memory.
 */
export interface Activities {
  /** Where the bins of a text begin, by its code; one more at the end. */
  readonly begins: Uint32Array;
  /** A bin's length and its place behind the second in which the flow began, in seconds. */
  readonly lengths: Uint32Array;
  readonly places: Uint32Array;
  /** Bytes or packets of one way in it. */
  readonly amounts: Readonly<Record<DividedColumn, Float64Array>>;
}

/** The columns of a flow that its activity divides, each by its own amounts. */
export const dividedColumns = ["src_wire_bytes", "dst_wire_bytes", "src_pkts", "dst_pkts"] as const;

export type DividedColumn = (typeof dividedColumns)[number];

/** Whether it is known when the flow in a row was active. */
export function hasActivity({texts: {activity}}: FlowTable, row: number): boolean {
  return activity.codes[row] >= 0;
}

/**
 * The part of a column of the flow in a row that lies in [from, to), 0 to 1, or without a column of its bins; only where its
 * activity is known.
 */
export function activeShareOf(
  flows: FlowTable,
  row: number,
  fromUs: number,
  toUs: number,
  column?: DividedColumn
): number {
  const {numbers, texts} = flows;
  const startUs = numbers.ts_start[row];
  const endUs = startUs + numbers.duration_us[row];
  return activeShare(activitiesOf(flows), texts.activity.codes[row], startUs, endUs, fromUs, toUs, column);
}

/** The same of an activity by its code. */
export function activeShare(
  {begins, lengths, places, amounts}: Activities,
  code: number,
  startUs: number,
  endUs: number,
  fromUs: number,
  toUs: number,
  column?: DividedColumn
): number {
  const base = Math.floor(startUs / 1e6);
  const values = column && amounts[column];
  let [inside, all] = [0, 0];
  for (let i = begins[code]; i < begins[code + 1]; i++) {
    const amount = values ? values[i] : 1;
    all += amount;
    const begin = (base + places[i]) * 1e6;
    // A last packet at the bin's begin takes a microsecond.
    const start = Math.min(Math.max(begin, startUs), endUs - 1);
    const length = Math.min(begin + lengths[i] * 1e6, endUs) - start;
    const within = Math.min(start + length, toUs) - Math.max(start, fromUs);
    if (within > 0) inside += (amount * within) / length;
  }
  return all > 0 ? inside / all : 0;
}

const kept = new WeakMap<FlowTable, Activities>();

function activitiesOf(flows: FlowTable): Activities {
  let found = kept.get(flows);
  if (!found) kept.set(flows, (found = readActivities(flows.texts.activity.values)));
  return found;
}

/** Reads texts of the column; the code of each is its place. */
export function readActivities(texts: readonly string[]): Activities {
  const begins = new Uint32Array(texts.length + 1);
  for (const [code, text] of texts.entries()) {
    let count = 1;
    const end = text.indexOf(";");
    for (let at = text.indexOf(","); at >= 0 && at < end; at = text.indexOf(",", at + 1)) count++;
    begins[code + 1] = begins[code] + count;
  }
  const count = begins[texts.length];
  const amounts = {
    src_wire_bytes: new Float64Array(count),
    dst_wire_bytes: new Float64Array(count),
    src_pkts: new Float64Array(count),
    dst_pkts: new Float64Array(count)
  };
  const read = {lengths: new Uint32Array(count), places: new Uint32Array(count)};
  for (const [code, text] of texts.entries()) {
    const [lengths, places, bytes, srcBytes, packets, srcPackets] = text.split(";", 6).map((list) => list.split(","));
    const begin = begins[code];
    for (let i = 0; i < bytes.length; i++) {
      read.lengths[begin + i] = Number(lengths[i]);
      read.places[begin + i] = Number(places[i]);
      amounts.src_wire_bytes[begin + i] = Number(srcBytes[i]);
      amounts.dst_wire_bytes[begin + i] = Number(bytes[i]) - Number(srcBytes[i]);
      amounts.src_pkts[begin + i] = Number(srcPackets[i]);
      amounts.dst_pkts[begin + i] = Number(packets[i]) - Number(srcPackets[i]);
    }
  }
  return {begins, ...read, amounts};
}

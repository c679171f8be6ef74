import type {ActivityFlows} from "../flows.ts";
import {type Scratch, Tally} from "../statistics.ts";

/** Features that are computed from the same things. */
export interface FeatureGroup<Name extends string = string> {
  /** What each feature is, in the order of a model's input. */
  readonly described: Readonly<Record<Name, string>>;
  compute(source: SourceFlows): Readonly<Record<Name, number>>;
}

/** Flows of one source in a window, with what several groups count of them. */
export interface SourceFlows {
  readonly flows: ActivityFlows;
  /** Its rows in the order of their starts, one at least. */
  readonly rows: Int32Array;
  /** Classes of the flow classifier; one is Normal. */
  readonly labels: readonly string[];
  readonly scratch: Scratch;
  readonly hosts: Tally;
  /** Responder ports with their protocol. */
  readonly ports: Tally;
  /** Responders with port and protocol. */
  readonly endpoints: Tally;
  /** Rows of the endpoint with most flows; of several the one that was seen first. */
  readonly topRows: Int32Array;
}

/** Ends the documentation of a feature on a logarithmic scale. */
export const log = "natural logarithm of 1 + it";

/** Counts responders, ports and endpoints. */
export function sourceFlows(
  flows: ActivityFlows,
  rows: Int32Array,
  labels: readonly string[],
  scratch: Scratch
): SourceFlows {
  const n = rows.length;
  const {protocol, dstPort, responder} = flows;
  const hosts = new Tally(n, scratch);
  const ports = new Tally(n, scratch);
  const endpoints = new Tally(n, scratch);
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    hosts.add(responder[row]);
    ports.add(protocol[row] * 65_536 + (hasPorts(protocol[row]) ? dstPort[row] : 0));
  }
  for (let i = 0; i < n; i++) endpoints.add(hosts.group[i] * ports.size + ports.group[i]);
  const top = endpoints.mostGroup;
  return {flows, rows, labels, scratch, hosts, ports, endpoints, topRows: rowsOfGroup(rows, endpoints, top)};
}

function rowsOfGroup(rows: Int32Array, {group, counts}: Tally, wanted: number): Int32Array {
  const found = new Int32Array(counts[wanted]);
  for (let i = 0, to = 0; i < rows.length; i++) if (group[i] === wanted) found[to++] = rows[i];
  return found;
}

/** Whether an IP protocol has ports: TCP, UDP and SCTP. */
export function hasPorts(protocol: number): boolean {
  return protocol === 6 || protocol === 17 || protocol === 132;
}

/** Whether nobody answered the flow, or it was refused. */
export function hasFailed({dstPackets, state}: ActivityFlows, row: number): boolean {
  return dstPackets[row] === 0 || state[row] === 2;
}

/** Seconds between the starts of rows that follow each other. */
export function intervalsOf({start}: ActivityFlows, rows: Int32Array, scratch: Scratch): Float64Array {
  const intervals = scratch.take(Math.max(0, rows.length - 1));
  for (let i = 0; i < intervals.length; i++) intervals[i] = (start[rows[i + 1]] - start[rows[i]]) / 1e6;
  return intervals;
}

/** Values of a column in those rows. */
export function valuesOf(rows: Int32Array, column: Float64Array, scratch: Scratch): Float64Array {
  const values = scratch.take(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i]];
  return values;
}

/** Counts the values of a column in those rows. */
export function tallyOf(rows: Int32Array, column: ArrayLike<number>, scratch: Scratch): Tally {
  const tally = new Tally(rows.length, scratch);
  for (let i = 0; i < rows.length; i++) tally.add(column[rows[i]]);
  return tally;
}

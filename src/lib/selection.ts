import {activeShareOf, type DividedColumn, hasActivity} from "./activity.js";
import type {Filter} from "./filter.js";
import type {FlowTable, Texts} from "./flow-table.js";
import {parseQuery} from "./query/parse.js";
import {queryRows} from "./query/query-rows.js";

/** The flows that pass a filter. */
export interface Selection {
  /** Their rows, ascending. */
  readonly rows: Uint32Array;
  /** The part of each flow that lies in the window, one for each of `rows`; null without a window: all 1. */
  readonly shares: Shares | null;
}

/** The parts of a column of some flows, 0 to 1; made when they are asked for, and kept. */
export type Shares = (column: DividedColumn) => Float64Array;

/** Parts as `shareAt` says them, by the place of a flow and the column. */
export function sharesOf(count: number, shareAt: (k: number, column: DividedColumn) => number): Shares {
  const kept = new Map<DividedColumn, Float64Array>();
  return (column) => {
    let shares = kept.get(column);
    if (shares) return shares;
    kept.set(column, (shares = new Float64Array(count)));
    for (let k = 0; k < count; k++) shares[k] = shareAt(k, column);
    return shares;
  };
}

/** Those of the flows at some places. */
export function sharesAt(shares: Shares | null, places: Uint32Array): Shares | null {
  return shares && sharesOf(places.length, (k, column) => shares(column)[places[k]]);
}

/** Finds the flows that pass a filter; the same rule as {@link filterSql}. */
export function select(flows: FlowTable, filter: Filter): Selection {
  const kept = flagRows(flows, filter);
  const {ts_start: start, duration_us: duration} = flows.numbers;
  const from = filter.from ?? Number.NEGATIVE_INFINITY;
  const to = filter.to ?? Number.POSITIVE_INFINITY;
  const rows = new Uint32Array(flows.rows);
  let count = 0;
  for (let i = 0; i < flows.rows; i++)
    if (kept[i] && start[i] < to && (start[i] >= from || start[i] + duration[i] > from)) rows[count++] = i;
  const chosen = rows.slice(0, count);
  if (filter.from === undefined && filter.to === undefined) return {rows: chosen, shares: null};
  return {rows: chosen, shares: sharesOf(count, (k, column) => shareOfRow(flows, chosen[k], from, to, column))};
}

/** The part of a flow that lies in [from, to), 0 to 1; a flow without duration lies wholly where it starts. */
export function shareOf(startUs: number, durationUs: number, fromUs: number, toUs: number): number {
  if (durationUs === 0) return startUs >= fromUs && startUs < toUs ? 1 : 0;
  return Math.max(0, Math.min(startUs + durationUs, toUs) - Math.max(startUs, fromUs)) / durationUs;
}

/** The part of a column of a row's flow in [from, to): what came there where its activity is known, else of its duration. */
export function shareOfRow(flows: FlowTable, row: number, fromUs: number, toUs: number, column: DividedColumn): number {
  const {ts_start: start, duration_us: duration} = flows.numbers;
  if (start[row] >= fromUs && start[row] + duration[row] < toUs) return 1;
  return hasActivity(flows, row)
    ? activeShareOf(flows, row, fromUs, toUs, column)
    : shareOf(start[row], duration[row], fromUs, toUs);
}

/** 1 for each row that passes all fields but the window. */
function flagRows(flows: FlowTable, filter: Filter): Uint8Array {
  const kept = new Uint8Array(flows.rows).fill(1);
  const keep = (passes: (i: number) => boolean) => {
    for (let i = 0; i < kept.length; i++) if (kept[i] && !passes(i)) kept[i] = 0;
  };
  const keepTexts = (texts: Texts, wanted: readonly (string | null)[]) => {
    const codes = codesOf(texts, wanted);
    keep((i) => codes[texts.codes[i] + 1] === 1);
  };
  if (filter.captures) keepTexts(flows.texts.capture_sha256, filter.captures);
  if (filter.services) keepTexts(flows.texts.service, filter.services);
  if (filter.labels) keepTexts(flows.texts.label, filter.labels);
  if (filter.protos) {
    const wanted = new Set(filter.protos);
    const {proto} = flows.numbers;
    keep((i) => wanted.has(proto[i]));
  }
  if (filter.host !== undefined) {
    const {src_ip, dst_ip} = flows.texts;
    const host = src_ip.values.indexOf(filter.host);
    keep((i) => host >= 0 && (src_ip.codes[i] === host || dst_ip.codes[i] === host));
  }
  if (filter.verdicts) keepTexts(flows.texts.state, filter.verdicts);
  if (filter.incident !== undefined) keepTexts(flows.texts.incident_id, [filter.incident]);
  const query = filter.query === undefined ? null : parseQuery(filter.query);
  if (query) keep(queryRows(query, flows));
  return kept;
}

/** A flag for each code of a column, shifted by one so that NULL's -1 comes first. */
function codesOf(texts: Texts, wanted: readonly (string | null)[]): Uint8Array {
  const set = new Set(wanted);
  return Uint8Array.from([null, ...texts.values], (value) => (set.has(value) ? 1 : 0));
}

import {activeShareOf, type DividedColumn, hasActivity} from "./activity.js";
import type {FlowTable} from "./flow-table.js";
import {type Asked, gridOf, type Question, type TimeGrid} from "./question.js";
import {type Selection, type Shares, shareOf, sharesAt, sharesOf} from "./selection.js";
import {portMismatch} from "./usual-ports.js";

/** What a question sums over: a flow once, or once for each bucket it was active in, or once for each of its ends. */
export interface Entries {
  readonly count: number;
  /** The row of each entry. */
  readonly rows: Uint32Array;
  /** The part of the flow that each entry stands for; null for all of it. */
  readonly shares: Shares | null;
  /** The time bucket of each entry; null without time. */
  readonly buckets: Int32Array | null;
  /** 1 where the entry stands for the flow's responder; null where ends do not count apart. */
  readonly responders: Uint8Array | null;
}

/** The entries of a question over the flows that pass its filter. */
export function entriesOf(flows: FlowTable, asked: Asked, selection: Selection): Entries {
  const {question} = asked;
  const chosen = only(flows, question.only, selection);
  const timed =
    question.time === "spread"
      ? spread(flows, chosen, asked, gridOf(asked))
      : question.time
        ? byEdge(flows, chosen, gridOf(asked), question.time)
        : {...chosen, count: chosen.rows.length, buckets: null, responders: null};
  return question.by.includes("host") ? bothEnds(flows, timed) : timed;
}

function only({texts: {service}, numbers}: FlowTable, what: Question["only"], {rows, shares}: Selection): Selection {
  if (!what) return {rows, shares};
  const tests: Record<NonNullable<Question["only"]>, (row: number) => boolean> = {
    recognised: (row) => service.codes[row] >= 0,
    unrecognised: (row) => service.codes[row] < 0,
    "unusual-port": (row) =>
      service.codes[row] >= 0 && portMismatch(service.values[service.codes[row]], numbers.dst_port[row]) !== null,
    "anomaly-scored": (row) => !Number.isNaN(numbers.anomaly_score[row]),
    "handshake-timed": (row) => !Number.isNaN(numbers.rtt_us[row])
  };
  const passes = tests[what];
  const places = Uint32Array.from(rows.keys()).filter((k) => passes(rows[k]));
  return {rows: places.map((k) => rows[k]), shares: sharesAt(shares, places)};
}

function byEdge(
  {numbers: {ts_start, duration_us}}: FlowTable,
  {rows, shares}: Selection,
  grid: TimeGrid,
  time: "start" | "gone"
): Entries {
  const {originUs, widthUs, count: bucketCount} = grid;
  const kept = {
    rows: new Uint32Array(rows.length),
    places: new Uint32Array(rows.length),
    buckets: new Int32Array(rows.length)
  };
  let count = 0;
  const last = time === "gone" ? bucketCount + 1 : bucketCount;
  for (let k = 0; k < rows.length; k++) {
    const start = ts_start[rows[k]];
    let bucket = Math.floor((start - originUs) / widthUs);
    if (time === "gone") bucket = Math.max(bucket + 1, Math.ceil((start + duration_us[rows[k]] - originUs) / widthUs));
    if (bucket < 0 || bucket >= last) continue;
    kept.rows[count] = rows[k];
    kept.places[count] = k;
    kept.buckets[count++] = bucket;
  }
  const {rows: ownRows, places, buckets} = kept;
  return {rows: ownRows, buckets, shares: sharesAt(shares, places.subarray(0, count)), count, responders: null};
}

/** Each flow once for every bucket that it was active in within the window. */
function spread(flows: FlowTable, {rows}: Selection, {filter}: Asked, grid: TimeGrid): Entries {
  const {ts_start, duration_us} = flows.numbers;
  const {originUs, widthUs, count: bucketCount} = grid;
  const windowTo = filter.to ?? Number.POSITIVE_INFINITY;
  let room = rows.length * 2 + 16;
  let kept = {rows: new Uint32Array(room), buckets: new Int32Array(room)};
  const within = (bucket: number, from: number) => {
    const begin = originUs + bucket * widthUs;
    return [Math.max(begin, from), Math.min(begin + widthUs, windowTo)] as const;
  };
  const shareAt = (row: number, bucket: number, column?: DividedColumn) => {
    const start = ts_start[row];
    const [since, until] = within(bucket, Math.max(start, filter.from ?? start));
    if (hasActivity(flows, row)) return activeShareOf(flows, row, since, until, column);
    return shareOf(start, duration_us[row], since, until);
  };
  let count = 0;
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k];
    const start = ts_start[row];
    const duration = duration_us[row];
    const from = Math.max(start, filter.from ?? start);
    const to = Math.min(start + duration, windowTo);
    const first = Math.max(0, Math.floor((from - originUs) / widthUs));
    if (count + bucketCount > room) {
      room = room * 2 + bucketCount;
      kept = {rows: grown(kept.rows, room), buckets: grown(kept.buckets, room)};
    }
    for (let bucket = first; bucket < bucketCount; bucket++) {
      const begin = originUs + bucket * widthUs;
      if (bucket > first && begin >= to) break;
      if (shareAt(row, bucket) <= 0) continue;
      kept.rows[count] = row;
      kept.buckets[count++] = bucket;
    }
  }
  const shares = sharesOf(count, (e, column) => shareAt(kept.rows[e], kept.buckets[e], column));
  return {...kept, shares, count, responders: null};
}

function grown<A extends Uint32Array | Int32Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  return larger;
}

/** Each entry once for either host of its flow; once where both ends are the same. */
function bothEnds({texts: {src_ip, dst_ip}}: FlowTable, entries: Entries): Entries {
  const {rows, shares, buckets, count} = entries;
  const kept = {
    rows: new Uint32Array(count * 2),
    places: new Uint32Array(count * 2),
    buckets: buckets && new Int32Array(count * 2),
    responders: new Uint8Array(count * 2)
  };
  let to = 0;
  for (let e = 0; e < count; e++) {
    const ends = src_ip.codes[rows[e]] === dst_ip.codes[rows[e]] ? 1 : 2;
    for (let end = 0; end < ends; end++) {
      kept.rows[to] = rows[e];
      kept.places[to] = e;
      if (kept.buckets && buckets) kept.buckets[to] = buckets[e];
      kept.responders[to++] = end;
    }
  }
  const {places, ...own} = kept;
  return {...own, shares: sharesAt(shares, places.subarray(0, to)), count: to};
}

import type {Filter} from "./filter.js";
import type {TimeGrid} from "./question.js";

/** A span of packet time in µs since 1970; the end is exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const ms = 1000;
const second = 1e6;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Widths that read well: a bucket begins at a whole multiple since 1970 in UTC. */
const widths = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  1 * ms,
  2 * ms,
  5 * ms,
  10 * ms,
  20 * ms,
  50 * ms,
  100 * ms,
  200 * ms,
  500 * ms,
  1 * second,
  2 * second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  1 * minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  1 * hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  1 * day,
  2 * day,
  7 * day,
  14 * day,
  28 * day,
  91 * day,
  182 * day,
  364 * day,
  3640 * day
];

/** The part of a span that a filter's window leaves; at least 1 µs long. */
export function windowOf(span: Span, filter: Filter): Span {
  const from = filter.from ?? span.from;
  return {from, to: Math.max(from + 1, filter.to ?? span.to)};
}

/** The finest grid of well-reading width that covers a span with at most `buckets` (≤ 1000) buckets. */
export function gridFor({from, to}: Span, buckets: number): TimeGrid {
  const most = Math.max(2, Math.min(1000, Math.floor(buckets)));
  for (const widthUs of widths) {
    const originUs = Math.floor(from / widthUs) * widthUs;
    const count = Math.ceil((to - originUs) / widthUs);
    if (count <= most) return {originUs, widthUs, count};
  }
  const widthUs = Math.ceil((to - from) / most / day) * day;
  return {originUs: from, widthUs, count: Math.ceil((to - from) / widthUs)};
}

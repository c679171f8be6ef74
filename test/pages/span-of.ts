import type {FlowTable} from "../../src/lib/flow-table.ts";
import type {Span} from "../../src/lib/time-grid.ts";

/** From the first packet to just after the last one of all flows; null without flows. */
export function spanOf({rows, numbers: {ts_start, duration_us}}: FlowTable): Span | null {
  if (rows === 0) return null;
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < rows; i++) {
    if (ts_start[i] < from) from = ts_start[i];
    if (ts_start[i] + duration_us[i] > to) to = ts_start[i] + duration_us[i];
  }
  return {from, to: to + 1};
}

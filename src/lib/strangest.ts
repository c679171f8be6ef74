import type {FlowTable} from "./flow-table.js";
import type {Selection} from "./selection.js";

/** What orders flows from the strangest down, in SQL; {@link strangest} gives the same rows. */
export const strangestOrder = "v.anomaly_score DESC NULLS LAST, f.ts_start, f.flow_id";

/** The rows with the highest anomaly scores, at most so many, without sorting all; flows without a score are left out. */
export function strangest({numbers: {anomaly_score}}: FlowTable, {rows}: Selection, most: number): number[] {
  const best: number[] = [];
  for (const row of rows) {
    const score = anomaly_score[row];
    if (Number.isNaN(score) || (best.length === most && score <= anomaly_score[best[most - 1]])) continue;
    let at = best.length;
    while (at > 0 && anomaly_score[best[at - 1]] < score) at--;
    best.splice(at, 0, row);
    if (best.length > most) best.pop();
  }
  return best;
}

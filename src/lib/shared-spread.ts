import type {DimensionName} from "./dimensions.js";
import type {MeasureName} from "./measures.js";
import type {Asked} from "./question.js";
import {type SqlContext, toSql} from "./sql.js";

const groups: readonly DimensionName[] = ["service", "proto"];
const sums: readonly MeasureName[] = ["packets", "bytes", "src_packets", "dst_packets", "src_bytes", "dst_bytes"];

/**
 * A question whose flows are spread over time, in two parts: what the charts of a page all ask (the sums of each bucket, service and
 * protocol, of the table `selected`), and what this one asks of it (`records`). To spread flows costs far more than to add up their
 * sums. Null where the sums do not have what is asked.
 */
export function sharedSpread(
  {question, filter, grid}: Asked,
  context: SqlContext
): {made: string; rest: string} | null {
  const {time, only, count, order, by, measures} = question;
  const isShared = by.every((name) => groups.includes(name)) && measures.every((name) => sums.includes(name));
  if (time !== "spread" || !grid || only || count || order || !isShared) return null;
  const spread = {name: "spread", title: "", by: groups, measures: sums, time} as const;
  const columns = ["ts_us", ...by];
  const positions = columns.map((_, k) => k + 1);
  return {
    made: toSql({question: spread, filter, grid}, {...context, isSelected: true}),
    rest: `SELECT ${[...columns, ...measures.map((name) => `SUM(${name}) AS ${name}`)].join(", ")}
FROM records
GROUP BY ${positions.join(", ")}
ORDER BY ${positions.map((position) => `${position} NULLS LAST`).join(", ")}`
  };
}

import type {Spelling} from "../../schema/engine.js";
import type {Filter} from "./filter.js";
import type {TimeGrid} from "./question.js";
import {duckdbSpelling, oneOf, spreadSql} from "./sql.js";

/**
 * Packets received and lost per time bucket as one SQL statement over the lake's table `parts` and view `loss`: a row a
 * bucket that lost some, of the captures that did. {@link lossByTime} gives the same.
 */
export function lossSql(filter: Filter, grid: TimeGrid, spelling: Spelling = duckdbSpelling): string {
  const start = spelling.epochUs("ts_start");
  const duration = `${spelling.epochUs("ts_end")} - ${start}`;
  const of = filter.captures ? `\n    AND ${oneOf("capture_sha256", filter.captures)}` : "";
  const lossy = `WHERE capture_sha256 IN (SELECT capture_sha256 FROM loss)${of}`;
  const {from, to} = filter;
  const inside = [
    ...(to === undefined ? [] : [`start_us < ${to}`]),
    ...(from === undefined ? [] : [`(start_us >= ${from} OR start_us + duration_us > ${from})`])
  ];
  const counted = ["received", "interface", "kernel", "pipe", "evicted"].map(
    (layer) => `COALESCE(SUM(CASE WHEN layer = '${layer}' THEN packets * share END), 0) AS ${layer}`
  );
  return `WITH counted AS (
  SELECT 'received' AS layer, ${start} AS start_us, ${duration} AS duration_us, packets FROM parts
  ${lossy}
  UNION ALL
  SELECT 'evicted' AS layer, ${start} AS start_us, ${duration} AS duration_us, evicted_flows AS packets FROM parts
  ${lossy}
  UNION ALL
  SELECT layer, ${start} AS start_us, ${duration} AS duration_us, packets FROM loss
  ${lossy}
),
chosen AS (
  SELECT * FROM counted${inside.length ? `\n  WHERE ${inside.join("\n    AND ")}` : ""}
),
${spreadSql(filter, grid, spelling)},
sums AS (
  SELECT bucket_us AS ts_us, ${counted.join(",\n    ")}
  FROM spread
  GROUP BY 1
)
SELECT * FROM sums
WHERE interface + kernel + pipe > 0
ORDER BY ts_us`;
}

import type {Dialect} from "../../schema/engine.ts";
import {rowsOfGroups} from "./rows-of-groups.ts";

/**
 * A column: packets of a flow per window of `windowMs`, as if they came evenly over its duration. A flow shorter than a
 * window counts whole in the window of its start.
 */
export function packetsPerWindow(packets: string, windowMs: number): string {
  return `(${packets} * ${windowMs}e0 / greatest(${windowMs}e0, CAST(duration_us AS DOUBLE) / 1000e0))`;
}

/**
 * A subquery: the windows of `from` (with `ts_start`, `ts_end`) in which `having` holds, one row per `keys` and window,
 * with `figures`, `ts_start`, `ts_end`, `flows`. Column `episode` numbers them: an episode goes on as long as such
 * windows follow within `gapMs`. `first`: a condition on windows, of figures that cost little, that is asked before the rest.
 */
export function hotWindows(
  dialect: Dialect,
  options: {
    readonly from: string;
    readonly keys: readonly string[];
    readonly figures: string;
    readonly having: string;
    readonly windowMs: number;
    readonly gapMs: number;
    readonly first?: string;
  }
): string {
  const {from, keys, figures, having, windowMs, gapMs, first} = options;
  const key = keys.join(", ");
  const over = `OVER (PARTITION BY ${key} ORDER BY window_no`;
  const steps = Math.max(1, Math.round(gapMs / windowMs));
  const numbered = `(SELECT s.*, CAST(floor(CAST(${dialect.epochMs("s.ts_start")} AS DOUBLE) / ${windowMs}) AS BIGINT) AS window_no
          FROM ${from} s)`;
  return `(SELECT n.*, sum(is_first) ${over} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS episode
    FROM (SELECT h.*, CASE WHEN window_no - lag(window_no) ${over}) <= ${steps} THEN 0 ELSE 1 END AS is_first
      FROM (SELECT ${key}, window_no, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, ${figures}
        FROM ${first === undefined ? numbered : rowsOfGroups(numbered, [...keys, "window_no"], first)} w
        GROUP BY ${key}, window_no HAVING ${having}) h) n)`;
}

import type {Dialect} from "../../schema/engine.ts";

/**
 * A subquery: the rows of `from` (with `ts_start` and `flow_id`) with two columns more, `at_ms` (ms since 1970) and
 * `session`. Among rows with equal `keys` a session goes on as long as one row starts within `gapMs` after another, so
 * that an incident is one session, wherever windows of the clock would cut it.
 */
export function sessions(dialect: Dialect, from: string, keys: readonly string[], gapMs: number): string {
  const over = `OVER (PARTITION BY ${keys.join(", ")} ORDER BY at_ms, flow_id`;
  return `(SELECT m.*, sum(is_first) ${over} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session
    FROM (SELECT t.*, CASE WHEN at_ms - lag(at_ms) ${over}) <= ${gapMs} THEN 0 ELSE 1 END AS is_first
      FROM (SELECT s.*, ${dialect.epochMs("s.ts_start")} AS at_ms FROM ${from} s) t) m)`;
}

import type {Dialect} from "../../schema/engine.ts";
import {duckdbSpelling} from "../../src/lib/sql.js";

/** DuckDB's spelling of what engines spell differently. */
export const duckdbDialect: Dialect = {
  ...duckdbSpelling,
  name: "duckdb",
  bucket: (timestamp, widthUs) =>
    `time_bucket(to_microseconds(${whole(widthUs)}), ${timestamp}, TIMESTAMP '1970-01-01 00:00:00')`,
  quantile: (expression, q) => `quantile_disc(${expression}, ${Number(q)})`,
  ratio: (dividend, divisor) => `(CAST(${dividend} AS DOUBLE) / NULLIF(${divisor}, 0))`,
  epochMs: (timestamp) => `epoch_ms(${timestamp})`
};

function whole(widthUs: number): number {
  if (!Number.isSafeInteger(widthUs) || widthUs <= 0)
    throw new Error(`bucket width: expected a positive whole number of µs, found ${widthUs}`);
  return widthUs;
}

import {captureColumns} from "../../schema/captures.ts";
import type {Column} from "../../schema/column.ts";
import {quoted} from "../../schema/ddl.ts";

/**
 * A query for one row per capture from the rows of its parts (`rows`: a query): counts summed, times at their ends,
 * and what is said in words as the part says that was sealed last.
 */
export function onePerCapture(rows: string): string {
  const columns = (captureColumns as readonly Column[]).map(({name, type}) => {
    const column = quoted(name);
    if (name === "capture_sha256") return column;
    if (name === "first_ts") return `min(${column}) AS ${column}`;
    if (type === "TIMESTAMP" || name === "file_bytes") return `max(${column}) AS ${column}`;
    if (type === "BIGINT") return `CAST(sum(${column}) AS BIGINT) AS ${column}`;
    return `arg_max(${column}, imported_at) AS ${column}`;
  });
  return `SELECT ${columns.join(", ")} FROM (${rows}) GROUP BY capture_sha256`;
}

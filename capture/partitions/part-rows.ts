import {columnList} from "../../schema/ddl.ts";
import {partColumns} from "../../schema/parts.ts";

/**
 * A query for the rows of `parts` that sealed parts stand for by their own rows of `captures` (`rows`: a query): only of
 * merged ones are they kept apart. A file without packets has no time and no row.
 */
export function partRows(rows: string): string {
  return `SELECT ${columnList(partColumns)} FROM (
    SELECT * EXCLUDE (first_ts, last_ts, imported_at), coalesce(first_ts, imported_at) AS ts_start,
      coalesce(last_ts, imported_at) AS ts_end, imported_at AS sealed_at
    FROM (${rows}) WHERE first_ts IS NOT NULL OR format LIKE 'live/%')`;
}

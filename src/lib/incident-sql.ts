import type {Filter} from "./filter.js";
import {literal, oneOf} from "./sql.js";

/** How many incidents of medium severity or more pass a filter: what the headline counts with `incidentsOf`. */
export function graveCountSql({from, to, host, captures, incident}: Filter): string {
  const conditions = [
    "state <> 'merged'",
    oneOf("severity", ["medium", "high"]),
    ...(from === undefined ? [] : [`ts_end >= make_timestamp(${from})`]),
    ...(to === undefined ? [] : [`ts_start < make_timestamp(${to})`]),
    ...(host === undefined ? [] : [`(src_ip = ${literal(host)} OR dst_ip = ${literal(host)})`]),
    ...(captures ? [oneOf("capture_sha256", captures)] : []),
    ...(incident === undefined ? [] : [`incident_id = ${literal(incident)}`])
  ];
  return `SELECT CAST(count(*) AS BIGINT) AS incidents\nFROM incidents\nWHERE ${conditions.join("\n  AND ")}`;
}

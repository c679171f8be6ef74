/** Where packets are lost, from the wire to the flows, with their column of `parts`. */
const layers = [
  ["interface", "interface_drops"],
  ["kernel", "kernel_drops"],
  ["pipe", "pipe_drops"]
] as const;

/**
 * A view over `parts`: a row per capture, layer and stretch of time in which that layer lost packets. A layer that tells
 * only now and then (dumpcap: at its end) lost them at any time since it last told, so that its stretch spans the parts
 * in between; `received` counts the packets of these.
 */
export const lossView = {
  name: "loss",
  sql: layers.map(([layer, column]) => layerSql(layer, column)).join("\nUNION ALL\n")
};

function layerSql(layer: string, column: string): string {
  // Parts that were told nothing are of the next one that was; after the last one nobody knows.
  return `SELECT capture_sha256, '${layer}' AS layer, MIN(ts_start) AS ts_start, MAX(ts_end) AS ts_end,
  CAST(SUM(${column}) AS BIGINT) AS packets, CAST(SUM(packets) AS BIGINT) AS received
FROM (
  SELECT p.*, COUNT(${column}) OVER (PARTITION BY capture_sha256 ORDER BY sealed_at, ts_end
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - CASE WHEN ${column} IS NULL THEN 0 ELSE 1 END AS told
  FROM parts AS p
) AS stretches
GROUP BY capture_sha256, told
HAVING SUM(${column}) > 0`;
}

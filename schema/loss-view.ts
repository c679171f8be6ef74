/** Where packets are lost, from the wire to the flows, with their column of `parts`. */
const layers = [
  ["interface", "interface_drops"],
  ["kernel", "kernel_drops"],
  ["pipe", "pipe_drops"]
] as const;

/**
 * A view over `parts`: one row per capture, layer and period of time in which that layer lost packets. Some layers report
 * drops rarely (dumpcap only when it ends). The drops happened at any time since the last report, so the period covers all
 * parts since then; `received` counts the packets of these parts.
 */
export const lossView = {
  name: "loss",
  sql: layers.map(([layer, column]) => layerSql(layer, column)).join("\nUNION ALL\n")
};

function layerSql(layer: string, column: string): string {
  // Parts without a report belong to the next part with one; drops after the last report are unknown.
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

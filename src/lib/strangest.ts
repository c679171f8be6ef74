/** What orders flows from the strangest down, in SQL; those without a score come last. */
export const strangestOrder = "v.anomaly_score DESC NULLS LAST, f.ts_start, f.flow_id";

/** Where a flow is suspicious. Its verdict need not be known for that, and to join it costs more than all the rest of a question. */
export const isGraveSql = "i.severity IN ('medium', 'high')";

/** What is said of a flow, be it scored or not; as `verdicts.state` for those that are. Of `verdicts AS v` and `flow_incidents AS i`. */
export const stateSql = `CASE WHEN ${isGraveSql} THEN 'suspicious' WHEN v.is_anomaly THEN 'unusual'
    WHEN v.label IS NULL THEN 'not_judged' ELSE 'normal' END`;

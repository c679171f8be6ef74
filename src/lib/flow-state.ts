/** What is said of a flow, be it scored or not; as `verdicts.state` for those that are. Of `verdicts AS v` and `flow_incidents AS i`. */
export const stateSql = `CASE WHEN i.severity IN ('medium', 'high') THEN 'suspicious' WHEN v.is_anomaly THEN 'unusual'
    WHEN v.label IS NULL THEN 'not_judged' ELSE 'normal' END`;

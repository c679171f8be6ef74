/** What users may set of the comparison with the lake's past. */
export interface AnomalySettings {
  /** Share of flows like those of the past that count as anomalous. */
  readonly rate: number;
  /** The past is what began in this period, ISO 8601 `FROM/TO`; null: all that was there before. */
  readonly baseline: string | null;
}

export const anomalyDefaults: AnomalySettings = {rate: 0.01, baseline: null};

/** The settings `anomaly_rate` and `anomaly_baseline` (empty: none); throws a RangeError that says what was expected. */
export function anomalySettingsOf(rate: number, baseline: string): AnomalySettings {
  if (!(rate > 0 && rate <= 0.5))
    throw new RangeError(`anomaly_rate: expected a share above 0 and at most 0.5, found ${rate}`);
  if (baseline === "") return {rate, baseline: null};
  const times = baseline.split("/").map((text) => Date.parse(text));
  if (times.length !== 2 || !(times[0] < times[1]))
    throw new RangeError(
      `anomaly_baseline: expected a period as 2026-11-01T00:00:00Z/2026-11-08T00:00:00Z, found ${baseline}`
    );
  return {rate, baseline: times.map((time) => new Date(time).toISOString()).join("/")};
}

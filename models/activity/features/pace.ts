import {cv, greatest, mean, quantile, shareOf, sorted, std} from "../statistics.ts";
import {type FeatureGroup, intervalsOf, log} from "./group.ts";

const described = {
  span_share: "Time between the first and the last start / 60 s.",
  rate: `Flows per second of that time (1 s at least), ${log}.`,
  interval_mean: "Interval between starts in s, ln(0.001 + it); of the mean.",
  interval_median: "The same of the median.",
  interval_cv: "Coefficient of variation of the intervals between starts.",
  burst_share: "Share of intervals below 10 ms.",
  slow_share: "Share of intervals above 1 s.",
  busiest_second_share: "Share of flows that start in the second with most.",
  active_seconds: "Seconds of the window in which a flow starts / 60.",
  duration_mean: "Duration of a flow in s, ln(0.001 + it); mean.",
  duration_std: "The same; standard deviation.",
  short_share: "Share of flows shorter than 50 ms.",
  long_share: "Share of flows longer than 10 s.",
  overlap: `Durations together / time from the first start to the last end (1 s at least), ${log}.`
};

/** When the flows started, and how long they lasted. */
export const pace: FeatureGroup<keyof typeof described> = {
  described,
  compute({flows, rows, scratch}) {
    const {start, durationUs} = flows;
    const n = rows.length;
    const first = start[rows[0]];
    const span = (start[rows[n - 1]] - first) / 1e6;
    const duration = scratch.take(n);
    const seconds = scratch.take(61);
    const count = {short: 0, long: 0};
    let lasted = 0;
    let end = 0;
    for (let i = 0; i < n; i++) {
      const row = rows[i];
      const s = durationUs[row] / 1e6;
      duration[i] = Math.log(0.001 + s);
      if (s < 0.05) count.short++;
      else if (s > 10) count.long++;
      lasted += s;
      seconds[Math.min(60, Math.floor((start[row] - first) / 1e6))]++;
      end = Math.max(end, start[row] + durationUs[row]);
    }
    const intervals = intervalsOf(flows, rows, scratch);
    return {
      span_share: span / 60,
      rate: Math.log1p(n / Math.max(1, span)),
      interval_mean: Math.log(0.001 + mean(intervals)),
      interval_median: Math.log(0.001 + quantile(sorted(intervals, scratch), 0.5)),
      interval_cv: cv(intervals),
      burst_share: shareOf(intervals, (s) => s < 0.01),
      slow_share: shareOf(intervals, (s) => s > 1),
      busiest_second_share: greatest(seconds) / n,
      active_seconds: shareOf(seconds, (started) => started > 0) * (61 / 60),
      duration_mean: mean(duration),
      duration_std: std(duration),
      short_share: count.short / n,
      long_share: count.long / n,
      overlap: Math.log1p(lasted / Math.max(1, (end - first) / 1e6))
    };
  }
};

import {formatCount} from "./format.js";

/** What an anomaly rate is measured against, in words. */
export function anomalyNote(
  past: {
    readonly rate: number;
    readonly flows: number;
    readonly captures: number;
    readonly isOfItself: boolean;
    readonly baseline: string | null;
  } | null
): string {
  if (past === null)
    return "Anomalous flows among scored flows, by start time. There are too few flows to compare with.";
  const {rate, flows, captures, isOfItself, baseline} = past;
  const of = `${formatCount(flows)} flows of ${formatCount(captures)} ${captures === 1 ? "capture" : "captures"}`;
  const what = isOfItself
    ? `The lake had no earlier flows, so these flows are compared with themselves (${of}).`
    : `Compared with the lake's past${baseline === null ? "" : ` from ${baseline.replace("/", " to ")}`} (${of}).`;
  return `${what} Among flows like the past ones ${(100 * rate).toFixed(rate < 0.01 ? 1 : 0)} % are anomalous; of 100 time buckets 99 stay below the dashed line (in the blue band, where a rate can also be too low); rates beyond it are solid.`;
}

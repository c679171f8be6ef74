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
  if (past === null) return "Anomalous among scored flows, by start; too few flows are there to compare with.";
  const {rate, flows, captures, isOfItself, baseline} = past;
  const of = `${formatCount(flows)} flows of ${formatCount(captures)} ${captures === 1 ? "capture" : "captures"}`;
  const what = isOfItself
    ? `Nothing was there before: these flows are compared with themselves (${of}).`
    : `Compared with the lake's past${baseline === null ? "" : ` from ${baseline.replace("/", " to ")}`} (${of}).`;
  return `${what} Of flows like them ${(100 * rate).toFixed(rate < 0.01 ? 1 : 0)} % are anomalous; the grey band has 99 of 100 such stretches.`;
}

import {mean, quantile, shareOf, sorted, std} from "../statistics.ts";
import type {FeatureGroup, SourceFlows} from "./group.ts";

const described = {
  odds_mean: "Log-odds of the flow classifier against Normal, within ±9; mean of the flows it judges, 0 without any.",
  odds_std: "Their standard deviation.",
  odds_min: "Their least.",
  odds_p10: "Their 10th percentile.",
  odds_median: "Their median.",
  odds_p90: "Their 90th percentile.",
  odds_max: "Their greatest.",
  odds_positive_share: "Share of flows that are likelier an attack than Normal.",
  odds_sure_share: "Share of flows with log-odds above 3.",
  top_endpoint_odds: "Mean log-odds at the top endpoint."
};

const mostOdds = 9;

/** Log-odds against Normal of a flow whose probability of Normal is that. */
export function oddsAgainst(normal: number): number {
  return Math.max(-mostOdds, Math.min(mostOdds, Math.log((1 - normal) / normal)));
}

/** What the flow classifier says of the flows. */
export const odds: FeatureGroup<keyof typeof described> = {
  described,
  compute(source) {
    const all = oddsOf(source, source.rows);
    const ordered = sorted(all, source.scratch);
    return {
      odds_mean: mean(all),
      odds_std: std(all),
      odds_min: ordered.length > 0 ? ordered[0] : 0,
      odds_p10: quantile(ordered, 0.1),
      odds_median: quantile(ordered, 0.5),
      odds_p90: quantile(ordered, 0.9),
      odds_max: ordered.length > 0 ? ordered[ordered.length - 1] : 0,
      odds_positive_share: shareOf(all, (value) => value > 0),
      odds_sure_share: shareOf(all, (value) => value > 3),
      top_endpoint_odds: mean(oddsOf(source, source.topRows))
    };
  }
};

/** Log-odds against Normal of the rows that were judged. */
function oddsOf({flows: {probabilities}, labels, scratch}: SourceFlows, rows: Int32Array): Float64Array {
  const normal = labels.indexOf("Normal");
  const values = scratch.take(rows.length);
  let judged = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = probabilities[rows[i] * labels.length + normal];
    if (!Number.isNaN(value)) values[judged++] = oddsAgainst(value);
  }
  return values.subarray(0, judged);
}

/** Writes the mean probability of each class over the rows that were judged; zeros without any. */
export function meanProbabilities(
  {flows: {probabilities}, rows, labels: {length: labels}, scratch}: SourceFlows,
  out: Float32Array,
  at: number
): void {
  const totals = scratch.take(labels);
  let judged = 0;
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * labels;
    if (Number.isNaN(probabilities[from])) continue;
    for (let c = 0; c < labels; c++) totals[c] += probabilities[from + c];
    judged++;
  }
  for (let c = 0; c < labels; c++) out[at + c] = judged > 0 ? totals[c] / judged : 0;
}

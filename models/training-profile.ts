import {existsSync, readFileSync} from "node:fs";

/** How one feature is spread among flows: the share of them in each bin. */
export interface FeatureSpread {
  readonly name: string;
  /** Values that part the bins, ascending; a bin holds what is above the edge before it, up to and with its own. */
  readonly edges: readonly number[];
  /** Shares of the flows by bin: one more than edges; they add up to 1. */
  readonly shares: readonly number[];
}

/** What ordinary flows were like that a model learnt from: `spread/NAME.json` below its card, as `flowbook train` writes it. */
export interface TrainingProfile {
  readonly format: "flowbook-training-profile-1";
  /** What it was made from, in words. */
  readonly origin: string;
  readonly flows: number;
  readonly captures: number;
  readonly features: readonly FeatureSpread[];
}

/** Bins of a feature at most. */
const bins = 10;

/**
 * The spread of values into ten bins of about equal weight; values that many flows share have a bin of their own, which
 * parts as the values do. `weights`: what each value counts.
 */
export function spreadOf(name: string, values: Float32Array, weights: Float64Array): FeatureSpread {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  let total = 0;
  for (const weight of weights) total += weight;
  const edges: number[] = [];
  const shares: number[] = [];
  let [sum, below] = [0, 0];
  for (const [at, i] of order.entries()) {
    sum += weights[i];
    const next = order[at + 1];
    if (next === undefined || values[next] === values[i] || sum < ((edges.length + 1) * total) / bins - 1e-9) continue;
    // The bin that the sum has reached: equal values may fill several.
    if (sum - below < total / (2 * bins)) continue;
    edges.push(values[i]);
    shares.push((sum - below) / total);
    below = sum;
    if (edges.length === bins - 1) break;
  }
  return {name, edges, shares: [...shares, (total - below) / total].map((share) => Number(share.toFixed(6)))};
}

/** Reads a training profile; null where there is none of this version. */
export function readTrainingProfile(path: string): TrainingProfile | null {
  if (!existsSync(path)) return null;
  try {
    const profile = JSON.parse(readFileSync(path, "utf8")) as TrainingProfile;
    return profile.format === "flowbook-training-profile-1" ? profile : null;
  } catch {
    return null;
  }
}

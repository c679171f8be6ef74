/** Shares of a feature's bins as the past had them; a share that is only known to lie within bounds has two. */
export interface ExpectedShares {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Below this share a bin counts as this, so that an empty one gives a large index and not an infinite one. */
const leastShare = 0.0005;

/**
 * Population stability index of observed counts against expected shares: the sum over bins of (o − e) ln(o / e). Below 0.1
 * little changed, from 0.25 on much did (Siddiqi 2006). Where an expected share is known within bounds, the one nearest to
 * what was observed counts, so that the index is at least this. Null without a count.
 */
export function stabilityIndex(counts: readonly number[], {low, high}: ExpectedShares): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  return counts.reduce((sum, count, k) => {
    const observed = Math.max(count / total, leastShare);
    const expected = Math.max(Math.min(Math.max(observed, low[k]), high[k]), leastShare);
    return sum + (observed - expected) * Math.log(observed / expected);
  }, 0);
}

/** What the index is on average where nothing changed, of so many flows in so many bins. */
export function stabilityNoise(flows: number, bins: number): number {
  return flows === 0 ? 0 : (bins - 1) / flows;
}

/** Deciles as bins: equal ones are one bin, whose share is known within a tenth. */
export function expectedOfDeciles(deciles: readonly number[]): ExpectedShares & {readonly edges: readonly number[]} {
  const edges: number[] = [];
  /** The share at or below an edge lies between these. */
  const atMost: [number, number][] = [];
  for (const [k, value] of deciles.entries()) {
    const parts = deciles.length + 1;
    if (edges.at(-1) === value) atMost[atMost.length - 1] = [(k + 1) / parts, (k + 2) / parts];
    else {
      edges.push(value);
      atMost.push([(k + 1) / parts, (k + 1) / parts]);
    }
  }
  const bounds: [number, number][] = [[0, 0], ...atMost, [1, 1]];
  const low = bounds.slice(1).map(([from], k) => Math.max(0, from - bounds[k][1]));
  const high = bounds.slice(1).map(([, to], k) => to - bounds[k][0]);
  return {edges, low, high};
}

/** How much a feature changed, in a word. */
export type DriftLevel = "steady" | "shifted" | "changed";

export function driftLevel(index: number): DriftLevel {
  return index < 0.1 ? "steady" : index < 0.25 ? "shifted" : "changed";
}

/** One feature of the lake's flows beside a past. */
export interface DriftedFeature {
  readonly name: string;
  readonly doc: string;
  /** Values that part the bins. */
  readonly edges: readonly number[];
  /** Shares that the past had. */
  readonly expected: ExpectedShares;
  /** Flows of the lake by bin. */
  readonly counts: readonly number[];
  /** The same by stretch of time: stretches × bins. */
  readonly byTime: readonly (readonly number[])[];
}

/** The lake's flows beside what a model learnt from, or beside the lake's own past; `data/drift.json`. */
export interface Drift {
  /** Flows that were looked at: judged ones in no incident of medium severity or more, at most a sample. */
  readonly flows: number;
  /** All of them. */
  readonly ofFlows: number;
  /** Stretches of time with about as many flows each, in µs since 1970. */
  readonly stretches: readonly {readonly from: number; readonly to: number; readonly flows: number}[];
  readonly pasts: readonly DriftPast[];
}

export interface DriftPast {
  readonly name: "training" | "lake";
  /** What it was made of, in words. */
  readonly origin: string;
  readonly features: readonly DriftedFeature[];
}

/** How a feature of ours compares with the reference's over the flows that both have. */
export interface FeatureFigures {
  readonly name: string;
  /** Flows that both have with a number. */
  readonly compared: number;
  /** Of these, flows whose values agree within the tolerance. */
  readonly equal: number;
  /** The same over the flows that both cut alike: of the same duration and packets. */
  readonly comparedSame: number;
  readonly equalSame: number;
  /** Median of |a − b| / max(|a|, |b|) over the flows that differ; null where none does. */
  readonly medianDifference: number | null;
  /** How often a value lies in each bin, at both. */
  readonly bins: readonly FeatureBin[];
}

/** Values from `from` to below `to`; a bin of a single value has both the same, the last bin includes its end. */
export interface FeatureBin {
  readonly from: number;
  readonly to: number;
  readonly ours: number;
  readonly theirs: number;
}

/** One capture of the comparison: nothing of it is kept but these figures. */
export interface CapturePair {
  readonly name: string;
  readonly captureSha256: string;
  readonly referenceSha256: string;
  readonly packets: number;
  /** Flows of ours, rows of the reference, and the pairs of the same five-tuple and start. */
  readonly flows: number;
  readonly rows: number;
  readonly matched: number;
  /** Rows of the reference without a partner, by IP protocol number. */
  readonly unpaired: Readonly<Record<string, number>>;
  /** Of the pairs, those of the same duration and packets. */
  readonly sameExtent: number;
}

/** What `npm run conformance` measured. */
export interface ConformanceFigures {
  /** Day of the measurement. */
  readonly made: string;
  readonly meter: string;
  readonly reference: string;
  /** Largest relative difference of values that count as equal. */
  readonly tolerance: number;
  readonly captures: readonly CapturePair[];
  readonly features: readonly FeatureFigures[];
}

/** What a feature is, for its reader. */
export interface FeatureText {
  readonly name: string;
  readonly name2017: string;
  readonly unit: string | null;
  readonly formula: string;
  readonly sql: string;
  /** How the original differs; null where it does not. */
  readonly original: string | null;
  /** How its corrected version, the reference here, still differs; null where it does not. */
  readonly corrected: string | null;
  /** What our value lacks; null where it lacks nothing. */
  readonly missing: string | null;
  /** Works that say so, by key of `sources`. */
  readonly sources: readonly string[];
}

/** `data/conformance.json`: what the page shows. */
export interface Conformance {
  readonly figures: ConformanceFigures;
  readonly features: readonly FeatureText[];
  /** What is different about the flows themselves, a sentence or two each. */
  readonly flowNotes: readonly string[];
  /** The works cited, by key. */
  readonly sources: Readonly<Record<string, string>>;
}

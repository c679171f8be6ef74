/** What was said with about the same probability, and how often it was right. */
export interface ReliabilityBin {
  readonly confidence: number;
  readonly right: number;
  readonly rows: number;
}

export interface Reliability {
  /** By probability, without empty ones. */
  readonly bins: readonly ReliabilityBin[];
  /** Brier score: mean square of probability minus outcome (1 right, 0 wrong); null without any. */
  readonly brier: number | null;
  /** Expected calibration error: mean distance of a bin's probability from its share that is right, weighted by its rows. */
  readonly calibrationError: number | null;
}

const bins = 10;

/** How often `n` statements were right, by the probability they were made with, in ten bins of equal width. */
export function reliabilityOf(
  n: number,
  probability: (i: number) => number,
  isRight: (i: number) => boolean
): Reliability {
  const all = Array.from({length: bins}, () => ({confidence: 0, right: 0, rows: 0}));
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const confidence = probability(i);
    const right = isRight(i) ? 1 : 0;
    const bin = all[Math.min(bins - 1, Math.floor(confidence * bins))];
    bin.rows++;
    bin.confidence += confidence;
    bin.right += right;
    squares += (confidence - right) ** 2;
  }
  const filled = all
    .filter(({rows}) => rows > 0)
    .map(({confidence, right, rows}) => ({
      confidence: rounded(confidence / rows),
      right: rounded(right / rows),
      rows
    }));
  const distance = filled.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right) * bin.rows, 0);
  return {
    bins: filled,
    brier: n === 0 ? null : rounded(squares / n),
    calibrationError: n === 0 ? null : rounded(distance / n)
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

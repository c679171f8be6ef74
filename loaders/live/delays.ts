/** Steps of about 5 % from 1 ms to a day: percentiles are known to that. */
const steps = 375;
const ratio = 1.05;

/** Delays in ms, collected in a table of fixed size. */
export class Delays {
  readonly #counts = new Float64Array(steps);
  count = 0;

  add(ms: number, times = 1): void {
    this.#counts[stepOf(ms)] += times;
    this.count += times;
  }

  /** The upper end of the step that holds the percentile (0 to 1), in ms; null without values. */
  percentile(share: number): number | null {
    if (this.count === 0) return null;
    let below = 0;
    for (let step = 0; step < steps; step++) {
      below += this.#counts[step];
      if (below >= share * this.count) return Math.round(ratio ** step);
    }
    return null;
  }
}

function stepOf(ms: number): number {
  return Math.min(steps - 1, Math.max(0, Math.ceil(Math.log(Math.max(1, ms)) / Math.log(ratio))));
}

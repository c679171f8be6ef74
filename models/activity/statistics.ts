/** Counts how often each of some numbers occurs, and numbers the distinct ones as they come. */
export class Tally {
  /** For each number added its group: 0 for the first distinct one, 1 for the next. */
  readonly group: Int32Array;
  #added = 0;
  readonly #groups = new Map<number, number>();
  readonly #counts: number[] = [];

  /** For so many numbers at most. */
  constructor(most: number) {
    this.group = new Int32Array(most);
  }

  add(value: number): void {
    let group = this.#groups.get(value);
    if (group === undefined) {
      group = this.#counts.length;
      this.#groups.set(value, group);
      this.#counts.push(0);
    }
    this.#counts[group]++;
    this.group[this.#added++] = group;
  }

  /** Distinct numbers. */
  get size(): number {
    return this.#counts.length;
  }

  /** How often each occurs. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** The group that occurs most often; of several the first. */
  get mostGroup(): number {
    let best = 0;
    for (let k = 1; k < this.#counts.length; k++) if (this.#counts[k] > this.#counts[best]) best = k;
    return best;
  }

  /** How often that occurs. */
  get most(): number {
    return this.#counts[this.mostGroup];
  }
}

/** Entropy of the counts divided by the greatest that so many numbers can have; 0 for one number. */
export function entropyShare({counts}: Tally): number {
  let total = 0;
  for (const count of counts) total += count;
  if (total < 2) return 0;
  let entropy = 0;
  for (const count of counts) entropy -= (count / total) * Math.log(count / total);
  return entropy / Math.log(total);
}

/** Mean; 0 without values. */
export function mean(values: Float64Array): number {
  if (values.length === 0) return 0;
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}

/** Population standard deviation; 0 without values. */
export function std(values: Float64Array): number {
  if (values.length === 0) return 0;
  const middle = mean(values);
  let total = 0;
  for (const value of values) total += (value - middle) ** 2;
  return Math.sqrt(total / values.length);
}

/** Coefficient of variation: standard deviation / mean; 0 where the mean is 0. */
export function cv(values: Float64Array): number {
  const middle = mean(values);
  return middle === 0 ? 0 : std(values) / middle;
}

/** Quantile of sorted values by linear interpolation (type 7 of Hyndman and Fan 1996); 0 without values. */
export function quantile(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return 0;
  const place = (sorted.length - 1) * q;
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

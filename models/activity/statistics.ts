/** Pieces of memory up to so many numbers are kept as they were cut. */
const mostShort = 64;

/**
 * Memory that one activity after another is described in: to allocate some forty arrays for each would cost more than to
 * fill them.
 */
export class Scratch {
  readonly #kept: Float64Array[] = [];
  /** The first numbers of each of them, by their count: most activities are small, and so are made for them once. */
  readonly #short: Float64Array[][] = [];
  #taken = 0;

  /** Zeros, valid until the next `clear`. */
  take(length: number): Float64Array {
    const number = this.#taken++;
    if (!(this.#kept[number]?.length >= length)) {
      this.#kept[number] = new Float64Array(Math.max(mostShort, 2 * length));
      this.#short[number] = [];
    }
    const kept = this.#kept[number];
    if (length > mostShort) return kept.subarray(0, length).fill(0);
    this.#short[number][length] ??= kept.subarray(0, length);
    return this.#short[number][length].fill(0);
  }

  clear(): void {
    this.#taken = 0;
  }
}

/** Counts how often each of some whole numbers occurs, and numbers the distinct ones as they come. */
export class Tally {
  /** For each number added its group: 0 for the first distinct one, 1 for the next. */
  readonly group: Float64Array;
  /** How often each group's number occurs; beyond `size` zeros. */
  readonly counts: Float64Array;
  /** Distinct numbers. */
  size = 0;
  #added = 0;
  /** Open addressing: a group's number + 1 in each place that is taken. */
  readonly #places: Float64Array;
  readonly #values: Float64Array;

  /** For so many numbers at most. */
  constructor(most: number, scratch: Scratch) {
    this.group = scratch.take(most);
    this.counts = scratch.take(most);
    this.#values = scratch.take(most);
    this.#places = scratch.take(2 ** (32 - Math.clz32(Math.max(1, most))) * 2);
  }

  add(value: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let at = Math.imul((value | 0) ^ ((value / 4_294_967_296) | 0), 0x9e3779b1);
    at = (at ^ (at >>> 15)) & mask;
    while (places[at] !== 0 && this.#values[places[at] - 1] !== value) at = (at + 1) & mask;
    if (places[at] === 0) {
      this.#values[this.size] = value;
      places[at] = ++this.size;
    }
    const group = places[at] - 1;
    this.counts[group]++;
    this.group[this.#added++] = group;
  }

  /** The group that occurs most often; of several the first. */
  get mostGroup(): number {
    let best = 0;
    for (let k = 1; k < this.size; k++) if (this.counts[k] > this.counts[best]) best = k;
    return best;
  }

  /** How often that occurs. */
  get most(): number {
    return this.counts[this.mostGroup];
  }
}

/** Entropy of the counts divided by the greatest that so many numbers can have; 0 for one number. */
export function entropyShare({counts, size}: Tally): number {
  let total = 0;
  for (let k = 0; k < size; k++) total += counts[k];
  if (total < 2) return 0;
  let entropy = 0;
  for (let k = 0; k < size; k++) entropy -= (counts[k] / total) * Math.log(counts[k] / total);
  return entropy / Math.log(total);
}

/** Mean; 0 without values. */
export function mean(values: Float64Array): number {
  if (values.length === 0) return 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total / values.length;
}

/** Population standard deviation; 0 without values. */
export function std(values: Float64Array): number {
  if (values.length === 0) return 0;
  const middle = mean(values);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += (values[i] - middle) * (values[i] - middle);
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

/** A sorted copy. */
export function sorted(values: Float64Array, scratch: Scratch): Float64Array {
  const copy = scratch.take(values.length);
  copy.set(values);
  return copy.sort();
}

/** The greatest value; 0 without values above it. */
export function greatest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  return most;
}

/** All values together. */
export function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Share of the values of which something holds; 0 without values. */
export function shareOf(values: Float64Array, holds: (value: number) => boolean): number {
  if (values.length === 0) return 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) if (holds(values[i])) count++;
  return count / values.length;
}

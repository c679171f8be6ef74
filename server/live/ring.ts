/** Values with the number of the message they belong to, the oldest forgotten beyond a cap. */
export class Ring<T> {
  #entries: {at: number; value: T}[] = [];
  readonly #cap: number;

  constructor(cap: number) {
    this.#cap = cap;
  }

  push(at: number, value: T): void {
    this.#entries.push({at, value});
    // Now and then only: moving all of them costs.
    if (this.#entries.length > this.#cap * 1.25) this.#entries = this.#entries.slice(-this.#cap);
  }

  /** Values of the messages after the first number up to the second, oldest first. */
  between(after: number, upTo: number): T[] {
    const found: T[] = [];
    const least = Math.max(0, this.#entries.length - this.#cap);
    for (let k = this.#entries.length - 1; k >= least && this.#entries[k].at > after; k--)
      if (this.#entries[k].at <= upTo) found.push(this.#entries[k].value);
    return found.reverse();
  }
}

/** Values by a key, the ones longest unchanged forgotten beyond a cap. */
export class KeyedRing<T> {
  readonly #entries = new Map<string, {at: number; value: T}>();
  readonly #cap: number;

  constructor(cap: number) {
    this.#cap = cap;
  }

  set(at: number, key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, {at, value});
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#cap) break;
      this.#entries.delete(oldest);
    }
  }

  /** Values last changed in the messages after the first number up to the second, the one changed last at the end. */
  between(after: number, upTo: number): T[] {
    return [...this.#entries.values()].filter(({at}) => at > after && at <= upTo).map(({value}) => value);
  }
}

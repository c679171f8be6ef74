/** Objects that await their next use: what lives as long as a flow costs more to collect than to use again. */
export class Pool<Item> {
  readonly #items: Item[] = [];
  readonly #limit: number;

  /** At most `limit` objects wait; more are left to the garbage collector. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** One that waited, undefined where none does. */
  take(): Item | undefined {
    return this.#items.pop();
  }

  give(item: Item): void {
    if (this.#items.length < this.#limit) this.#items.push(item);
  }
}

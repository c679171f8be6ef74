/** Stretches in which the interface of a capture was down: the capture program goes on and says nothing of them. */
export class LinkGaps {
  readonly #name: string;
  readonly #isUp: () => boolean | null;
  #downSinceMs: number | null = null;

  /** `isUp`: null where nobody knows. */
  constructor(name: string, isUp: () => boolean | null) {
    this.#name = name;
    this.#isUp = isUp;
  }

  /** Looks again at that wall clock (ms since 1970); returns what is to be told of the change, and what is to be kept. */
  look(nowMs: number): {warning: string; gap: string | null} | null {
    const isUp = this.#isUp();
    if (isUp === false && this.#downSinceMs === null) {
      this.#downSinceMs = nowMs;
      return {warning: `interface ${this.#name} is down: no packets are captured until it is up again`, gap: null};
    }
    if (isUp !== true || this.#downSinceMs === null) return null;
    const gap = `${this.#words()} to ${time(nowMs)}`;
    this.#downSinceMs = null;
    return {warning: gap, gap};
  }

  /** The gap that goes on at the end of the capture; null without one. */
  end(): string | null {
    return this.#downSinceMs === null ? null : this.#words();
  }

  #words(): string {
    return `interface ${this.#name} was down from ${time(this.#downSinceMs ?? 0)}`;
  }
}

const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

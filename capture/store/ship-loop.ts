import type {ObjectStore} from "./object-store.ts";
import type {Shipper} from "./shipper.ts";

export interface ShipLoopOptions {
  readonly shipper: Pick<Shipper, "ship">;
  readonly store: ObjectStore;
  /** Between two rounds when nothing calls for one, in ms. */
  readonly everyMs?: number;
  /** Before the first attempt after a failure, in ms; doubled with each up to `mostMs`. */
  readonly leastMs?: number;
  readonly mostMs?: number;
  /** Told when the store goes away and when it is back, once each. */
  readonly onChange: (words: string) => void;
}

/** Sends what is sealed, round after round, while a capture goes on. A store that is away is asked again and again. */
export class ShipLoop {
  readonly #options: Required<ShipLoopOptions>;
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  #failures = 0;
  #isAgain = false;
  #isClosed = false;
  readonly #stop = new AbortController();

  constructor(options: ShipLoopOptions) {
    this.#options = {everyMs: 30_000, leastMs: 1000, mostMs: 30_000, ...options};
  }

  /** Begins a round soon: something was sealed. While the store is away the next attempt waits for its time. */
  poke(): void {
    if (this.#isClosed) return;
    if (this.#round) this.#isAgain = true;
    else if (this.#failures === 0) this.#begin();
  }

  /** Tries until all is sent, `patienceMs` at most; true where it is. */
  async finish(patienceMs: number): Promise<boolean> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#round;
    const end = setTimeout(() => this.#stop.abort(), patienceMs);
    try {
      for (;;) {
        await this.#try();
        if (this.#failures === 0) return true;
        if (this.#stop.signal.aborted) return false;
        await pause(this.#waitMs(), this.#stop.signal);
        if (this.#stop.signal.aborted) return false;
      }
    } finally {
      clearTimeout(end);
    }
  }

  #begin(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isAgain = false;
    this.#round = this.#try().then(() => {
      this.#round = null;
      if (this.#isClosed) return;
      if (this.#failures === 0 && this.#isAgain) return this.#begin();
      this.#timer = setTimeout(() => this.#begin(), this.#failures > 0 ? this.#waitMs() : this.#options.everyMs);
      // The capture decides how long the process lives.
      this.#timer.unref();
    });
  }

  async #try(): Promise<void> {
    const {shipper, store, onChange} = this.#options;
    try {
      await shipper.ship(store, this.#stop.signal);
      if (this.#failures > 0) onChange("the store is back: all parts are sent");
      this.#failures = 0;
    } catch (error) {
      if (this.#failures++ === 0 && !this.#stop.signal.aborted)
        onChange(`parts wait on this disk: ${(error as Error).message}`);
    }
  }

  #waitMs(): number {
    const {leastMs, mostMs} = this.#options;
    return Math.min(mostMs, leastMs * 2 ** (this.#failures - 1));
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      {once: true}
    );
  });
}

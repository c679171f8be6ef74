import {Readable} from "node:stream";

export interface BodyPatience {
  /** Between two pieces that its reader takes. */
  readonly stallMs: number;
  /** From the first to the last. */
  readonly mostMs: number;
}

/** An answer as its reader takes it; one who takes nothing, or too long, is let go. */
export class AnswerBody extends Readable {
  readonly #held: Buffer[];
  readonly #next: () => Promise<Buffer | null>;
  readonly #stallMs: number;
  readonly #late: NodeJS.Timeout | undefined;
  #stall: NodeJS.Timeout | undefined;

  /** `held` comes first, then what `next` gives until it is null. */
  constructor(held: readonly Buffer[], next: () => Promise<Buffer | null>, {stallMs, mostMs}: BodyPatience) {
    super({highWaterMark: 64 * 1024});
    this.#held = [...held];
    this.#next = next;
    this.#stallMs = stallMs;
    if (Number.isFinite(mostMs)) this.#late = setTimeout(() => this.#letGo(mostMs), mostMs).unref();
    this.#await();
  }

  override _read(): void {
    clearTimeout(this.#stall);
    const held = this.#held.shift();
    if (held) this.#give(held);
    else
      this.#next().then(
        (piece) => this.#give(piece),
        (error) => this.destroy(error as Error)
      );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#stall);
    clearTimeout(this.#late);
    done(error);
  }

  #give(piece: Buffer | null): void {
    if (!this.push(piece)) this.#await();
  }

  #await(): void {
    this.#stall = setTimeout(() => this.#letGo(this.#stallMs), this.#stallMs).unref();
  }

  #letGo(afterMs: number): void {
    this.destroy(new Error(`its reader took too little of it in ${afterMs / 1000} s`));
  }
}

import {retryAfterMs} from "./retry.js";

/** `away`: the server does not answer. `refused`: it answers, but does not know this browser (any more). */
export type ConnectionState = "connecting" | "connected" | "away" | "refused";

/** The server speaks every second: without a word for so long it counts as away. */
export const patienceMs = 2500;
/** A page looks so often; so it says within three seconds that the server is away. */
export const lookEveryMs = 500;

/** Whether a page hears its server, and when to connect again. Times are in ms of a clock that is never set. */
export class Connection {
  state: ConnectionState = "connecting";
  #heardMs: number;
  #triedMs: number;
  /** Tries in vain since it last heard. */
  #tries = 0;

  constructor(nowMs: number) {
    this.#heardMs = nowMs;
    this.#triedMs = nowMs;
  }

  heard(nowMs: number): void {
    this.state = "connected";
    this.#heardMs = nowMs;
    this.#tries = 0;
  }

  /** The stream broke. */
  lose(): void {
    if (this.state !== "refused") this.state = "away";
  }

  /** What the server answered when it was asked why. */
  answered(status: number | null): void {
    if (this.state !== "connected") this.state = status === 401 ? "refused" : "away";
  }

  /** The reader came back to the page, and may have logged in meanwhile: the next try is due soon. */
  hurry(): void {
    this.#tries = 0;
  }

  /** Looks at the clock; true where it is time to connect again. */
  look(nowMs: number): boolean {
    if (nowMs - this.#heardMs < patienceMs) return false;
    this.lose();
    if (nowMs - this.#triedMs < retryAfterMs(this.#tries, this.state === "refused")) return false;
    this.#tries++;
    this.#triedMs = nowMs;
    return true;
  }

  /** Starts anew after a while in which nobody listened. */
  begin(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#triedMs = nowMs;
    this.#tries = 0;
  }
}

import type {EventEmitter} from "node:events";
import {type ExitCode, exit} from "./verb.ts";

/** How SIGINT and SIGTERM end a capture: the first asks it to, the second ends the process at once. */
export class EndingSignals {
  readonly #stop = new AbortController();
  #code: ExitCode | null = null;
  #isOver = false;

  constructor(from: Pick<EventEmitter, "on">, exitNow: (code: ExitCode) => void) {
    const onSignal = () => {
      if (this.#isOver || this.#stop.signal.aborted) exitNow(this.#code ?? exit.interrupted);
      this.#stop.abort();
    };
    from.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Something failed: whatever signal comes while the rest is closed, the process ends with this code. */
  fail(code: ExitCode): void {
    this.#code = code;
  }

  /** All is closed: should the process still not end, one signal does it, with the code that was due. */
  over(code: ExitCode): void {
    this.#code ??= code;
    this.#isOver = true;
  }
}

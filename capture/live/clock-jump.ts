/** A clock that was set back by more than this is noticed; ms. */
const setBackMs = 2000;

/** Notices that the wall clock was set back, and holds it until packets of the time before have come. */
export class ClockJump {
  #wallMs = Number.NEGATIVE_INFINITY;
  #atMs: number | null = null;

  look(wallMs: number, steadyMs: number): void {
    if (wallMs < this.#wallMs - setBackMs) this.#atMs = steadyMs;
    this.#wallMs = wallMs;
  }

  /** True once, `settleMs` after it was set back. */
  isBack(steadyMs: number, settleMs: number): boolean {
    if (this.#atMs === null || steadyMs - this.#atMs < settleMs) return false;
    this.#atMs = null;
    return true;
  }
}

import {setTimeout as sleep} from "node:timers/promises";
import type {Jobs} from "./jobs.ts";

/** Between two renewals that nobody asked for, this many times as long as the last one took: a capture seals parts all the time. */
const restFactor = 2;

/** Renewals of what is stale, without anybody asking for them. */
export interface Renewals {
  /** Something changed: renews, also what changes while a renewal runs; between two of them it rests. */
  want(): void;
  /** As `want`, without a rest before it: what changed last is complete now, and somebody waits to see it. */
  hurry(): void;
  end(): void;
}

/** Waits so many ms, less where the signal comes before. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<unknown>;

const pauseByClock: Pause = (ms, signal) => sleep(ms, undefined, {ref: false, signal}).catch(() => {});

/** `now`: a clock that is never set, in ms. */
export function renewWhenStale(
  jobs: Pick<Jobs, "idle" | "states" | "renew">,
  now: () => number,
  pause = pauseByClock
): Renewals {
  let isWanted = false;
  let isHurried = false;
  let isAtWork = false;
  let isOver = false;
  let wake: AbortController | null = null;
  const work = async () => {
    isAtWork = true;
    while (isWanted && !isOver) {
      await jobs.idle();
      isWanted = false;
      isHurried = false;
      if (!(await isStale(jobs))) continue;
      const begun = now();
      jobs.renew(false);
      await jobs.idle();
      if (!isHurried) await rest(restFactor * (now() - begun));
    }
    isAtWork = false;
  };
  const rest = async (ms: number) => {
    wake = new AbortController();
    await pause(ms, wake.signal);
    wake = null;
  };
  const want = () => {
    isWanted = true;
    if (!isAtWork) void work();
  };
  return {
    want,
    hurry() {
      isHurried = true;
      want();
      wake?.abort();
    },
    end() {
      isOver = true;
    }
  };
}

/** What cannot be told, as while a package's file is being replaced, is told at the next change: it ends no server. */
async function isStale(jobs: Pick<Jobs, "states">): Promise<boolean> {
  try {
    return (await jobs.states()).some(({freshness}) => freshness !== "fresh");
  } catch (error) {
    console.error(`flowbook: results were not renewed: ${(error as Error).message}`);
    return false;
  }
}

import {expect, it} from "vitest";
import type {ResultState} from "../../loaders/results/freshness.ts";
import {type Pause, renewWhenStale} from "../../server/renewals.ts";

/** Jobs that always find something stale; a renewal takes 100 ms of their clock and ends when it is told to. */
function staleJobs() {
  let clock = 5000;
  let begun = 0;
  let ended = 0;
  let finish: (() => void) | null = null;
  let busy: Promise<void> | null = null;
  const pauses: {ms: number; signal: AbortSignal; end: () => void}[] = [];
  const pause: Pause = (ms, signal) =>
    new Promise<void>((end) => {
      pauses.push({ms, signal, end});
      signal.addEventListener("abort", () => end());
    });
  return {
    now: () => clock,
    pause,
    pauses,
    count: () => [begun, ended],
    finish() {
      clock += 100;
      finish?.();
    },
    renew() {
      begun++;
      busy = new Promise((done) => {
        finish = () => {
          ended++;
          busy = null;
          done();
        };
      });
      return null;
    },
    async idle() {
      while (busy) await busy;
    },
    states: async () => [{freshness: "stale"} as ResultState]
  };
}

it("renewals rest twice as long as the last one took, and what was wanted meanwhile comes after the rest", async () => {
  const jobs = staleJobs();
  const {want, end} = renewWhenStale(jobs, jobs.now, jobs.pause);
  want();
  await expect.poll(jobs.count).toEqual([1, 0]);
  want();
  jobs.finish();
  await expect.poll(() => jobs.pauses.map(({ms}) => ms)).toEqual([200]);
  expect(jobs.count()).toEqual([1, 1]);
  jobs.pauses[0].end();
  await expect.poll(jobs.count).toEqual([2, 1]);
  end();
  jobs.finish();
});

it("a hurried renewal ends the rest before it, or has none", async () => {
  const jobs = staleJobs();
  const {want, hurry, end} = renewWhenStale(jobs, jobs.now, jobs.pause);
  want();
  await expect.poll(jobs.count).toEqual([1, 0]);
  jobs.finish();
  await expect.poll(() => jobs.pauses.length).toBe(1);
  hurry();
  await expect.poll(jobs.count).toEqual([2, 1]);
  expect(jobs.pauses[0].signal.aborted).toBe(true);
  hurry();
  jobs.finish();
  await expect.poll(jobs.count).toEqual([3, 2]);
  expect(jobs.pauses.length).toBe(1);
  jobs.finish();
  await expect.poll(() => jobs.pauses.length).toBe(2);
  end();
});

it("states that cannot be told end nothing: the next change is seen", async () => {
  const jobs = staleJobs();
  let tries = 0;
  const states = async () => {
    if (++tries === 1) throw new Error("package-lock.json is being written");
    return jobs.states();
  };
  const {want, end} = renewWhenStale({...jobs, states}, jobs.now, jobs.pause);
  want();
  await expect.poll(() => tries).toBe(1);
  await new Promise(setImmediate);
  want();
  await expect.poll(jobs.count).toEqual([1, 0]);
  end();
  jobs.finish();
});

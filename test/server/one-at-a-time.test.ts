import {expect, it} from "vitest";
import {oneAtATime} from "../../server/one-at-a-time.ts";

it("a crowd costs two runs, and who asks while one goes on gets what was made after they asked", async () => {
  let [runs, state] = [0, "old"];
  const release: (() => void)[] = [];
  const asked = oneAtATime(async () => {
    const [run, seen] = [++runs, state];
    if (run <= 2) await new Promise<void>((resolve) => release.push(resolve));
    if (run === 3) throw new Error("it failed");
    return `${run} ${seen}`;
  });
  const first = asked();
  await Promise.resolve();
  state = "new";
  const crowd = Array.from({length: 100}, () => asked());
  while (runs < 2) {
    release.shift()?.();
    await new Promise(setImmediate);
  }
  release.shift()?.();
  expect([await first, new Set(await Promise.all(crowd)), runs]).toEqual(["1 old", new Set(["2 new"]), 2]);
  // One that failed is not remembered.
  await expect(asked()).rejects.toThrow("it failed");
  expect(await asked()).toBe("4 new");
});

import {expect, it} from "vitest";
import {retryAfterMs} from "../../src/lib/retry.ts";

it("a page asks a server in vain less and less often, and one that refuses it once a minute", () => {
  const tries = [0, 1, 2, 3, 4, 10, 5000];
  expect(tries.map((n) => retryAfterMs(n, false))).toEqual([1500, 3000, 6000, 12_000, 12_000, 12_000, 12_000]);
  expect(tries.map((n) => retryAfterMs(n, true))).toEqual([1500, 3000, 6000, 12_000, 24_000, 60_000, 60_000]);
});

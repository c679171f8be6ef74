import {expect, it} from "vitest";
import {fullBar} from "../../src/lib/full-bar.ts";

it("a full bar is the largest value, and the sum of several that are all as large", () => {
  expect(fullBar([5, 3, 1], 5)).toBe(5);
  expect(fullBar([1, 1, 1, 1], 1)).toBe(4);
  expect(fullBar([7], 7)).toBe(7);
  expect(fullBar([2, 2], 8)).toBe(8);
  expect(fullBar([], 1)).toBe(1);
});

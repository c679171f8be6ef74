import {describe, expect, it} from "vitest";
import {shareOf} from "../../src/lib/selection.ts";
import {gridFor, windowOf} from "../../src/lib/time-grid.ts";
import {randomFrom} from "./random-filter.ts";

describe("a time grid", () => {
  it("begins at a whole multiple of a width that reads well", () => {
    const from = Date.UTC(2025, 10, 21, 10, 3, 17) * 1000;
    expect(gridFor({from, to: from + 3600e6}, 120)).toEqual({
      originUs: Date.UTC(2025, 10, 21, 10, 3, 0) * 1000,
      widthUs: 60e6,
      count: 61
    });
  });

  it("covers its span with no more buckets than asked for (seed 7)", () => {
    const random = randomFrom(7);
    for (let n = 0; n < 2000; n++) {
      const from = Math.floor(random() * 2e15);
      const span = {from, to: from + 1 + Math.floor(10 ** (random() * 16))};
      const buckets = 2 + Math.floor(random() * 300);
      const {originUs, widthUs, count} = gridFor(span, buckets);
      expect(count).toBeLessThanOrEqual(buckets);
      expect(originUs).toBeLessThanOrEqual(span.from);
      expect(originUs + count * widthUs).toBeGreaterThanOrEqual(span.to);
      expect(Number.isSafeInteger(originUs) && Number.isSafeInteger(widthUs)).toBe(true);
    }
  });

  it("a window is never empty", () => {
    expect(windowOf({from: 10, to: 20}, {})).toEqual({from: 10, to: 20});
    expect(windowOf({from: 10, to: 20}, {from: 30})).toEqual({from: 30, to: 31});
  });
});

describe("the share of a flow in a window", () => {
  it("is the part of its duration that lies inside", () => {
    expect(shareOf(0, 100, 25, 75)).toBe(0.5);
    expect(shareOf(0, 100, -50, 500)).toBe(1);
    expect(shareOf(0, 100, 100, 200)).toBe(0);
  });

  it("of a flow without duration is all or nothing, by its start", () => {
    expect(shareOf(10, 0, 10, 20)).toBe(1);
    expect(shareOf(20, 0, 10, 20)).toBe(0);
  });
});

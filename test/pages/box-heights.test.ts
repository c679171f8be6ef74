import {describe, expect, it} from "vitest";
import {boxHeights} from "../../src/lib/box-heights.ts";
import {randomFrom} from "./random-filter.ts";

describe("heights of boxes", () => {
  const lines = (count: number, least: number) => Array<number>(count).fill(least);

  it("are the shares of the values where all are high enough for a name", () => {
    expect(boxHeights([60, 30, 10], lines(3, 17), 400)).toEqual([240, 120, 40]);
  });

  it("raise small ones to what they need, which the others give by their shares", () => {
    expect(boxHeights([900, 99, 1], lines(3, 20), 220)).toEqual([180, 20, 20]);
    expect(boxHeights([3, 1, 0], lines(3, 20), 120)).toEqual([75, 25, 20]);
    expect(boxHeights([97, 3], [17, 51], 420)).toEqual([369, 51]);
  });

  it("grant the first ones what they need as far as there is room, and leave the others their shares", () => {
    const [first, second, ...others] = boxHeights([50, 1, 1, 1], lines(4, 17), 40);
    expect(second).toBe(17);
    expect(first).toBeCloseTo((23 * 50) / 52, 9);
    for (const other of others) expect(other).toBeCloseTo(23 / 52, 9);
  });

  it("are all of the height, in the order of the values", () => {
    const random = randomFrom(3);
    for (let n = 0; n < 200; n++) {
      const values = Array.from({length: 1 + Math.floor(random() * 30)}, () => Math.exp(random() * 12)).sort(
        (a, b) => b - a
      );
      const height = 10 + random() * 500;
      const heights = boxHeights(values, lines(values.length, 17), height);
      expect(heights.reduce((sum, own) => sum + own, 0)).toBeCloseTo(height, 6);
      expect(heights.every((own, at) => at === 0 || own <= heights[at - 1] + 1e-9)).toBe(true);
    }
  });
});

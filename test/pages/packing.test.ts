import {expect, it} from "vitest";
import {packed} from "../../src/lib/packing.ts";

const half = (height: number) => ({columns: 6, height});
const third = (height: number) => ({columns: 4, height});
const wide = (height: number) => ({columns: 12, height});
const at = (column: number, top: number, height: number) => ({column, top, height});

it("cards beside a long one follow one another without a hole", () => {
  expect(packed([half(500), half(100), half(200), half(168)], 16)).toEqual([
    at(0, 0, 500),
    at(6, 0, 100),
    at(6, 116, 200),
    at(6, 332, 168)
  ]);
});

it("a card is made longer up to what comes below it or to the board's end, unless the hole is a large one", () => {
  expect(packed([half(300), half(250), wide(100)], 16)).toEqual([at(0, 0, 300), at(6, 0, 300), at(0, 316, 100)]);
  expect(packed([half(300), half(250)], 16)[1].height).toBe(300);
  expect(packed([half(400), half(150)], 16)[1].height).toBe(150);
  expect(packed([half(230), half(70)], 16)[1].height).toBe(230);
});

it("thirds and halves share the twelve columns; a card lies below all that it would cover", () => {
  expect(packed([third(100), third(120), third(100), half(50), half(50)], 10)).toEqual([
    at(0, 0, 120),
    at(4, 0, 120),
    at(8, 0, 120),
    at(0, 130, 50),
    at(6, 130, 50)
  ]);
  expect(packed([], 16)).toEqual([]);
});

it("a card of little to say fills a hole, or comes last", () => {
  const little = {...half(60), isAside: true};
  expect(packed([half(100), little, half(400), wide(50)], 16)).toEqual([
    at(0, 0, 100),
    at(0, 116, 60),
    at(6, 0, 400),
    at(0, 416, 50)
  ]);
  expect(packed([little, half(100), wide(50)], 16).slice(0, 1)).toEqual([at(6, 0, 100)]);
  expect(packed([half(100), half(90), little, wide(50)], 16)[2]).toEqual(at(0, 182, 60));
});

it("a card of little to say stands beside one that would be alone on its line", () => {
  const little = {...half(60), isAside: true};
  expect(packed([wide(50), little, half(100), wide(50)], 16)).toEqual([
    at(0, 0, 50),
    at(6, 66, 100),
    at(0, 66, 100),
    at(0, 182, 50)
  ]);
  expect(packed([little, wide(50)], 16)).toEqual([at(0, 66, 60), at(0, 0, 50)]);
});

it("no two cards overlap, however high they are", () => {
  const heights = [120, 31, 400, 77, 260, 12, 90, 333];
  const cards = heights.map((height, k) => ({columns: [6, 4, 12, 6, 6, 4, 4, 4][k], height}));
  const placed = packed(cards, 16);
  for (const [a, one] of placed.entries())
    for (const [b, other] of placed.entries()) {
      if (a >= b) continue;
      const beside = one.column + cards[a].columns <= other.column || other.column + cards[b].columns <= one.column;
      const apart = one.top + one.height + 16 <= other.top || other.top + other.height + 16 <= one.top;
      expect(beside || apart).toBe(true);
    }
});

import {expect, it} from "vitest";
import {fewOf} from "../../src/lib/few-of.ts";

it("lists are told up to the third word, and then by how many more there are", () => {
  expect([0, 1, 4, 5].map((length) => fewOf(["a", "b", "c", "d", "e"].slice(0, length), ", "))).toEqual([
    "",
    "a",
    "a, b, c, d",
    "a, b, c, 2 more"
  ]);
});

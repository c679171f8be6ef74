import {expect, it} from "vitest";
import {binomialBand} from "../../src/lib/binomial-band.ts";

it("the band of a binomial distribution is that of tables", () => {
  // R: qbinom(c(0.005, 0.995), n, 0.01)
  expect(binomialBand(0, 0.01)).toEqual([0, 0]);
  expect(binomialBand(10, 0.01)).toEqual([0, 1]);
  expect(binomialBand(100, 0.01)).toEqual([0, 4]);
  expect(binomialBand(1000, 0.01)).toEqual([3, 19]);
  expect(binomialBand(100_000, 0.01)).toEqual([920, 1082]);
});

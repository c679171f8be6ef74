import {describe, expect, it} from "vitest";
import {conformance} from "../../loaders/conformance/conformance.ts";
import {cicFeatures, cicSources, cicStatistics} from "../../schema/cicflowmeter.ts";
import {bins, type CicRow, compareFeature, difference, matchRows} from "./compare.ts";

const row = (port: number, time: string, rest: Record<string, string | number> = {}): CicRow => ({
  "Src IP": "10.0.0.1",
  "Src Port": port,
  "Dst IP": "10.0.0.2",
  "Dst Port": 80,
  Protocol: 6,
  Timestamp: `2025-03-11 15:16:${time}`,
  "Flow Duration": 10,
  "Total Fwd Packet": 1,
  "Total Bwd packets": 1,
  ...rest
});

describe("comparing with a reference", () => {
  it("pairs rows of one five-tuple and start, also where the reference leaves zeros of the time away", () => {
    const [a, b, c] = [row(1, "18.067000"), row(2, "18.067001"), row(1, "19.000000")];
    const theirs = [row(1, "19"), row(1, "18.067"), row(2, "18.067002")];
    expect(matchRows([a, b, c], theirs)).toEqual([
      [a, theirs[1]],
      [c, theirs[0]]
    ]);
  });

  it("puts a row into one pair at most", () => {
    expect(matchRows([row(1, "18.1"), row(1, "18.1")], [row(1, "18.1")])).toHaveLength(1);
  });

  it("counts what agrees, also apart for flows cut alike, and takes the median of what differs", () => {
    const pair = (ours: number, theirs: number | string, more = {}) =>
      [row(1, "18.1", {"Idle Max": ours}), row(1, "18.1", {"Idle Max": theirs, ...more})] as const;
    const pairs = [
      pair(1000, "1000.0"),
      pair(1_000_000, "1000000.9"),
      pair(1_000_000, 1_000_002),
      pair(50, 100),
      pair(0, 7, {"Flow Duration": 11}),
      pair(3, "NaN"),
      pair(3, "")
    ];
    expect(compareFeature("Idle Max", pairs)).toMatchObject({
      compared: 5,
      equal: 2,
      comparedSame: 4,
      equalSame: 2,
      medianDifference: 0.5
    });
    expect(compareFeature("Idle Max", pairs.slice(0, 1)).medianDifference).toBeNull();
  });

  it("takes a difference relative to the larger value", () => {
    expect([difference(0, 0), difference(0, 5), difference(-1, 1), difference(3, 4)]).toEqual([0, 1, 2, 0.25]);
  });

  it("has a bin a value where there are few, and loses no value where there are many", () => {
    expect(bins([0, 0, 3], [3, -1])).toEqual([
      {from: -1, to: -1, ours: 0, theirs: 1},
      {from: 0, to: 0, ours: 2, theirs: 0},
      {from: 3, to: 3, ours: 1, theirs: 1}
    ]);
    const many = Array.from({length: 100}, (_, i) => i * i);
    const spread = bins(many, many.slice(50));
    expect(spread.reduce((sum, {ours}) => sum + ours, 0)).toBe(100);
    expect(spread.reduce((sum, {theirs}) => sum + theirs, 0)).toBe(50);
    expect(spread[0]).toEqual({from: 0, to: 0, ours: 1, theirs: 0});
    expect(spread.slice(1).map(({from}) => from)).toEqual(
      [...spread.slice(1).map(({from}) => from)].sort((a, b) => a - b)
    );
  });
});

describe("the page's data on conformance", () => {
  const {features, figures, sources} = conformance();

  it("describe the 77 features, and measure all but the one that pairs are made by", () => {
    expect(features.map(({name}) => name)).toEqual(cicFeatures.map(({name}) => name));
    expect(features).toHaveLength(77);
    expect(figures.features.map(({name}) => name)).toEqual(cicStatistics.map(({name}) => name));
  });

  it("hold figures alone: of no feature more bins than values of one scale, of no flow its addresses", () => {
    expect(figures.features.every(({bins}) => bins.length <= 16)).toBe(true);
    expect(JSON.stringify(figures)).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
  });

  it("name a work for every mistake, and only works that are listed", () => {
    for (const {name, original, sources: said} of features) {
      expect([name, original === null || said.length > 0]).toEqual([name, true]);
      for (const key of said) expect(Object.keys(sources)).toContain(key);
    }
    expect(sources).toEqual(cicSources);
  });
});

import {describe, expect, it} from "vitest";
import {readTrainingProfile, spreadOf} from "../../models/training-profile.ts";
import {driftLevel, expectedOfDeciles, stabilityIndex} from "../../src/lib/drift.ts";
import {
  type LabIncident,
  labChanges,
  labFigures,
  labReliability,
  type ThresholdLab
} from "../../src/lib/threshold-lab.ts";

const even = {low: Array(4).fill(0.25), high: Array(4).fill(0.25)};

describe("the population stability index", () => {
  it("is 0 of the same shares, and of others what its formula says", () => {
    expect(stabilityIndex([10, 10, 10, 10], even)).toBe(0);
    const expected = 0.25 * Math.log(2) - 0.25 * Math.log(0.0005 / 0.25) + 0.0005 * Math.log(0.0005 / 0.25);
    expect(stabilityIndex([20, 10, 10, 0], even)).toBeCloseTo(expected, 12);
    expect(stabilityIndex([0, 0, 0, 0], even)).toBe(null);
  });

  it("takes the expected share that is nearest where it is only known within bounds", () => {
    expect(stabilityIndex([30, 70], {low: [0.2, 0.6], high: [0.4, 0.8]})).toBe(0);
    expect(stabilityIndex([50, 50], {low: [0.2, 0.6], high: [0.4, 0.8]})).toBeCloseTo(
      0.1 * Math.log(0.5 / 0.4) - 0.1 * Math.log(0.5 / 0.6),
      12
    );
  });

  it("has three levels", () => {
    expect([0, 0.1, 0.24, 0.25].map(driftLevel)).toEqual(["steady", "shifted", "shifted", "changed"]);
  });
});

describe("deciles as bins", () => {
  it("are ten of a tenth each, and fewer with bounds where some are equal", () => {
    const distinct = expectedOfDeciles([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([distinct.edges.length, distinct.low, distinct.high]).toEqual([
      9,
      distinct.low.map(() => expect.closeTo(0.1, 9)),
      distinct.high.map(() => expect.closeTo(0.1, 9))
    ]);
    const {edges, low, high} = expectedOfDeciles([0, 0, 0, 0, 0, 6, 7, 8, 9]);
    expect([edges, low, high]).toEqual([
      [0, 6, 7, 8, 9],
      [0.5, 0, 0.1, 0.1, 0.1, 0.1].map((share) => expect.closeTo(share, 9)),
      [0.6, 0.1, 0.1, 0.1, 0.1, 0.1].map((share) => expect.closeTo(share, 9))
    ]);
  });
});

describe("the spread of a training feature", () => {
  it("parts values where they differ, with the share of each bin", () => {
    const values = Float32Array.from([5, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    const {edges, shares} = spreadOf("x", values, new Float64Array(10).fill(1));
    expect([edges, shares]).toEqual([
      [0, 1, 2, 3, 4],
      [0.5, 0.1, 0.1, 0.1, 0.1, 0.1]
    ]);
  });

  it("is shipped for the classifier, is small, and adds up", () => {
    const profile = readTrainingProfile(new URL("../../models/spread/classifier.json", import.meta.url).pathname)!;
    expect(profile.features.length).toBe(48);
    for (const {edges, shares} of profile.features) {
      expect(shares.length).toBe(edges.length + 1);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
      expect([...edges].sort((a, b) => a - b)).toEqual(edges);
    }
  });
});

describe("figures of a threshold", () => {
  const incident = (id: string, ...isGrave: boolean[]) => ({id, isGrave, isKnown: true}) as unknown as LabIncident;
  const lab: ThresholdLab = {
    thresholds: [0.5, 0.9, 0.99],
    current: 1,
    activities: 10,
    suspicious: [5, 3, 1],
    incidents: [
      incident("a", true, true, true),
      incident("b", true, true, false),
      incident("c", true, false, false),
      incident("d", true, true, false)
    ]
  };
  const labels = {a: {label: "true"}, b: {label: "false"}, c: {label: "true"}, d: {label: "unknown"}} as const;

  it("are precision and recall of what is labelled, and leave out what nobody is sure of", () => {
    expect([0, 1, 2].map((at) => labFigures(lab, at, labels))).toMatchObject([
      {incidents: 4, right: 2, wrong: 1, precision: 2 / 3, recall: 1},
      {incidents: 3, right: 1, wrong: 1, precision: 1 / 2, recall: 1 / 2},
      {incidents: 1, right: 1, wrong: 0, precision: 1, recall: 1 / 2}
    ]);
    expect(labFigures(lab, 1, {})).toMatchObject({precision: null, recall: null});
  });

  it("are beside how often incidents are attacks, by their probability: those labelled alone", () => {
    const probabilities = [0.95, 0.92, 0.42, 0.9];
    const told = {...lab, incidents: lab.incidents.map((one, i) => ({...one, probability: probabilities[i]}))};
    expect(labReliability(told, labels)).toEqual({
      bins: [
        {confidence: 0.42, right: 1, rows: 1},
        {confidence: 0.935, right: 0.5, rows: 2}
      ],
      // (.05² + .92² + .58²) / 3 and (.58 + 2 · .435) / 3.
      brier: 0.3951,
      calibrationError: 0.4833
    });
    expect(labReliability(told, {})).toEqual({bins: [], brier: null, calibrationError: null});
  });

  it("are beside what is gained and lost", () => {
    const ids = (at: number) => Object.values(labChanges(lab, at)).map((list) => list.map(({id}) => id));
    expect([ids(0), ids(1), ids(2)]).toEqual([
      [["c"], []],
      [[], []],
      [[], ["b", "d"]]
    ]);
  });
});

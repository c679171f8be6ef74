import {describe, expect, it} from "vitest";
import type {LiveMessage, LiveState, LossSecond} from "../../schema/live/messages.ts";
import {
  keptSeconds,
  LiveModel,
  liveBuckets,
  liveGrid,
  liveWindow,
  lossyStretches,
  topDestinations,
  unknownStretches
} from "../../src/lib/live.ts";

type Second = LiveMessage["seconds"][number];

const second = (at: number, packets: number, destinations: Second["destinations"] = []): Second => ({
  second: at,
  volume: [packets, packets * 100],
  directions: [],
  kinds: [[packets, packets * 100]],
  newFlows: 0,
  destinations
});
const loss = (at: number, kernel: number | null, meter = 0): LossSecond => ({
  second: at,
  kernel,
  interface: null,
  pipe: null,
  meter,
  stalls: 0,
  malformed: 0,
  cut: 0
});
const message = (more: Partial<LiveMessage>): LiveMessage => ({
  isWhole: false,
  nowMs: 0,
  state: {phase: "running"} as LiveState,
  seconds: [],
  losses: [],
  scores: [],
  flows: [],
  packets: [],
  verdicts: [],
  incidents: null,
  ...more
});
const flow = (id: number) => ({id: String(id), start: id}) as LiveMessage["flows"][number];

describe("what a page knows of a live capture", () => {
  it("is as much after a day as after a quarter of an hour", () => {
    const model = new LiveModel();
    for (let at = 0; at < 86_400; at += 10)
      model.apply(
        message({
          seconds: Array.from({length: 10}, (_, n) => second(at + n, 1)),
          losses: [loss(at, 0)],
          flows: [flow(at), flow(at + 1)],
          packets: [{ts: at} as LiveMessage["packets"][number], {ts: at + 1} as LiveMessage["packets"][number]],
          verdicts: [{flow: String(at)} as LiveMessage["verdicts"][number]],
          scores: [{atMs: at, scored: 1, suspicious: 0, anomalyScored: 1, anomalous: 0}]
        })
      );
    const {seconds, losses, flows, packets, verdicts, scores} = model;
    expect([seconds.size, losses.size, flows.size, packets.length, verdicts.size, scores.length]).toEqual([
      keptSeconds,
      900,
      120,
      60,
      600,
      400
    ]);
    expect([model.lastSecond, [...seconds.keys()][0]]).toEqual([86_399, 85_500]);
  });

  it("is forgotten where a message holds all there is, and a second told twice counts once", () => {
    const model = new LiveModel();
    model.apply(message({seconds: [second(1, 5), second(2, 5)], flows: [flow(1)]}));
    model.apply(message({seconds: [second(2, 7)]}));
    expect([...model.seconds.values()].map(({volume}) => volume[0])).toEqual([5, 7]);
    model.apply(message({isWhole: true, seconds: [second(9, 1)]}));
    expect([[...model.seconds.keys()], model.flows.size]).toEqual([[9], 0]);
  });
});

describe("charts of a live capture", () => {
  const seconds = new Map([100, 101, 102, 107, 108].map((at) => [at, second(at, at - 99)] as const));

  it("have a value where a second is known, and none where no capture ran", () => {
    const grid = liveGrid({from: 99, to: 109}, 5);
    expect(grid.step).toBe(2);
    expect(liveBuckets(seconds, grid, ({volume}) => [volume[0]])).toEqual([
      {from: 100, to: 102, seconds: 2, sums: [3]},
      {from: 102, to: 104, seconds: 1, sums: [3]},
      {from: 106, to: 108, seconds: 1, sums: [8]},
      {from: 108, to: 109, seconds: 1, sums: [9]}
    ]);
    expect(unknownStretches(seconds, grid)).toEqual([
      {from: 99, to: 100},
      {from: 103, to: 107}
    ]);
  });

  it("show what is known in whole minutes until the window is full", () => {
    const model = new LiveModel();
    expect(liveWindow(model, 300)).toBe(null);
    model.apply(message({seconds: [second(1000, 1)]}));
    expect(liveWindow(model, 300)).toEqual({from: 941, to: 1001});
    model.apply(message({seconds: [second(1070, 1)]}));
    expect(liveWindow(model, 300)).toEqual({from: 951, to: 1071});
    expect(liveWindow(model, 60)).toEqual({from: 1011, to: 1071});
  });

  it("mark the stretches with loss, which unknown is not", () => {
    const losses = new Map(
      [loss(1, 0), loss(2, 3), loss(3, null, 1), loss(4, null), loss(6, 1)].map((l) => [l.second, l])
    );
    expect(lossyStretches(losses, {from: 0, to: 10})).toEqual([
      {from: 2, to: 4},
      {from: 6, to: 7}
    ]);
  });

  it("name the largest destinations, and what is left is told as others", () => {
    const known = new Map([
      [
        1,
        second(1, 10, [
          ["a", 4, 600],
          ["b", 2, 100]
        ])
      ],
      [2, second(2, 5, [["b", 5, 500]])]
    ]);
    expect(topDestinations(known, {from: 0, to: 3}, 1)).toEqual({
      top: [{address: "a", packets: 4, bytes: 600}],
      otherBytes: 900,
      bytes: 1500
    });
    expect(topDestinations(known, {from: 2, to: 3}, 5).top).toEqual([{address: "b", packets: 5, bytes: 500}]);
  });
});

import {describe, expect, it} from "vitest";
import {
  areOutside,
  busiestStretch,
  bySensor,
  type CaptureFacts,
  coveredSpans,
  farStretches,
  isLog,
  lossOf,
  summaryOf,
  unreadSentences
} from "../../src/lib/captures.ts";

const capture = (fields: Partial<CaptureFacts>): CaptureFacts => ({
  sha256: "00".repeat(32),
  path: "a.pcap",
  format: "pcap",
  fileBytes: 0,
  packets: 0,
  wireBytes: 0,
  cutPackets: 0,
  nonIpPackets: 0,
  arpPackets: 0,
  malformed: 0,
  duplicates: 0,
  misdated: 0,
  leftOut: 0,
  unreadPackets: 0,
  unread: {},
  flows: 0,
  evictedFlows: 0,
  kernelDrops: null,
  interfaceDrops: null,
  pipeDrops: null,
  dissectMalformed: null,
  dissectLost: null,
  firstTs: null,
  lastTs: null,
  problem: null,
  importedAt: 0,
  sensor: null,
  ...fields
});

it("the captures of a lake that several sensors fill are named by sensor; of one sensor nothing is said", () => {
  const captures = [
    capture({sha256: "1", sensor: "north"}),
    capture({sha256: "2", sensor: "east"}),
    capture({sha256: "3"}),
    capture({sha256: "4", sensor: "north"})
  ];
  expect(bySensor(captures)).toEqual([
    {sensor: "east", captures: ["2"]},
    {sensor: "north", captures: ["1", "4"]}
  ]);
  expect(bySensor([capture({})])).toEqual([]);
});

describe("what was lost", () => {
  it("adds up, and stays unknown where no capture knows", () => {
    const loss = lossOf([capture({kernelDrops: 3, malformed: 1}), capture({malformed: 2, problem: "ends early"})]);
    expect(loss).toMatchObject({kernelDrops: 3, interfaceDrops: null, malformed: 3, unknown: 1, partial: 1});
    expect(lossOf([]).kernelDrops).toBeNull();
  });
});

describe("a log of flows", () => {
  it("is told from captures by its format", () => {
    const formats = ["pcap", "pcapng.zst", "live/tcpdump", "zeek-conn.gz", "eve-flow", "netflow-v5", "cicflowmeter"];
    expect(formats.filter((format) => isLog({format}))).toEqual(formats.slice(3));
  });

  it("is counted apart, and nothing is said of packets that nobody read", () => {
    const log = capture({format: "zeek-conn", flows: 141, packets: 900});
    expect(summaryOf([log])).toBe("1 log of flows with 141 flows; no packets were read.");
    expect(summaryOf([capture({packets: 10, malformed: 1, kernelDrops: 2}), log, log])).toBe(
      "1 capture, 10 packets, and 2 lost; 1 malformed, 0 of link types that are not read. Also 2 logs of flows with 282 flows."
    );
    expect(summaryOf([])).toBe("");
  });
});

describe("packets that were not read", () => {
  it("are told by link type", () => {
    expect(unreadSentences(capture({packets: 812, unreadPackets: 812, unread: {"147": 812}}))).toEqual([
      "link type 147 (for private use) is not read: 0 of 812 packets"
    ]);
    expect(unreadSentences(capture({packets: 9, unreadPackets: 6, unread: {"189": 4, "187": 1, "299": 1}}))).toEqual([
      "link type 187 (Bluetooth HCI) is not read: 8 of 9 packets",
      "link type 189 (USB, Linux) is not read: 5 of 9 packets",
      "link type 299 is not read: 8 of 9 packets"
    ]);
    expect(unreadSentences(capture({packets: 5}))).toEqual([]);
  });
});

describe("the times that captures cover", () => {
  it("are joined where they overlap and leave the gaps", () => {
    const spans = coveredSpans([
      capture({firstTs: 50, lastTs: 60}),
      capture({firstTs: 0, lastTs: 10}),
      capture({firstTs: 5, lastTs: 20}),
      capture({})
    ]);
    expect(spans).toEqual([
      {from: 0, to: 20},
      {from: 50, to: 60}
    ]);
  });
});

describe("captures far apart in time", () => {
  const hour = 3600e6;
  const at = (firstTs: number, flows: number) => capture({firstTs, lastTs: firstTs + hour / 4, flows});

  it("are stretches of near ones, those with the most flows first", () => {
    const found = farStretches([at(0, 5), at(hour, 6), at(1000 * hour, 9), at(2000 * hour, 20)]);
    expect(found.map(({from, to, flows, captures}) => [from / hour, to, flows, captures.length])).toEqual([
      [2000, 2000.25 * hour + 1, 20, 1],
      [0, 1.25 * hour + 1, 11, 2],
      [1000, 1000.25 * hour + 1, 9, 1]
    ]);
  });

  it("of as many flows are ordered by packets", () => {
    const found = farStretches([at(0, 1), {...at(1000 * hour, 1), packets: 7941}]);
    expect(found.map(({from}) => from / hour)).toEqual([1000, 0]);
  });

  it("are none where a chart over all of them shows them, and captures without flows do not count", () => {
    expect(farStretches([at(0, 5), at(2 * hour, 5)])).toEqual([]);
    expect(farStretches([at(0, 5), at(1000 * hour, 0)])).toEqual([]);
    expect(farStretches([])).toEqual([]);
  });

  it("lift a window that has nothing of the chosen ones, and no other", () => {
    const [a, b] = [at(0, 5), {...at(1000 * hour, 5), sha256: "b"}];
    const isOutside = (captures: string[] | undefined, from?: number, to?: number) =>
      areOutside([a, b], {captures, from, to});
    expect(isOutside(["b"], 0, hour)).toBe(true);
    expect(isOutside(["b"], undefined, 1000 * hour)).toBe(true);
    expect(isOutside(["b"], 1000.25 * hour + 1)).toBe(true);
    expect(isOutside(["b"], 1000.25 * hour)).toBe(false);
    expect(isOutside([a.sha256, "b"], 0, hour)).toBe(false);
    expect(isOutside(["b"])).toBe(false);
    expect(isOutside(undefined, 0, hour)).toBe(false);
  });

  it("of which a host is shown where it has the most flows; nowhere where it has none", () => {
    const three = [0, 1000, 2000].map((hours, k) => ({...at(hours * hour, 9 - k), sha256: `${k}`}));
    const stretches = farStretches(three);
    const shown = (...flows: [string, number][]) => busiestStretch(stretches, new Map(flows));
    expect(shown(["1", 2], ["2", 7])?.from).toBe(2000 * hour);
    expect(shown(["2", 2], ["1", 2])?.from).toBe(1000 * hour);
    expect(shown()).toBeUndefined();
    expect(shown(["elsewhere", 5])).toBeUndefined();
  });
});

import {describe, expect, it} from "vitest";
import {featureSentence} from "../../../models/activity/features/words.ts";
import {activityFeatures, describeActivity, oddsAgainst} from "../../../models/activity/features.ts";
import {type ActivityFlows, scopeOf, scopes} from "../../../models/activity/flows.ts";
import {activitiesOf} from "../../../models/activity/windows.ts";

const labels = ["Normal", "PortScan"];

type Changed = "start" | "source" | "responder" | "dstPort" | "state" | "back" | "reply" | "normal";

/** TCP flows of one source, a second apart from second 60 on, with what is given. */
function flowsOf(count: number, change: (i: number) => Partial<Record<Changed, number>>): ActivityFlows {
  const of = (name: Changed, or: (i: number) => number) =>
    Array.from({length: count}, (_, i) => change(i)[name] ?? or(i));
  const fixed = (value: number) => new Float64Array(count).fill(value);
  return {
    rows: count,
    start: Float64Array.from(of("start", (i) => (60 + i) * 1e6)),
    durationUs: fixed(20_000),
    source: Float64Array.from(of("source", () => 1)),
    responder: Int32Array.from(of("responder", () => 2)),
    scope: new Uint8Array(count).fill(scopes.local),
    protocol: new Int16Array(count).fill(6),
    srcPort: Int32Array.from({length: count}, (_, i) => 40_000 + i),
    dstPort: Int32Array.from(of("dstPort", () => 80)),
    state: Uint8Array.from(of("state", () => 3)),
    srcPackets: fixed(5),
    dstPackets: Float64Array.from(of("back", () => 4)),
    srcPayload: fixed(100),
    dstPayload: Float64Array.from(of("reply", (i) => 500 + i)),
    probabilities: Float32Array.from(of("normal", () => 0.75).flatMap((p) => [p, 1 - p]))
  };
}

function described(flows: ActivityFlows): Record<string, number> {
  const [{rows}] = activitiesOf(flows);
  const names = activityFeatures(labels).map(({name}) => name);
  const out = new Float32Array(names.length);
  describeActivity(flows, rows, labels, out, 0);
  expect(out.every(Number.isFinite)).toBe(true);
  return Object.fromEntries(names.map((name, k) => [name, out[k]]));
}

describe("what a source did in a window", () => {
  it("a scan of ten ports that refuse is told by ports and failures", () => {
    const scan = described(flowsOf(10, (i) => ({dstPort: 20 + i, state: 2, reply: 0, normal: 0.25})));
    expect(scan).toMatchObject({
      flows: Math.fround(Math.log(11)),
      hosts: Math.fround(Math.log(2)),
      port_share: 1,
      host_share: Math.fround(0.1),
      most_ports_of_host: Math.fround(Math.log(11)),
      most_hosts_of_port: Math.fround(Math.log(2)),
      failed_share: 1,
      failed_endpoint_share: 1,
      rej_share: 1,
      unanswered_share: 0,
      low_port_share: 1,
      interval_cv: 0,
      span_share: Math.fround(9 / 60),
      reply_sizes_share: Math.fround(0.1),
      source_port_step_share: Math.fround(0.9),
      odds_positive_share: 1,
      mean_portscan: 0.75
    });
    expect(scan.odds_mean).toBeCloseTo(Math.log(3), 6);
  });

  it("visits of one server with answers of all sizes are told by those", () => {
    expect(described(flowsOf(8, () => ({})))).toMatchObject({
      endpoint_share: 0.125,
      top_endpoint_share: 1,
      failed_share: 0,
      reply_sizes_share: 1,
      sf_share: 1,
      short_share: 1,
      odds_positive_share: 0,
      host_entropy: 0
    });
  });

  it("flows that the classifier does not judge say nothing of odds", () => {
    expect(described(flowsOf(4, () => ({normal: Number.NaN})))).toMatchObject({
      odds_mean: 0,
      odds_max: 0,
      mean_normal: 0
    });
  });

  it("is the same in whatever order flows come", () => {
    const flows = flowsOf(30, (i) => ({
      dstPort: (i * 7) % 11,
      responder: i % 4,
      start: 60e6 + Math.floor(i / 2) * 1e6,
      normal: (i % 5) / 5
    }));
    const order = Array.from({length: 30}, (_, i) => (i * 17) % 30);
    const turned = Object.fromEntries(
      Object.entries(flows).map(([name, values]) => {
        if (typeof values === "number") return [name, values];
        const width = values.length / 30;
        const copy = values.slice();
        order.forEach((from, to) => {
          for (let k = 0; k < width; k++) copy[to * width + k] = values[from * width + k];
        });
        return [name, copy];
      })
    ) as unknown as ActivityFlows;
    expect(described(turned)).toEqual(described(flows));
  });
});

describe("windows", () => {
  it("begin at whole minutes, part sources, and leave out what has one or two flows", () => {
    const flows = flowsOf(9, (i) => ({
      source: i < 5 ? 1 : 2,
      start: [59, 60, 61, 62, 119.9, 60, 61, 120, 121][i] * 1e6
    }));
    expect(activitiesOf(flows).map(({windowStart, source, rows}) => [windowStart, source, [...rows]])).toEqual([
      [60e6, 1, [1, 2, 3, 4]]
    ]);
  });
});

it("log-odds are bounded", () => {
  expect([oddsAgainst(0), oddsAgainst(0.5), oddsAgainst(1)]).toEqual([9, 0, -9]);
});

it("addresses are local, of many, or global", () => {
  const of = (...addresses: string[]) => addresses.map(scopeOf);
  expect(of("10.1.2.3", "172.31.0.1", "192.168.9.9", "fe80::1", "fd00::5", "::1", "127.0.0.1")).toEqual(
    Array(7).fill(scopes.local)
  );
  expect(of("224.0.0.251", "239.255.255.250", "255.255.255.255", "10.0.0.255", "ff02::fb")).toEqual(
    Array(5).fill(scopes.many)
  );
  expect(of("8.8.8.8", "172.32.0.1", "2001:db8::1")).toEqual(Array(3).fill(scopes.global));
});

it("every feature's value is told in words of its own", () => {
  const names = activityFeatures(labels).map(({name}) => name);
  const words = names.map((name) => featureSentence(name, 0.5));
  expect(words.filter((text) => /_|\{|NaN/.test(text))).toEqual([]);
  expect(new Set(words).size).toBe(names.length);
  expect(names.filter((name) => featureSentence(name, 0.5).startsWith(name.replaceAll("_", " ")))).toEqual([]);
});

it.each([
  [
    "odds_p90",
    4.05,
    "to the classifier, the most suspicious tenth of flows is 57 times likelier an attack than normal or more suspicious still"
  ],
  ["odds_mean", -0.68, "to the classifier, a flow is on average 2 times likelier normal than an attack"],
  ["odds_median", 0.02, "to the classifier, the flow in the middle is about as likely an attack as normal"],
  ["odds_positive_share", 0.432, "to the classifier, 43.2 % of flows are likelier an attack than normal"],
  ["flows", Math.log1p(1200), "1,200 flows"],
  ["interval_median", Math.log(0.001 + 2.5), "half of the intervals between starts are below 2.5 s"],
  ["duration_mean", Math.log(0.001), "a usual flow lasts 0 ms"],
  ["host_share", 0.08, "0.08 distinct responders per flow"],
  ["mean_portscan", 0.25, "to the classifier, a flow is portscan with a probability of 25 % on average"]
])("%s of %f says so without its scale", (name, value, text) => {
  expect(featureSentence(name, value)).toBe(text);
});

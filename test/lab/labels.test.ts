import {describe, expect, it} from "vitest";
import {countTools, labeller} from "../../lab/labels.ts";
import type {TruthEvent} from "../../lab/truth.ts";

const second = 1_000_000;
const scan: TruthEvent = {
  label: "PortScan",
  tool: "nmap-syn",
  t0: 100 * second,
  t1: 110 * second,
  src: ["10.0.0.9"],
  dst: ["10.0.0.1"],
  commands: []
};
const guesses: TruthEvent = {
  ...scan,
  label: "BruteForce",
  tool: "hydra",
  t0: 120 * second,
  t1: 130 * second,
  ports: [22]
};
const bot: TruthEvent = {
  ...scan,
  label: "Botnet",
  tool: "beacon",
  t0: 0,
  t1: 200 * second,
  connections: [{proto: 6, src_port: 4000, dst: "10.0.0.1", dst_port: 80}]
};
const label = labeller([scan, guesses, bot]);
const flow = (ts: number, src_ip = "10.0.0.9", dst_ip = "10.0.0.1", src_port = 5000, dst_port = 22, proto = 6) => ({
  ts_start: ts * second,
  ts_end: ts * second,
  src_ip,
  src_port,
  dst_ip,
  dst_port,
  proto
});

describe("labels of flows by the lab's events", () => {
  it("a flow from the attacker to its target in the attack's time is the attack's", () => {
    expect(label(flow(105))).toEqual({label: "PortScan", event: 0});
  });
  it("before and after, to others, and from others it is ordinary", () => {
    expect(label(flow(99))).toEqual({label: "Normal"});
    expect(label(flow(111))).toEqual({label: "Normal"});
    expect(label(flow(105, "10.0.0.9", "10.0.0.2"))).toEqual({label: "Normal"});
    expect(label(flow(105, "10.0.0.8"))).toEqual({label: "Normal"});
  });
  it("packets that the link delayed still count", () => {
    expect(label(flow(110.5)).label).toBe("PortScan");
  });
  it("where an attack names its ports, other ports are ordinary", () => {
    expect(label(flow(125)).label).toBe("BruteForce");
    expect(label(flow(125, "10.0.0.9", "10.0.0.1", 5000, 80))).toEqual({label: "Normal"});
  });
  it("an attack that reports its connections claims these alone", () => {
    expect(label(flow(50, "10.0.0.9", "10.0.0.1", 4000, 80))).toEqual({label: "Botnet", event: 2});
    expect(label(flow(50, "10.0.0.9", "10.0.0.1", 4001, 80))).toEqual({label: "Normal"});
  });
  it("what the target sends back by itself is neither", () => {
    expect(label(flow(105, "10.0.0.1", "10.0.0.9", 3, 3, 1))).toEqual({label: null, event: 0});
  });
  it("an echo flow that a flood joined belongs to the flood", () => {
    const echo = {...flow(90, "10.0.0.9", "10.0.0.1", 8, 0, 1), ts_end: 104 * second};
    expect(label(echo).label).toBe("PortScan");
  });
  it("a tool that made no flow shows as an empty run", () => {
    expect(countTools([scan, guesses, bot], [label(flow(105)), label(flow(106)), label(flow(50))])).toEqual([
      {label: "Botnet", tool: "beacon", runs: 1, flows: 0, emptyRuns: 1},
      {label: "BruteForce", tool: "hydra", runs: 1, flows: 0, emptyRuns: 1},
      {label: "PortScan", tool: "nmap-syn", runs: 1, flows: 2, emptyRuns: 0}
    ]);
  });
});

import {describe, expect, it} from "vitest";
import {
  alike,
  className,
  type IncidentFacts,
  incidentBeside,
  incidentsOf,
  windowOfIncident
} from "../../src/lib/incidents.ts";

const incident = (id: string, fields: Partial<IncidentFacts>): IncidentFacts => ({
  id,
  capture: "one",
  from: 0,
  to: 10,
  class: "PortScan",
  state: "closed",
  mergedInto: null,
  probability: 0.8,
  rules: ["PortScan"],
  technique: null,
  severity: "low",
  src: null,
  dst: null,
  port: null,
  flows: 1,
  summary: "",
  findings: [],
  ...fields
});

describe("the incidents of a page", () => {
  const incidents = [
    incident("early", {from: 0, to: 10, src: "10.0.0.1"}),
    incident("grave", {from: 50, to: 60, severity: "high", dst: "10.0.0.1", capture: "two"}),
    incident("joined", {state: "merged", mergedInto: "grave", severity: "high"}),
    incident("middling", {from: 20, to: 70, severity: "medium"})
  ];
  const ids = (filter: Parameters<typeof incidentsOf>[1]) => incidentsOf(incidents, filter).map(({id}) => id);

  it("are one where the filter names it", () => {
    expect(ids({incident: "early"})).toEqual(["early"]);
  });

  it("are listed gravest first, without those that were merged", () => {
    expect(ids({})).toEqual(["grave", "middling", "early"]);
  });

  it("are those that touch the window, whose end is exclusive", () => {
    expect(ids({from: 10, to: 20})).toEqual(["early"]);
    expect(ids({from: 11, to: 21})).toEqual(["middling"]);
    expect(ids({from: 71})).toEqual([]);
  });

  it("are those of a host at either end, and of the chosen captures", () => {
    expect(ids({host: "10.0.0.1"})).toEqual(["grave", "early"]);
    expect(ids({captures: ["two"]})).toEqual(["grave"]);
  });

  it("stay whatever single flows are filtered by", () => {
    expect(ids({services: ["dns"], protos: [17], verdicts: ["normal"], labels: ["DoS"]})).toHaveLength(3);
  });
});

describe("incidents that are alike", () => {
  const finding = (source: string, name: string) => ({
    source,
    name,
    id: null,
    severity: "low",
    probability: 0.5,
    from: 0,
    to: 1,
    summary: "",
    reasons: []
  });
  const scan = [finding("rule", "port_scan")];

  it("have severity, class and rules in common, whatever models add, and keep the order of their first ones", () => {
    const listed = [
      incident("a", {findings: scan}),
      incident("graver", {findings: scan, severity: "high"}),
      incident("b", {findings: [...scan, finding("activity", "activity")], src: "10.0.0.9"}),
      incident("other rule", {findings: [finding("rule", "host_sweep")]}),
      incident("other class", {findings: scan, class: "Probe"}),
      incident("c", {findings: [...scan, ...scan]})
    ];
    expect(alike(listed).map((kind) => kind.map(({id}) => id))).toEqual([
      ["a", "b", "c"],
      ["graver"],
      ["other rule"],
      ["other class"]
    ]);
  });
});

describe("an incident beside a flow", () => {
  const grave = (id: string, fields: Partial<IncidentFacts>) => incident(id, {severity: "high", ...fields});
  const incidents = [
    grave("pair later", {src: "10.0.0.2", dst: "10.0.0.1", from: 900, to: 950}),
    grave("pair", {src: "10.0.0.1", dst: "10.0.0.2", from: 100, to: 200}),
    grave("one host", {src: "10.0.0.1", dst: "10.0.0.9", from: 0, to: 10}),
    grave("elsewhere", {src: "10.0.0.1", dst: "10.0.0.2", capture: "two"}),
    incident("faint", {src: "10.0.0.5", dst: "10.0.0.6"}),
    grave("merged", {src: "10.0.0.5", dst: "10.0.0.6", state: "merged"})
  ];
  const beside = (src: string, dst: string, at: number, capture = "one") => {
    const found = incidentBeside(incidents, {capture, src, dst, at});
    return found && [found.incident.id, ...found.hosts];
  };

  it("is the nearest of both hosts, else one of either", () => {
    expect(beside("10.0.0.1", "10.0.0.2", 0)).toEqual(["pair", "10.0.0.1", "10.0.0.2"]);
    expect(beside("10.0.0.1", "10.0.0.2", 800)).toEqual(["pair later", "10.0.0.1", "10.0.0.2"]);
    expect(beside("10.0.0.7", "10.0.0.1", 0)).toEqual(["one host", "10.0.0.1"]);
  });

  it("is grave, of the same capture, and not merged", () => {
    expect(beside("10.0.0.5", "10.0.0.6", 0)).toBeNull();
    expect(beside("10.0.0.7", "10.0.0.8", 0)).toBeNull();
    expect(beside("10.0.0.1", "10.0.0.2", 0, "three")).toBeNull();
  });
});

describe("names of classes", () => {
  it("are words, and abbreviations stay whole", () => {
    expect(["PortScan", "LateralMovement", "DoS", "DDoS", "Suspicious activity"].map(className)).toEqual([
      "Port scan",
      "Lateral movement",
      "DoS",
      "DDoS",
      "Suspicious activity"
    ]);
  });
});

it("an incident is looked at with a second or a twentieth of its time on either side; one that grows has no end", () => {
  const [from, to] = [1_000e6, 1_060e6];
  expect(windowOfIncident({from, to, state: "closed"})).toEqual({from: 997e6, to: 1_063e6 + 1});
  expect(windowOfIncident({from, to: from + 2e6, state: "closed"})).toEqual({from: 999e6, to: 1_003e6 + 1});
  expect(windowOfIncident({from, to, state: "growing"})).toEqual({});
});

import {describe, expect, it} from "vitest";
import {type NoticeFacts, noticesOf} from "../../src/lib/notices.ts";

const notice = (id: string, fields: Partial<NoticeFacts>): NoticeFacts => ({
  id,
  capture: "one",
  from: 0,
  to: 10,
  rule: "port_scan",
  technique: null,
  severity: "low",
  src: null,
  dst: null,
  port: null,
  flows: 1,
  summary: "",
  reasons: [],
  ...fields
});

describe("the notices of a page", () => {
  const notices = [
    notice("early", {from: 0, to: 10, src: "10.0.0.1"}),
    notice("grave", {from: 50, to: 60, severity: "high", dst: "10.0.0.1", capture: "two"}),
    notice("middling", {from: 20, to: 70, severity: "medium"})
  ];
  const ids = (filter: Parameters<typeof noticesOf>[1]) => noticesOf(notices, filter).map(({id}) => id);

  it("are listed gravest first", () => {
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

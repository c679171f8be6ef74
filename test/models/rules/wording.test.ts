import {describe, expect, it} from "vitest";
import {atLeast, atMost, fact, unitOf} from "../../../models/rules/wording.ts";

describe("the unit of a figure", () => {
  it.each([
    ["files", "file"],
    ["bytes", "byte"],
    ["MAC addresses", "MAC address"],
    ["queries", "query"],
    ["bodies", "body"],
    ["searches", "search"],
    ["packets/s", "packet/s"],
    ["replies a request", "reply a request"],
    ["bits per character", "bit per character"],
    ["of the hosts", "of the hosts"],
    ["times the mean", "times the mean"],
    ["SYN/s", "SYN/s"],
    ["a second", "a second"],
    ["s", "s"],
    ["ms", "ms"]
  ])("%s: of one it is %s", (many, one) => {
    expect([unitOf(1, many), unitOf(2, many), unitOf(0.5, many)]).toEqual([one, many, many]);
  });

  it("follows what was seen, in every kind of reason", () => {
    const limit = {value: 1, unit: "files", doc: ""};
    expect(atLeast("read", 1, limit).text).toBe("read: 1 file (limit: at least 1)");
    expect(atMost("read", 2, limit).text).toBe("read: 2 files (limit: at most 1)");
    expect(fact("read", 1, "files").text).toBe("read: 1 file");
  });
});

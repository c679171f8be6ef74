import {describe, expect, it} from "vitest";
import {type Findable, find} from "../../src/lib/find.ts";

const of = (kind: Findable["kind"], ...texts: string[]): Findable[] =>
  texts.map((text) => ({kind, text, note: kind === "Host" ? "7 flows" : "", href: text}));
const all = [
  ...of("Page", "Overview", "DNS", "Hosts", "Host", "Scans and beacons"),
  ...of("Host", "10.0.0.1", "10.0.0.11", "192.0.2.10"),
  ...of("Name", "dns.example", "a.example", "hostile.example")
];
const found = (text: string) => find(all, text).map(({kind, text}) => `${kind} ${text}`);

describe("what a text finds", () => {
  it("begins with what is called so, then what begins so, then a word, then anywhere, whatever the case", () => {
    expect(found("host")).toEqual(["Page Host", "Page Hosts", "Name hostile.example"]);
    expect(found("dns")).toEqual(["Page DNS", "Name dns.example"]);
    expect(found("10.0.0.1")).toEqual(["Host 10.0.0.1", "Host 10.0.0.11"]);
    expect(found("10")).toEqual(["Host 10.0.0.1", "Host 10.0.0.11", "Host 192.0.2.10"]);
    expect(found("BEACONS")).toEqual(["Page Scans and beacons"]);
  });

  it("is what has all words, in any order", () => {
    expect(found("beacons scans")).toEqual(["Page Scans and beacons"]);
    expect(found("beacons dns")).toEqual([]);
  });

  it("is the first of each kind without a text, and a few of a kind with one", () => {
    expect(found(" ")).toEqual([
      "Page Overview",
      "Page DNS",
      "Page Hosts",
      "Page Host",
      "Host 10.0.0.1",
      "Host 10.0.0.11",
      "Host 192.0.2.10",
      "Name dns.example",
      "Name a.example",
      "Name hostile.example"
    ]);
    expect(find(of("Host", ...Array.from({length: 50}, (_, i) => `10.0.0.${i}`)), "10").length).toBe(7);
  });
});

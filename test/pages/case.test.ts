import {describe, expect, it} from "vitest";
import {type CaseEntry, caseMarkdown, caseText, mostEntries, parseCase} from "../../src/lib/case.ts";

const entries: CaseEntry[] = [
  {kind: "note", text: "It *began* with <b>mail</b>.", atMs: 0},
  {
    kind: "incident",
    text: "10.0.0.1 probed 300 ports.",
    href: "./incident.html#incident=0123456789abcdef",
    atMs: 1000,
    remark: "the first"
  },
  {
    kind: "chart",
    text: "Services",
    href: "./index.html#chart=services",
    atMs: 2000,
    table: {
      columns: ["service", "bytes"],
      rows: [
        ["a|b", 7],
        [null, 0]
      ]
    }
  }
];

describe("a case", () => {
  it("comes back as it was kept", () => {
    expect(parseCase(caseText(entries))).toEqual(entries);
  });

  it("leaves out what makes no sense, and addresses that lead elsewhere", () => {
    const made = (entry: object) =>
      JSON.stringify({entries: [{kind: "flow", text: "x", atMs: 1, ...entry}, ...entries.slice(0, 1)]});
    for (const href of ["https://example.org/", "javascript:alert(1)", "//example.org/a.html", "../a.html", 7])
      expect([href, parseCase(made({href}))]).toEqual([href, entries.slice(0, 1)]);
    for (const bad of [
      {kind: "page"},
      {text: 7},
      {text: "x".repeat(5000)},
      {atMs: null},
      {remark: {}},
      {table: {columns: ["a"], rows: [[1, 2]]}}
    ])
      expect([bad, parseCase(made(bad))]).toEqual([bad, entries.slice(0, 1)]);
    expect(parseCase(made({href: "./flows.html#q=host%2010.0.0.1"})).length).toBe(2);
    expect(() => parseCase("[]")).toThrow("expected a case");
    expect(parseCase(caseText(Array(300).fill(entries[0]))).length).toBe(mostEntries);
  });

  it("is Markdown in which a stranger's text stays text", () => {
    expect(caseMarkdown(entries, "http://127.0.0.1:3000/case.html")).toBe(`# Case

It \\*began\\* with \\<b\\>mail\\</b\\>.

### Incident: [10.0.0.1 probed 300 ports.](<http://127.0.0.1:3000/incident.html#incident=0123456789abcdef>)

the first

Pinned 1970-01-01T00:00:01Z.

### Chart: [Services](<http://127.0.0.1:3000/index.html#chart=services>)

| service | bytes |
| --- | --- |
| a\\|b | 7 |
|  | 0 |

Pinned 1970-01-01T00:00:02Z.
`);
  });
});

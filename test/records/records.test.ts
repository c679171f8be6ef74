import {join} from "node:path";
import {expect, it} from "vitest";
import type {TableName} from "../../schema/tables.ts";
import {dissectFiles} from "../capture/dissect/metered.ts";
import {describeUnless, noProgram} from "../needs.ts";
import {noSharedData, sharedData} from "../shared-data.ts";
import {type Agreement, agreement, better, type Comparison, shareEqual} from "./agreement.ts";
import {comparisons} from "./comparisons.ts";
import {displayFilter} from "./display-filter.ts";
import {asItComes, tsharkValues} from "./tshark.ts";

/** `npm run records` compares over all shared captures; these hold without an exception. */
const captures: readonly (readonly [file: string, ...tables: TableName[]])[] = [
  ["incidents/elcabezzonn/wmi_commands_calc.pcap.gz", "dcerpc", "kerberos"],
  ["incidents/elcabezzonn/samrdump.pcap.gz", "dcerpc", "ntlm"],
  ["incidents/elcabezzonn/winrm_psremote_05-16.pcap.gz", "ntlm"],
  ["pcap/zeek/ldap/missing_ldap_logs.pcapng", "ldap"],
  ["pcap/mercury/mysql.pcap", "databases"]
];

it("values are compared with how often they occur", () => {
  expect(agreement(["a", "a", "b"], ["a", "c"])).toEqual({equal: 1, all: 4, onlyOurs: ["a", "b"], onlyTheirs: ["c"]});
});

it("of two readings of a capture the one that agrees better over all fields counts, as a whole", () => {
  const [first, second] = comparisons;
  const reading = (...found: [string[], string[]][]) =>
    new Map<Comparison, Agreement>(found.map(([ours, theirs], i) => [[first, second][i], agreement(ours, theirs)]));
  const less = reading([["a"], ["a"]], [["b", "c", "d"], []]);
  const more = reading(
    [["a"], ["x"]],
    [
      ["b", "c", "d"],
      ["b", "c", "d"]
    ]
  );
  expect([shareEqual(less), shareEqual(more), shareEqual(new Map())]).toEqual([1 / 4, 3 / 5, 1]);
  expect(better(less, more)).toBe(more);
  expect(better(more, less)).toBe(more);
  const same = reading([["a"], ["a"]], [["b", "c", "d"], []]);
  expect(better(less, same)).toBe(less);
});

it("a display filter passes the packets that tshark's does", () => {
  const {fields, passes} = displayFilter('(a.b == 0x10 || a.c in {1,4}) && !tls && a.d matches "^ma" && e');
  expect(fields).toEqual(["a.b", "a.c", "a.d"]);
  const packet = (values: Record<string, string[]>, ...protocols: string[]) =>
    passes({values: (field) => values[field] ?? [], has: (name) => protocols.includes(name)});
  expect(packet({"a.b": ["3", "16"], "a.d": ["MAIL"]}, "e")).toBe(true);
  expect(packet({"a.c": ["4"], "a.d": ["mail"]}, "e", "tls")).toBe(false);
  expect(packet({"a.c": ["2"], "a.d": ["mail"]}, "e")).toBe(false);
  expect(() => displayFilter("a.b == 1 && (c")).toThrow("a.b == 1 && (c: ) expected");
});

describeUnless(noSharedData ?? noProgram("tshark"))("records are those of tshark", () => {
  for (const [name, ...tables] of captures)
    it(`${name}: ${tables.join(", ")}`, {timeout: 120_000}, async () => {
      const file = join(sharedData, name);
      const {records} = await dissectFiles([file]);
      let compared = 0;
      const wanted = comparisons.filter(({table}) => tables.includes(table));
      const values = await tsharkValues(file, wanted);
      for (const comparison of wanted) {
        const {table, field} = comparison;
        const own = (records[table] ?? []).flatMap((row) => comparison.ours(row));
        const found = agreement(own, values.get(comparison)!);
        expect({field, only: [found.onlyOurs, found.onlyTheirs]}).toEqual({field, only: [[], []]});
        compared += found.all;
      }
      expect(compared).toBeGreaterThan(5);
    });

  it("what lies behind a lost segment is read where disorder is left as it comes", {timeout: 120_000}, async () => {
    const file = join(sharedData, "pcap/suricata-verify/dns-tcp-ts-gap/input.pcap");
    const {records} = await dissectFiles([file]);
    const query = comparisons.find(({table, field}) => table === "dns" && field === "query")!;
    const own = records.dns!.flatMap((row) => query.ours(row));
    const equal = async (options: readonly string[]) =>
      agreement(own, (await tsharkValues(file, [query], options)).get(query)!).equal;
    expect([own.length, await equal([]), await equal(asItComes)]).toEqual([2, 1, 2]);
  });
});

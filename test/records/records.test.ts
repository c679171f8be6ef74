import {join} from "node:path";
import {expect, it} from "vitest";
import type {TableName} from "../../schema/tables.ts";
import {dissectFiles} from "../capture/dissect/metered.ts";
import {describeUnless, noProgram} from "../needs.ts";
import {noSharedData, sharedData} from "../shared-data.ts";
import {agreement} from "./agreement.ts";
import {comparisons} from "./comparisons.ts";
import {tsharkFields} from "./tshark.ts";

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

describeUnless(noSharedData ?? noProgram("tshark"))("records are those of tshark", () => {
  for (const [name, ...tables] of captures)
    it(`${name}: ${tables.join(", ")}`, {timeout: 120_000}, async () => {
      const file = join(sharedData, name);
      const {records} = await dissectFiles([file]);
      let compared = 0;
      for (const {table, field, filter, fields, theirs, ours, decode} of comparisons.filter(({table}) =>
        tables.includes(table)
      )) {
        const own = (records[table] ?? []).flatMap((row) => ours(row));
        const found = agreement(
          own,
          tsharkFields(file, filter, fields, decode).flatMap((packet) => theirs(packet))
        );
        expect({field, only: [found.onlyOurs, found.onlyTheirs]}).toEqual({field, only: [[], []]});
        compared += found.all;
      }
      expect(compared).toBeGreaterThan(5);
    });
});

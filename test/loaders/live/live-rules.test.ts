import {resolve} from "node:path";
import {describe, expect, it} from "vitest";
import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {readRuleCases, runRuleCase} from "../../../loaders/judge/rule-cases.ts";
import {isForWindows, LiveWindow, windowLimits} from "../../../loaders/live/live-window.ts";
import {rules} from "../../../models/rules/index.ts";
import type {RuleCase} from "../../../models/rules/rule-case.ts";
import {table} from "../../../schema/tables.ts";

const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];
const fixtures = await readRuleCases(resolve(import.meta.dirname, "../../../models/rules/fixtures"));
const beside = new Set(rules.filter((rule) => !isForWindows(rule)).map(({name}) => name.replaceAll("_", "-")));

/** From the first to the last moment of a case's rows, µs since 1970. */
function extentOf({flows, arp = []}: RuleCase): [number, number] {
  const starts = [...flows.map((row) => row.ts_start), ...arp.map((row) => row.ts)];
  const ends = [...flows.map((row) => row.ts_end), ...arp.map((row) => row.ts)];
  return [starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY), ends.reduce((a, b) => Math.max(a, b), 0)];
}

describe("rules find in a live window what they find in the lake", () => {
  for (const {fixture, cases} of fixtures.filter((one) => !beside.has(one.fixture)))
    it(`${fixture}: every case that is over within the window's time`, async () => {
      let judged = 0;
      for (const ruleCase of cases) {
        const [from, until] = extentOf(ruleCase);
        if (until - from > windowLimits.seconds * 1e6 || ruleCase.flows.length > windowLimits.flows) continue;
        const captures = new Set(
          [...ruleCase.flows, ...(ruleCase.arp ?? [])].map(({capture_sha256}) => capture_sha256)
        );
        if (captures.size !== 1) continue;
        judged++;
        const {flows, dns, http, tls, smb, dcerpc, ntlm, kerberos, ldap, arp} = ruleCase;
        const batches = Object.entries({flows, dns, http, tls, smb, dcerpc, ntlm, kerberos, ldap, arp}).flatMap(
          ([name, rows]) =>
            rows ? [rowsToBatch(table(name as "flows"), rows as readonly Readonly<Record<string, unknown>>[])] : []
        );
        const window = await LiveWindow.open();
        await window.add(batches, until);
        const live = await window.judge(rules, [...captures][0], {localNets}, until + 2e6);
        await window.close();
        const stored = await runRuleCase(fixture, ruleCase, {localNets});
        expect([ruleCase.name, live]).toEqual([ruleCase.name, stored.findings]);
      }
      expect(judged).toBeGreaterThan(0);
    });
});

import {resolve} from "node:path";
import {describe, expect, it} from "vitest";
import {readRuleCases, runRuleCases} from "../../../loaders/judge/rule-cases.ts";
import {isForWindows} from "../../../loaders/live/live-window.ts";
import {rules} from "../../../models/rules/index.ts";
import type {Reason} from "../../../models/rules/rule.ts";
import {windowFindings} from "../../loaders/live/window-findings.ts";

const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];
const fixtures = await readRuleCases(resolve(import.meta.dirname, "../../../models/rules/fixtures"));
const results = await runRuleCases(fixtures, {localNets});
const live = await windowFindings(fixtures, {localNets});
const resultOf = new Map(fixtures.flatMap(({cases}) => cases).map((ruleCase, k) => [ruleCase, results[k]]));

describe("every rule", () => {
  it("has a fixture of its name with an incident and with silence", () => {
    const wanted = rules.map(({name}) => name.replaceAll("_", "-")).sort();
    expect(fixtures.map(({fixture}) => fixture)).toEqual(wanted);
    for (const {fixture, cases} of fixtures) {
      expect(cases.some(({expected}) => expected.includes(fixture.replaceAll("-", "_")))).toBe(true);
      expect(cases.some(({expected}) => expected.length === 0)).toBe(true);
    }
  });

  it("says what decides, in which unit, and what it cannot see", () => {
    for (const {limits, doc, blindTo, tables, attackTechnique} of rules) {
      expect(Object.keys(limits).length).toBeGreaterThan(0);
      for (const limit of Object.values(limits))
        expect([limit.value > 0, limit.unit !== "", limit.doc !== ""]).toEqual([true, true, true]);
      expect([doc.endsWith("."), blindTo.length > 20, tables.length > 0]).toEqual([true, true, true]);
      expect(attackTechnique ?? "T1000").toMatch(/^T\d{4}(\.\d{3})?$/);
    }
    expect(new Set(rules.map(({name}) => name)).size).toBe(rules.length);
  });
});

/** Whether a reason says that a figure reached a limit, or stayed below it, and it did not. */
function missesItsLimit({text, value, limit}: Reason): boolean {
  if (limit === null) return false;
  return text.includes("(limit: at least") ? Number(value) < limit : Number(value) > limit;
}

/** Names of fixtures of which a live window was given a case. */
const seenLive = new Set<string>();

for (const {fixture, cases} of fixtures)
  describe(fixture, () => {
    for (const ruleCase of cases)
      it(ruleCase.name, () => {
        const {raised, findings} = resultOf.get(ruleCase)!;
        expect(raised).toEqual(ruleCase.expected);
        const inOrder = findings.toSorted((a, b) => (a.rule < b.rule ? -1 : 1));
        if (ruleCase.summaries)
          expect(inOrder.map(({summary}) => summary)).toEqual(
            ruleCase.summaries.map((words) => expect.stringContaining(words))
          );
        if (ruleCase.severities)
          expect(
            inOrder.map((finding) => finding.severity ?? rules.find(({name}) => name === finding.rule)!.severity)
          ).toEqual(ruleCase.severities);
        for (const finding of findings) {
          expect(finding.ts_start).toBeLessThanOrEqual(finding.ts_end);
          expect(finding.flows).toBeGreaterThan(0);
          expect(finding.reasons.some(({limit}) => limit !== null)).toBe(true);
          expect(finding.reasons.filter(missesItsLimit)).toEqual([]);
          expect(`${finding.summary} ${finding.reasons.map(({text}) => text).join(" ")}`).not.toMatch(
            /NaN|undefined|null|Infinity/
          );
        }
        if (!live.has(ruleCase)) return;
        seenLive.add(fixture);
        expect(live.get(ruleCase)).toEqual(findings);
      });
  });

it("live windows were given cases of every rule that looks at nothing beyond one capture", () => {
  const wanted = rules.filter(isForWindows).map(({name}) => name.replaceAll("_", "-"));
  expect([...seenLive].sort()).toEqual(wanted.sort());
});

import {resolve} from "node:path";
import {expect, it} from "vitest";
import {readRuleCases, runRuleCases} from "../../../loaders/judge/rule-cases.ts";
import {rules} from "../../../models/rules/index.ts";

const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];

it("no rule takes busy ordinary life for an attack", async () => {
  const fixtures = await readRuleCases(resolve(import.meta.dirname, "ordinary"));
  const results = await runRuleCases(fixtures, {localNets});
  const told = results.flatMap(({name, findings}) =>
    findings
      .map((found) => ({
        ...found,
        severity: found.severity ?? rules.find((rule) => rule.name === found.rule)!.severity
      }))
      .filter(({severity}) => severity === "medium" || severity === "high")
      .map(({rule, summary}) => `${name}: ${rule}: ${summary}`)
  );
  expect(results.length).toBeGreaterThan(30);
  expect(told).toEqual([]);
});

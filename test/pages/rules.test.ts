import {describe, expect, it} from "vitest";
import {ruleCatalogue} from "../../loaders/judge/rule-catalogue.ts";
import {rules} from "../../models/rules/index.ts";
import {tacticOf, techniqueName, techniques} from "../../src/lib/attack.ts";
import {foundBy} from "../../src/lib/rule-facts.ts";

describe("the page of rules", () => {
  it("has every rule with traffic it has to find and traffic it has to leave alone", async () => {
    const catalogue = await ruleCatalogue();
    expect(catalogue.map(({name}) => name)).toEqual(rules.map(({name}) => name));
    expect(catalogue.filter(({finds, leaves}) => finds.length === 0 || leaves.length === 0)).toEqual([]);
  });

  it("knows every technique that a rule names", () => {
    const named = rules.flatMap(({attackTechnique}) => attackTechnique ?? []);
    expect(named.filter((id) => techniques[id] === undefined)).toEqual([]);
    expect(tacticOf("T1021.099")).toBe("Lateral movement");
    expect([techniqueName("T1046"), techniqueName(null)]).toEqual(["T1046 Network Service Discovery", "no technique"]);
  });

  it("counts an incident once for each of its rules, and one that is part of another not at all", () => {
    const finding = (name: string, source = "rule") => ({name, source});
    const incidents = [
      {state: "open", findings: [finding("port_scan"), finding("port_scan"), finding("x", "classifier")]},
      {state: "closed", findings: [finding("port_scan"), finding("beaconing")]},
      {state: "merged", findings: [finding("beaconing")]}
    ];
    expect([...foundBy(incidents as never)]).toEqual([
      ["port_scan", 2],
      ["beaconing", 1]
    ]);
  });
});

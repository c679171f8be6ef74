import {writeFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {rules} from "../../models/rules/index.ts";
import {unitOf} from "../../models/rules/wording.ts";
import type {RuleFacts} from "../../src/lib/rule-facts.js";
import {readFixtures} from "./rule-cases.ts";

const fixtures = join(resolve(import.meta.dirname, "../.."), "models/rules/fixtures");

/** The project's rules with the made traffic that each is held to, for the page of rules. It reads no table. */
export async function ruleCatalogue(): Promise<readonly RuleFacts[]> {
  const {FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, "[]");
  const files = await readFixtures(fixtures);
  return rules.map(({name, doc, blindTo, attackTechnique, severity, limits, tables}) => {
    const cases = files.find(({fixture}) => fixture.replaceAll("-", "_") === name)?.cases ?? [];
    const names = (finds: boolean) =>
      cases.filter(({expected}) => expected.includes(name) === finds).map((each) => each.name);
    return {
      name,
      doc,
      blindTo,
      technique: attackTechnique,
      severity,
      limits: Object.entries(limits).map(([limit, {value, unit, doc}]) => ({
        name: limit,
        value,
        unit: unitOf(value, unit),
        doc
      })),
      tables,
      finds: names(true),
      leaves: names(false)
    };
  });
}

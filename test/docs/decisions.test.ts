import {readdirSync, readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";

const folder = resolve(import.meta.dirname, "../../docs/decisions");
const index = readFileSync(resolve(folder, "README.md"), "utf8");
const names = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");

it.each(names)(
  "the decision %s has a date, a status, its context, choice and cost, and what would change it",
  (name) => {
    const text = readFileSync(resolve(folder, name), "utf8");
    expect(text).toMatch(/^# .+\n\nDate: \d{4}-\d\d-\d\d\. Status: (accepted|superseded by .+)\.\n/);
    for (const part of ["Context", "Choice", "Cost", "What would change it"])
      expect(text.split("\n").some((line) => line.startsWith(`${part}: `)) ? [] : [part]).toEqual([]);
    expect(index).toContain(`(${name})`);
  }
);

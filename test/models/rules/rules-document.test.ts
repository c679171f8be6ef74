import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";
import {rulesDocument} from "../../../models/rules/rules-document.ts";

it("docs/rules.md is what the rules say of themselves", () => {
  expect(readFileSync(resolve(import.meta.dirname, "../../../docs/rules.md"), "utf8")).toBe(rulesDocument());
});

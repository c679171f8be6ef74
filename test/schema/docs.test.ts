import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";
import {cicDocument} from "../../schema/cicflowmeter-docs.ts";
import {columnsDocument} from "../../schema/docs.ts";

it("docs/columns.md is what the lists of columns generate (npm run docs renews it)", () => {
  expect(readFileSync(resolve(import.meta.dirname, "../../docs/columns.md"), "utf8")).toBe(columnsDocument());
});

it("docs/cicflowmeter.md is what the list of CICFlowMeter's columns generates (npm run docs renews it)", () => {
  expect(readFileSync(resolve(import.meta.dirname, "../../docs/cicflowmeter.md"), "utf8")).toBe(cicDocument());
});

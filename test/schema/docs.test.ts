import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";
import {columnsDocument} from "../../schema/docs.ts";

it("docs/columns.md is what the lists of columns generate (npm run docs renews it)", () => {
  expect(readFileSync(resolve(import.meta.dirname, "../../docs/columns.md"), "utf8")).toBe(columnsDocument());
});

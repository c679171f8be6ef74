import {existsSync, readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";

const root = resolve(import.meta.dirname, "../..");
const text = readFileSync(resolve(root, "docs/extending.md"), "utf8");
const paths = [...text.matchAll(/`([a-z][\w.-]*\/[\w./-]*|[\w.-]+\.ts)`/gi)].map(([, path]) => path);

it("extending.md names at least twenty places", () => {
  expect(paths.length).toBeGreaterThanOrEqual(20);
});

it.each([...new Set(paths.filter((path) => !path.includes("NAME") && path.includes("/")))])("%s exists", (path) => {
  expect(existsSync(resolve(root, path)) || existsSync(resolve(root, "capture/core/dissect", path))).toBe(true);
});

it.each([
  ["capture/core/dissect/protocols/index.ts", /parse\(define\(/],
  ["schema/records/index.ts", /recordTables = \[/],
  ["models/rules/index.ts", /rules.*= \[/],
  ["src/lib/questions/all.ts", /questions.*= \[/],
  ["observablehq.config.ts", /chapters = \[/],
  ["alerts/transports/index.ts", /transportKinds = \{/],
  ["cli/flowbook.ts", /verbs|import\("/],
  ["loaders/export/export.ts", /exportFormats/],
  ["capture/meter/number-names.ts", /numberNames = \[/]
])("the list in %s is there", (path, list) => {
  expect(readFileSync(resolve(root, path), "utf8")).toMatch(list);
});

import {spawnSync} from "node:child_process";
import {cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";

const folder = mkdtempSync(join(tmpdir(), "ensure-installed-"));
afterAll(() => rmSync(folder, {recursive: true}));
cpSync(resolve(import.meta.dirname, "../../scripts"), join(folder, "scripts"), {recursive: true});
mkdirSync(join(folder, "node_modules"));
writeFileSync(join(folder, "package.json"), '{"type": "module"}');

const lock = {
  "": {},
  "node_modules/needed": {version: "1.0.0"},
  "node_modules/tool": {version: "2.0.0", dev: true},
  "node_modules/optional": {version: "3.0.0", optional: true},
  "node_modules/needed/node_modules/bundled": {version: "4.0.0", extraneous: true, inBundle: true}
};

/** What it says with these packages in node_modules, where there is no npm to be found. */
function ensure(packages: object, call = "ensureInstalled()", env = {}): string {
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({packages: lock}));
  writeFileSync(join(folder, "node_modules/.package-lock.json"), JSON.stringify({packages}));
  const code = `import {ensureInstalled} from "./scripts/ensure-installed.js"; ${call}`;
  const {stderr} = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: folder,
    env: {PATH: folder, ...env},
    encoding: "utf8"
  });
  return stderr.split("\n")[0];
}

it("leaves packages alone that agree with the lock, whatever is optional, a tool or no longer needed", () => {
  expect(ensure({"node_modules/needed": {version: "1.0.0"}})).toBe("");
});

it("installs where a needed package is missing or of another version", () => {
  const installing = "flowbook: installing its packages (npm ci --omit=dev) …";
  expect(ensure({})).toBe(installing);
  expect(ensure({"node_modules/needed": {version: "0.9.0"}})).toBe(installing);
});

it("installs the tools where they are asked for", () => {
  const installing = "flowbook: installing its packages (npm ci) …";
  expect(ensure({"node_modules/needed": {version: "1.0.0"}}, "ensureInstalled({withTools: true})")).toBe(installing);
});

it("looks once: what it started never replaces packages in use", () => {
  expect(ensure({}, "ensureInstalled()", {FLOWBOOK_INSTALLED: folder})).toBe("");
});

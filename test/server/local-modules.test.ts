import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {localModules, readInstalled} from "../../server/notebook/local-modules.ts";

const project = resolve(import.meta.dirname, "../..");
const installed = readInstalled(
  JSON.parse(readFileSync(join(project, "node_modules/.package-lock.json"), "utf8")).packages
);
const answer = localModules(project, installed);
const versionOf = (name: string) =>
  JSON.parse(readFileSync(join(project, "node_modules", name, "package.json"), "utf8")).version as string;
const ask = (path: string) => answer(new URL(path, "https://elsewhere.invalid"));

const folder = mkdtempSync(join(tmpdir(), "flowbook-modules-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

describe("what Framework asks of a registry and of a module host", () => {
  it("answers a package's versions from what is installed", async () => {
    const {versions} = await (await ask("/d3")).json();
    expect(Object.keys(versions)).toContain(versionOf("d3"));
  });

  it("answers a tag with the hoisted version", async () => {
    expect(await (await ask("/@observablehq/plot/latest")).json()).toEqual({version: versionOf("@observablehq/plot")});
  });

  it("gives a package that is not installed a version that says so", async () => {
    expect(await (await ask("/leaflet/latest")).json()).toEqual({version: "0.0.0-not-installed"});
  });

  it("bundles a package's entry and leaves its dependencies to requests of their own", async () => {
    const response = await ask(`/npm/@observablehq/plot@${versionOf("@observablehq/plot")}/+esm`);
    expect(response.headers.get("content-type")).toBe("application/javascript");
    const text = await response.text();
    expect(text).toContain('"/npm/d3/+esm"');
    expect(text.length).toBeLessThan(400_000);
  });

  it("gives d3 with all of its parts", async () => {
    const text = await (await ask(`/npm/d3@${versionOf("d3")}/+esm`)).text();
    expect(text.includes("/npm/")).toBe(false);
    expect(/\bscaleLinear\b/.test(text)).toBe(true);
  });

  it("serves any other path as the raw file", async () => {
    const path = "dist/d3.min.js";
    const response = await ask(`/npm/d3@${versionOf("d3")}/${path}`);
    expect(await response.text()).toBe(readFileSync(join(project, "node_modules/d3", path), "utf8"));
  });

  it("refuses a path that leaves its package, however it is written", async () => {
    await expect(ask(`/npm/d3@${versionOf("d3")}/..%2f..%2fpackage.json`)).rejects.toThrow(
      "../../package.json lies outside the package d3"
    );
  });

  it("names the remedy where a page imports what is not installed", async () => {
    await expect(ask("/npm/leaflet@1.9.4/+esm")).rejects.toThrow("npm install leaflet");
  });

  it("refuses what is neither a module nor a package", async () => {
    await expect(ask("/css2/family/Source+Serif")).rejects.toThrow("no network");
  });

  it("takes a nested copy for its own version and the hoisted one first", async () => {
    for (const [path, version] of [
      ["node_modules/a", "2.0.0"],
      ["node_modules/b/node_modules/a", "1.0.0"]
    ]) {
      mkdirSync(join(folder, path), {recursive: true});
      writeFileSync(join(folder, path, "package.json"), JSON.stringify({name: "a", version, main: "a.js"}));
      writeFileSync(join(folder, path, "a.js"), `export const version = "${version}"`);
    }
    const nested = readInstalled({
      "node_modules/b/node_modules/a": {version: "1.0.0"},
      "node_modules/a": {version: "2.0.0"}
    });
    expect([...nested.get("a")!.keys()]).toEqual(["2.0.0", "1.0.0"]);
    const older = await localModules(folder, nested)(new URL("https://elsewhere.invalid/npm/a@1.0.0/+esm"));
    expect(await older.text()).toContain('"1.0.0"');
  });
});

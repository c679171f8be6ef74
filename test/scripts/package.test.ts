import {execFileSync, spawnSync} from "node:child_process";
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {originalOf} from "../../scripts/working-copy.js";

const checkout = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-package-"));
const root = join(folder, "package");
const isRoot = process.getuid?.() === 0;

/** The packed package, unpacked and read-only, with the checkout's packages. */
beforeAll(() => {
  chmodSync(folder, 0o755);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  execFileSync(npm, ["pack", "--pack-destination", folder], {cwd: checkout, stdio: "pipe", shell: npm === "npm.cmd"});
  const [tarball] = readdirSync(folder);
  execFileSync("tar", ["-xzf", tarball, "--no-same-owner"], {cwd: folder});
  symlinkSync(join(checkout, "node_modules"), join(root, "node_modules"));
  for (const path of files(root)) chmodSync(join(root, path), 0o444);
  for (const path of folders(root)) chmodSync(path, 0o555);
  for (const name of ["home", "work"]) mkdirSync(join(folder, name), {mode: 0o777});
  for (const name of ["home", "work"]) chmodSync(join(folder, name), 0o777);
});
afterAll(() => {
  for (const path of folders(root)) chmodSync(path, 0o755);
  rmSync(folder, {recursive: true, force: true});
});

const entries = (path: string) =>
  readdirSync(path, {recursive: true, withFileTypes: true}).filter(({parentPath}) => !/node_modules/.test(parentPath));
const files = (path: string) =>
  entries(path)
    .filter((entry) => entry.isFile())
    .map(({parentPath, name}) => join(parentPath, name).slice(path.length + 1));
const folders = (path: string) => [
  path,
  ...entries(path)
    .filter((entry) => entry.isDirectory())
    .map(({parentPath, name}) => join(parentPath, name))
];

/** Runs the package in an empty folder, as a user who can write there and at home only. */
function flowbook(...args: string[]) {
  const command = [process.execPath, join(root, "bin/flowbook.js"), ...args];
  const user = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
  const [program, ...rest] = [...user, ...command];
  const env = {PATH: process.env.PATH, HOME: join(folder, "home")};
  return spawnSync(program, rest, {cwd: join(folder, "work"), env, encoding: "utf8"});
}

describe("the package", () => {
  it("has what runs, and neither tests, sources of compiled modules, lakes nor caches", () => {
    const found = files(root);
    const folders = [...new Set(found.map((path) => path.split("/")[0]))].sort();
    expect(folders).toEqual(
      [
        ...[
          "CHANGELOG.md",
          "LICENSE",
          "README.md",
          "alerts",
          "bin",
          "capture",
          "cli",
          "data",
          "docs",
          "lab",
          "loaders"
        ],
        ...["models", "npm-shrinkwrap.json", "observablehq.config.ts", "package.json", "schema", "scripts", "server"],
        ...["src", "tsconfig.json"]
      ].sort()
    );
    expect(found).toEqual(
      expect.arrayContaining(["capture/wasm/meter.wasm", "models/classifier.onnx", "src/index.md"])
    );
    expect(found.filter((path) => /\/core\/|\.observablehq|\.test\.ts$|^lab\/run|^data\/(?!demo)/.test(path))).toEqual(
      []
    );
    expect(existsSync(join(checkout, "npm-shrinkwrap.json"))).toBe(false);
  });

  it("imports and queries from an empty folder, read-only, with its caches in the user's", () => {
    const before = files(root).map((path) => [path, statSync(join(root, path)).mtimeMs]);
    const imported = flowbook("import", "--json", join(root, "data/demo/demo.pcap"));
    expect(imported.stderr).toBe("");
    const {packets, flows, verdicts} = JSON.parse(imported.stdout);
    expect(packets).toBe(10_392);
    expect(verdicts).toBe(flows);
    const {stdout} = flowbook("query", "SELECT count(*) AS flows FROM flows", "--json");
    expect(JSON.parse(stdout)).toEqual([{flows}]);
    expect(readdirSync(join(folder, "work"))).toEqual(["data"]);
    const [cache] = process.platform === "linux" ? readdirSync(join(folder, "home/.cache/flowbook")) : [null];
    expect(cache).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{8}-[0-9a-f]{8}$/);
    // Where root started it, another user serves, from a copy of his own.
    if (cache) expect(originalOf(join(folder, "home/.cache/flowbook", cache))).toBe(root);
    expect(originalOf(root)).toBe(root);
    expect(files(root).map((path) => [path, statSync(join(root, path)).mtimeMs])).toEqual(before);
  });
});

import {spawnSync} from "node:child_process";
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";

const project = resolve(import.meta.dirname, "../..");
const cores = join(project, "capture/core");
const folder = mkdtempSync(join(tmpdir(), "flowbook-core-lint-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const files = readdirSync(cores, {recursive: true, encoding: "utf8"}).filter((name) => name.endsWith(".ts"));
const rules = ["noUnusedImports", "noUnusedVariables", "noUnusedPrivateClassMembers", "noInvalidUseBeforeDeclaration"];

it("the linter finds nothing unused in the cores", () => {
  // Biome takes decorators of functions for syntax errors: it reads a copy without them.
  for (const name of files) {
    const text = readFileSync(join(cores, name), "utf8").replace(
      /^( *)@(inline|unmanaged|lazy|global|final)\b.*$/gm,
      "$1//"
    );
    mkdirSync(dirname(join(folder, name)), {recursive: true});
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(join(folder, "planted.ts"), 'import {u8At} from "./meter/bytes";\n');
  writeFileSync(join(folder, "biome.json"), "{}");
  const only = rules.map((rule) => `--only=correctness/${rule}`);
  const biome = join(project, "node_modules/@biomejs/biome/bin/biome");
  const args = [biome, "lint", "--reporter=github", "--max-diagnostics=none", ...only, "."];
  const {stdout, stderr} = spawnSync(process.execPath, args, {cwd: folder, encoding: "utf8"});
  // `ahead` sums up what the meter reads ahead, so that the reads are made; nothing needs the sum.
  const found = (stdout.match(/^::.*$/gm) ?? []).filter((line) => !line.endsWith("This variable ahead is unused."));
  // It finds what was put there for it, and nothing else.
  expect(found, stderr).toEqual([expect.stringContaining(`file=${join(folder, "planted.ts")},line=1`)]);
});

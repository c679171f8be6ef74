import {execFileSync} from "node:child_process";
import {mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {pathToFileURL} from "node:url";
import {afterAll, expect} from "vitest";
import {itUnless, onWindows} from "../needs.ts";

const hook = pathToFileURL(resolve(import.meta.dirname, "../../scripts/typescript-hook.js")).href;
const folder = mkdtempSync(join(tmpdir(), "flowbook-typescript-"));
const temporary = join(folder, "tmp");
mkdirSync(temporary);
// Large enough to be worth caching.
const lines = Array.from({length: 400}, (_, k) => `export const value${k}: number = ${k};`);
writeFileSync(
  join(folder, "program.ts"),
  `import {tmpdir} from "node:os";\n${lines.join("\n")}\nconsole.log(tmpdir());\n`
);
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const run = (cache: string) =>
  execFileSync(process.execPath, [`--import=${hook}`, join(folder, "program.ts")], {
    env: {PATH: process.env.PATH, TMPDIR: temporary, XDG_CACHE_HOME: cache},
    encoding: "utf8"
  }).trim();

itUnless(onWindows)("TypeScript is cached in a folder of this user, and the temporary folder stays what it was", () => {
  expect(run(join(folder, "cache"))).toBe(temporary);
  expect(readdirSync(temporary)).toEqual([]);
  const own = join(folder, "cache/flowbook");
  expect(statSync(own).mode & 0o022).toBe(0);
  expect(readdirSync(own)).toEqual([`tsx-${process.getuid!()}`]);
});

itUnless(onWindows)("TypeScript runs without a cache where no folder is this user's alone", () => {
  // In the place of both there is a file.
  writeFileSync(join(folder, "no-cache"), "");
  const inTemporary = join(temporary, `flowbook-${process.getuid!()}`);
  writeFileSync(inTemporary, "");
  expect(run(join(folder, "no-cache"))).toBe(temporary);
  expect(readdirSync(temporary)).toEqual([`flowbook-${process.getuid!()}`]);
});

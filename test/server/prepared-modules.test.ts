import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterEach, beforeEach, expect, it} from "vitest";
import {type NotebookConfig, prepareModules} from "../../server/notebook/notebook.ts";

let root: string;
let read: string[];
let problem: string | null;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flowbook-prepared-"));
  for (const name of ["index", "own"]) writeFileSync(join(root, `${name}.md`), `# ${name}`);
  read = [];
  problem = null;
});
afterEach(() => rmSync(root, {recursive: true, force: true}));

/** What pages are read to prepare a notebook of two pages. */
async function pagesRead(): Promise<string[]> {
  read = [];
  await prepareModules({
    root,
    project: resolve(import.meta.dirname, "../.."),
    async *paths() {
      yield* ["/index", "/own"];
    },
    loaders: {
      async loadPage(path: string) {
        read.push(path);
        return {problem};
      }
    }
  } as unknown as NotebookConfig);
  return read;
}

it("reads every page once, and Overview alone while nothing changed", async () => {
  expect(await pagesRead()).toEqual(["/index", "/own"]);
  expect(await pagesRead()).toEqual(["/index"]);
  writeFileSync(join(root, "own.md"), "# Another heading");
  expect(await pagesRead()).toEqual(["/index", "/own"]);
  mkdirSync(join(root, "lib"));
  writeFileSync(join(root, "lib/own.js"), "export const own = 1;");
  expect(await pagesRead()).toEqual(["/index", "/own"]);
  expect(await pagesRead()).toEqual(["/index"]);
});

it("reads every page again where one had a problem, or the cache is gone", async () => {
  problem = "own.md: a package is not there";
  expect(await pagesRead()).toEqual(["/index", "/own"]);
  problem = null;
  expect(await pagesRead()).toEqual(["/index", "/own"]);
  rmSync(join(root, ".observablehq"), {recursive: true});
  expect(await pagesRead()).toEqual(["/index", "/own"]);
});

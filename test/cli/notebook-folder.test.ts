import {spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";
import {makeLake} from "../fixtures/make-lake.ts";

const bin = resolve(import.meta.dirname, "../../bin/flowbook.js");
const top = mkdtempSync(join(tmpdir(), "flowbook-folder-"));
const notebook = join(top, "mine");
afterAll(() => rmSync(top, {recursive: true, force: true}));

const flowbook = (cwd: string, ...args: string[]) => {
  const {status, stdout, stderr} = spawnSync(process.execPath, [bin, ...args], {encoding: "utf8", cwd});
  return {status, stdout, stderr};
};

it("a notebook folder has a place for pages, loaders, settings and lake; one that is there stays", () => {
  expect(flowbook(top, "init", "mine")).toMatchObject({status: 0, stdout: `${notebook}\n`});
  for (const name of ["pages/first.md", "loaders", "flowbook.toml", ".gitignore"])
    expect([name, existsSync(join(notebook, name))]).toEqual([name, true]);
  expect(flowbook(top, "init", "mine")).toMatchObject({status: 2, stdout: ""});
});

it("a new page begins from a template; a name that is none, or taken, and an unknown template are refused", () => {
  expect(flowbook(notebook, "new", "page", "guests", "--template", "host", "--title", "Guests")).toMatchObject({
    status: 0,
    stdout: `${join(notebook, "pages/guests.md")}\n`
  });
  expect(readFileSync(join(notebook, "pages/guests.md"), "utf8")).toContain("# Guests\n");
  for (const args of [["guests"], ["../up"], ["A"], ["x", "--template", "none"]])
    expect([args, flowbook(notebook, "new", "page", ...args).status]).toEqual([args, 2]);
  expect(existsSync(join(notebook, "up.md"))).toBe(false);
});

it("every template makes a page that is built without an error, beside the notebook's own pages", async () => {
  await makeLake(join(notebook, "lake"), 300);
  for (const name of ["blank", "investigation", "compare", "weekly", "performance"])
    expect(flowbook(notebook, "new", "page", name, "--template", name).status).toBe(0);
  const {status, stderr, stdout} = flowbook(notebook, "build", "--json");
  expect([status, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout).problems).toEqual([]);
  for (const page of ["index", "pages/first", "pages/guests", "pages/weekly"])
    expect([page, existsSync(join(notebook, `dist/${page}.html`))]).toEqual([page, true]);
  expect(readFileSync(join(notebook, "dist/index.html"), "utf8")).toContain('<a href="./pages/guests.html">Guests</a>');
}, 120_000);

it("a folder that is not there is told with the remedy", () => {
  writeFileSync(join(top, "flowbook.toml"), 'notebook = "gone"\n');
  const {status, stderr} = flowbook(top, "new", "page", "x");
  expect([status, stderr.split("\n")[0]]).toEqual([3, `flowbook: notebook: ${join(top, "gone")} is no folder`]);
});

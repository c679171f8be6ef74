import {spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {makeLake} from "../fixtures/make-lake.ts";
import {absentUnless, itUnless} from "../needs.ts";

const checkout = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-build-"));
const lake = join(folder, "lake");
const output = join(folder, "site");

beforeAll(() => makeLake(lake, 500));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** A command that runs another without any network, loopback included; null where the system has none or forbids it. */
const isolate = [
  ["unshare", "-n"],
  ["unshare", "-rn"]
].find(([command, option]) => spawnSync(command, [option, "true"]).status === 0);

itUnless(absentUnless(isolate, "no unshare -n"))(
  "a site is built without any network, whole, with nothing of another origin in it",
  () => {
    const [command, ...options] = isolate!;
    const build = [join(checkout, "bin/flowbook.js"), "build", "--lake", lake, "-o", output, "--json"];
    const {status, stdout, stderr} = spawnSync(command, [...options, process.execPath, ...build], {
      encoding: "utf8",
      cwd: folder
    });
    expect([status, stderr]).toEqual([0, ""]);
    const summary = JSON.parse(stdout);
    const pages = readdirSync(join(checkout, "src")).filter((name) => name.endsWith(".md"));
    expect(summary).toMatchObject({output, pages: pages.length});
    for (const page of pages) {
      const html = readFileSync(join(output, page.replace(/\.md$/, ".html")), "utf8");
      expect(html).not.toContain("observablehq--error");
      expect(html).toContain("Content-Security-Policy");
      // Namespaces and what a page says are no requests; what it loads or links to is.
      const loaded = [...html.matchAll(/(?:src|href)="(\w+:)?\/\/[^"]*"/g)].map(([text]) => text);
      expect(loaded).toEqual([]);
    }
    expect(existsSync(join(output, "_file/data"))).toBe(true);
  }
);

it("a lake that is not there is an error; nothing is written", () => {
  const build = [
    join(checkout, "bin/flowbook.js"),
    "build",
    "--lake",
    join(folder, "no/such"),
    "-o",
    join(folder, "other")
  ];
  const {status, stderr} = spawnSync(process.execPath, build, {encoding: "utf8"});
  expect([status, stderr.split("\n")[0]]).toEqual([
    4,
    `flowbook: build: there is no lake at ${join(folder, "no/such")}`
  ]);
  expect(existsSync(join(folder, "other"))).toBe(false);
});

it("a page that is not there, and a folder that is no site, are the caller's mistakes", () => {
  const build = (...args: string[]) =>
    spawnSync(process.execPath, [join(checkout, "bin/flowbook.js"), "build", "--lake", lake, ...args], {
      encoding: "utf8",
      cwd: folder
    });
  const page = build("--single-file", "--page", "nosuch", "-o", join(folder, "x.html"));
  expect([page.status, page.stderr]).toEqual([
    2,
    "flowbook: build: expected the name of a page, found no page nosuch\n"
  ]);
  const place = build("-o", folder);
  expect([place.status, place.stderr]).toEqual([
    2,
    `flowbook: build: ${folder} exists and is not a site of flowbook's; nothing was written. Choose another folder\n`
  ]);
});

import {execFileSync} from "node:child_process";
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {afterEach, beforeEach, expect, it} from "vitest";
import {pageFileProblem, pageFiles} from "../../server/notebook/page-files.ts";
import {sidebar} from "../../server/notebook/sidebar.ts";
import {itUnless, onWindows} from "../needs.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flowbook-sidebar-"));
});
afterEach(() => rmSync(root, {recursive: true}));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), {recursive: true});
  writeFileSync(join(root, path), text);
}

const chapters = [
  {name: "What happened", open: true, pages: [{name: "Overview", path: "/index"}]},
  {name: "Traffic", open: false, pages: [{name: "Flows", path: "/flows"}]}
];

it("has the chapters' pages that are there, and no chapter without one", () => {
  put("index.md", "# Overview");
  expect(sidebar(root, chapters)).toEqual([{...chapters[0], collapsible: true, path: null, pager: null}]);
});

it("has readers' pages in a chapter of their own, under their titles; asked again, it sees those that came meanwhile", () => {
  put("flows.md", "# Flows");
  put("pages/guests.md", "---\ntitle: 'Guests, by day'\n---\n");
  const before = sidebar(root, chapters);
  put("by-service.md", "# Services\n");
  put("pages/[id].md", "# One of many");
  put("404.md", "# Not found");
  const after = sidebar(root, before);
  expect(after.map(({name, pages}) => [name, pages])).toEqual([
    ["Traffic", [{name: "Flows", path: "/flows"}]],
    [
      "Your pages",
      [
        {name: "Services", path: "/by-service"},
        {name: "Guests, by day", path: "/pages/guests"}
      ]
    ]
  ]);
});

itUnless(onWindows)("of a stranger's folder only plain files are pages, and no link leads out of it", () => {
  mkdirSync(join(root, "mine"));
  symlinkSync(join(root, "mine"), join(root, "pages"));
  put("mine/a.md", "# A");
  put("mine/deep/b.md", "# B");
  put("mine/.hidden/c.md", "# C");
  symlinkSync("/", join(root, "mine/everything"));
  symlinkSync("..", join(root, "mine/deep/again"));
  symlinkSync("itself.md", join(root, "mine/itself.md"));
  symlinkSync("nowhere", join(root, "mine/gone.md"));
  symlinkSync("/dev/zero", join(root, "mine/zero.md"));
  execFileSync("mkfifo", [join(root, "mine/pipe.md")]);
  const isPage = (name: string) => name.endsWith(".md");
  expect(pageFiles(root, isPage).sort()).toEqual(["mine/a.md", "mine/deep/b.md", "pages/a.md", "pages/deep/b.md"]);
  expect(sidebar(root, []).flatMap(({pages}) => pages)).toEqual([{name: "A", path: "/pages/a"}]);
  const problem = (path: string) => pageFileProblem(join(root, path));
  expect([problem("mine/a.md"), problem("mine/pipe.md"), problem("mine/zero.md")]).toEqual([
    null,
    "expected a plain file",
    "expected a plain file"
  ]);
});

it("a page that is too large, has very many expressions, or whose front matter would become huge, is told and not read", () => {
  put("large.md", "a".repeat(1024 ** 2 + 1));
  const bomb = Array.from({length: 9}, (_, n) => `x${n + 1}: &x${n + 1} [${Array(9).fill(`*x${n}`).join(",")}]`);
  put("laughs.md", `---\nx0: &x0 lol\n${bomb.join("\n")}\ntitle: *x9\n---\nha\n`);
  put("few.md", "---\na: &a 1 * 2\nb: *a\n---\n*one* and *two*\n");
  const problem = (path: string) => pageFileProblem(join(root, path));
  put("cells.md", "${".repeat(2001));
  put("many.md", "${\n".repeat(2000));
  expect(problem("cells.md")).toMatch(/^expected 2,000 expressions .* at most, found 2,001$/);
  expect(problem("many.md")).toBe(null);
  expect(problem("large.md")).toBe("expected a page of 1 MB at most, found 1,048,577 bytes");
  expect(problem("laughs.md")).toMatch(
    /^expected front matter of 64 KB and 16 aliases at most, found .* and 82 aliases$/
  );
  expect(problem("few.md")).toBe(null);
});

import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {afterEach, beforeEach, expect, it} from "vitest";
import {sidebar} from "../../server/notebook/sidebar.ts";

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

import {readdirSync, readFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {expect, it} from "vitest";

const folder = resolve(import.meta.dirname, "../../docs/decisions");
const files = readdirSync(folder)
  .filter((name) => name !== "README.md")
  .sort();
const text = (name: string) => readFileSync(join(folder, name), "utf8");

it("the index of decisions lists each file once, under its title", () => {
  const listed = [...text("README.md").matchAll(/^- \[(.+)\]\((.+\.md)\)$/gm)];
  expect(listed.map(([, , name]) => name).sort()).toEqual(files);
  for (const [, title, name] of listed) expect(text(name).split("\n")[0]).toBe(`# ${title}`);
});

it.each(files)("%s has a date and a status; a superseding decision exists", (name) => {
  const [, date, status] =
    /^Date: (\d{4}-\d{2}-\d{2})\. Status: (.+)\.$/m.exec(text(name)) ?? expect.fail("no line «Date: … Status: ….»");
  expect(Number.isNaN(Date.parse(date))).toBe(false);
  expect(status).toMatch(/^(accepted|rejected|superseded by \[.+\]\((.+\.md)\))$/);
  const successor = /\((.+\.md)\)/.exec(status)?.[1];
  if (successor) expect(files).toContain(successor);
});

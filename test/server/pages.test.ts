import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {FastifyInstance} from "fastify";
import {afterAll, beforeAll, expect, it} from "vitest";
import {createHttp} from "../../server/http.ts";
import {pageRoutes} from "../../server/routes/pages.ts";

const project = mkdtempSync(join(tmpdir(), "flowbook-pages-"));
let server: FastifyInstance;

beforeAll(async () => {
  mkdirSync(join(project, "src/pages"), {recursive: true});
  server = createHttp();
  await server.register(pageRoutes, {project});
});
afterAll(async () => {
  await server.close();
  rmSync(project, {recursive: true});
});

const keep = (payload: object) => server.inject({method: "POST", url: "/api/pages", payload});
const sql = "SELECT service, count(*) AS flows FROM flows GROUP BY 1;";

it("what a reader asked becomes a page of the notebook", async () => {
  const kept = await keep({
    name: "by-service",
    title: "By service",
    sql,
    chart: {mark: "bar", x: "service", y: "flows"}
  });
  expect([kept.statusCode, kept.json()]).toEqual([200, {path: "/pages/by-service"}]);
  expect(readFileSync(join(project, "src/pages/by-service.md"), "utf8")).toBe(`---
title: "By service"
---

# By service

\`\`\`sql id=answer
SELECT service, count(*) AS flows FROM flows GROUP BY 1
\`\`\`

\`\`\`js
display(Plot.plot({
  marginLeft: 120,
  marks: [Plot.barX(answer, {x: "flows", y: "service", sort: {y: "-x", limit: 40}, tip: true})]
}));
\`\`\`

\`\`\`js
display(Inputs.table(answer, {select: false}));
\`\`\`
`);
});

it("a page that is there stays; names that lead elsewhere, and texts that are more than one statement, are refused", async () => {
  const evil = [
    {name: "by-service", title: "Again", sql},
    {name: "../index", title: "Up", sql},
    {name: "a/b", title: "Down", sql},
    {name: "x", title: "<img src=x onerror=alert(1)>", sql},
    {name: "x", title: "Two\nlines", sql},
    {name: "x", title: "Ends", sql: "SELECT 1\n```\n\n```js\nalert(1)\n```"},
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what must not run
    {name: "x", title: "Runs", sql: "SELECT ${alert(1)}"},
    {name: "x", title: "Chart", sql, chart: {mark: "script", x: "a", y: "b"}}
  ];
  for (const each of evil)
    expect([each.name, each.title, (await keep(each)).statusCode]).toEqual([each.name, each.title, 400]);
  expect(readdirSync(join(project, "src/pages"))).toEqual(["by-service.md"]);
});

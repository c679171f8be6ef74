import {existsSync, mkdirSync, symlinkSync} from "node:fs";
import {join, resolve} from "node:path";
import type {Page} from "playwright-core";
import {afterAll, describe, expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import type {Value} from "../../schema/engine.ts";
import {buildSite} from "../../server/notebook/build.ts";
import {openNotebook} from "../../server/notebook/notebook.ts";
import {startServer} from "../../server/start.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {describeUnless} from "../needs.ts";
import {makeProject} from "../server/project.ts";
import {noChromium} from "./chromium.ts";
import {type Reader, readerOf, type Served} from "./reader.ts";
import {serveFiles} from "./serve-files.ts";

// Framework tells of every socket and message.
console.log = () => {};

const checkout = resolve(import.meta.dirname, "../..");

const page = `---
sql:
  ports: ./ports.csv
  again: flows
---

# Cells

\`\`\`sql id=services
SELECT proto, count(*) AS flows, min(ts_start) AS first FROM flows GROUP BY 1 ORDER BY 1
\`\`\`

\`\`\`js
const least = view(Inputs.range([0, 1e6], {label: "At least", step: 1, value: 0}));
\`\`\`

\`\`\`sql id=big
SELECT name, count(*) AS flows FROM again JOIN ports USING (dst_port) WHERE src_wire_bytes >= \${least} GROUP BY 1 ORDER BY 1
\`\`\`

\`\`\`js
display(Plot.barX(services, {x: "flows", y: "proto"}).plot());
display(Inputs.table(services));
\`\`\`

<p id="big">\${big.toArray().map(({name, flows}) => \`\${name} \${flows}\`).join(", ")}</p>
<p id="text">\${(await sql\`SELECT count(*) AS n FROM flows WHERE service = \${"' OR 1 = 1 --"}\`).get(0).n}</p>
<p id="list">\${(await sql\`SELECT count(*) AS n FROM flows WHERE proto IN (\${[6, 17]}) AND ts_start > \${new Date(0)}\`).get(0).n}</p>
`;

const wrong = "# Wrong\n\n```sql\nSELECT *\nFROM flows WHERE nope = 1\n```\n";
const ports = "dst_port,name\n53,names\n443,web\n22,shell\n80,plain\n5000,made\n";

// One for all: a process finds its modules where it found them first.
const project = makeProject();
afterAll(() => project.remove());

async function fillProject(): Promise<void> {
  if (existsSync(project.lake)) return;
  for (const name of ["components", "lib"]) symlinkSync(join(checkout, "src", name), join(project.folder, "src", name));
  project.put("src/index.md", "# Index\n");
  project.put("src/cells.md", page);
  project.put("src/ports.csv", ports);
  project.put("src/wrong.md", wrong);
  project.put("src/broken.md", '# Broken\n\n```js\nimport {none} from "./none.js";\n```\n');
  mkdirSync(project.lake);
  await makeLake(project.lake, 500);
}

interface Lake extends Served {
  rows(sql: string): Promise<readonly (readonly Value[])[]>;
}

async function rowsOf(lake: string, sql: string) {
  const engine = await openLake(lake);
  try {
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
}

async function served(): Promise<Lake> {
  await fillProject();
  const server = await startServer({
    lake: project.lake,
    project: project.folder,
    host: "127.0.0.1",
    port: 0,
    anyPort: false,
    publicOrigin: null,
    uploadLimitBytes: 1e6,
    settings: {},
    firstCaptures: [],
    now: Date.now
  });
  return {
    server,
    rows: (sql) => rowsOf(project.lake, sql),
    close: () => server.close()
  };
}

async function built(): Promise<Lake> {
  await fillProject();
  const site = join(project.folder, "site");
  const {problems} = await buildSite(await openNotebook(project.folder, project.lake), site, () => {});
  expect(problems.map(({page}) => page).sort()).toEqual(["broken", "wrong"]);
  const files = await serveFiles(site);
  return {
    server: files,
    rows: (sql) => rowsOf(project.lake, sql),
    close: () => files.close()
  };
}

const answersAsTheLake = (reader: Reader<Lake>) => {
  it("a cell without inputs shows what the lake answers, as a chart and as a table", async () => {
    const page = await reader.open("/cells.html");
    const protos = await reader.served.rows("SELECT proto, count(*), min(ts_start) FROM flows GROUP BY 1 ORDER BY 1");
    await expect.poll(() => page.locator("main figure rect, main svg[class*=plot] rect").count()).toBe(protos.length);
    const cells = await page
      .locator("main table tbody tr")
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll("td")].slice(1).map((cell) => cell.textContent))
      );
    const date = (micros: Value) => new Date(Number(micros) / 1000).toISOString().slice(0, 10);
    expect(cells.map((row) => [row[0], row[1], row[2]?.slice(0, 10)])).toEqual(
      protos.map(([proto, flows, first]) => [String(proto), Number(flows).toLocaleString("en"), date(first)])
    );
  });

  it("a cell with an input follows it, over a file of the page's own; what is bound stays a value", async () => {
    const page = await reader.open("/cells.html");
    const expected = async (least: number) => {
      const names = new Map(
        ports
          .trim()
          .split("\n")
          .slice(1)
          .map((line) => line.split(",") as [string, string])
      );
      const rows = await reader.served.rows(
        `SELECT dst_port, count(*) FROM flows WHERE src_wire_bytes >= ${least} AND dst_port IN (${[...names.keys()]}) GROUP BY 1`
      );
      return rows
        .map(([port, flows]) => `${names.get(String(port))} ${flows}`)
        .sort()
        .join(", ");
    };
    const before = await expected(0);
    expect(before).not.toBe("");
    await expect.poll(() => page.locator("#big").textContent()).toBe(before);
    const [[median]] = await reader.served.rows("SELECT CAST(median(src_wire_bytes) AS INTEGER) FROM flows");
    await page.getByLabel("At least").first().fill(String(median));
    const after = await expected(Number(median));
    expect(after).not.toBe(before);
    await expect.poll(() => page.locator("#big").textContent()).toBe(after);
    await expect.poll(() => page.locator("#text").textContent()).toBe("0");
    const [[all]] = await reader.served.rows("SELECT count(*) FROM flows WHERE proto IN (6, 17)");
    await expect.poll(() => page.locator("#list").textContent()).toBe(String(all));
  });

  it("a wrong statement says in its cell what is wrong, with a caret under the place", async () => {
    const page = await reader.open("/wrong.html");
    const said = page.locator(".observablehq--error").first();
    await said.waitFor();
    const lines = ((await said.textContent()) ?? "").split("\n");
    const at = lines.findIndex((line) => line.startsWith("LINE 2:"));
    expect(lines[at].slice(lines[at + 1].indexOf("^")).startsWith("nope")).toBe(true);
    await complaintsOf(reader, page);
  });

  it("a page that lacks a module says so itself, and the others are there", async () => {
    const page = await reader.open("/broken.html");
    await expect.poll(() => page.locator(".observablehq--error").textContent()).toContain("none.js");
    await complaintsOf(reader, page);
  });
};

/** Takes what the browser reports of the one error that was to be. */
async function complaintsOf(reader: Reader<Lake>, page: Page) {
  await page.waitForLoadState("networkidle");
  reader.browser.problems.splice(0);
}

describeUnless(noChromium)("SQL in pages", () => {
  describe("that a server answers", () => answersAsTheLake(readerOf(served)));

  describe("of a static site", () => {
    const reader = readerOf(built);
    answersAsTheLake(reader);

    it("states what travels", async () => {
      const page = await reader.open("/cells.html");
      const [[flows]] = await reader.served.rows("SELECT count(*) FROM flows");
      await expect.poll(() => page.getByTestId("carried-tables").textContent()).toContain(`again (${flows} rows, `);
    });
  });
});

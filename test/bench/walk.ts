/**
 * `npm run walk [-- [--shots DIR] [--pages a,b] [--lakes a,b] [--looks light-1400,dark-360] [--figures] CAPTURE-OR-LAKE…]`: looks at every page in both
 * themes, 1400 and 360 px wide, on the demo capture, on an empty lake, and on captures and lakes named. Says what a page complains of, asks of others, what axe finds, what reaches beyond
 * the window, texts that are cut, and words that no reader should see. `--shots` keeps a picture of each look, `--figures` compares
 * the rows of each chart with those of the SQL that it shows.
 */
import {mkdirSync, statSync} from "node:fs";
import {basename, join, resolve} from "node:path";
import {parseArgs} from "node:util";
import type {Page} from "playwright-core";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {askSql} from "../../loaders/questions/ask.ts";
import {accessibilityProblems, chromiumPath, overflow, watchBrowser} from "../browser/chromium.ts";
import {pagePaths, serveNotebook} from "../browser/notebook-under-test.ts";
import {settled} from "../browser/reader.ts";
import {type Ask, compareFigures} from "./figures.ts";

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    shots: {type: "string"},
    pages: {type: "string"},
    lakes: {type: "string"},
    looks: {type: "string"},
    figures: {type: "boolean"}
  }
});
if (!chromiumPath) throw new Error("no Chromium (install it, or set CHROMIUM)");
if (values.shots) mkdirSync(values.shots, {recursive: true});

const looks = [
  {colorScheme: "light", width: 1400},
  {colorScheme: "dark", width: 1400},
  {colorScheme: "light", width: 360},
  {colorScheme: "dark", width: 360}
] as const;
const wantedLooks = looks.filter(
  ({colorScheme, width}) => !values.looks || values.looks.split(",").includes(`${colorScheme}-${width}`)
);
const wanted = values.pages?.split(",");
const paths = [...pagePaths, "/live.html", "/sql.html", "/gallery.html"].filter(
  (path) => !wanted || wanted.includes(path.slice(1, -5))
);
const lakes = [
  {name: "demo", lake: undefined, captures: undefined},
  {name: "empty", lake: undefined, captures: []},
  ...positionals.map((path) => ({
    name: basename(path).replace(/\W+/g, "-"),
    ...(statSync(path).isDirectory()
      ? {lake: resolve(path), captures: []}
      : {lake: undefined, captures: [resolve(path)]})
  }))
].filter(({name}) => !values.lakes || values.lakes.split(",").includes(name));

/** In the page: the elements that end farthest to the right, and are not scrolled within another one. */
const widest = `(() => {
  const width = document.documentElement.clientWidth;
  const isScrolled = (node) => { for (let at = node.parentElement; at; at = at.parentElement) if (getComputedStyle(at).overflowX !== "visible" && at !== document.body && at !== document.documentElement) return true; return false; };
  return [...document.querySelectorAll("main *")].filter((node) => node.getBoundingClientRect().right > width + 1 && !isScrolled(node))
    .slice(0, 3).map((node) => node.outerHTML.slice(0, 120)).join(" | ");
})()`;

/** In the page: texts that are cut without a way to read them, and values that were never meant to be shown. */
const oddTexts = `(() => {
  const found = [];
  const short = (text) => text.trim().replace(/\\s+/g, " ").slice(0, 60);
  for (const node of document.querySelectorAll("main *")) {
    const own = [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.nodeValue).join("");
    if (!own.trim() || node.closest("pre, code, textarea, script, style, [hidden]")) continue;
    if (/\\b(?:undefined|NaN|Invalid Date)\\b|\\[object \\w+\\]/.test(own)) found.push("odd word: " + short(own));
    const box = node.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    if (node.closest("svg")) {
      const frame = node.closest("svg").getBoundingClientRect();
      const style = getComputedStyle(node);
      if (style.visibility === "hidden" || style.opacity === "0") continue;
      if (box.right > frame.right + 2 || box.left < frame.left - 2 || box.bottom > frame.bottom + 3 || box.top < frame.top - 3) found.push("text beyond its drawing: " + short(own));
      continue;
    }
    const style = getComputedStyle(node);
    const isCut = style.overflowX === "hidden" && node.scrollWidth > node.clientWidth + 1 && style.clip === "auto";
    if (isCut && !node.title && !node.closest("[title]")) found.push("cut text: " + short(own));
  }
  return [...new Set(found)].slice(0, 8);
})()`;

let found = 0;
const compared = {charts: 0, lists: 0, figures: 0};
for (const {name, lake, captures} of lakes) {
  const served = await serveNotebook({lake, captures});
  const browser = await watchBrowser(served.server.url);
  try {
    // tsx names functions by a helper that a page does not have.
    await browser.context.addInitScript("globalThis.__name = (named) => named");
    const first = await browser.open(served.server.link.slice(served.server.url.length));
    await first.waitForURL("**/index.html");
    await first.close();
    const of = await addresses(served.rows);
    const engine = values.figures ? await openLake(served.lake, {timeoutMs: 600_000}) : undefined;
    const ask = engine && askedOnce((sql) => askSql(engine, sql));
    try {
      for (const path of paths)
        await look(name, path + (of[path] ?? ""), await browser.open(path + (of[path] ?? "")), browser, ask);
    } finally {
      await engine?.close();
    }
  } finally {
    await browser.close();
    await served.close();
  }
}
if (values.figures)
  console.info(
    `compared with their SQL: the rows of ${compared.charts} charts, the length of ${compared.lists} lists, ${compared.figures} figures`
  );
console.info(found === 0 ? "nothing found" : `${found} found`);

/** What pages of one thing are opened with: the busiest host, the gravest incident. */
async function addresses(rows: (sql: string) => Promise<readonly (readonly unknown[])[]>) {
  const [host] = await rows(
    "SELECT h FROM (SELECT src_ip AS h FROM flows UNION ALL SELECT dst_ip FROM flows) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
  );
  const [incident] = await rows(
    "SELECT incident_id FROM incidents ORDER BY list_position(['low', 'medium', 'high'], severity) DESC, flows DESC, 1 LIMIT 1"
  );
  return {
    ...(host ? {"/host.html": `#host=${host[0]}`} : {}),
    ...(incident ? {"/incident.html": `#incident=${incident[0]}`} : {})
  } as Record<string, string>;
}

/** Pages share charts, and all of them the headline: each statement is run once. */
function askedOnce(ask: Ask): Ask {
  const known = new Map<string, ReturnType<Ask>>();
  return (sql) => {
    const answer = known.get(sql) ?? ask(sql);
    known.set(sql, answer);
    return answer;
  };
}

async function look(
  lake: string,
  path: string,
  page: Page,
  browser: {readonly problems: string[]; readonly foreign: string[]},
  ask: Ask | undefined
): Promise<void> {
  const told = new Set<string>();
  const tell = (where: string, what: string) => {
    if (told.has(what)) return;
    told.add(what);
    found++;
    console.info(`${lake} ${path} ${where}: ${what}`);
  };
  for (const {colorScheme, width} of wantedLooks) {
    const where = `${colorScheme} ${width}`;
    try {
      await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
      await page.setViewportSize({width, height: 900});
      await settled(page);
      await page.waitForFunction(`!document.querySelector('[aria-busy="true"]')`);
      // The gallery shows what other libraries draw, as they draw it.
      if (path !== "/gallery.html")
        for (const problem of await accessibilityProblems(page)) tell(where, `axe: ${problem}`);
      const beyond = await overflow(page);
      if (beyond > 0) tell(where, `reaches ${beyond} px beyond the window: ${await page.evaluate(widest)}`);
      // Conformance tells which of CICFlowMeter's values are NaN.
      for (const text of (await page.evaluate(oddTexts)) as string[])
        if (path !== "/gallery.html" && !(path === "/conformance.html" && text.includes("NaN"))) tell(where, text);
      if (ask && colorScheme === wantedLooks[0].colorScheme && width === wantedLooks[0].width) {
        const figures = await compareFigures(page, ask);
        compared.charts += figures.charts;
        compared.lists += figures.lists;
        compared.figures += figures.figures;
        console.info(
          `${lake} ${path}: ${figures.charts} charts, ${figures.lists} lists, ${figures.figures} figures compared`
        );
        for (const wrong of figures.wrong) tell(where, `not its SQL: ${wrong}`);
      }
      if (values.shots) {
        const name = `${lake}-${path.slice(1).replace(/\.html.*/, "")}-${colorScheme}-${width}.png`;
        await page.screenshot({path: join(values.shots, name), fullPage: true});
      }
    } catch (error) {
      tell(where, (error as Error).message.split("\n")[0]);
    }
  }
  await page.close();
  for (const problem of browser.problems.splice(0)) tell("any", problem);
  for (const url of browser.foreign.splice(0)) tell("any", `asked ${url}`);
}

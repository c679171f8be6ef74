/**
 * `npm run latency [FLOWS] [LAKE]`: how long a reader waits for pages of a made lake (a million flows without a number), in
 * Chromium over the notebook's own server: the first chart, the next page, a step of a drag, the cards that are seen after it
 * is let go and after a pick, then all cards, a sort, a flow that is opened, and the tab's memory. A folder for the lake keeps it
 * for the next time. Times are of this machine as busy as it is: the load is printed, and what each wait took of the processors.
 */
import {existsSync} from "node:fs";
import {loadavg} from "node:os";
import {join} from "node:path";
import type {Page} from "playwright-core";
import {chromiumPath, watchBrowser} from "../browser/chromium.ts";
import {serveNotebook} from "../browser/notebook-under-test.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {processCpu} from "./process-cpu.ts";
import {at, drag, isAtRest, isSeenAtRest, settledAfterDrag, sortAndOpen, until, volume} from "./reader-steps.ts";

const flows = Number(process.argv[2] ?? 1_000_000);
const kept = process.argv[3];
const rounds = 5;
const hoverMs = 400;
/** Milliseconds at most at a million flows, of 95 in 100; for information on a busy machine. */
const wanted: Readonly<Record<string, number>> = {
  "first chart": 1500,
  "next page": 500,
  "drag step": 50,
  pick: 200,
  sort: 300,
  "open a flow": 200
};
/** Of each wait, what pages, queries and the server (with what drives the browser) used of the processors, in ms. */
const used = new Map<string, [page: number, queries: number, server: number][]>();
const times = new Map<string, number[]>();
const note = (what: string, ms: number) => times.set(what, [...(times.get(what) ?? []), ms]);

if (!chromiumPath) throw new Error("no Chromium (install it, or set CHROMIUM)");
const served = await serveNotebook({
  firstCapture: null,
  lake: kept,
  fill: async (lake) => void (existsSync(join(lake, "flows")) || (await makeLake(lake, flows)))
});
const browser = await watchBrowser(served.server.url, {viewport: {width: 1400, height: 900}});
try {
  const {url, link} = served.server;
  const first = await browser.open(link.slice(url.length));
  await first.waitForURL("**/index.html");
  await first.close();
  for (let round = 0; round < rounds; round++) await visit(round);
  report();
} finally {
  await browser.close();
  await served.close();
}

async function visit(round: number): Promise<void> {
  const page = await browser.context.newPage();
  await timed(round === 0 ? "first chart, cold" : "first chart", async () => {
    await page.goto(`${served.server.url}/index.html`);
    await until(page, volume);
  });
  await until(page, isAtRest);
  await dragged(page, round);
  await page.getByTestId("filter-reset").click();
  await until(page, isAtRest);
  const service = page.locator('[data-testid="chart-services"] .fb-pickable').nth(round % 5);
  // Nobody clicks in the moment in which the pointer arrives.
  await service.hover();
  await page.waitForTimeout(hoverMs);
  await timed("pick, all cards", async (within) => {
    await service.click();
    await until(page, isSeenAtRest);
    note("pick", within());
    await until(page, isAtRest);
  });
  await page.getByTestId("filter-reset").click();
  await until(page, isAtRest);
  await timed("next page", async () => {
    await page.locator("#observablehq-sidebar a[href*=protocols]").first().click();
    await until(page, `document.querySelector('[data-testid="chart-mix"] svg')`);
  });
  await page.locator("#observablehq-sidebar a[href*=flows]").first().click();
  await sortAndOpen(page, timed);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const {usedSize} = await devtools.send("Runtime.getHeapUsage");
  note("heap of the tab, MB", usedSize / 1e6);
  await page.close();
}

/** What is asked while the pointer moves, and how long all cards take once it is let go, in another window each round. */
async function dragged(page: Page, round: number): Promise<void> {
  let requests = 0;
  let before: number | null = null;
  page.on("request", (request) => void (requests += Number(request.url().includes("/api/answers"))));
  const noteStep = (ms: number) => {
    before ??= requests;
    note("drag step", ms);
  };
  const letGo = await drag(page, noteStep, round * 0.04);
  note("requests while dragging", requests - (before ?? 0));
  await timed("let go, all cards", async (within) => {
    await letGo();
    await settledAfterDrag(page, () => note("let go", within()));
  });
}

/** `work` may ask how many milliseconds have passed. */
async function timed(what: string, work: (within: () => number) => Promise<void>): Promise<void> {
  const before = processCpu();
  const from = performance.now();
  await work(() => performance.now() - from);
  note(what, performance.now() - from);
  const after = processCpu();
  const each = [after.page - before.page, after.queries - before.queries, after.own - before.own] as const;
  used.set(what, [...(used.get(what) ?? []), [...each]]);
}

function report(): void {
  console.info(
    `${flows.toLocaleString("en")} flows, ${rounds} rounds, load of the machine ${loadavg()[0].toFixed(1)}\n`
  );
  console.info(
    `${"".padEnd(26)}${"median".padStart(9)}${"p95".padStart(9)}${"wanted".padStart(9)}${"page".padStart(11)}${"queries".padStart(9)}${"server".padStart(9)}  CPU ms, median`
  );
  for (const [what, all] of times) {
    const cpu = [0, 1, 2].map((k) =>
      used.has(what)
        ? at(
            used.get(what)!.map((each) => each[k]),
            0.5
          )
        : null
    );
    const number = (value: number) =>
      (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en")).padStart(9);
    console.info(
      `${what.padEnd(26)}${number(at(all, 0.5))}${number(at(all, 0.95))}${(wanted[what] === undefined ? "" : String(wanted[what])).padStart(9)}${cpu.map((ms, k) => (ms === null ? "" : Math.round(ms).toLocaleString("en")).padStart(k ? 9 : 11)).join("")}`
    );
  }
  if (browser.problems.length > 0) console.info(`\n${browser.problems.join("\n")}`);
}

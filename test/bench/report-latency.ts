/**
 * `npm run report-latency REPORT.html [ROUNDS]`: how long a reader of a report in one file waits from opening it from disk
 * until its first chart, and until its first incident, by the page's own clock; each time in a new browser. What the page
 * takes of the processors stands beside it, as the time is of a machine as busy as it is.
 */
import {existsSync, statSync} from "node:fs";
import {loadavg} from "node:os";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";
import {chromiumPath, watchBrowser} from "../browser/chromium.ts";
import {processCpu} from "./process-cpu.ts";

const report = resolve(process.argv[2] ?? "");
const rounds = Number(process.argv[3] ?? 5);
if (!process.argv[2] || !existsSync(report)) throw new Error("expected the path of a report in one file");
if (!chromiumPath) throw new Error("no Chromium (install it, or set CHROMIUM)");

/** Notes, within the page, when the first element that matches is there: milliseconds since the document was asked for. */
const watch = `
  globalThis.firstSeen = {};
  const wanted = {chart: "main .fb-chart svg", incident: '[data-testid="incident-link"]'};
  const look = () => {
    for (const [name, selector] of Object.entries(wanted))
      if (!(name in firstSeen) && document.querySelector(selector)) firstSeen[name] = performance.now();
    if (Object.keys(firstSeen).length < Object.keys(wanted).length) requestAnimationFrame(look);
  };
  look();`;

console.info(
  `${report}: ${statSync(report).size.toLocaleString("en")} bytes; load of the machine ${loadavg()[0].toFixed(1)}`
);
for (let round = 0; round < rounds; round++) {
  const browser = await watchBrowser("file://");
  try {
    let requests = -1;
    browser.context.on("request", (request) => void (requests += Number(!/^(blob|data):/.test(request.url()))));
    await browser.context.addInitScript(watch);
    const page = await browser.context.newPage();
    const before = processCpu().page;
    await page.goto(pathToFileURL(report).href);
    await page.waitForFunction(
      "globalThis.firstSeen.chart !== undefined && globalThis.firstSeen.incident !== undefined"
    );
    const seen = (await page.evaluate("globalThis.firstSeen")) as {chart: number; incident: number};
    const heap = (await page.evaluate("performance.memory.usedJSHeapSize")) as number;
    console.info(
      `first chart ${Math.round(seen.chart)} ms, first incident ${Math.round(seen.incident)} ms, page ${processCpu().page - before} CPU ms, ` +
        `heap ${(heap / 1e6).toFixed(0)} MB, further requests ${requests}${browser.problems.length > 0 ? `, problems: ${browser.problems.join("; ")}` : ""}`
    );
  } finally {
    await browser.close();
  }
}

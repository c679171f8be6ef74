/**
 * `npm run readers [READERS] [FLOWS] [LAKE]`: how long so many readers (20 without a number) wait for pages at the same time,
 * over the notebook's own server. Chromium opens each page once and tells what it asks for; readers then ask the same, each with
 * a filter of its own, a page every three seconds, without what a browser keeps. Beside them somebody watches Live: what
 * counts there is the longest silence of its stream, since it says "disconnected" after three seconds.
 */
import {existsSync} from "node:fs";
import {loadavg} from "node:os";
import {join} from "node:path";
import {chromiumPath, watchBrowser} from "../browser/chromium.ts";
import {serveNotebook} from "../browser/notebook-under-test.ts";
import {settled} from "../browser/reader.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {processCpu} from "./process-cpu.ts";

interface Asked {
  readonly url: string;
  readonly body: string | null;
}

const readers = Number(process.argv[2] ?? 20);
const flows = Number(process.argv[3] ?? 1_000_000);
const kept = process.argv[4];
const pages = ["index", "protocols", "time-series", "hosts", "tcp", "notices", "dns", "scans"];
const filters: readonly object[] = [
  {},
  {services: ["dns"]},
  {protos: [6]},
  {services: ["tls"]},
  {verdicts: ["suspicious"]}
];
const lastsMs = 30_000;
const everyMs = 3000;
/** What a browser keeps. */
const isKept = /\/_(?:modules|npm|file)\/|\/_observablehq\/|\/_import\/.*\.js/;
/** A browser's connections to a server. */
const atOnce = 6;
/** How often the server was busy. */
let busy = 0;

if (!chromiumPath) throw new Error("no Chromium (install it, or set CHROMIUM)");
const served = await serveNotebook({
  firstCapture: null,
  lake: kept,
  fill: async (lake) => void (existsSync(join(lake, "flows")) || (await makeLake(lake, flows)))
});
const {url, link} = served.server;
try {
  const {asked, cookie} = await recorded();
  const over = new AbortController();
  const live = silence(cookie, over.signal);
  const before = processCpu();
  const begin = performance.now();
  const read = Array.from({length: readers}, (_, reader) => pagesOf(reader, asked, cookie, begin));
  const times = (await Promise.all(read).finally(() => over.abort())).flat();
  const after = processCpu();
  report(times, await live, {server: after.own - before.own, queries: after.queries - before.queries});
} finally {
  await served.close();
}

/** What each page asks for, in order, and the session of who opened them: a link opens one. */
async function recorded(): Promise<{asked: readonly (readonly Asked[])[]; cookie: string}> {
  const browser = await watchBrowser(url, {viewport: {width: 1400, height: 900}});
  try {
    // tsx names functions by a helper that a page does not have.
    await browser.context.addInitScript("globalThis.__name = (named) => named");
    const first = await browser.open(link.slice(url.length));
    await first.waitForURL("**/index.html");
    await first.close();
    const all: Asked[][] = [];
    for (const name of pages) {
      const page = await browser.context.newPage();
      const own: Asked[] = [];
      page.on("request", (request) => {
        const path = request.url().slice(url.length);
        if (request.url().startsWith(url) && !isKept.test(path) && !path.startsWith("/api/events"))
          own.push({url: path, body: request.postData()});
      });
      await page.goto(`${url}/${name}.html`);
      await settled(page);
      await page.waitForFunction(`!document.querySelector('[aria-busy="true"]')`);
      all.push(own);
      await page.close();
    }
    const [{name, value}] = await browser.context.cookies();
    return {asked: all, cookie: `${name}=${value}`};
  } finally {
    await browser.close();
  }
}

/** Opens a page every few seconds; the milliseconds of each. */
async function pagesOf(
  reader: number,
  asked: readonly (readonly Asked[])[],
  cookie: string,
  begin: number
): Promise<number[]> {
  const times: number[] = [];
  const filter = JSON.stringify(filters[reader % filters.length]);
  for (let turn = 0; ; turn++) {
    const at = begin + (turn + reader / readers) * everyMs;
    if (at > begin + lastsMs) return times;
    await new Promise((wake) => setTimeout(wake, Math.max(0, at - performance.now())));
    const from = performance.now();
    const [page, ...rest] = asked[(turn + reader) % asked.length];
    await get(page, filter, cookie);
    const waiting = [...rest];
    const next = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) await get(one, filter, cookie);
    };
    await Promise.all(Array.from({length: atOnce}, next));
    times.push(performance.now() - from);
  }
}

async function get({url: path, body}: Asked, filter: string, cookie: string): Promise<void> {
  const response = await fetch(url + path, {
    method: body === null ? "GET" : "POST",
    headers: {cookie, origin: url, ...(body === null ? {} : {"content-type": "application/json"})},
    body: body?.replace('"filter":{}', `"filter":${filter}`)
  });
  const words = response.ok ? await response.arrayBuffer() : await response.text();
  // A page asks again where the server is busy.
  if (response.status === 503) {
    busy++;
    await new Promise((wake) => setTimeout(wake, Number(response.headers.get("retry-after") ?? 1) * 1000));
    return get({url: path, body}, filter, cookie);
  }
  if (!response.ok) throw new Error(`${path}: ${response.status} ${words}`);
}

/** The longest time between two pieces of Live's stream until the end, in ms. */
async function silence(cookie: string, end: AbortSignal): Promise<number> {
  const response = await fetch(`${url}/api/events`, {headers: {cookie}, signal: end});
  let last = performance.now();
  let longest = 0;
  const stream = response.body!.getReader();
  while (!end.aborted) {
    await stream.read().catch((error) => {
      if (!end.aborted) throw error;
    });
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  return longest;
}

function report(times: readonly number[], silent: number, cpu: {server: number; queries: number}): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  console.info(
    `${readers} readers, ${times.length} pages in ${lastsMs / 1000} s, load of the machine ${loadavg()[0].toFixed(1)}`
  );
  console.info(`asked again as the server was busy: ${busy}`);
  console.info(`a page, ms: median ${at(0.5)}, p95 ${at(0.95)} (wanted 500), longest ${at(1)}`);
  console.info(
    `CPU ms a page: server (with the readers) ${(cpu.server / times.length).toFixed(1)}, queries ${(cpu.queries / times.length).toFixed(1)}`
  );
  console.info(`Live's stream was silent for ${Math.round(silent)} ms at most ("disconnected" after 3,000)`);
}

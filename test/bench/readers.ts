/**
 * `npm run readers [READERS] [FLOWS] [LAKE]`: how long so many readers (20 without a number) wait for pages at the same time,
 * over the notebook's own server. Chromium opens each page with each kind of filter once and tells what it asks for; readers then
 * ask the same with a service, host or protocol of their own, a page every three seconds, without what a browser keeps. Of
 * twenty, four look at everything and two at what is suspicious; no other two have the same filter. Beside them somebody watches Live:
 * what counts there is the longest silence of its stream, since it says "disconnected" after three seconds. Then readers
 * who look at everything or at what is suspicious alone, whose answers the server has.
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

/** A kind of filter: what pages are opened with, as it stands in their address and in what they ask, and who has which value in its place. */
interface Kind {
  readonly address: string;
  readonly texts: (value: string) => readonly string[];
  readonly values: readonly string[];
}

const readers = Number(process.argv[2] ?? 20);
const flows = Number(process.argv[3] ?? 1_000_000);
const kept = process.argv[4];
const pages = ["index", "protocols", "time-series", "hosts", "tcp", "notices", "dns", "scans"];
const lastsMs = 30_000;
const everyMs = 3000;
/** What a browser keeps. */
const isKept = /\/_(?:modules|npm|file)\/|\/_observablehq\/|\/_import\/.*\.js/;
/** A browser's connections to a server, and how many questions a page asks at a time. */
const atOnce = {files: 6, questions: 2};
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
  const kinds = await kindsOfFilter();
  const {asked, cookie} = await recorded(kinds);
  const filters = kinds.flatMap((kind, k) => kind.values.map((value) => ({kind, value, pages: asked[k]})));
  await measured("each with a filter of their own", filters, cookie);
  const shared = filters.filter(({value}) => value === "");
  await measured("without filters of their own", shared, cookie);
} finally {
  await served.close();
}

/** Lets all readers read for a while and tells how long they waited. */
async function measured(
  who: string,
  filters: readonly {kind: Kind; value: string; pages: readonly (readonly Asked[])[]}[],
  cookie: string
): Promise<void> {
  const over = new AbortController();
  const live = silence(cookie, over.signal);
  busy = 0;
  const before = processCpu();
  const begin = performance.now();
  const read = Array.from({length: readers}, (_, reader) => {
    const {kind, value, pages} = filters[reader % filters.length];
    const own = pages.map((page) => page.map((each) => withValue(each, kind, value)));
    return pagesOf(reader, own, cookie, begin);
  });
  const times = (await Promise.all(read).finally(() => over.abort())).flat();
  const after = processCpu();
  report(who, times, await live, {server: after.own - before.own, queries: after.queries - before.queries});
}

/** Services, hosts and protocols that have the most flows. */
async function kindsOfFilter(): Promise<readonly Kind[]> {
  const most = async (column: string, count: number) =>
    (
      await served.rows(
        `SELECT ${column} FROM flows WHERE ${column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ${count}`
      )
    ).map(([value]) => String(value));
  const [services, hosts, protos] = [await most("service", 6), await most("src_ip", 6), await most("proto", 2)];
  const nothing = () => [];
  return [
    {address: "", texts: nothing, values: ["", "", "", ""]},
    {address: `service=${services[0]}`, texts: (name) => [`["${name}"]`, `IN ('${name}')`], values: services},
    {address: `host=${hosts[0]}`, texts: (ip) => [`"host":"${ip}"`, `'${ip}'`], values: hosts},
    {address: "verdict=suspicious", texts: nothing, values: ["", ""]},
    {address: `proto=${protos[0]}`, texts: (number) => [`[${number}]`, `proto IN (${number})`], values: protos}
  ];
}

/** What a page asks with another value in its filter. */
function withValue({url: path, body}: Asked, {texts, values}: Kind, value: string): Asked {
  if (body === null) return {url: path, body};
  const own = texts(value);
  const replaced = (text: string) => texts(values[0]).reduce((all, said, k) => all.replaceAll(said, own[k]), text);
  const {sql, over, ...rest} = JSON.parse(body) as {sql?: string; over?: readonly number[]};
  if (sql === undefined || over === undefined) return {url: path, body: replaced(body)};
  const ends = over.map((end) => replaced(sql.slice(0, end)).length);
  return {url: path, body: JSON.stringify({...rest, sql: replaced(sql), over: ends})};
}

/** What each page asks for with each kind of filter, in order, and the session of who opened them: a link opens one. */
async function recorded(
  kinds: readonly Kind[]
): Promise<{asked: readonly (readonly (readonly Asked[])[])[]; cookie: string}> {
  const browser = await watchBrowser(url, {viewport: {width: 1400, height: 900}});
  try {
    // tsx names functions by a helper that a page does not have.
    await browser.context.addInitScript("globalThis.__name = (named) => named");
    const first = await browser.open(link.slice(url.length));
    await first.waitForURL("**/index.html");
    await first.close();
    const all: Asked[][][] = kinds.map(() => []);
    for (const [k, name] of kinds.flatMap((_, k) => pages.map((name) => [k, name] as const))) {
      const page = await browser.context.newPage();
      const own: Asked[] = [];
      page.on("request", (request) => {
        const path = request.url().slice(url.length);
        if (request.url().startsWith(url) && !isKept.test(path) && !path.startsWith("/api/events"))
          own.push({url: path, body: request.postData()});
      });
      const {address} = kinds[k];
      await page.goto(`${url}/${name}.html${address && `#${address}`}`);
      await settled(page);
      await page.waitForFunction(`!document.querySelector('[aria-busy="true"]')`);
      all[k].push(own);
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
  for (let turn = 0; ; turn++) {
    const at = begin + (turn + reader / readers) * everyMs;
    if (at > begin + lastsMs) return times;
    await new Promise((wake) => setTimeout(wake, Math.max(0, at - performance.now())));
    const from = performance.now();
    const [page, ...rest] = asked[(turn + reader) % asked.length];
    await get(page, cookie);
    const [files, questions] = [rest.filter(({body}) => body === null), rest.filter(({body}) => body !== null)];
    const all = async (waiting: Asked[], most: number) => {
      const next = async () => {
        for (let one = waiting.shift(); one; one = waiting.shift()) await get(one, cookie);
      };
      await Promise.all(Array.from({length: most}, next));
    };
    // A page's questions follow from its files.
    await all(files, atOnce.files);
    await all(questions, atOnce.questions);
    times.push(performance.now() - from);
  }
}

async function get({url: path, body}: Asked, cookie: string): Promise<void> {
  const response = await fetch(url + path, {
    method: body === null ? "GET" : "POST",
    headers: {cookie, origin: url, ...(body === null ? {} : {"content-type": "application/json"})},
    body
  });
  const words = response.ok ? await response.arrayBuffer() : await response.text();
  // A page asks again where the server is busy.
  if (response.status === 503) {
    busy++;
    await new Promise((wake) => setTimeout(wake, Number(response.headers.get("retry-after") ?? 1) * 1000));
    return get({url: path, body}, cookie);
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

function report(who: string, times: readonly number[], silent: number, cpu: {server: number; queries: number}): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  console.info(
    `${readers} readers ${who}, ${times.length} pages in ${lastsMs / 1000} s, load of the machine ${loadavg()[0].toFixed(1)}`
  );
  console.info(`asked again as the server was busy: ${busy}`);
  console.info(`a page, ms: median ${at(0.5)}, p95 ${at(0.95)} (wanted 500), longest ${at(1)}`);
  console.info(
    `CPU ms a page: server (with the readers) ${(cpu.server / times.length).toFixed(1)}, queries ${(cpu.queries / times.length).toFixed(1)}`
  );
  console.info(`Live's stream was silent for ${Math.round(silent)} ms at most ("disconnected" after 3,000)`);
}

/**
 * `npm run site-latency SITE [ROUNDS]`: how long a reader of a static site waits for its first chart, for a step of a drag,
 * for what follows when the drag is let go, for a list and a flow that is opened, and what memory the tab takes meanwhile and
 * at rest, each round in a new browser. Memory is what the tab's process has for itself (Linux: proc(5), `smaps_rollup`):
 * scripts' objects, arrays, the memory of WebAssembly and of workers, and what Chromium itself needs of a tab.
 */
import {existsSync, readdirSync, readFileSync} from "node:fs";
import {loadavg} from "node:os";
import {join, resolve} from "node:path";
import type {Page} from "playwright-core";
import {chromiumPath, watchBrowser} from "../browser/chromium.ts";
import {serveFiles} from "../browser/serve-files.ts";
import {processCpu} from "./process-cpu.ts";
import {at, drag, isAtRest, settledAfterDrag, sortAndOpen, until, volume} from "./reader-steps.ts";

const site = resolve(process.argv[2] ?? "");
const rounds = Number(process.argv[3] ?? 3);
if (!process.argv[2] || !existsSync(join(site, "index.html"))) throw new Error("expected the folder of a static site");
if (!chromiumPath) throw new Error("no Chromium (install it, or set CHROMIUM)");
/** For information on a busy machine. */
const wanted: Readonly<Record<string, number>> = {"drag step, ms": 150, "memory after the drag, MB": 600};
const noted = new Map<string, number[]>();
const note = (what: string, value: number) => noted.set(what, [...(noted.get(what) ?? []), value]);

const served = await serveFiles(site);
const problems: string[] = [];
try {
  for (let round = 0; round < rounds; round++) {
    const browser = await watchBrowser(served.url, {viewport: {width: 1400, height: 900}});
    try {
      await visit(await browser.context.newPage());
    } finally {
      problems.push(...browser.problems, ...browser.foreign);
      await browser.close();
    }
  }
} finally {
  await served.close();
}
console.info(`${site}: ${rounds} rounds, load of the machine ${loadavg()[0].toFixed(1)}\n`);
console.info(`${"".padEnd(34)}${["median", "p95", "wanted"].map((text) => text.padStart(9)).join("")}`);
for (const [what, all] of noted)
  console.info(
    `${what.padEnd(34)}${[at(all, 0.5), at(all, 0.95), wanted[what]].map((value) => (value === undefined ? "" : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString("en")).padStart(9)).join("")}`
  );
if (problems.length > 0) console.info(`\n${problems.join("\n")}`);

async function visit(page: Page): Promise<void> {
  const blank = tabBytes();
  const memory = (what: string) => note(`memory ${what}, MB`, tabBytes() / 1e6);
  let most = blank;
  const watch = setInterval(() => (most = Math.max(most, tabBytes())), 100);
  await timed("first chart", async () => {
    await page.goto(`${served.url}/index.html`);
    await until(page, volume);
  });
  await until(page, isAtRest);
  memory("of the first page");
  const letGo = await drag(page, (ms) => note("drag step, ms", ms));
  await timed("let go", async () => {
    await letGo();
    await settledAfterDrag(page);
  });
  memory("after the drag");
  await page.getByTestId("filter-reset").click();
  await until(page, isAtRest);
  await page.goto(`${served.url}/flows.html`);
  await sortAndOpen(page, timed);
  memory("of flows, one opened");
  clearInterval(watch);
  note("memory at most, MB", most / 1e6);
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const [cpu, from] = [processCpu().page, performance.now()];
  await work();
  note(`${what}, ms`, performance.now() - from);
  note(`${what}, CPU ms of the page`, processCpu().page - cpu);
}

/** Bytes of the largest renderer of this process's browser that no other process shares. */
function tabBytes(): number {
  const own = new Set([process.pid]);
  const found = readdirSync("/proc").flatMap((name) => {
    const parent = /^\d+$/.test(name) ? read(name, "stat").replace(/^.*\) \S+ (\d+).*$/s, "$1") : "";
    return parent ? [{pid: Number(name), parent: Number(parent)}] : [];
  });
  for (let before = 0; before !== own.size; ) {
    before = own.size;
    for (const {pid, parent} of found) if (own.has(parent)) own.add(pid);
  }
  const renderers = [...own].filter((pid) => read(String(pid), "cmdline").includes("--type=renderer"));
  return Math.max(
    0,
    ...renderers.map((pid) =>
      [...read(String(pid), "smaps_rollup").matchAll(/^Private_(?:Clean|Dirty): +(\d+)/gm)].reduce(
        (sum, [, kb]) => sum + 1024 * Number(kb),
        0
      )
    )
  );
}

/** Empty where the process has gone meanwhile. */
function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}

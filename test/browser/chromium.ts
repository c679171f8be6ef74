import {existsSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {delimiter, join} from "node:path";
import {type BrowserContext, type BrowserContextOptions, chromium, type Page} from "playwright-core";
import {absentUnless} from "../needs.ts";

/** The system's Chromium; null where there is none, then browser tests are left out. */
export const chromiumPath = findChromium();

/** The reason to skip tests in a browser. */
export const noChromium = absentUnless(chromiumPath, "no Chromium (install it, or set CHROMIUM)");

function findChromium(): string | null {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = ["chromium", "chromium-browser", "google-chrome"].flatMap((name) =>
    folders.map((at) => join(at, name))
  );
  return paths.find((path) => existsSync(path)) ?? null;
}

/** A browser that remembers what its pages asked for and complained about. */
export interface Watched {
  readonly context: BrowserContext;
  /** Requests to another origin than the one given. */
  readonly foreign: string[];
  /** Console errors, uncaught exceptions, and answers of 400 and above. */
  readonly problems: string[];
  open(path: string): Promise<Page>;
  close(): Promise<void>;
}

/** Pages have so many times less of the processor than there is (`FLOWBOOK_SLOW_BROWSER=6`): shows what races with them. */
const slowdown = Number(process.env.FLOWBOOK_SLOW_BROWSER ?? 1);

/** How long a page has for what is asked of it, in ms. */
const patienceMs = 60_000;

/** Chromium on its own asks for updates and names; these keep it to the pages. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
];

/** Starts Chromium with an empty profile for the pages of one origin. */
export async function watchBrowser(origin: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const profile = mkdtempSync(join(tmpdir(), "flowbook-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath!,
    headless: true,
    timeout: 2 * patienceMs,
    args: quiet,
    viewport: {width: 1280, height: 900},
    timezoneId: "UTC",
    ...options
  });
  context.setDefaultTimeout(patienceMs);
  if (slowdown > 1) context.on("page", (page) => void slowDown(page));
  const foreign: string[] = [];
  const problems: string[] = [];
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) foreign.push(url);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`${message.page()?.url()}: ${message.text()}`);
  });
  context.on("weberror", (error) => problems.push(`${error.page()?.url()}: ${error.error().stack}`));
  return {
    context,
    foreign,
    problems,
    async open(path) {
      const page = await context.newPage();
      await page.goto(origin + path);
      return page;
    },
    async close() {
      await context.close();
      rmSync(profile, {recursive: true, force: true});
    }
  };
}

async function slowDown(page: Page): Promise<void> {
  try {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", {rate: slowdown});
  } catch (error) {
    if (!page.isClosed()) throw error;
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe finds against WCAG 2.1 A and AA on the page as it stands: rule and element, a line each. Of a table it sees the
 * first rows, and the others are put back: they are made alike, and axe compares every text with all that lies around it.
 */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const alike = [...document.querySelectorAll("main tbody > tr:nth-child(n + 5)")].map((row) => {
      const place = document.createComment("");
      row.replaceWith(place);
      return {row, place};
    });
    // biome-ignore lint/suspicious/noExplicitAny: axe puts itself there
    const {violations} = await (globalThis as any).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    });
    for (const {row, place} of alike) place.replaceWith(row);
    // biome-ignore lint/suspicious/noExplicitAny: axe's own report
    return violations.flatMap((v: any) => v.nodes.map((node: any) => `${v.id}: ${node.html.slice(0, 160)}`));
  });
}

/** How far the page reaches beyond the window to the right, in CSS pixels; 0 where it does not. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

import type {Page} from "playwright-core";
import {afterAll, afterEach, beforeAll, expect} from "vitest";
import {type Watched, watchBrowser} from "./chromium.ts";

/** What serves pages to a reader. */
export interface Served {
  /** `link` logs in who opens it; without one everybody may read. */
  readonly server: {readonly url: string; readonly link?: string};
  close(): Promise<void>;
}

/** How a reader's window looks. */
export interface Look {
  /** Without one: as Chromium has it. */
  readonly colorScheme?: "light" | "dark";
  /** CSS pixels; 1280 by default. */
  readonly width?: number;
}

/** Someone who is logged in and reads with Chromium. */
export interface Reader<S extends Served> {
  readonly served: S;
  readonly browser: Watched;
  open(path: string, look?: Look): Promise<Page>;
  /** Takes what the browser reports of refused requests, the answer and its own word for each; fails on anything else. */
  wasRefused(status: number, requests?: number): Promise<void>;
}

/**
 * A reader for all tests of a `describe`. After each test its pages are closed, and it fails where one of them complained
 * or asked anybody else.
 */
export function readerOf<S extends Served>(serve: () => Promise<S>): Reader<S> {
  let served: S | undefined;
  let browser: Watched | undefined;

  beforeAll(async () => {
    served = await serve();
    browser = await watchBrowser(served.server.url);
    if (!served.server.link) return;
    const first = await browser.context.newPage();
    await first.goto(served.server.link);
    await first.waitForURL("**/index.html");
    await first.close();
  });
  afterEach(async () => {
    if (!browser) return;
    for (const page of browser.context.pages()) if (page.url() !== "about:blank") await page.close();
    expect([browser.foreign.splice(0), browser.problems.splice(0)]).toEqual([[], []]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  return {
    get served() {
      return served!;
    },
    get browser() {
      return browser!;
    },
    async open(path, {colorScheme, width} = {}) {
      const page = await browser!.context.newPage();
      if (colorScheme) await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
      if (width) await page.setViewportSize({width, height: 740});
      await page.goto(served!.server.url + path);
      return page;
    },
    async wasRefused(status, requests = 1) {
      const {problems} = browser!;
      await expect.poll(() => problems.length).toBe(2 * requests);
      expect(problems.splice(0).filter((problem) => !problem.includes(String(status)))).toEqual([]);
    }
  };
}

/** Waits until every cell of the page has run and the page stood still for a quarter of a second by its own clock. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.readyState === "complete" &&
      document.querySelector("main h1") !== null &&
      document.querySelector("observablehq-loading") === null
  );
  await page.evaluate(async () => {
    await document.fonts.ready;
    // What a new size or colour scheme sets off begins with the next frame.
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    for (let frames = 0; frames < 3; frames++) await frame();
    await new Promise<void>((still) => {
      const wait = () => setTimeout(() => still(observer.disconnect()), 250);
      let timer = wait();
      const observer = new MutationObserver(() => {
        clearTimeout(timer);
        timer = wait();
      });
      observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
    });
    await frame();
  });
}

/** How many flows the page says it shows. */
export async function flowCount(page: Page): Promise<number> {
  const text = (await page.getByTestId("filter-count").textContent()) ?? "";
  const [count] = /[\d,]+/.exec(text) ?? [];
  return Number(count?.replaceAll(",", ""));
}

/** The text of the first element of that `data-testid`, once there is one. */
export function textOf(page: Page, id: string): Promise<string | null> {
  return page.getByTestId(id).first().textContent();
}

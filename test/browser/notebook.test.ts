import type {Page} from "playwright-core";
import {afterAll, afterEach, beforeAll, describe, expect, it} from "vitest";
import {parseFilter} from "../../src/lib/filter.ts";
import {smallCapture} from "../server/small-capture.ts";
import {accessibilityProblems, chromiumPath, overflow, type Watched, watchBrowser} from "./chromium.ts";
import {type NotebookUnderTest, pagePaths, serveNotebook} from "./notebook-under-test.ts";

describe.skipIf(!chromiumPath)("the notebook in a browser", () => {
  let notebook: NotebookUnderTest;
  let browser: Watched;

  beforeAll(async () => {
    notebook = await serveNotebook();
    browser = await watchBrowser(notebook.server.url);
    const first = await browser.context.newPage();
    await first.goto(notebook.server.link);
    await first.waitForURL("**/index.html");
    await first.close();
  });
  afterAll(async () => {
    await browser.close();
    await notebook.close();
  });
  afterEach(async () => {
    for (const page of browser.context.pages()) if (page.url() !== "about:blank") await page.close();
    expect(browser.foreign.splice(0)).toEqual([]);
    expect(browser.problems.splice(0)).toEqual([]);
  });

  const one = async (sql: string) => Number((await notebook.rows(sql))[0][0]);

  for (const path of pagePaths)
    it(`${path} shows every flow of the lake, and no error`, async () => {
      const page = await browser.open(path);
      expect(await countOf(page)).toBe(await one("SELECT COUNT(*) FROM flows"));
      await settled(page);
      expect(await page.locator(".observablehq--error").count()).toBe(0);
    });

  it("a protocol that is chosen leaves its flows, as the lake counts them, here and on the next page", async () => {
    const page = await browser.open("/index.html");
    await countOf(page);
    await page.locator("[data-testid=filter-proto] summary").click();
    const option = page.locator("[data-testid=filter-proto] input").first();
    const proto = Number(await option.getAttribute("data-value"));
    await option.check();
    const expected = await one(`SELECT COUNT(*) FROM flows WHERE proto = ${proto}`);
    await expect.poll(() => countOf(page)).toBe(expected);
    await page.keyboard.press("Escape");
    await page.locator("#observablehq-sidebar a[href*=flows]").first().click();
    await page.waitForURL("**/flows.html*");
    expect(await countOf(page)).toBe(expected);
    expect(parseFilter(new URL(page.url()).hash).protos).toEqual([proto]);
  });

  it("a window that is drawn on the time strip leaves the flows that were active in it", async () => {
    const page = await browser.open("/time-series.html");
    const all = await countOf(page);
    await settled(page);
    const strip = await page.locator("[data-testid=time-strip] svg").boundingBox();
    const y = strip!.y + strip!.height / 2;
    await page.mouse.move(strip!.x + strip!.width * 0.3, y);
    await page.mouse.down();
    await page.mouse.move(strip!.x + strip!.width * 0.45, y, {steps: 5});
    await page.mouse.move(strip!.x + strip!.width * 0.6, y, {steps: 5});
    await page.mouse.up();
    await expect.poll(() => parseFilter(new URL(page.url()).hash).to).toBeGreaterThan(0);
    const {from, to} = parseFilter(new URL(page.url()).hash);
    const expected = await one(`SELECT COUNT(*) FROM flows WHERE epoch_us(ts_start) < ${to}
      AND (epoch_us(ts_start) >= ${from} OR epoch_us(ts_start) + duration_us > ${from})`);
    expect(expected).toBeLessThan(all);
    await expect.poll(() => countOf(page)).toBe(expected);
    await page.locator("[data-testid=filter-reset]").click();
    await expect.poll(() => countOf(page)).toBe(all);
  });

  it("a capture that is sent from the page is shown without the page being loaded again", async () => {
    const page = await browser.open("/index.html");
    const before = await countOf(page);
    await page.evaluate(() => Object.assign(globalThis, {sameDocument: true}));
    const buffer = smallCapture({flows: 9, port: 5999, start: 1_600_000_000});
    await page
      .locator("[data-testid=upload-input]")
      .setInputFiles({name: "nine.pcap", mimeType: "application/octet-stream", buffer});
    await expect.poll(() => countOf(page), {timeout: 30_000}).toBe(before + 9);
    expect(await page.evaluate(() => "sameDocument" in globalThis)).toBe(true);
    expect(await one("SELECT COUNT(*) FROM flows WHERE dst_port = 5999")).toBe(9);
  });

  it("a file that is no capture is refused with its reason beside it", async () => {
    const page = await browser.open("/index.html");
    await countOf(page);
    const file = {name: "letter.pcap", mimeType: "application/octet-stream", buffer: Buffer.from("Dear all,")};
    await page.locator("[data-testid=upload-input]").setInputFiles(file);
    await expect.poll(() => page.locator("[data-testid=uploads]").textContent()).toContain("not a capture");
    // The refusal itself is what the browser reports.
    expect(browser.problems.splice(0).every((problem) => problem.includes("415"))).toBe(true);
  });

  for (const colorScheme of ["light", "dark"] as const)
    for (const path of pagePaths)
      it(`${path} is accessible in ${colorScheme} colours`, async () => {
        const page = await browser.context.newPage();
        await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
        await page.goto(notebook.server.url + path);
        await countOf(page);
        await settled(page);
        expect(await accessibilityProblems(page)).toEqual([]);
      });

  it("every page fits a window of 360 pixels", async () => {
    for (const path of pagePaths) {
      const page = await browser.context.newPage();
      await page.setViewportSize({width: 360, height: 740});
      await page.goto(notebook.server.url + path);
      await countOf(page);
      await settled(page);
      expect([path, await overflow(page)]).toEqual([path, 0]);
      await page.close();
    }
  });
});

/** How many flows the page says it shows. */
async function countOf(page: Page): Promise<number> {
  const text = (await page.locator("[data-testid=filter-count]").textContent({timeout: 20_000})) ?? "";
  const [count] = /[\d,]+/.exec(text) ?? [];
  return Number(count?.replaceAll(",", ""));
}

/** Waits until no cell of the page is computing and nothing is being fetched. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelectorAll("observablehq-loading").length === 0, undefined, {
    timeout: 20_000
  });
  await page.waitForTimeout(300);
}

import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import type {Page} from "playwright-core";
import {afterAll, afterEach, beforeAll, describe, expect, it} from "vitest";
import {conformance} from "../../loaders/conformance.ts";
import {startServer} from "../../server/start.ts";
import {accessibilityProblems, chromiumPath, overflow, type Watched, watchBrowser} from "./chromium.ts";
import {type NotebookUnderTest, serveNotebook} from "./notebook-under-test.ts";

const {features, figures} = conformance();

describe.skipIf(!chromiumPath)("the page on conformance in a browser", () => {
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
    await browser?.close();
    await notebook?.close();
  });
  afterEach(async () => {
    for (const page of browser.context.pages()) if (page.url() !== "about:blank") await page.close();
    expect(browser.foreign.splice(0)).toEqual([]);
    expect(browser.problems.splice(0)).toEqual([]);
  });

  it("lists all 77 features and says when, with what and over which captures they were measured", async () => {
    const page = await openPage(browser);
    expect(await names(page)).toEqual(features.map(({name}) => name));
    const compared = page.locator("[data-testid=conformance-compared]");
    expect(await compared.locator("summary").textContent()).toBe(
      `Measured on ${figures.made} with ${figures.meter} over nmap-a-t4 and ping`
    );
    await compared.locator("summary").click();
    const items = await compared.locator("li").allTextContents();
    expect(items).toHaveLength(figures.captures.length);
    for (const [i, {captureSha256, referenceSha256}] of figures.captures.entries()) {
      expect(items[i]).toContain(captureSha256.slice(0, 12));
      expect(items[i]).toContain(referenceSha256.slice(0, 12));
    }
  });

  it("a feature that is chosen is shown with both distributions, its formula and the original's mistake", async () => {
    const page = await openPage(browser);
    await page.getByRole("button", {name: "Down/Up Ratio", exact: true}).click();
    const detail = page.locator("[data-testid=conformance-feature]");
    expect(await detail.locator("h2").textContent()).toBe("Down/Up Ratio");
    const text = (await detail.textContent()) ?? "";
    expect(text).toContain("dst_pkts / src_pkts");
    expect(text).toContain("Divides whole numbers: 3 to 2 gives 1 (corrected in 4b28b62).");
    const {bins} = figures.features.find(({name}) => name === "Down/Up Ratio")!;
    expect(await detail.locator("svg .fb-distribution rect").count()).toBe(2 * bins.length);
    await detail.locator("[data-testid=menu-conformance]").click();
    await page.getByRole("menuitem", {name: "Show as table"}).click();
    const shares = await detail
      .locator("tbody tr")
      .evaluateAll((rows) =>
        rows.map((row) =>
          [...row.querySelectorAll("td")].slice(1).map((cell) => Number(cell.textContent?.replaceAll(",", "")))
        )
      );
    expect(shares).toEqual(bins.map(({ours, theirs}) => [ours, theirs]));
  });

  it("the list is narrowed to features that differ, and by name", async () => {
    const page = await openPage(browser);
    await page.getByRole("button", {name: "That differ"}).click();
    const differing = figures.features.filter(({compared, equal}) => equal < compared).map(({name}) => name);
    expect(await names(page)).toEqual(differing);
    await page.getByRole("searchbox").fill("subflow");
    expect(await names(page)).toEqual(differing.filter((name) => name.startsWith("Subflow")));
    await page.getByRole("searchbox").fill("no such feature");
    expect(await page.locator("[data-testid=conformance-table]").textContent()).toContain("No feature of that name.");
  });

  for (const colorScheme of ["light", "dark"] as const)
    it(`is accessible in ${colorScheme} colours`, async () => {
      const page = await browser.context.newPage();
      await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
      await page.goto(`${notebook.server.url}/conformance.html`);
      await page.locator("[data-testid=conformance-distribution] svg").waitFor();
      await page.locator("[data-testid=conformance-compared] summary").click();
      expect(await accessibilityProblems(page)).toEqual([]);
    });

  it("fits a window of 360 pixels with any feature chosen", async () => {
    const page = await browser.context.newPage();
    await page.setViewportSize({width: 360, height: 740});
    await page.goto(`${notebook.server.url}/conformance.html`);
    await page.locator("[data-testid=conformance-distribution] svg").waitFor();
    await page.locator("[data-testid=conformance-compared] summary").click();
    for (const name of ["Dst Port", "Fwd Bulk Rate Avg", "Active Mean", "Packet Length Variance"]) {
      await page.getByRole("button", {name, exact: true}).click();
      await page.waitForTimeout(100);
      expect([name, await overflow(page)]).toEqual([name, 0]);
    }
  });
});

describe.skipIf(!chromiumPath)("a notebook without a flow", () => {
  it("shows the comparison all the same", async () => {
    const folder = mkdtempSync(join(tmpdir(), "flowbook-conformance-"));
    const server = await startServer({
      lake: join(folder, "lake"),
      project: resolve(import.meta.dirname, "../.."),
      host: "127.0.0.1",
      port: 0,
      anyPort: false,
      publicOrigin: null,
      uploadLimitBytes: 1e8,
      settings: {},
      firstCaptures: [],
      now: Date.now
    });
    const browser = await watchBrowser(server.url);
    try {
      const first = await browser.open(new URL(server.link).pathname + new URL(server.link).search);
      await first.waitForURL("**/index.html");
      const page = await openPage(browser);
      expect(await page.locator("[data-testid=no-flows]").isVisible()).toBe(true);
      expect(await page.locator("[data-testid=conformance-table]").isVisible()).toBe(true);
      expect(await names(page)).toHaveLength(77);
      expect(browser.problems).toEqual([]);
    } finally {
      await browser.close();
      await server.close();
      rmSync(folder, {recursive: true, force: true});
    }
  });
});

async function openPage(browser: Watched): Promise<Page> {
  const page = await browser.open("/conformance.html");
  await page.locator("[data-testid=conformance-distribution] svg").waitFor({timeout: 20_000});
  return page;
}

function names(page: Page): Promise<string[]> {
  return page.locator("[data-testid=conformance-table] tbody button").allTextContents();
}

import type {BrowserContext} from "playwright-core";
import {expect, it} from "vitest";
import {recordPages} from "../../src/lib/records/all.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {describeUnless} from "../needs.ts";
import {answersAsTheLake, busiest, fillWithRecords, type Lake, listingPages} from "./answers-as-the-lake.ts";
import {noChromium} from "./chromium.ts";
import {expectLooks} from "./looks.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf, type Served} from "./reader.ts";

const long = "a1-".repeat(80);

describeUnless(noChromium)("pages over records of the notebook's server", () => {
  const reader = readerOf<Lake>(() => serveNotebook({fill: fillWithRecords, firstCapture: null}));
  // Accessible and fitting: in the same visit, as the page is before anything is clicked.
  answersAsTheLake(reader, listingPages, expectLooks);

  for (const {path} of recordPages.filter(({path}) => !listingPages.has(`${path}.html`)))
    it(`${path}.html is accessible and fits`, async () => {
      const hash = path === "/host" ? `#host=${await busiest(reader.served)}` : "";
      const page = await reader.open(`${path}.html${hash}`);
      await expect.poll(() => page.locator("main table tbody tr").count()).toBeGreaterThan(0);
      await expectLooks(page);
    });

  it("cuts long texts to three lines in a narrow window; the whole is their title", async () => {
    await withQueries(reader.browser.context, long);
    const page = await reader.open("/dns.html", {width: 360});
    const cell = page.getByTestId("records").locator("td[title^=a1-a1-]").first();
    await expect.poll(() => cell.getAttribute("title")).toBe(long);
    await cell.scrollIntoViewIfNeeded();
    expect(await cell.evaluate((node) => node.getBoundingClientRect().height)).toBeLessThan(90);
    expect(await cell.locator(".fb-cut").evaluate((node) => node.scrollHeight)).toBeGreaterThan(120);
    // What was asked meanwhile is answered before the page closes.
    await reader.browser.context.unrouteAll({behavior: "wait"});
  });

  it("cuts long texts in a wide window before it leaves columns out", async () => {
    await withQueries(reader.browser.context, long);
    const page = await reader.open("/dns.html", {width: 1400});
    const table = page.getByTestId("records").locator("table");
    await table.locator("td[title^=a1-a1-]").first().waitFor();
    expect(await table.locator("th").allInnerTexts()).toContain("Answers");
    expect(await table.evaluate((node) => node.clientWidth <= node.parentElement!.clientWidth)).toBe(true);
    await reader.browser.context.unrouteAll({behavior: "wait"});
  });
});

/** All names that were asked for become this one. */
async function withQueries(context: BrowserContext, query: string): Promise<void> {
  await context.route("**/api/answers/records", async (route) => {
    const answer = await (await route.fetch()).json();
    const at = answer.columns.indexOf("query");
    const rows = answer.rows.map((row: unknown[]) => row.map((cell, k) => (k === at && cell !== null ? query : cell)));
    await route.fulfill({json: {...answer, rows}});
  });
}

describeUnless(noChromium)("pages over records of a lake without records", () => {
  const reader = readerOf<Served>(() =>
    serveNotebook({fill: async (lake) => void (await makeLake(lake, 50)), firstCapture: null})
  );

  it("/link-layer.html says that no ARP packet and no other frame was seen", async () => {
    const page = await reader.open("/link-layer.html");
    await expect.poll(() => page.getByTestId("no-records").count()).toBe(6);
    expect(await page.getByTestId("no-records").first().textContent()).toContain("No ARP packet was seen");
    expect(await page.getByTestId("no-records").last().textContent()).toContain("No frame without IP was seen");
    expect(await page.getByTestId("no-records").first().isVisible()).toBe(true);
  });

  for (const {path, sources} of recordPages.filter(({sources}) => sources.length > 0))
    it(`${path}.html says that there are none`, async () => {
      const page = await reader.open(`${path}.html`);
      await expect.poll(() => page.getByTestId("records").first().textContent()).toContain(sources[0].nothing);
      expect(await page.locator(".observablehq--error").count()).toBe(0);
    });
});

import type {Page} from "playwright-core";
import {expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {fillWithRecords, type Lake} from "./answers-as-the-lake.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf} from "./reader.ts";

describeUnless(noChromium)("a table of records", () => {
  const reader = readerOf<Lake>(() => serveNotebook({fill: fillWithRecords, firstCapture: null}));

  it("cuts long texts to three lines in a narrow window; the whole is their title", async () => {
    const page = await reader.open("/dns.html", {width: 360});
    const long = "a1-".repeat(80);
    await answered(page, long);
    const cell = page.getByTestId("records").locator("td[title^=a1-a1-]").first();
    await expect.poll(() => cell.getAttribute("title"), {timeout: 30_000}).toBe(long);
    await cell.scrollIntoViewIfNeeded();
    expect(await cell.evaluate((node) => node.getBoundingClientRect().height)).toBeLessThan(90);
    expect(await cell.locator(".fb-cut").evaluate((node) => node.scrollHeight)).toBeGreaterThan(120);
  });

  it("cuts long texts in a wide window before it leaves columns out", async () => {
    const page = await reader.open("/dns.html", {width: 1400});
    await answered(page, "a1-".repeat(80));
    const table = page.getByTestId("records").locator("table");
    await table.locator("td[title^=a1-a1-]").first().waitFor();
    const heads = await table.locator("th").allInnerTexts();
    expect(heads).toContain("Answers");
    expect(await table.evaluate((node) => node.offsetWidth <= node.parentElement!.clientWidth)).toBe(true);
  });

  it("that no page has leaves its cards to say what there is none of", async () => {
    const page = await reader.open("/link-layer.html", {width: 1400});
    await answered(page, null);
    await expect
      .poll(() => page.getByText("No ARP packet was seen.").first().isVisible(), {timeout: 30_000})
      .toBe(true);
  });
});

/** Answers over records say another thing: what has a query gets this one, or nothing is found. */
async function answered(page: Page, query: string | null): Promise<void> {
  await page.route("**/api/answers/records", async (route) => {
    const answer = await (await route.fetch()).json();
    const at = answer.columns.indexOf("query");
    const replaced = (row: unknown[]) => row.map((cell, k) => (k === at && cell !== null ? query : cell));
    // Sums have one row, also of nothing.
    const isSum = answer.rows.length === 1 && answer.rows[0].every((cell: unknown) => typeof cell === "number");
    const none = isSum ? [answer.rows[0].map(() => 0)] : [];
    await route.fulfill({json: {...answer, rows: query === null ? none : answer.rows.map(replaced)}});
  });
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
}

import {expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {fillWithRecords, type Lake} from "./answers-as-the-lake.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf} from "./reader.ts";

describeUnless(noChromium)("a table of records in a narrow window", () => {
  const reader = readerOf<Lake>(() => serveNotebook({fill: fillWithRecords, firstCapture: null}));

  it("cuts long texts to three lines; the whole is their title", async () => {
    const page = await reader.open("/dns.html", {width: 360});
    const long = "a1-".repeat(80);
    await page.route("**/api/answers/records", async (route) => {
      const answer = await (await route.fetch()).json();
      const at = answer.columns.indexOf("query");
      const rows = answer.rows.map((row: unknown[]) => row.map((cell, k) => (k === at && cell !== null ? long : cell)));
      await route.fulfill({json: {...answer, rows}});
    });
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    const cell = page.getByTestId("records").locator("td[title^=a1-a1-]").first();
    await expect.poll(() => cell.getAttribute("title"), {timeout: 30_000}).toBe(long);
    await cell.scrollIntoViewIfNeeded();
    expect(await cell.evaluate((node) => node.getBoundingClientRect().height)).toBeLessThan(90);
    expect(await cell.locator(".fb-cut").evaluate((node) => node.scrollHeight)).toBeGreaterThan(120);
  });
});

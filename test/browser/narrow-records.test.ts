import {expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {fillWithRecords, type Lake} from "./answers-as-the-lake.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf} from "./reader.ts";

describeUnless(noChromium)("a table of records in a narrow window", () => {
  const reader = readerOf<Lake>(() => serveNotebook({fill: fillWithRecords, firstCapture: null}));

  it("cuts long texts to three lines, and shows the whole on a tap", async () => {
    const page = await reader.open("/dns.html", {width: 360});
    const long = "a1-".repeat(80);
    await page.route("**/api/answers/records", async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      const longer = (cell: unknown) =>
        typeof cell === "string" && /[a-z]\.[a-z]/.test(cell) ? `${long}.${cell}` : cell;
      await route.fulfill({json: {...answer, rows: answer.rows.map((row: unknown[]) => row.map(longer))}});
    });
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    const cell = page.locator(".fb-plain td[title^=a1-a1-]").first();
    await cell.scrollIntoViewIfNeeded();
    const height = () => cell.evaluate((node) => node.getBoundingClientRect().height);
    expect(await height()).toBeLessThan(90);
    expect((await cell.getAttribute("title"))?.startsWith(long)).toBe(true);
    await cell.locator("xpath=..").locator(".fb-card-more button").click();
    expect(await height()).toBeGreaterThan(120);
  });
});

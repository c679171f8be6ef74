import {readFileSync} from "node:fs";
import type {Page} from "playwright-core";
import {expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf, settled, textOf} from "./reader.ts";

const card = (page: Page, id: string) => page.getByTestId(`chart-${id}`);

const open = async (page: Page, id: string) => {
  await page.getByTestId(`menu-${id}`).click();
  return card(page, id).locator(".fb-menu [data-value]");
};

const saved = async (page: Page, id: string, what: string) => {
  await open(page, id);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    card(page, id).locator(`[data-value=${what}]`).click()
  ]);
  return {name: download.suggestedFilename(), content: readFileSync(await download.path())};
};

describeUnless(noChromium)("the frame of charts", () => {
  const reader = readerOf(() => serveNotebook());

  for (const [path, id] of [
    ["/index.html", "volume"],
    ["/conformance.html", "conformance"]
  ] as const)
    it(`offers table, CSV, PNG, SVG, SQL and a link for the chart ${id}`, async () => {
      const page = await reader.open(path);
      await settled(page);
      await card(page, id).locator("svg").first().waitFor();
      const entries = await open(page, id);
      expect(await entries.evaluateAll((all) => all.map((one) => one.getAttribute("data-value")))).toEqual([
        "table",
        "csv",
        "png",
        "svg",
        "sql",
        "link"
      ]);
      await page.keyboard.press("Escape");
      const csv = await saved(page, id, "csv");
      expect([csv.name, csv.content.toString().split("\n").length > 3]).toEqual([`${id}.csv`, true]);
      const png = await saved(page, id, "png");
      expect([png.name, png.content.toString("latin1", 1, 4)]).toEqual([`${id}.png`, "PNG"]);
      const svg = await saved(page, id, "svg");
      expect(svg.content.toString()).toMatch(/^<svg .*<\/svg>\s*$/s);
      await (await open(page, id)).and(page.locator("[data-value=table]")).click();
      await card(page, id).locator("tbody tr").first().waitFor();
    });

  it("a link to a chart opens the page with its filter, at the chart", async () => {
    const page = await reader.open("/index.html#proto=17", {width: 700});
    await settled(page);
    await (await open(page, "volume")).and(page.locator("[data-value=link]")).click();
    const link = (await textOf(page, "link")) ?? "";
    expect(new URL(link).hash).toBe("#proto=17&chart=volume");
    await page.close();
    const {pathname, hash} = new URL(link);
    const other = await reader.open(`${pathname}${hash}`, {width: 700});
    await settled(other);
    await expect
      .poll(() => card(other, "volume").evaluate((node) => node.getBoundingClientRect().top < innerHeight))
      .toBe(true);
    expect(await other.evaluate(() => scrollY)).toBeGreaterThan(0);
  });
});

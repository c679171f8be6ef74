import {readFileSync} from "node:fs";
import type {Page} from "playwright-core";
import {expect, it} from "vitest";
import {madeExperiment, plantExperiment} from "../fixtures/made-experiment.ts";
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
  const reader = readerOf(() =>
    serveNotebook({
      fill: async (lake) => {
        plantExperiment(lake, madeExperiment("a".repeat(16), "random-forest", 1_700_000_000_000));
        plantExperiment(lake, madeExperiment("b".repeat(16), "xgboost", 1_700_000_060_000));
      }
    })
  );

  for (const [path, id] of [
    ["/index.html", "volume"],
    ["/conformance.html", "conformance"]
  ] as const)
    it(`offers table, CSV, PNG, SVG, SQL, a link and a pin for the chart ${id}`, async () => {
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
        "link",
        "pin"
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

  it("a training run shows its figures, of unknown networks first, and another one beside it", async () => {
    const page = await reader.open("/experiments.html", {width: 360});
    await settled(page);
    await card(page, "precision-recall").locator("svg").first().waitFor();
    expect(await page.getByTestId("figure-set").locator("option").allInnerTexts()).toEqual([
      "Networks not trained on",
      "Ordinary captures of others, left out",
      "Training networks, each left out"
    ]);
    const confusion = page.getByTestId("confusion").locator("tbody tr");
    expect(await confusion.allInnerTexts()).toEqual(["Normal\t90\t", "PortScan\t5\t5"]);
    const first = page.getByTestId("runs").locator("tbody tr").first();
    expect(await first.innerText()).toContain("2 labelled captures, 1 capture of others");
    expect(await first.innerText()).toContain("50 % found, 0 % false");
    await page.getByTestId("figure-set").selectOption("left_out");
    expect(await confusion.allInnerTexts()).toEqual(["Normal\t180\t", "PortScan\t\t20"]);
    await page.locator("[data-compare]").click();
    await page.getByTestId("other-confusion").waitFor();
    expect(new URL(page.url()).search).toBe(`?run=${"b".repeat(16)}&with=${"a".repeat(16)}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.close();
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

import {mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {basename, join} from "node:path";
import type {Locator, Page} from "playwright-core";
import {expect, it} from "vitest";
import {partFiles} from "../../capture/partitions/layout.ts";
import {formatFilter} from "../../src/lib/filter.ts";
import {files, type MadeCapture, toldLate, watched, writeLossyLake} from "../fixtures/lossy-lake.ts";
import {describeUnless} from "../needs.ts";
import {accessibilityProblems, noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf, settled, textOf} from "./reader.ts";

/** As it is told with tcpdump where the pipe lost nothing: the loss is of single parts. */
const byPart: MadeCapture = {...watched, parts: watched.parts.map((part, n) => (n === 4 ? {...part, pipe: 0} : part))};

const charts = [
  ["/index.html", "volume"],
  ["/time-series.html", "by-service"],
  ["/time-series.html", "directions"],
  ["/time-series.html", "by-protocol"],
  ["/time-series.html", "by-verdict"],
  ["/time-series.html", "handshakes"],
  ["/protocols.html", "mix"],
  ["/anomalies.html", "by-verdict"]
] as const;

const card = (page: Page, id: string) => page.getByTestId(`chart-${id}`);
const strip = (chart: Locator) => chart.getByTestId("loss-strip");

/** Begin, lost and received of each bar of a strip. */
const barsOf = async (chart: Locator) => {
  await strip(chart).waitFor();
  return strip(chart)
    .locator(".fb-lost")
    .evaluateAll((bars) =>
      bars.map((bar) => ["data-ts", "data-lost", "data-received"].map((name) => Number(bar.getAttribute(name))))
    );
};

const choose = async (page: Page, id: string, what: string) => {
  await page.getByTestId(`menu-${id}`).click();
  await card(page, id).locator(`[data-value="${what}"]`).click();
};

describeUnless(noChromium)("packets that were lost", () => {
  const reader = readerOf(() =>
    serveNotebook({
      firstCapture: null,
      fill: async (lake) => {
        await writeLossyLake(lake, [byPart, toldLate, ...files], Date.UTC(2026, 2, 4, 10));
        // A file that others wrote over.
        mkdirSync(join(lake, "dns"), {recursive: true});
        writeFileSync(join(lake, "dns", basename(partFiles(lake, "flows")[0].path)), "no Parquet at all");
      }
    })
  );

  for (const [path, id] of charts)
    it(`stand below the chart ${id} of ${path}, each bar as the SQL behind it says`, async () => {
      const page = await reader.open(path);
      await settled(page);
      const bars = await barsOf(card(page, id));
      await choose(page, id, "loss-sql");
      const sql = (await textOf(page, "sql")) ?? "";
      const rows = (await reader.served.rows(sql)).map((row) => row.map(Number));
      expect(bars.map(([ts]) => ts)).toEqual(rows.map(([ts]) => ts));
      for (const [n, [, lost, received]] of bars.entries()) {
        expect(lost).toBeCloseTo(rows[n][2] + rows[n][3] + rows[n][4], 6);
        expect(received).toBeCloseTo(rows[n][1], 6);
      }
      const all = bars.reduce((sum, [, lost]) => sum + lost, 0);
      expect(all).toBeCloseTo(740, 6);
      await page.getByRole("button", {name: "Close"}).click();
      await card(page, id).getByText("packets were lost here").waitFor();
    });

  it("are told by layer where the pointer is, as the part of that time counts them", async () => {
    const page = await reader.open(
      `/time-series.html#${formatFilter({captures: [byPart.sha256], from: byPart.beginUs, to: byPart.beginUs + 25e6})}`
    );
    await settled(page);
    const chart = card(page, "by-service").locator(".fb-time");
    await strip(chart).waitFor();
    await chart.scrollIntoViewIfNeeded();
    const {x, y, width} = (await chart.boundingBox())!;
    // 17 s after the begin of 25: in the part with 100 and 50 lost of 1,000, spread over its 5 s.
    const at = 58 + ((width - 58 - 28) * 17.1) / 25;
    await page.mouse.move(x + at, y + 60);
    await page.getByTestId("tooltip").getByText("packets lost").waitFor();
    const told = await page
      .getByTestId("tooltip")
      .locator("div")
      .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("span, b")].map((cell) => cell.textContent)));
    const of = (name: string) => told.find(([own]) => own === name)?.[1];
    const [ts, received, device, kernel] = (
      await reader.served.rows(
        `SELECT epoch_us(ts_start), packets, interface_drops, kernel_drops FROM parts WHERE interface_drops = 50`
      )
    )[0].map(Number);
    expect([ts, received, device, kernel]).toEqual([byPart.beginUs + 15e6, 850, 50, 100]);
    const bars = await barsOf(chart);
    const own = bars.find(([begin]) => begin <= ts + 2.1e6 && begin + 1e6 > ts + 2.1e6)!;
    expect(of("packets lost")).toBe(`${Math.round(own[1])} (15.0 %)`);
    expect(Number(of("by the kernel")) / Number(of("by the interface"))).toBeCloseTo(2, 0);
    expect(own[1] / (own[1] + own[2])).toBeCloseTo(0.15, 6);
  });

  it("are no longer drawn when the legend's entry is switched off, and are not missed without loss", async () => {
    const page = await reader.open("/index.html");
    await settled(page);
    const chart = card(page, "volume");
    await strip(chart).waitFor();
    const legend = chart.getByRole("button", {name: "packets were lost here"});
    await legend.click();
    await expect.poll(() => strip(chart).count()).toBe(0);
    await legend.click();
    await strip(chart).waitFor();
    const whole = await reader.open(`/index.html#${formatFilter({captures: [files[1].sha256]})}`);
    await settled(whole);
    await card(whole, "volume").locator("svg").first().waitFor();
    await expect.poll(() => strip(card(whole, "volume")).count()).toBe(0);
    await expect.poll(() => whole.getByText("packets were lost here").count()).toBe(0);
    await whole.getByTestId("menu-volume").click();
    await expect.poll(() => card(whole, "volume").locator("[data-value]").count()).toBeGreaterThan(4);
    await expect.poll(() => card(whole, "volume").locator("[data-value=loss-sql]").count()).toBe(0);
  });

  for (const colorScheme of ["light", "dark"] as const)
    it(`are in the picture that is saved, in its own colours: ${colorScheme}`, async () => {
      const page = await reader.open("/protocols.html", {colorScheme});
      await settled(page);
      const bars = await barsOf(card(page, "mix"));
      const saved = page.waitForEvent("download");
      await choose(page, "mix", "svg");
      const svg = readFileSync(await (await saved).path(), "utf8");
      expect(svg).not.toContain("var(");
      expect(svg).toContain("packets were lost here");
      expect(/fill="url\(&quot;#fb-lost-\d+&quot;\)"/.test(svg)).toBe(true);
      const color = {light: "rgb(213, 94, 0)", dark: "rgb(240, 125, 46)"}[colorScheme];
      expect(svg.split("data-lost=").length - 1).toBe(bars.length);
      const filled = [...svg.matchAll(/<rect[^>]*data-lost=[^>]*>/g)].filter(([bar]) =>
        bar.includes(`fill="${color}"`)
      );
      expect(filled).toHaveLength(bars.length);
      await settled(page);
      expect(await accessibilityProblems(page)).toEqual([]);
    });

  it("are told of each capture", async () => {
    const page = await reader.open("/captures.html");
    await settled(page);
    await expect
      .poll(() => page.getByTestId("capture-loss").allTextContents())
      .toEqual([
        "400 of 5,000 packets (8.0 %) were lost: 50 by the interface, 350 by the kernel. Time charts mark when.",
        "300 of 2,000 packets (15.0 %) were lost: 300 by the kernel. Time charts mark when.",
        "40 of 100 packets (40.0 %) were lost: 40 by the kernel. Time charts mark when."
      ]);
    await page.getByText("and 740 lost").waitFor();
    await expect
      .poll(() => textOf(page, "damage"))
      .toMatch(
        /^1 file of the lake is damaged or missing, .*flowbook doctor --repair imports again what it can\.\S+\.parquet does not begin as a Parquet file does/
      );
  });
});

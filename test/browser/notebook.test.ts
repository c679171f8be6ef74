import {expect, it} from "vitest";
import {parseFilter} from "../../src/lib/filter.ts";
import {describeUnless} from "../needs.ts";
import {smallCapture} from "../server/small-capture.ts";
import {accessibilityProblems, noChromium, overflow} from "./chromium.ts";
import {pagePaths, serveNotebook} from "./notebook-under-test.ts";
import {flowCount, readerOf, settled, textOf} from "./reader.ts";

describeUnless(noChromium)("the notebook in a browser", () => {
  const reader = readerOf(() => serveNotebook());
  const one = async (sql: string) => Number((await reader.served.rows(sql))[0][0]);

  for (const path of pagePaths)
    it(`${path} shows every flow of the lake, and no error`, async () => {
      const page = await reader.open(path);
      await expect.poll(() => flowCount(page)).toBe(await one("SELECT COUNT(*) FROM flows"));
      await settled(page);
      expect(await page.locator(".observablehq--error").count()).toBe(0);
    });

  it("a protocol that is chosen leaves its flows, as the lake counts them, here and on the next page", async () => {
    const page = await reader.open("/index.html");
    await page.getByTestId("filter-proto").locator("summary").click();
    const option = page.getByTestId("filter-proto").locator("input").first();
    const proto = Number(await option.getAttribute("data-value"));
    await option.check();
    const expected = await one(`SELECT COUNT(*) FROM flows WHERE proto = ${proto}`);
    await expect.poll(() => flowCount(page)).toBe(expected);
    await page.keyboard.press("Escape");
    await page.locator("#observablehq-sidebar a[href*=flows]").first().click();
    await page.waitForURL("**/flows.html*");
    await expect.poll(() => flowCount(page)).toBe(expected);
    expect(parseFilter(new URL(page.url()).hash).protos).toEqual([proto]);
  });

  it("a window that is drawn on the time strip leaves the flows that were active in it", async () => {
    const page = await reader.open("/time-series.html");
    await settled(page);
    const all = await flowCount(page);
    const strip = await page.getByTestId("time-strip").locator("svg").boundingBox();
    const y = strip!.y + strip!.height / 2;
    await page.mouse.move(strip!.x + strip!.width * 0.3, y);
    await page.mouse.down();
    await page.mouse.move(strip!.x + strip!.width * 0.45, y, {steps: 5});
    await page.mouse.move(strip!.x + strip!.width * 0.6, y, {steps: 5});
    await page.mouse.up();
    await expect.poll(() => parseFilter(new URL(page.url()).hash).to).toBeGreaterThan(0);
    // The address follows while the window is drawn.
    await settled(page);
    const {from, to} = parseFilter(new URL(page.url()).hash);
    const expected = await one(`SELECT COUNT(*) FROM flows WHERE epoch_us(ts_start) < ${to}
      AND (epoch_us(ts_start) >= ${from} OR epoch_us(ts_start) + duration_us > ${from})`);
    expect(expected).toBeLessThan(all);
    await expect.poll(() => flowCount(page)).toBe(expected);
    await page.getByTestId("filter-reset").click();
    await expect.poll(() => flowCount(page)).toBe(all);
  });

  it("a capture that is sent from the page is shown without the page being loaded again", async () => {
    const page = await reader.open("/index.html");
    await settled(page);
    const before = await flowCount(page);
    await page.evaluate(() => Object.assign(globalThis, {sameDocument: true}));
    const buffer = smallCapture({flows: 9, port: 5999, start: 1_600_000_000});
    await page
      .getByTestId("upload-input")
      .setInputFiles({name: "nine.pcap", mimeType: "application/octet-stream", buffer});
    await expect.poll(() => flowCount(page), {timeout: 240_000}).toBe(before + 9);
    expect(await page.evaluate(() => "sameDocument" in globalThis)).toBe(true);
    expect(await one("SELECT COUNT(*) FROM flows WHERE dst_port = 5999")).toBe(9);
  });

  it("a file that is no capture is refused with its reason beside it", async () => {
    const page = await reader.open("/index.html");
    await settled(page);
    const file = {name: "letter.pcap", mimeType: "application/octet-stream", buffer: Buffer.from("Dear all,")};
    await page.getByTestId("upload-input").setInputFiles(file);
    await expect.poll(() => textOf(page, "uploads")).toContain("not a capture");
    await reader.wasRefused(415);
  });

  for (const colorScheme of ["light", "dark"] as const)
    for (const path of pagePaths)
      it(`${path} is accessible in ${colorScheme} colours`, async () => {
        const page = await reader.open(path, {colorScheme});
        await page.getByTestId("filter-count").waitFor();
        await settled(page);
        expect(await accessibilityProblems(page)).toEqual([]);
      });

  it("every page fits a window of 360 pixels", async () => {
    for (const path of pagePaths) {
      const page = await reader.open(path, {width: 360});
      await page.getByTestId("filter-count").waitFor();
      await settled(page);
      expect([path, await overflow(page)]).toEqual([path, 0]);
      await page.close();
    }
  });
});

import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {smallCapture} from "../server/small-capture.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {flowCount, readerOf, settled} from "./reader.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-new-data-"));
const first = join(folder, "first.pcap");
writeFileSync(first, smallCapture({flows: 40, port: 5000, start: 1_700_000_000}));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

describeUnless(noChromium)("new data on an open page", () => {
  const reader = readerOf(() => serveNotebook({captures: [first]}));

  it("wait for the end of a press, whose click opens its row, and leave the order and the opened flow as they are", async () => {
    const page = await reader.open("/flows.html");
    await settled(page);
    expect(await flowCount(page)).toBe(40);
    const heading = page.getByTestId("flow-grid").locator("[data-column=packets]").first();
    await heading.locator("button").click();
    await expect.poll(() => heading.getAttribute("aria-sort")).toBe("descending");
    await settled(page);

    // The data come while a row is pressed.
    let send = () => {};
    const sent = new Promise<void>((resolve) => {
      send = resolve;
    });
    let isAsked = false;
    await page.route(/\/data\/notebook\.(\w+\.)?json/, async (route) => {
      isAsked = true;
      await sent;
      await route.continue();
    });
    const other = await reader.open("/index.html");
    await settled(other);
    const buffer = smallCapture({flows: 9, port: 5999, start: 1_700_000_100});
    await other
      .getByTestId("upload-input")
      .setInputFiles({name: "nine.pcap", mimeType: "application/octet-stream", buffer});
    await expect.poll(() => isAsked, {timeout: 240_000}).toBe(true);
    const row = page.getByTestId("flow-grid").locator(".fb-grid-body .fb-grid-row").nth(2);
    const pressed = await row.elementHandle();
    await row.hover();
    await page.mouse.down();
    send();
    // They are there within this time; a longer press is no click.
    await page.waitForTimeout(400);
    await page.mouse.up();

    await page.getByTestId("flow-panel").waitFor();
    await expect.poll(() => flowCount(page)).toBe(49);
    await settled(page);
    expect(await page.getByTestId("flow-panel").count()).toBe(1);
    expect(await heading.getAttribute("aria-sort")).toBe("descending");
    expect(await pressed?.evaluate((node) => node.isConnected)).toBe(false);
  });
});

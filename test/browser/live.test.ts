import {execFileSync} from "node:child_process";
import {createSocket} from "node:dgram";
import {setTimeout as sleep} from "node:timers/promises";
import type {Page} from "playwright-core";
import {afterAll, afterEach, beforeAll, describe, expect, it} from "vitest";
import {accessibilityProblems, chromiumPath, overflow, type Watched, watchBrowser} from "./chromium.ts";
import {type NotebookUnderTest, serveNotebook} from "./notebook-under-test.ts";

const mayCapture = process.getuid?.() === 0 && has("tcpdump") && has("dumpcap");
if (!mayCapture) console.log("the Live page is not tried with a capture: that takes root, tcpdump and dumpcap");

const port = 46_100 + Math.floor(Math.random() * 800);

describe.skipIf(!chromiumPath)("the Live page in a browser", {timeout: 120_000}, () => {
  let notebook: NotebookUnderTest;
  let browser: Watched;
  let isGone = false;
  let sentBefore = 0;

  beforeAll(async () => {
    notebook = await serveNotebook();
    browser = await watchBrowser(notebook.server.url);
    const first = await browser.context.newPage();
    await first.goto(notebook.server.link);
    await first.waitForURL("**/index.html");
    await first.close();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    if (!isGone) await notebook.close();
  });
  afterEach(async () => {
    for (const page of browser.context.pages()) if (page.url() !== "about:blank") await page.close();
    expect(browser.foreign.splice(0)).toEqual([]);
    expect(browser.problems.splice(0)).toEqual([]);
  });

  const text = (page: Page, id: string) => page.locator(`[data-testid=${id}]`).first().textContent();
  const open = async () => {
    const page = await browser.open("/live.html");
    await expect.poll(() => text(page, "badge-connection"), {timeout: 20_000}).toBe("connected");
    return page;
  };
  const count = async (page: Page, figure: string) =>
    Number((await page.locator(`[data-testid=figure-${figure}] .fb-figure-value`).textContent())?.replaceAll(",", ""));

  it("without a capture says so once, offers the interfaces, and is accessible and narrow enough", async () => {
    const page = await open();
    expect(await text(page, "live-welcome")).toContain("No capture runs");
    expect(await page.locator(".fb-board").isVisible()).toBe(false);
    await expect.poll(() => page.locator("[data-testid=live-interface] option[value=lo]").count()).toBe(1);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
      expect(await accessibilityProblems(page)).toEqual([]);
    }
    await page.setViewportSize({width: 360, height: 740});
    expect(await overflow(page)).toBe(0);
  });

  it.skipIf(!has("tcpdump"))("a filter that is wrong is refused beside it in libpcap's words", async () => {
    const page = await open();
    await page.locator("[data-testid=live-filter]").fill("tcp port 99999");
    await page.locator("[data-testid=live-start]").click();
    await expect.poll(() => text(page, "live-error")).toBe("illegal port number 99999 > 65535");
    expect(await page.locator("[data-testid=live-filter]").getAttribute("aria-invalid")).toBe("true");
    expect(await text(page, "badge-phase")).toBe("no capture");
    // The refusal itself is what the browser reports.
    expect(browser.problems.splice(0).every((problem) => problem.includes("400"))).toBe(true);
  });

  it.skipIf(!mayCapture)(
    "counts every packet that is sent while it captures, and after the stop Overview has them",
    async () => {
      const page = await open();
      await start(page);
      await expect.poll(() => text(page, "badge-phase"), {timeout: 20_000}).toBe("capturing");
      const sent = await send(1500, 250);
      sentBefore = sent;
      await expect.poll(() => count(page, "packets"), {timeout: 15_000}).toBe(sent);
      expect(await page.locator("[data-testid=chart-live-traffic] svg rect").count()).toBeGreaterThan(3);
      expect(await page.locator("[data-testid=live-flows] tbody tr").count()).toBe(3);
      // Pending, or judged already while they go on.
      expect(await page.locator("[data-testid=live-flows] tbody [data-verdict]").count()).toBe(3);
      expect(await page.locator("[data-testid=live-packets] tbody tr").count()).toBeGreaterThan(10);
      expect(await page.locator("[data-testid=live-destinations] tbody tr").first().textContent()).toContain(
        "127.0.0.1"
      );
      const second = await page.evaluate(async () => {
        const body = JSON.stringify({interface: "lo"});
        const headers = {"content-type": "application/json"};
        const response = await fetch("/api/live/start", {method: "POST", headers, body});
        return [response.status, (await response.json()).error];
      });
      expect(second).toEqual([409, "a capture on lo is at work already: stop it before another starts"]);
      expect(browser.problems.splice(0).every((problem) => problem.includes("409"))).toBe(true);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
        await sleep(400);
        expect(await accessibilityProblems(page)).toEqual([]);
      }
      await page.setViewportSize({width: 360, height: 740});
      await sleep(400);
      expect(await overflow(page)).toBe(0);
      await page.locator("[data-testid=live-stop]").click();
      await expect
        .poll(() => text(page, "live-ended"), {timeout: 30_000})
        .toContain(`${sent.toLocaleString("en")} packets and 3 flows`);
      expect(await count(page, "packets")).toBe(sent);
      await expect.poll(() => page.locator("[data-testid=live-flows] [data-verdict=pending]").count()).toBe(0);
      const table = page.locator("[data-testid=live-flows] tbody tr td:nth-child(5)");
      expect((await table.allTextContents()).map(Number).reduce((a, b) => a + b)).toBe(sent);
      const [[packets, flows]] = await notebook.rows(
        `SELECT sum(src_pkts + dst_pkts), count(*) FROM flows WHERE dst_port = ${port}`
      );
      expect([Number(packets), Number(flows)]).toEqual([sent, 3]);
      const all = Number((await notebook.rows("SELECT count(*) FROM flows"))[0][0]);
      const overview = await browser.open("/index.html");
      await expect
        .poll(async () => (await overview.locator("[data-testid=filter-count]").textContent())?.replaceAll(",", ""), {
          timeout: 60_000
        })
        .toContain(`${all} flows`);
    }
  );

  it.skipIf(!mayCapture)("that was away is told what it missed: its charts have every second", async () => {
    const page = await browser.context.newPage();
    await page.addInitScript(() => {
      const Real = EventSource;
      const kept = globalThis as unknown as {stream: EventSource};
      globalThis.EventSource = class extends Real {
        constructor(url: string | URL) {
          super(url);
          kept.stream = this;
        }
      };
    });
    await page.goto(`${notebook.server.url}/live.html`);
    await start(page);
    await expect.poll(() => text(page, "badge-phase"), {timeout: 20_000}).toBe("capturing");
    // The connection falls silent, and a new one does not come about for a while.
    await page.route("**/api/live/events*", (route) => route.abort());
    await page.evaluate(() => (globalThis as unknown as {stream: EventSource}).stream.close());
    await expect.poll(() => text(page, "badge-connection"), {timeout: 3500}).toContain("disconnected");
    const sent = await send(600, 200);
    expect(await count(page, "packets")).not.toBe(sent);
    await page.unroute("**/api/live/events*");
    await expect.poll(() => text(page, "badge-connection"), {timeout: 10_000}).toBe("connected");
    await expect.poll(() => count(page, "packets"), {timeout: 10_000}).toBe(sent);
    await page.locator("[data-testid=menu-live-traffic]").click();
    await page.locator("[data-testid=chart-live-traffic] [data-value=table]").click();
    const table = page.locator("[data-testid=chart-live-traffic] tbody tr");
    const drawn = async () => {
      const cells = await table.evaluateAll((rows) =>
        rows.map((row) => [...row.children].map((cell) => cell.textContent))
      );
      return cells.map(([time, udp]) => ({time: String(time), udp: Number(udp)}));
    };
    const total = async () => (await drawn()).reduce((sum, {udp}) => sum + udp, 0);
    // The capture before is drawn, too.
    await expect.poll(total, {timeout: 10_000}).toBe(sent + sentBefore);
    await page.locator("[data-testid=live-stop]").click();
    await expect.poll(() => text(page, "live-ended"), {timeout: 30_000}).toContain(`${sent} packets`);
    browser.problems.splice(0);
  });

  it("says within 3 s that the server is gone", async () => {
    const page = await open();
    isGone = true;
    await notebook.close();
    await expect.poll(() => text(page, "badge-connection"), {timeout: 3000}).toContain("disconnected");
    expect(await page.locator("[data-testid=live-start]").isDisabled()).toBe(true);
    // As long as it is open it tries to connect again.
    await page.close();
    browser.problems.splice(0);
  });
});

async function start(page: Page): Promise<void> {
  await page.locator("[data-testid=live-interface]").selectOption("lo");
  await page.locator("[data-testid=live-filter]").fill(`udp dst port ${port}`);
  await page.locator("[data-testid=live-start]").click();
}

/** Sends UDP packets to ourselves from three ports; resolves with how many. */
async function send(packets: number, perSecond: number): Promise<number> {
  const sockets = [0, 1, 2].map(() => createSocket("udp4"));
  const begun = performance.now();
  let sent = 0;
  while (sent < packets) {
    const due = Math.min(packets, Math.ceil(((performance.now() - begun) / 1000) * perSecond));
    for (; sent < due; sent++)
      await new Promise((done) => sockets[sent % 3].send(Buffer.alloc(80), port, "127.0.0.1", done));
    await sleep(5);
  }
  for (const socket of sockets) socket.close();
  return sent;
}

function has(program: string): boolean {
  try {
    execFileSync(program, ["--version"], {stdio: "ignore"});
    return true;
  } catch {
    return false;
  }
}

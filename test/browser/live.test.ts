import {createSocket} from "node:dgram";
import {setTimeout as sleep} from "node:timers/promises";
import type {Page} from "playwright-core";
import {expect, it} from "vitest";
import {describeUnless, itUnless, noProgram, notRoot} from "../needs.ts";
import {accessibilityProblems, noChromium, overflow} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {flowCount, readerOf, settled, textOf} from "./reader.ts";

const mayNotCapture = notRoot ?? noProgram("tcpdump", "dumpcap");

const port = 46_100 + Math.floor(Math.random() * 800);

describeUnless(noChromium)("the Live page in a browser", () => {
  const reader = readerOf(() => serveNotebook());
  let sentBefore = 0;

  const open = async () => {
    const page = await reader.open("/live.html");
    await expect.poll(() => textOf(page, "badge-connection")).toBe("connected");
    return page;
  };
  const count = async (page: Page, figure: string) =>
    Number((await page.getByTestId(`figure-${figure}`).locator(".fb-figure-value").textContent())?.replaceAll(",", ""));

  it("without a capture says so once, offers the interfaces, and is accessible and narrow enough", async () => {
    const page = await open();
    await expect.poll(() => textOf(page, "live-welcome")).toContain("No capture runs");
    await page.locator(".fb-board").waitFor({state: "hidden"});
    await expect.poll(() => page.locator("[data-testid=live-interface] option[value=lo]").count()).toBe(1);
    await isReadableAnyhow(page);
  });

  itUnless(noProgram("tcpdump"))("a filter that is wrong is refused beside it in libpcap's words", async () => {
    const page = await open();
    await page.getByTestId("live-filter").fill("tcp port 99999");
    await page.getByTestId("live-start").click();
    await expect.poll(() => textOf(page, "live-error")).toBe("illegal port number 99999 > 65535");
    await expect.poll(() => page.getByTestId("live-filter").getAttribute("aria-invalid")).toBe("true");
    await expect.poll(() => textOf(page, "badge-phase")).toBe("no capture");
    await reader.wasRefused(400);
  });

  itUnless(mayNotCapture)(
    "counts every packet that is sent while it captures, and after the stop Overview has them",
    async () => {
      const page = await open();
      await start(page);
      await expect.poll(() => textOf(page, "badge-phase")).toBe("capturing");
      // From a local address to a local one: neither up nor down.
      const rate = (id: string) => async () =>
        /[\d,]+(?= packets)/.exec((await textOf(page, `figure-${id}-rate`)) ?? "")?.[0];
      const within = expect.poll(rate("within"), {timeout: 30_000}).toMatch(/^[1-9]/);
      const sent = await send(1500, 250);
      await within;
      expect([await rate("up")(), await rate("down")()]).toEqual(["0", "0"]);
      sentBefore = sent;
      await expect.poll(() => count(page, "packets")).toBe(sent);
      const drawn = (selector: string) => expect.poll(() => page.locator(selector).count());
      await drawn("[data-testid=chart-live-traffic] svg rect").toBeGreaterThan(3);
      await drawn("[data-testid=live-flows] tbody tr").toBe(3);
      // Pending, or judged already while they go on.
      await drawn("[data-testid=live-flows] tbody [data-verdict]").toBe(3);
      await drawn("[data-testid=live-packets] tbody tr").toBeGreaterThan(10);
      const destinations = page.getByTestId("live-destinations").locator("tbody tr");
      await expect.poll(() => destinations.first().textContent()).toContain("127.0.0.1");
      const second = await page.evaluate(async () => {
        const body = JSON.stringify({interface: "lo"});
        const headers = {"content-type": "application/json"};
        const response = await fetch("/api/live/start", {method: "POST", headers, body});
        return [response.status, (await response.json()).error];
      });
      expect(second).toEqual([409, "a capture on lo is at work already: stop it before another starts"]);
      await reader.wasRefused(409);
      await isReadableAnyhow(page);
      await page.getByTestId("live-stop").click();
      await expect
        .poll(() => textOf(page, "live-ended"), {timeout: 60_000})
        .toContain(`${sent.toLocaleString("en")} packets and 3 flows`);
      await expect.poll(() => count(page, "packets")).toBe(sent);
      await drawn("[data-testid=live-flows] [data-verdict=pending]").toBe(0);
      const table = page.locator("[data-testid=live-flows] tbody tr td:nth-child(5)");
      await expect.poll(async () => (await table.allTextContents()).map(Number).reduce((a, b) => a + b, 0)).toBe(sent);
      const [[packets, flows]] = await reader.served.rows(
        `SELECT sum(src_pkts + dst_pkts), count(*) FROM flows WHERE dst_port = ${port}`
      );
      expect([Number(packets), Number(flows)]).toEqual([sent, 3]);
      // Of this host: the demo lies years apart, and where both are known already a page without a filter begins there.
      const overview = await reader.open("/index.html#host=127.0.0.1");
      await expect.poll(() => flowCount(overview), {timeout: 240_000}).toBe(3);
    }
  );

  itUnless(mayNotCapture)("that was away is told what it missed: its charts have every second", async () => {
    const page = await reader.browser.context.newPage();
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
    await page.goto(`${reader.served.server.url}/live.html`);
    await start(page);
    await expect.poll(() => textOf(page, "badge-phase")).toBe("capturing");
    expect(await tellIncident(page, ["20 ports", "40 ports"])).toEqual([["20 ports"], ["40 ports"]]);
    const tries = triesUntilDisconnected(page);
    // The connection falls silent, and a new one does not come about for a while.
    await page.route("**/api/live/events*", (route) => route.abort());
    await page.evaluate(() => (globalThis as unknown as {stream: EventSource}).stream.close());
    expect(await tries).toBeLessThanOrEqual(1);
    const sent = await send(600, 200);
    expect(await count(page, "packets")).not.toBe(sent);
    await page.unroute("**/api/live/events*");
    await expect.poll(() => textOf(page, "badge-connection")).toBe("connected");
    await expect.poll(() => count(page, "packets")).toBe(sent);
    await page.getByRole("button", {name: "15 min"}).click();
    await page.getByTestId("menu-live-traffic").click();
    await page.getByTestId("chart-live-traffic").locator("[data-value=table]").click();
    const table = page.locator("[data-testid=chart-live-traffic] tbody tr");
    const drawn = async () => {
      const cells = await table.evaluateAll((rows) =>
        rows.map((row) => [...row.children].map((cell) => cell.textContent))
      );
      return cells.map(([time, udp]) => ({time: String(time), udp: Number(udp?.replaceAll(",", ""))}));
    };
    const total = async () => (await drawn()).reduce((sum, {udp}) => sum + udp, 0);
    // The capture before is drawn, too.
    await expect.poll(total).toBe(sent + sentBefore);
    await page.getByTestId("live-stop").click();
    await expect.poll(() => textOf(page, "live-ended"), {timeout: 60_000}).toContain(`${sent} packets`);
    // Of each try to connect again the browser says that it failed.
    reader.browser.problems.splice(0);
  });

  it("says that the server is gone before it tries to connect a second time, though it gets no frames", {
    timeout: 180_000
  }, async () => {
    const page = await open();
    // As in a page that is covered or hidden.
    await page.evaluate(() => void (globalThis.requestAnimationFrame = () => 0));
    const tries = triesUntilDisconnected(page);
    await reader.served.close();
    expect(await tries).toBeLessThanOrEqual(1);
    await expect.poll(() => page.getByTestId("live-start").isDisabled()).toBe(true);
    // As long as it is open it tries to connect again.
    await page.close();
    reader.browser.problems.splice(0);
  });
});

/** Without a problem of accessibility in either colours, and no wider than a telephone's window. */
async function isReadableAnyhow(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
    await settled(page);
    expect(await accessibilityProblems(page)).toEqual([]);
  }
  await page.setViewportSize({width: 360, height: 740});
  await settled(page);
  expect(await overflow(page)).toBe(0);
}

/** What the page lists as incidents after each message in which one has another text; it keeps its stream as `stream`. */
function tellIncident(page: Page, summaries: readonly string[]): Promise<string[][]> {
  return page.evaluate(async (texts) => {
    const {stream} = globalThis as unknown as {stream: EventSource};
    const {data, lastEventId} = await new Promise<MessageEvent>((came) =>
      stream.addEventListener("message", came, {once: true})
    );
    const nothing = {isWhole: false, seconds: [], losses: [], scores: [], flows: [], packets: [], verdicts: []};
    const incident = {id: "i1", class: "PortScan", severity: "medium", state: "growing", from: 0, to: 1, flows: 1};
    const shown: string[][] = [];
    for (const summary of texts) {
      const message = {...JSON.parse(data), ...nothing, incidents: [{...incident, summary}]};
      stream.dispatchEvent(new MessageEvent("message", {lastEventId, data: JSON.stringify(message)}));
      // It is drawn with the next frame.
      for (let frames = 0; frames < 2; frames++) await new Promise((drawn) => requestAnimationFrame(drawn));
      const links = document.querySelectorAll("[data-testid=incident] a");
      shown.push([...links].map((link) => String(link.textContent)));
    }
    return shown;
  }, summaries);
}

/** How often the page asked for the stream again until it showed that there is no connection. */
async function triesUntilDisconnected(page: Page): Promise<number> {
  let tries = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/live/events")) tries++;
  });
  await page.waitForFunction(
    () => document.querySelector("[data-testid=badge-connection]")?.textContent?.startsWith("disconnected"),
    null,
    {polling: 50}
  );
  return tries;
}

async function start(page: Page): Promise<void> {
  await page.getByTestId("live-interface").selectOption("lo");
  await page.getByTestId("live-filter").fill(`udp dst port ${port}`);
  await page.getByTestId("live-start").click();
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

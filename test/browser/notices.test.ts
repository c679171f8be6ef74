import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Page} from "playwright-core";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {noSecrets} from "../../alerts/secrets.ts";
import {noAlerts} from "../../alerts/settings.ts";
import {transportsOf} from "../../alerts/transport.ts";
import {findTracer} from "../../server/hosts/traceroute.ts";
import {type RunningServer, startServer} from "../../server/start.ts";
import {addCapture, scan} from "../alerts/lake.ts";
import {type Post, type Receiver, webServer} from "../alerts/receivers.ts";
import {chromiumPath, type Watched, watchBrowser} from "./chromium.ts";

// Framework tells of every socket and message.
console.log = () => {};

let folder: string;
let lake: string;
let server: RunningServer;
let browser: Watched;
let hook: Receiver<Post>;
let page: Page;
let lakeMs = 1_790_000_000_000;
const clock = () => (lakeMs += 1000);

describe.skipIf(!chromiumPath)("the page of notices", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowbook-notices-page-"));
    lake = join(folder, "lake");
    hook = await webServer(() => [200]);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    await addCapture(lake, "b.pcap", scan("b", {from: "10.0.0.6", at: 60}), clock);
    const url = `http://127.0.0.1:${hook.port}/s3cret`;
    const settings = {...noAlerts, webhook: {url, urlFile: null, tokenFile: null, caFile: null}};
    server = await startServer({
      lake,
      project: join(import.meta.dirname, "../.."),
      host: "127.0.0.1",
      port: 0,
      anyPort: false,
      publicOrigin: null,
      uploadLimitBytes: 1e8,
      settings: {},
      firstCaptures: [],
      now: Date.now,
      alerts: {settings, transports: transportsOf(settings, noSecrets)}
    });
    browser = await watchBrowser(server.url);
    await (await browser.open(server.link.slice(server.url.length))).waitForSelector("[data-testid=headline], h1");
    page = await browser.open("/notices.html");
    await page.waitForSelector("[data-testid=inbox] [data-testid=notice]");
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await hook?.close();
    rmSync(folder, {recursive: true, force: true});
  });

  const box = (name: string) => page.locator(`[data-testid=inbox] [data-box=${name}]`);
  const notices = () => page.locator("[data-testid=inbox] [data-testid=notice]");
  const counts = async () => (await page.locator("[data-testid=inbox] [data-box]").allTextContents()).join(", ");
  const settled = (expected: string) => expect.poll(counts, {timeout: 10_000}).toBe(expected);

  it("acknowledges a notice with a note that is shown as text, and takes it back", async () => {
    await settled("Open 2, Acknowledged 0, Suppressed 0");
    await notices().first().getByRole("button", {name: "Acknowledge"}).click();
    await page.locator("dialog textarea").fill('<img src=x onerror="alert(1)">\u202e ours');
    await page.locator("dialog").getByRole("button", {name: "Acknowledge"}).click();
    await settled("Open 1, Acknowledged 1, Suppressed 0");
    await box("acknowledged").click();
    expect(await notices().locator(".fb-remarks li").textContent()).toMatch(
      /^Acknowledged .*: <img src=x onerror="alert\(1\)">\\u\{202e\} ours$/
    );
    await notices().getByRole("button", {name: "Take back"}).click();
    await settled("Open 2, Acknowledged 0, Suppressed 0");
    await box("open").click();
  });

  it("suppresses one host's scans for a reason, hides them on Anomalies too, and lifts it", async () => {
    await notices().last().getByRole("button", {name: "Suppress"}).click();
    await page.locator("dialog").getByRole("button", {name: "Suppress"}).click();
    expect(await page.locator("dialog").count()).toBe(1);
    await page.locator("dialog input[name=reason]").fill("our scanner");
    await page.locator("dialog").getByRole("button", {name: "Suppress"}).click();
    await settled("Open 1, Acknowledged 0, Suppressed 1");
    expect(await page.locator("[data-testid=suppressions] li").textContent()).toContain("port scan from 10.0.0.6until");
    const anomalies = await browser.open("/anomalies.html");
    await expect.poll(() => anomalies.locator("[data-testid=reviewed]").textContent()).toBe("Show 1 suppressed");
    expect(await anomalies.locator("[data-testid=notice]").count()).toBe(1);
    await anomalies.locator("[data-testid=reviewed]").click();
    expect(await anomalies.locator("[data-testid=notice]").count()).toBe(2);
    await anomalies.close();
    await page.locator("[data-testid=suppressions]").getByRole("button", {name: "Lift"}).click();
    await settled("Open 2, Acknowledged 0, Suppressed 0");
  });

  it("shows text for the firewall", async () => {
    await notices().first().getByRole("button", {name: "Firewall text"}).click();
    expect(await page.locator("[data-testid=nftables]").textContent()).toContain(
      "ip saddr 10.0.0.5 ip daddr 192.0.2.10 counter drop"
    );
    await page.locator("dialog").getByRole("button", {name: "Close"}).click();
  });

  it("sends a test message and says who is told, without the secret part of an address", async () => {
    const card = page.locator("[data-testid=deliveries]");
    await expect.poll(() => card.locator("[data-testid=off-smtp]").textContent()).toContain("E-mail is off");
    await card.getByRole("button", {name: "Send a test message"}).click();
    await expect.poll(() => card.textContent()).toContain("Webhook: the test message was sent.");
    expect(hook.got.map(({path, body}) => [path, JSON.parse(body).test])).toEqual([["/s3cret", true]]);
    expect(await page.content()).not.toContain("s3cret");
  });

  it("shows the first hop of a way, and refuses what is no address", async () => {
    const card = page.locator("[data-testid=traceroute]");
    await card.locator("input").fill("0.0.0.0");
    await card.getByRole("button", {name: "Trace"}).click();
    await expect.poll(() => card.locator("[role=status]").textContent()).toBe("0.0.0.0 is not an address of one host");
    browser.problems.splice(0);
    if (!findTracer()) return;
    await card.locator("input").fill("127.0.0.1");
    await card.getByRole("button", {name: "Trace"}).click();
    await expect
      .poll(() => card.locator("[role=status]").textContent(), {timeout: 20_000})
      .toBe("The host was reached.");
    expect((await card.locator("tbody tr").first().textContent())?.slice(0, 10)).toBe("1127.0.0.1");
  });

  it("reports no error and asks nobody else", () => {
    expect([browser.problems, browser.foreign]).toEqual([[], []]);
  });
});

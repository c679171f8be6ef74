import type {Locator, Page} from "playwright-core";
import {beforeEach, expect, it} from "vitest";
import {noAlerts} from "../../alerts/settings.ts";
import {transportsOf} from "../../alerts/transports/index.ts";
import {findTracer} from "../../loaders/health/tracer.ts";
import {parseFilter} from "../../src/lib/filter.ts";
import {addCapture, scan} from "../alerts/lake.ts";
import {noSecrets} from "../alerts/no-secrets.ts";
import {type Post, webServer} from "../alerts/receivers.ts";
import {describeUnless} from "../needs.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf, type Served, settled, textOf} from "./reader.ts";

describeUnless(noChromium)("the page of notices", () => {
  const reader = readerOf(serveScans);
  let page: Page;

  beforeEach(async () => {
    page = await reader.open("/notices.html");
    await page.getByTestId("inbox").getByTestId("incident").first().waitFor();
    await settled(page);
  });
  const box = (name: string) => page.getByTestId("inbox").locator(`[data-box=${name}]`);
  const incidents = () => page.getByTestId("inbox").getByTestId("incident");
  const counts = async () => (await page.getByTestId("inbox").locator("[data-box]").allTextContents()).join(", ");
  const chooseOf = async (incident: Locator, words: string) => {
    await incident.getByTestId("incident-menu").click();
    await incident.getByRole("menuitem", {name: words}).click();
  };
  const sorted = (expected: string) => expect.poll(counts).toBe(expected);

  it("acknowledges an incident with a note that is shown as text, and takes it back", async () => {
    await sorted("Open 2, Acknowledged 0, Suppressed 0");
    await incidents().first().getByRole("button", {name: "Acknowledge"}).click();
    await page.locator("dialog textarea").fill('<img src=x onerror="alert(1)">\u202e ours');
    await page.locator("dialog").getByRole("button", {name: "Acknowledge"}).click();
    await sorted("Open 1, Acknowledged 1, Suppressed 0");
    await box("acknowledged").click();
    await expect
      .poll(() => incidents().locator(".fb-remarks li").textContent())
      .toMatch(/^Acknowledged .*: <img src=x onerror="alert\(1\)">\\u\{202e\} ours$/);
    await incidents().getByRole("button", {name: "Take back"}).click();
    await sorted("Open 2, Acknowledged 0, Suppressed 0");
    await box("open").click();
  });

  it("labels an incident, and leads to its page with what, why, flows and what else its hosts did", async () => {
    const first = incidents().first();
    await chooseOf(first, "Label");
    await page.locator("dialog select").selectOption("false");
    await page.locator("dialog textarea").fill("our own scanner");
    await page.locator("dialog").getByRole("button", {name: "Label"}).click();
    await expect
      .poll(() => first.locator(".fb-remarks li").textContent())
      .toMatch(/^Labelled a false alarm .*: our own scanner$/);
    await first.getByTestId("incident-link").click();
    await page.getByTestId("incident-head").getByText("probability 89").waitFor();
    await settled(page);
    expect(await textOf(page, "incident-head")).toContain("T1046");
    expect(await page.getByTestId("finding").count()).toBe(1);
    // The probes of a scan are alike, but for their ports.
    const rows = page.getByTestId("incident-flows").locator("tbody tr");
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.first().locator("[data-label=Flows]").textContent()).toBe("×40");
    await expect.poll(() => textOf(page, "incident-hosts")).toContain("flows by service");
    expect(await textOf(page, "filter-count")).toBe("40 of 80 flows");
  });

  it("an incident that a message names alone is seen in its own time, as its link shows it", async () => {
    const href = (await incidents().first().getByTestId("incident-link").getAttribute("href")) as string;
    const linked = parseFilter(href.slice(href.indexOf("#")));
    const named = await reader.open(`/incident.html#incident=${linked.incident}`);
    await expect.poll(() => parseFilter(new URL(named.url()).hash)).toEqual(linked);
    // A scan of 3.9 s with a second before and after it.
    expect((linked.to as number) - (linked.from as number)).toBe(5_900_001);
    await named.close();
  });

  it("says so where an incident is no longer there", async () => {
    const gone = await reader.open("/incident.html#incident=00000000000000ff");
    await expect.poll(() => textOf(gone, "no-incident")).toContain("no longer there");
    await gone.close();
  });

  it("suppresses one host's scans for a reason, hides them on Anomalies too, and lifts it", async () => {
    await chooseOf(incidents().last(), "Suppress");
    await page.locator("dialog").getByRole("button", {name: "Suppress"}).click();
    await page.locator("dialog input[name=reason]:invalid:focus").waitFor();
    expect(await page.locator("dialog").count()).toBe(1);
    await page.locator("dialog input[name=reason]").fill("our scanner");
    await page.locator("dialog").getByRole("button", {name: "Suppress"}).click();
    await sorted("Open 1, Acknowledged 0, Suppressed 1");
    const suppressions = page.getByTestId("suppressions");
    await expect.poll(() => suppressions.locator("li").textContent()).toContain("port scan from 10.0.0.6until");
    const anomalies = await reader.open("/anomalies.html");
    await expect.poll(() => textOf(anomalies, "reviewed")).toBe("Show 1 suppressed");
    await expect.poll(() => anomalies.getByTestId("incident").count()).toBe(1);
    await anomalies.getByTestId("reviewed").click();
    await expect.poll(() => anomalies.getByTestId("incident").count()).toBe(2);
    await anomalies.close();
    await suppressions.getByRole("button", {name: "Lift"}).click();
    await sorted("Open 2, Acknowledged 0, Suppressed 0");
  });

  it("shows text for the firewall", async () => {
    await chooseOf(incidents().first(), "Firewall text");
    await expect.poll(() => textOf(page, "nftables")).toContain("ip saddr 10.0.0.5 ip daddr 192.0.2.10 counter drop");
    await page.locator("dialog").getByRole("button", {name: "Close"}).click();
  });

  it("sends a test message and says who is told, without the secret part of an address", async () => {
    const card = page.getByTestId("deliveries");
    await expect.poll(() => card.getByTestId("off-smtp").textContent()).toContain("E-mail is off");
    await card.getByRole("button", {name: "Send a test message"}).click();
    await expect.poll(() => card.textContent()).toContain("Webhook: the test message was sent.");
    expect(reader.served.told.map(({path, body}) => [path, JSON.parse(body).test])).toEqual([["/s3cret", true]]);
    expect(await page.content()).not.toContain("s3cret");
  });

  it("shows the first hop of a way, and refuses what is no address", async () => {
    const card = page.getByTestId("traceroute");
    await card.locator("input").fill("0.0.0.0");
    await card.getByRole("button", {name: "Trace"}).click();
    await expect.poll(() => card.locator("[role=status]").textContent()).toBe("0.0.0.0 is not an address of one host");
    await reader.wasRefused(400);
    if (!findTracer()) return;
    await card.locator("input").fill("127.0.0.1");
    await card.getByRole("button", {name: "Trace"}).click();
    await expect.poll(() => card.locator("[role=status]").textContent()).toBe("The host was reached.");
    expect((await card.locator("tbody tr").first().textContent())?.slice(0, 10)).toBe("1127.0.0.1");
  });
});

/** Serves a lake with two scans in it, whose notices a webhook is told of; `told` is what came there. */
async function serveScans(): Promise<Served & {readonly told: readonly Post[]}> {
  const hook = await webServer(() => [200]);
  const url = `http://127.0.0.1:${hook.port}/s3cret`;
  const settings = {...noAlerts, webhook: {url, urlFile: null, tokenFile: null, caFile: null}};
  let lakeMs = 1_790_000_000_000;
  const clock = () => (lakeMs += 1000);
  const notebook = await serveNotebook({
    firstCapture: null,
    async fill(lake) {
      await addCapture(lake, "a.pcap", scan("a"), clock);
      await addCapture(lake, "b.pcap", scan("b", {from: "10.0.0.6", at: 60}), clock);
    },
    alerts: {settings, transports: transportsOf(settings, noSecrets)}
  });
  return {
    server: notebook.server,
    told: hook.got,
    async close() {
      await notebook.close();
      await hook.close();
    }
  };
}

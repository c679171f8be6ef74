import {resolve} from "node:path";
import type {Page} from "playwright-core";
import {expect, it} from "vitest";
import {renew} from "../../loaders/results/freshness-renew.ts";
import {recordPages} from "../../src/lib/records/all.ts";
import {addRecords, addScans} from "../fixtures/made-records.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {sharedLake} from "../fixtures/shared-lake.ts";
import {flowCount, type Reader, type Served, settled} from "./reader.ts";

const records = 300;

/** What serves pages over a lake with records. */
export interface Lake extends Served {
  /** Rows of a statement over the lake, independent of what pages do. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

/** The host with the most queries of names. */
export async function busiest({rows}: Lake): Promise<string> {
  const [[host]] = await rows(
    "SELECT src_ip FROM dns JOIN flows USING (flow_id, capture_sha256) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
  );
  return String(host);
}

const project = resolve(import.meta.dirname, "../..");

/** Makes a lake of two captures with records of every kind, and its results. */
export function fillWithRecords(lake: string): Promise<void> {
  return sharedLake("records", lake, async (made) => {
    await makeLake(made, 500);
    await addRecords(made, records);
    await addScans(made);
    await renew({lake: made, project, now: Date.now});
  });
}

/** The pages that list records, as addresses. */
export const listingPages: ReadonlySet<string> = new Set(
  recordPages.filter(({sources}) => sources.length > 0).map(({path}) => `${path}.html`)
);

/**
 * What pages over records show, from whatever serves them, is what the lake says. Of pages that list records those in
 * `listing` are read to the end; `look` sees each once its rows are there.
 */
export function answersAsTheLake(
  reader: Reader<Lake>,
  listing: ReadonlySet<string> = listingPages,
  look: (page: Page) => Promise<void> = async () => {}
): void {
  const number = async (sql: string) => Number((await reader.served.rows(sql))[0][0]);

  for (const {path, sources} of recordPages.filter(({path}) => listing.has(`${path}.html`)))
    it(`${path}.html lists every record of ${sources.map(({name}) => name).join(", ")}, a hundred a page, and opens one with its flow`, async () => {
      const page = await reader.open(`${path}.html`);
      const more = page.locator("details.fb-more > summary");
      await expect.poll(() => page.getByTestId("records").count()).toBe(sources.length);
      await expect.poll(() => page.locator("main table tbody tr").count()).toBeGreaterThan(0);
      await look(page);
      const flows = await number("SELECT count(*) FROM flows");
      await expect.poll(() => flowCount(page)).toBe(flows);
      for (const each of await more.all()) await each.click();
      for (const [n, {name}] of sources.entries()) {
        const table = page.getByTestId("records").nth(n);
        const all = await number(`SELECT count(*) FROM ${name}`);
        await expect.poll(() => table.getByTestId("records-count").textContent()).toBe(`1–100 of ${all}`);
        await table.getByRole("button", {name: "Next"}).click();
        await expect.poll(() => table.getByTestId("records-count").textContent()).toBe(`101–200 of ${all}`);
      }
      await settled(page);
      await page.getByTestId("records").last().locator("tbody tr td").first().click();
      await expect.poll(() => page.getByTestId("flow-panel").count()).toBe(1);
      await expect.poll(() => page.getByTestId("record").count()).toBe(1);
      expect(await page.locator(".fb-problem:not(:empty), .observablehq--error").allTextContents()).toEqual([]);
      // Text of strangers stays text.
      expect(await page.locator("main img").count()).toBe(0);
    });

  it("/dns.html: figures are what SQL says, and a host narrows them all", async () => {
    const page = await reader.open("/dns.html");
    const figure = (name: string) =>
      page.getByTestId("dns-figures").locator(`[data-name=${name}] .fb-figure-value`).textContent();
    const of = (name: string, where: string) =>
      ({
        queries: number(`SELECT count(*) FROM dns JOIN flows USING (flow_id, capture_sha256) WHERE ${where}`),
        names: number(
          `SELECT count(DISTINCT query) FROM dns JOIN flows USING (flow_id, capture_sha256) WHERE ${where}`
        ),
        nxdomain: number(
          `SELECT count(*) FROM dns JOIN flows USING (flow_id, capture_sha256) WHERE rcode = 3 AND ${where}`
        )
      })[name];
    for (const name of ["queries", "names", "nxdomain"])
      await expect.poll(() => figure(name)).toBe(String(await of(name, "true")));
    const host = await busiest(reader.served);
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `host=${host}`);
    for (const name of ["queries", "names", "nxdomain"])
      await expect.poll(() => figure(name)).toBe(String(await of(name, `'${host}' IN (src_ip, dst_ip)`)));
  });

  it("/link-layer.html: the vendor of who claims an address", async () => {
    const page = await reader.open("/link-layer.html");
    const holders = page.getByTestId("chart-arp-holders");
    await expect.poll(() => holders.locator("tbody tr").count()).toBe(3);
    expect(await holders.textContent()).toContain("Raspberry Pi Foundation");
    expect(await holders.textContent()).toContain("locally administered");
    expect(await page.locator(".fb-problem:not(:empty), .observablehq--error").allTextContents()).toEqual([]);
  });

  it("/scans.html: figures are what SQL says, and by keyboard alone a host is found from any page; a chart is pinned", async () => {
    const page = await reader.open("/scans.html");
    const figure = (name: string) => page.locator(`[data-name=${name}] .fb-figure-value`).textContent();
    const probes = await number("SELECT count(*) FROM flows WHERE src_ip = '10.9.9.9'");
    await expect.poll(() => figure("probes")).toBe(String(probes));
    await expect.poll(() => page.getByTestId("chart-scan-matrix").locator("svg").count()).toBe(1);
    await page.getByTestId("menu-scan-matrix").click();
    await page.getByRole("menuitem", {name: "Pin to the case"}).click();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("10.9.9.8");
    await expect.poll(() => page.getByRole("option", {name: /10\.9\.9\.8.* flows/}).count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/host.html#host=10.9.9.8");
    const taken = page.getByTestId("host-head").locator("[data-name=asked]");
    await expect.poll(() => taken.textContent()).toBe("12");
    await page.getByTestId("case-badge").click();
    const pinned = page.getByTestId("case").getByRole("link", {name: "What was probed"});
    await expect.poll(() => pinned.getAttribute("href")).toBe("./scans.html#chart=scan-matrix");
    expect(await page.getByTestId("case").locator("tbody tr").count()).toBe(12);
  });

  it("from /hosts.html a host leads to its page, whose figures are what SQL says, and on to its records", async () => {
    const page = await reader.open("/hosts.html");
    const host = await busiest(reader.served);
    const [[hosts]] = await reader.served.rows(
      "SELECT count(DISTINCT h) FROM (SELECT src_ip AS h FROM flows UNION ALL SELECT dst_ip FROM flows)"
    );
    await expect.poll(() => page.locator("[data-name=hosts] .fb-figure-value").textContent()).toBe(String(hosts));
    await page.getByRole("link", {name: host, exact: true}).first().click();
    const fact = (name: string) => page.getByTestId("host-head").locator(`[data-name=${name}]`).textContent();
    const [[asked, taken, peers, queries]] = await reader.served.rows(`SELECT count(*) FILTER (src_ip = '${host}'),
      count(*) FILTER (dst_ip = '${host}' AND src_ip <> dst_ip), count(DISTINCT if(src_ip = '${host}', dst_ip, src_ip)),
      (SELECT count(*) FROM dns JOIN flows USING (flow_id, capture_sha256) WHERE '${host}' IN (src_ip, dst_ip))
      FROM flows WHERE '${host}' IN (src_ip, dst_ip)`);
    await expect.poll(() => fact("asked")).toBe(String(asked));
    expect([await fact("taken"), await fact("peers")]).toEqual([String(taken), String(peers)]);
    await page.getByTestId("to-dns").click();
    await expect.poll(() => page.getByTestId("records-count").textContent()).toContain(`of ${queries}`);
  });
}

import {basename} from "node:path";
import {expect, it} from "vitest";
import {parseFilter} from "../../src/lib/filter.ts";
import {recordPages} from "../../src/lib/records/all.ts";
import {describeUnless} from "../needs.ts";
import {smallCapture} from "../server/small-capture.ts";
import {noChromium} from "./chromium.ts";
import {expectLooks} from "./looks.ts";
import {pagePaths, serveNotebook} from "./notebook-under-test.ts";
import {flowCount, readerOf, settled, textOf} from "./reader.ts";

const withRecords = new Set(recordPages.map(({path}) => `${path}.html`));

describeUnless(noChromium)("the notebook in a browser", () => {
  const reader = readerOf(() => serveNotebook());
  const one = async (sql: string) => Number((await reader.served.rows(sql))[0][0]);

  for (const path of pagePaths)
    it(`${path} shows every flow of the lake, and no error; it is accessible, and fits`, async () => {
      const page = await reader.open(path);
      await expect.poll(() => flowCount(page)).toBe(await one("SELECT COUNT(*) FROM flows"));
      await settled(page);
      expect(await page.locator(".observablehq--error").count()).toBe(0);
      // Pages over records are looked at with records in them, by records.test.ts.
      if (!withRecords.has(path)) await expectLooks(page);
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
    // What is drawn anew is another element.
    const drawings = (mark: "mark" | "leave" = "mark") =>
      page.evaluate(`[...document.querySelectorAll("[data-testid^=chart-] svg[class]")].flatMap((svg) => {
      const {top, bottom} = svg.getBoundingClientRect();
      const isSame = svg.hasAttribute("data-before");
      if ("${mark}" === "mark") svg.setAttribute("data-before", "");
      return bottom > 0 && top < innerHeight ? [\`seen \${isSame}\`] : top > innerHeight + 100 ? [\`away \${isSame}\`] : [];
    })`) as Promise<string[]>;
    expect(new Set(await drawings())).toEqual(new Set(["seen false", "away false"]));
    const strip = await page.getByTestId("time-strip").locator("svg").boundingBox();
    const y = strip!.y + strip!.height / 2;
    await page.mouse.move(strip!.x + strip!.width * 0.3, y);
    await page.mouse.down();
    await page.mouse.move(strip!.x + strip!.width * 0.45, y, {steps: 5});
    await page.mouse.move(strip!.x + strip!.width * 0.6, y, {steps: 5});
    await expect.poll(async () => new Set(await drawings())).toEqual(new Set(["seen false", "away true"]));
    await page.mouse.up();
    await expect.poll(() => parseFilter(new URL(page.url()).hash).to).toBeGreaterThan(0);
    // What is away follows when its answers are there, which a busy server may send after the page stood still.
    await expect.poll(async () => (await drawings("leave")).filter((each) => each === "away true")).toEqual([]);
    expect(await drawings("leave")).toContain("away false");
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

  it("a card that is about captures is headed by the file's name", async () => {
    const page = await reader.open("/captures.html");
    const [[path]] = await reader.served.rows("SELECT path FROM captures");
    const title = page.getByTestId("capture").locator("h2");
    await expect.poll(() => title.textContent()).toBe(basename(String(path)));
    expect(await title.getAttribute("title")).toBe(path);
  });

  it("a day that all rows share is said once above the strangest flows", async () => {
    const page = await reader.open("/anomalies.html");
    const [[day]] = await reader.served.rows("SELECT DISTINCT strftime(ts_start, '%Y-%m-%d') FROM flows");
    await expect.poll(() => textOf(page, "strangest-day")).toBe(`All began on ${day}.`);
    const starts = await page.getByTestId("top-anomalies").locator("tbody tr td:nth-child(2)").allTextContents();
    expect(starts.length).toBeGreaterThan(0);
    expect(starts.filter((text) => !/^\d\d:\d\d:\d\d\.\d{3}$/.test(text))).toEqual([]);
  });

  it("a table of records has no column without a value", async () => {
    const page = await reader.open("/databases.html");
    const heads = page.getByTestId("records").locator("th");
    await expect.poll(() => heads.count()).toBeGreaterThan(3);
    const shown = (await heads.allTextContents()).map((text) => text.replace(/ [↑↓]$/, ""));
    const valued = await reader.served.rows(
      'SELECT count("user"), count("database"), count(coalesce(statement, object)), count(command) FROM databases'
    );
    const named = ["User", "Database", "Statement", "Command"];
    expect(named.filter((name) => shown.includes(name))).toEqual(named.filter((_, k) => Number(valued[0][k]) > 0));
  });

  it("each certificate is told once, and each time it was shown when a reader asks", async () => {
    const page = await reader.open("/tls.html");
    const [[subject, shown]] = await reader.served.rows(
      "SELECT subject, count(*) FROM certificates GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    );
    const row = page.getByTestId("chart-tls-certificates").locator("tbody tr").first();
    await expect.poll(() => row.locator("td").first().textContent()).toBe(subject);
    expect(await row.locator('[data-label="Times shown"]').textContent()).toBe(String(shown));
    await row.getByRole("button").click();
    await expect.poll(() => page.getByTestId("records").last().isVisible()).toBe(true);
  });

  it("an address of IPv6 is whole where the list of flows has room for it", async () => {
    const page = await reader.open("/flows.html", {width: 1400});
    const cells = page.getByTestId("flow-grid").locator('[data-column="dst_ip"]');
    await expect.poll(async () => (await cells.allTextContents()).includes("2001:db8:20::20")).toBe(true);
  });

  it("what chance may explain is compared when a reader asks for it", async () => {
    const page = await reader.open("/compare.html");
    const card = page.getByTestId("chart-compare-ports");
    await card.getByTestId("by-chance").waitFor();
    const chances = () => card.locator('[data-label="By chance?"]').allTextContents();
    expect(new Set(await chances())).toEqual(new Set(["no"]));
    await card.getByTestId("by-chance").click();
    await expect.poll(async () => new Set(await chances())).toEqual(new Set(["no", "may be"]));
  });

  it("a model's card lists the same figures of unknown networks in a wide window and in a narrow one", async () => {
    const page = await reader.open("/verdicts.html", {width: 1400});
    const listed = page.getByTestId("model-cards").locator(".fb-unknown-lists dd:visible");
    await expect.poll(() => listed.count()).toBeGreaterThan(4);
    const figures = await listed.allTextContents();
    expect(figures.filter((text) => !/^[\d,.]+$/.test(text))).toEqual([]);
    await page.setViewportSize({width: 360, height: 740});
    expect(await listed.allTextContents()).toEqual(figures);
  });

  it("the expected band of a short capture is a line, which the chart shows, and no area", async () => {
    const page = await reader.open("/anomalies.html");
    const chart = page.getByTestId("chart-anomaly-rate");
    const limits = chart.locator('[aria-description="expected limit"] line');
    await expect.poll(() => limits.count()).toBeGreaterThan(4);
    expect(await chart.locator('[aria-description="expected band"] rect').count()).toBe(0);
    const heights = await limits.evaluateAll((lines) => lines.map((line) => Number(line.getAttribute("y1"))));
    expect(heights.filter((y) => y > 0).length).toBeGreaterThan(heights.length / 2);
  });

  it("headlines of records show the statement that their figures are the row of", async () => {
    const page = await reader.open("/dns.html");
    const card = page.getByTestId("dns-figures");
    await card.getByTestId("headline-sql").click();
    const sql = await page.getByTestId("sql").textContent();
    const [row] = await reader.served.rows(sql ?? "");
    const shown = await card.locator('[data-kind="count"] .fb-figure-value').allTextContents();
    expect(shown.length).toBeGreaterThan(2);
    const counted = row.filter((value) => typeof value === "bigint" || typeof value === "number");
    expect(counted.map((value) => Number(value).toLocaleString("en-US"))).toEqual(expect.arrayContaining(shown));
  });

  it("the headline's number of incidents is what its statement counts, of all and of one host", async () => {
    const [[host]] = await reader.served.rows(
      "SELECT src_ip FROM incidents WHERE src_ip IS NOT NULL ORDER BY flows DESC LIMIT 1"
    );
    for (const filter of ["", `#host=${host}`]) {
      const page = await reader.open(`/index.html${filter}`);
      await page.getByTestId("figure-incidents").waitFor();
      await page.getByTestId("headline-sql").click();
      const statements = ((await page.getByTestId("sql").textContent()) ?? "").split(";");
      const [[counted]] = await reader.served.rows(statements[2]);
      expect(Number(counted)).toBeGreaterThan(0);
      expect(await page.getByTestId("figure-incidents").locator(".fb-figure-value").textContent()).toBe(
        String(counted)
      );
    }
  });

  it("an incident leads to what was said in its flows", async () => {
    const [[id, requests]] = await reader.served.rows(
      `SELECT i.incident_id, count(*) FROM flow_incidents AS i JOIN http AS h USING (flow_id, capture_sha256)
       GROUP BY 1 ORDER BY 2 DESC LIMIT 1`
    );
    expect(Number(requests)).toBeGreaterThan(1);
    const page = await reader.open(`/incident.html#incident=${id}`);
    await page.getByTestId("incident-head").getByTestId("records-http").click();
    await page.waitForURL("**/http.html*");
    await expect.poll(() => textOf(page, "records-count")).toMatch(new RegExp(` of ${requests}$`));
  });

  it("an incident leads to its records, too, where none was chosen meanwhile", async () => {
    const [[id]] = await reader.served.rows(
      "SELECT i.incident_id FROM flow_incidents AS i JOIN http AS h USING (flow_id, capture_sha256) LIMIT 1"
    );
    const page = await reader.open(`/incident.html#incident=${id}`);
    const link = page.getByTestId("incident-head").getByTestId("records-http");
    await link.waitFor();
    await page.evaluate(`location.hash = ""`);
    await page.getByTestId("no-incident").waitFor();
    expect(await link.count()).toBe(0);
    await page.evaluate(`location.hash = "#incident=${id}"`);
    await link.waitFor();
    expect(await link.getAttribute("href")).toContain(`incident=${id}`);
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
});

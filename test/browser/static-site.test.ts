import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import type {Page} from "playwright-core";
import {expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {buildSite} from "../../server/notebook/build.ts";
import {openNotebook} from "../../server/notebook/notebook.ts";
import {describeUnless} from "../needs.ts";
import {answersAsTheLake, fillWithRecords, type Lake} from "./answers-as-the-lake.ts";
import {noChromium, watchBrowser} from "./chromium.ts";
import {pagePaths} from "./notebook-under-test.ts";
import {flowCount, readerOf, settled, textOf} from "./reader.ts";
import {serveFiles} from "./serve-files.ts";

describeUnless(noChromium)("the static site on a plain file server", () => {
  const reader = readerOf<Lake & {readonly site: string}>(serveSite);
  // All of them list in the same way: one with a table, one with several.
  const read = new Set(["/dns.html", "/remote-calls.html"]);
  answersAsTheLake(reader, read);

  it("says which tables a page carries", async () => {
    const page = await reader.open("/dns.html");
    const all = (await reader.served.rows("SELECT count(*) FROM dns"))[0][0];
    await expect.poll(() => page.getByTestId("carried-tables").textContent()).toContain(`dns (${all} rows`);
  });

  for (const path of pagePaths.filter((path) => !read.has(path)))
    it(`${path} shows its data, asks nobody else and reports no error`, async () => {
      const page = await reader.open(path);
      const [[flows]] = await reader.served.rows("SELECT count(*) FROM flows");
      await expect.poll(() => flowCount(page)).toBe(Number(flows));
      await settled(page);
      expect(await page.locator(".observablehq--error").count()).toBe(0);
      // Text of strangers stays text: none of it became an element or ran. A picture is one that a reader pinned.
      expect(await page.locator("main img:not(.fb-case-picture)").count()).toBe(0);
    });

  it("/gallery.html shows every example, also those that an input changes", async () => {
    const page = await reader.open("/gallery.html");
    await expect.poll(() => page.getByTestId("carried-tables").count()).toBe(1);
    await settled(page);
    expect(await page.locator(".observablehq--error").allTextContents()).toEqual([]);
    expect(await page.locator("main .observablehq--block svg").count()).toBeGreaterThan(5);
    await expect.poll(() => page.locator("main form table").count()).toBeGreaterThan(3);
    // In a usual window the sidebar shows it, and SQL, without scrolling.
    await page.setViewportSize({width: 1400, height: 900});
    for (const name of ["SQL", "Gallery"]) {
      const {y, height} = (await page.locator("#observablehq-sidebar").getByText(name, {exact: true}).boundingBox())!;
      expect([name, y + height < 900]).toEqual([name, true]);
    }
  });

  it("/sql.html says what answers any SQL, and shows the tables", async () => {
    const page = await reader.open("/sql.html");
    await expect.poll(() => textOf(page, "sql-needs-server")).toContain("flowbook start");
    await page.getByLabel("Search tables and columns").fill("retransmits");
    await expect.poll(() => page.getByTestId("schema").locator("summary").allTextContents()).toContain("flows 6");
  });

  it("has nothing that needs a server: no traceroute, no deliveries, nothing to decide about notices", async () => {
    const page = await reader.open("/notices.html");
    await page.getByTestId("inbox").waitFor();
    await settled(page);
    for (const name of ["traceroute", "deliveries", "suppressions"])
      expect([name, await page.getByTestId(name).count()]).toEqual([name, 0]);
    expect(await page.getByRole("button", {name: /Acknowledge$|Suppress$|Trace|Send/}).count()).toBe(0);
  });

  it("says of a flow that a static report carries no packets", async () => {
    const page = await reader.open("/flows.html");
    await page.getByTestId("flow-grid").locator(".fb-grid-body .fb-grid-row").first().click();
    await page.getByTestId("flow-packets").getByText("A static report carries no packets").waitFor();
    await expect.poll(() => page.getByTestId("show-packets").count()).toBe(0);
  });

  it("opens a row that is clicked before its flow is there, or while the rows are drawn anew", async () => {
    const {context} = reader.browser;
    const row = (page: Page) => page.getByTestId("flow-grid").locator(".fb-grid-body .fb-grid-row").first();
    for (const early of ["click", "press"]) {
      let send = () => {};
      const asked = new Promise<void>((sent) => {
        send = sent;
      });
      await context.route(/\/flows\.\w+\.packed$/, async (route) => {
        await asked;
        await route.continue();
      });
      const page = await reader.open("/flows.html");
      await expect.poll(() => row(page).locator(".fb-awaited-cell").count()).toBeGreaterThan(3);
      if (early === "click") await row(page).click();
      else {
        await row(page).hover();
        await page.mouse.down();
      }
      const came = page.waitForResponse(/\/flows\.\w+\.packed$/);
      send();
      await (await came).finished();
      if (early === "press") {
        await page.waitForTimeout(300);
        await page.mouse.up();
      }
      await page.getByTestId("flow-packets").waitFor();
      await context.unroute(/\/flows\.\w+\.packed$/);
      await page.close();
    }
  });

  it("works behind a proxy that takes a prefix away, and says from disk what to do", async () => {
    const {site} = reader.served;
    const below = await serveFiles(site, "/of a/prefix");
    const browser = await watchBrowser(below.url.replace(" ", "%20"));
    try {
      for (const path of ["/index.html", "/gallery.html", "/dns.html"]) {
        const page = await browser.open(path);
        await page.locator("main svg").first().waitFor();
        await settled(page);
        expect([path, await page.locator(".observablehq--error").allTextContents()]).toEqual([path, []]);
        await page.close();
      }
      const page = await browser.open("/index.html");
      await page.locator("#observablehq-sidebar a", {hasText: "Gallery"}).click();
      await page.waitForURL(`${below.url.replace(" ", "%20")}/gallery*`);
      expect([browser.foreign.splice(0), browser.problems.splice(0)]).toEqual([[], []]);
      await page.goto(`file://${join(site, "index.html")}`);
      await expect.poll(() => page.getByRole("alert").textContent()).toContain("flowbook build --single-file");
    } finally {
      await browser.close();
      await below.close();
    }
  });

  it("/live.html says that a live capture needs the server, and asks none", async () => {
    const asked: string[] = [];
    const note = (request: {url(): string}) => asked.push(request.url());
    reader.browser.context.on("request", note);
    const page = await reader.open("/live.html");
    await expect.poll(() => textOf(page, "live-needs-server")).toContain("flowbook start");
    await settled(page);
    expect(await page.locator("[data-testid=live-control], .observablehq--error").count()).toBe(0);
    expect(asked.filter((url) => url.includes("/api/"))).toEqual([]);
    expect(asked.length).toBeGreaterThan(5);
    reader.browser.context.off("request", note);
  });
});

/** Builds the site of a new lake and serves its files. */
async function serveSite(): Promise<Lake & {readonly site: string}> {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-static-"));
  const lake = join(folder, "lake");
  const project = resolve(import.meta.dirname, "../..");
  await fillWithRecords(lake);
  const {problems} = await buildSite(await openNotebook(project, lake), join(folder, "site"), () => {});
  expect(problems).toEqual([]);
  const server = await serveFiles(join(folder, "site"));
  return {
    server,
    site: join(folder, "site"),
    async rows(sql) {
      const engine = await openLake(lake);
      try {
        return (await engine.query(sql)).rows;
      } finally {
        await engine.close();
      }
    },
    async close() {
      await server.close();
      rmSync(folder, {recursive: true, force: true});
    }
  };
}

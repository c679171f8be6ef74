import {createReadStream, mkdtempSync, rmSync, statSync} from "node:fs";
import {createServer, type Server} from "node:http";
import type {AddressInfo} from "node:net";
import {tmpdir} from "node:os";
import {extname, join, normalize, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {renew} from "../../loaders/freshness-renew.ts";
import {buildSite} from "../../server/notebook/build.ts";
import {openNotebook} from "../../server/notebook/notebook.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {chromiumPath, type Watched, watchBrowser} from "./chromium.ts";
import {pagePaths} from "./notebook-under-test.ts";

const flows = 500;

describe.skipIf(!chromiumPath)("the static site on a plain file server", () => {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-static-"));
  let server: Server;
  let browser: Watched;

  beforeAll(async () => {
    const lake = join(folder, "lake");
    const project = resolve(import.meta.dirname, "../..");
    await makeLake(lake, flows);
    await renew({lake, project, now: Date.now});
    await buildSite(await openNotebook(project, lake), join(folder, "site"), () => {});
    server = serveFiles(join(folder, "site"));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    browser = await watchBrowser(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, {recursive: true, force: true});
  });

  for (const path of pagePaths)
    it(`${path} shows its data, asks nobody else and reports no error`, async () => {
      const page = await browser.open(path);
      await expect
        .poll(() => page.locator("[data-testid=filter-count]").textContent(), {timeout: 20_000})
        .toContain(`${flows} flows`);
      await page.waitForFunction(() => document.querySelectorAll("observablehq-loading").length === 0);
      expect(await page.locator(".observablehq--error").count()).toBe(0);
      // Text of strangers stays text: none of it became an element or ran.
      expect(await page.locator("main img").count()).toBe(0);
      await page.close();
      expect(browser.foreign).toEqual([]);
      expect(browser.problems).toEqual([]);
    });

  it("has nothing that needs a server: no traceroute, no deliveries, nothing to decide about notices", async () => {
    const page = await browser.open("/notices.html");
    await page.waitForSelector("[data-testid=inbox]");
    await page.waitForFunction(() => document.querySelectorAll("observablehq-loading").length === 0);
    for (const name of ["traceroute", "deliveries", "suppressions"])
      expect([name, await page.locator(`[data-testid=${name}]`).count()]).toEqual([name, 0]);
    expect(await page.getByRole("button", {name: /Acknowledge$|Suppress$|Trace|Send/}).count()).toBe(0);
    await page.close();
  });

  it("/live.html says that a live capture needs the server, and asks none", async () => {
    const asked: string[] = [];
    const note = (request: {url(): string}) => asked.push(request.url());
    browser.context.on("request", note);
    const page = await browser.open("/live.html");
    await expect
      .poll(() => page.locator("[data-testid=live-needs-server]").textContent(), {timeout: 20_000})
      .toContain("flowbook start");
    await page.waitForTimeout(2000);
    expect(await page.locator("[data-testid=live-control], .observablehq--error").count()).toBe(0);
    expect(asked.filter((url) => url.includes("/api/"))).toEqual([]);
    expect(asked.length).toBeGreaterThan(5);
    await page.close();
    browser.context.off("request", note);
    expect(browser.foreign).toEqual([]);
    expect(browser.problems).toEqual([]);
  });
});

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".wasm": "application/wasm"
};

/** Answers files of a folder and nothing else, as any file server does. */
function serveFiles(folder: string): Server {
  return createServer((request, response) => {
    const path = join(folder, normalize(decodeURIComponent(new URL(request.url!, "http://x").pathname)));
    if (!statSync(path, {throwIfNoEntry: false})?.isFile()) return response.writeHead(404).end();
    response.writeHead(200, {"content-type": types[extname(path)] ?? "application/octet-stream"});
    createReadStream(path).pipe(response);
  });
}

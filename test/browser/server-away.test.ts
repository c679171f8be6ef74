import {type ChildProcess, spawn} from "node:child_process";
import {once} from "node:events";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import type {Page} from "playwright-core";
import {expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {noChromium} from "./chromium.ts";
import {readerOf, settled, textOf} from "./reader.ts";

const program = resolve(import.meta.dirname, "../../bin/flowbook.js");

/** A server in a process of its own, which can be stopped, ended and started again at the same address. */
interface RestartableServer {
  readonly lake: string;
  readonly server: {readonly url: string; readonly link: string};
  child: ChildProcess;
  /** Ends it; a new one has another link. */
  end(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

async function startRestartable(): Promise<RestartableServer> {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-away-"));
  const lake = join(folder, "lake");
  let port = 0;
  const spawnServer = async () => {
    const args = ["start", "--json", "--no-open", "--no-demo", "--port", String(port), "--lake", lake];
    const child = spawn(process.execPath, [program, ...args], {cwd: folder, stdio: ["ignore", "pipe", "inherit"]});
    const [printed] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    const server = JSON.parse(printed) as {url: string; link: string};
    port = Number(new URL(server.url).port);
    return {child, server};
  };
  const restartable: RestartableServer = {
    lake,
    ...(await spawnServer()),
    async end() {
      const {child} = restartable;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      await ended;
    },
    async start() {
      Object.assign(restartable, await spawnServer());
    },
    async close() {
      await restartable.end();
      rmSync(folder, {recursive: true, force: true});
    }
  };
  return restartable;
}

describeUnless(noChromium)("a page whose server goes away", () => {
  const reader = readerOf(startRestartable);
  const badge = (page: Page) => () => textOf(page, "badge-freshness");
  const open = async (path: string) => {
    const page = await reader.open(path);
    await settled(page);
    return page;
  };

  it("says that a server which stands still is not answering, and goes on by itself when it works again", async () => {
    const pages = [await open("/index.html"), await open("/captures.html"), await open("/incident.html")];
    for (const page of pages) await expect.poll(badge(page)).toBe("fresh");
    reader.served.child.kill("SIGSTOP");
    for (const page of pages) await expect.poll(badge(page), {timeout: 30_000}).toBe("not answering");
    reader.served.child.kill("SIGCONT");
    for (const page of pages) await expect.poll(badge(page), {timeout: 30_000}).toBe("fresh");
    reader.browser.problems.splice(0);
  });

  it("goes on in the same document when the server was ended and started again", async () => {
    const pages = [await open("/index.html"), await open("/live.html")];
    const states = () => Promise.all([badge(pages[0])(), textOf(pages[1], "badge-connection")]);
    await expect.poll(states).toEqual(["fresh", "connected"]);
    for (const page of pages) await page.evaluate(() => Object.assign(globalThis, {sameDocument: true}));
    await reader.served.end();
    await expect.poll(states).toEqual(["not answering", expect.stringMatching(/^disconnected since /)]);
    await reader.served.start();
    await expect.poll(states, {timeout: 60_000}).toEqual(["fresh", "connected"]);
    for (const page of pages) expect(await page.evaluate(() => "sameDocument" in globalThis)).toBe(true);
    reader.browser.problems.splice(0);
  });

  it("finds pages on Live with Find while it is away, and says what it cannot find then", async () => {
    const page = await open("/live.html");
    await expect.poll(() => textOf(page, "badge-connection")).toBe("connected");
    await reader.served.end();
    await page.keyboard.press("Control+k");
    const said = () => page.locator(".fb-find-dialog output").textContent();
    await expect.poll(said).toBe("Hosts and names cannot be found: the server does not answer");
    await page.getByTestId("find-text").fill("captures");
    expect(await page.locator("#fb-find-list [data-kind=Page]").allTextContents()).toEqual(["PageCaptures"]);
    expect(await said()).toBe("Hosts and names cannot be found: the server does not answer");
    await page.keyboard.press("Escape");
    await reader.served.start();
    await expect.poll(() => textOf(page, "badge-connection"), {timeout: 60_000}).toBe("connected");
    reader.browser.problems.splice(0);
  });

  it("says to open the new link where the server no longer knows the browser, and goes on once that is done", async () => {
    const pages = [await open("/index.html"), await open("/live.html")];
    const states = () => Promise.all([badge(pages[0])(), textOf(pages[1], "badge-connection")]);
    await expect.poll(states).toEqual(["fresh", "connected"]);
    await reader.served.end();
    rmSync(join(reader.served.lake, ".sessions.json"));
    await reader.served.start();
    await expect.poll(states, {timeout: 60_000}).toEqual(["open the new link", "open the new link"]);
    const login = await reader.browser.context.newPage();
    await login.goto(reader.served.server.link);
    await login.waitForURL("**/index.html");
    // As the browser does when the reader comes back from there.
    for (const page of pages) await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await expect.poll(states, {timeout: 60_000}).toEqual(["fresh", "connected"]);
    reader.browser.problems.splice(0);
  });
});

import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, expect, it} from "vitest";
import {parseFilter} from "../../src/lib/filter.ts";
import {describeUnless} from "../needs.ts";
import {smallCapture} from "../server/small-capture.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {flowCount, readerOf} from "./reader.ts";

const [early, late] = [1_400_000_000, 1_700_000_000];

describeUnless(noChromium)("captures that are years apart, in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-far-apart-"));
  afterAll(() => rmSync(folder, {recursive: true, force: true}));
  const reader = readerOf(() => {
    const captures = [join(folder, "late.pcap"), join(folder, "early.pcap")];
    writeFileSync(captures[0], smallCapture({flows: 30, port: 5001, start: late}));
    writeFileSync(captures[1], withServer([10, 9, 1, 7], smallCapture({flows: 5, port: 5002, start: early})));
    return serveNotebook({captures});
  });

  it("a page without a filter begins with the stretch that has the most flows", async () => {
    const page = await reader.open("/index.html");
    await expect.poll(() => flowCount(page)).toBe(30);
    expect(parseFilter(new URL(page.url()).hash).from).toBe(late * 1e6);
  });

  it("a capture of another time that is chosen is shown, whatever the window was", async () => {
    const page = await reader.open("/captures.html");
    await expect.poll(() => flowCount(page)).toBe(30);
    const card = page.getByTestId("capture").filter({hasText: "early.pcap"});
    await card.getByRole("button", {name: "Show only this"}).click();
    await expect.poll(() => flowCount(page)).toBe(5);
    expect(parseFilter(new URL(page.url()).hash).from).toBeUndefined();
  });

  it("what grey means is said where a gap is drawn, and nowhere else", async () => {
    const page = await reader.open("/time-series.html");
    const note = page.getByTestId("gap-note");
    await expect.poll(() => flowCount(page)).toBe(30);
    expect(await note.isVisible()).toBe(false);
    await page.goto(`${reader.served.server.url}/time-series.html#proto=17`);
    await page.reload();
    await expect.poll(() => flowCount(page)).toBe(35);
    await expect.poll(() => note.isVisible()).toBe(true);
  });

  it("a link with a host alone begins with the stretch in which it has the most flows", async () => {
    const page = await reader.open("/host.html#host=10.9.1.7");
    await expect.poll(() => flowCount(page)).toBe(5);
    expect(parseFilter(new URL(page.url()).hash)).toMatchObject({host: "10.9.1.7", from: early * 1e6});
  });

  it("a host without a flow is left with all of time, and so is one whose reader chose all of time before", async () => {
    const unseen = await reader.open("/host.html#host=10.99.0.1");
    await expect.poll(() => unseen.getByTestId("host-unseen").count()).toBe(1);
    expect(parseFilter(new URL(unseen.url()).hash)).toEqual({host: "10.99.0.1"});
    const page = await reader.open("/index.html");
    await page.getByTestId("far-apart").getByRole("button", {name: "All of time"}).click();
    await expect.poll(() => flowCount(page)).toBe(35);
    await page.goto(`${reader.served.server.url}/host.html#host=10.9.0.3`);
    await expect.poll(() => flowCount(page)).toBe(2);
    expect(parseFilter(new URL(page.url()).hash)).toEqual({host: "10.9.0.3"});
  });
});

/** The capture with its server, 10.9.1.1, at another address. */
function withServer(address: readonly number[], capture: Buffer): Buffer {
  const before = Buffer.from([10, 9, 1, 1]);
  const changed = Buffer.from(capture);
  for (let at = changed.indexOf(before); at >= 0; at = changed.indexOf(before, at)) changed.set(address, at);
  return changed;
}

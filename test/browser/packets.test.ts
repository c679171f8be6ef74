import {copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Page} from "playwright-core";
import {afterAll, expect, it} from "vitest";
import {importCaptures} from "../../capture/import/import.ts";
import {openSource} from "../../capture/sources/open.ts";
import {formatFilter} from "../../src/lib/filter.ts";
import {plainBatch} from "../capture/sources/packets.ts";
import {type Conversation, conversations, conversationsFile} from "../fixtures/conversations.ts";
import {playedCapture, playIntoRing} from "../fixtures/played-ring.ts";
import {describeUnless} from "../needs.ts";
import {accessibilityProblems, noChromium, overflow} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf, settled, textOf} from "./reader.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-browser-packets-"));
const file = join(folder, "conversations.pcap");
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const long = conversations.find(({name}) => name === "a long one")!;
const echo = conversations.find(({name}) => name === "echo requests")!;

/** Opens the panel of the only flow of a conversation's protocol. */
async function openFlow(page: Page): Promise<void> {
  await settled(page);
  await page.getByTestId("flow-grid").locator(".fb-grid-body .fb-grid-row").first().click();
  await page.getByTestId("flow-panel").waitFor();
}

const addressOf = ({proto}: Conversation) => `/flows.html#${formatFilter({protos: [proto]})}`;

/** Frames of a capture file, as our own reader has them; tshark judges the same answers in the server's test. */
async function framesOf(path: string): Promise<string[]> {
  const source = await openSource(path);
  const batch = plainBatch();
  const frames: string[] = [];
  while (await source.next(batch))
    for (let i = 0; i < batch.count; i++)
      frames.push(Buffer.from(batch.bytes.slice(batch.offset[i], batch.offset[i] + batch.captured[i])).toString("hex"));
  await source.close();
  return frames;
}

describeUnless(noChromium)("a flow's packets, of a live capture's ring", () => {
  const reader = readerOf(() => serveNotebook({firstCapture: null, fill: playIntoRing}));

  it("are listed after a click, the first 200 of all, and saved whole as a file", async () => {
    const page = await reader.open(addressOf(long));
    await openFlow(page);
    await page.getByTestId("show-packets").click();
    await expect.poll(() => textOf(page, "packets-said")).toBe("The first 200 of 1,500 packets.");
    const rows = page.getByTestId("packets").locator("tbody tr");
    await expect.poll(() => rows.count()).toBe(200);
    const cells = await rows.evaluateAll((own) =>
      own.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent))
    );
    for (const [n, [time, direction, bytes, summary]] of cells.entries()) {
      const {us, frame, isOut} = long.packets[n];
      expect(time).toBe(((us - long.packets[0].us) / 1e6).toFixed(6));
      expect(direction).toBe(isOut ? "→from the originator" : "←from the responder");
      expect(bytes).toBe(String(frame.length));
      expect(summary).toBe(`${isOut ? "50004 → 9999" : "9999 → 50004"} Len=${frame.length - 42}`);
    }
    const saved = page.waitForEvent("download");
    await page.getByTestId("save-packets").click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(/^flow--?\d+\.pcapng$/);
    const path = join(folder, "saved.pcapng");
    copyFileSync(await download.path(), path);
    expect(readFileSync(path).readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(await framesOf(path)).toEqual(long.packets.map(({frame}) => frame.toString("hex")));
  });

  it("have TCP's flags and sequence numbers, fit a small window and pass the accessibility check", async () => {
    for (const [colorScheme, width] of [
      ["light", 1280],
      ["dark", 360]
    ] as const) {
      const page = await reader.open(`/flows.html#${formatFilter({host: "2001:db8::1"})}`, {colorScheme, width});
      await openFlow(page);
      await page.getByTestId("show-packets").click();
      const rows = page.getByTestId("packets").locator("tbody tr");
      await expect.poll(() => rows.count()).toBe(8);
      await expect
        .poll(() => rows.nth(1).locator("td").allTextContents())
        .toEqual([
          "0.000700",
          "←from the responder",
          "74",
          "SYN, ACK",
          "700",
          "443 → 50002 [SYN, ACK] Seq=700 Ack=4294967291 Win=64240 Len=0"
        ]);
      await settled(page);
      expect(await overflow(page)).toBe(0);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.close();
    }
  });

  it("are said to be gone once the ring has removed them", async () => {
    const ring = join(reader.served.lake, "packets", playedCapture);
    for (const name of readdirSync(ring)) if (name.startsWith("000000")) rmSync(join(ring, name));
    const page = await reader.open(addressOf(echo));
    await openFlow(page);
    await page.getByTestId("show-packets").click();
    await expect.poll(() => textOf(page, "packets-said")).toBe("No packets: its packets are no longer in the ring.");
    await expect.poll(() => page.getByTestId("save-packets").count()).toBe(0);
    const other = await reader.open(addressOf(long));
    await openFlow(other);
    await other.getByTestId("show-packets").click();
    await expect
      .poll(() => textOf(other, "packets-said"))
      .toMatch(/^The first 200 of 1,\d\d\d packets: the ring of raw packets no longer holds the other \d+\.$/);
  });
});

describeUnless(noChromium)("a flow's packets, of an imported file", () => {
  const reader = readerOf(() =>
    serveNotebook({
      firstCapture: null,
      async fill(lake) {
        writeFileSync(file, conversationsFile());
        await importCaptures([file], {lake, clock: Date.now});
      }
    })
  );

  it("are read from it again while it is where it was, and else the page says so", async () => {
    const page = await reader.open(addressOf(echo));
    await openFlow(page);
    await page.getByTestId("show-packets").click();
    await expect.poll(() => textOf(page, "packets-said")).toBe("6 packets.");
    const rows = page.getByTestId("packets").locator("tbody tr");
    await expect
      .poll(() => rows.locator("td:last-child").allTextContents())
      .toEqual([0, 1, 2, 3, 4, 5].map((n) => `echo ${n % 2 ? "reply" : "request"} id=4660 seq=${n >> 1}`));
    rmSync(file);
    const again = await reader.open(addressOf(echo));
    await openFlow(again);
    await again.getByTestId("show-packets").click();
    await expect
      .poll(() => textOf(again, "packets-said"))
      .toBe(`No packets: its file is not at ${file}, and no ring holds its packets.`);
  });
});

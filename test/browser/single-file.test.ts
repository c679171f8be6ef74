import {spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {absentUnless, describeUnless, noProgram} from "../needs.ts";
import {noChromium, type Watched, watchBrowser} from "./chromium.ts";

const checkout = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-single-"));
const [lake, report] = [join(folder, "lake"), join(folder, "report.html")];
const demo = join(checkout, "data/demo");
const capture = existsSync(demo) ? readdirSync(demo).find((name) => name.endsWith(".pcap")) : undefined;

describeUnless(noChromium ?? noProgram("tshark") ?? absentUnless(capture, "no demo capture"))(
  "a report in one file",
  () => {
    let browser: Watched;

    beforeAll(async () => {
      const flowbook = (...args: string[]) =>
        spawnSync(process.execPath, [join(checkout, "bin/flowbook.js"), ...args, "--lake", lake], {encoding: "utf8"});
      expect(flowbook("import", join(demo, capture!)).status).toBe(0);
      expect(flowbook("build", "--single-file", "-o", report)).toMatchObject({status: 0});
      browser = await watchBrowser("file://");
    }, 240_000);
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, {recursive: true, force: true});
    });

    it("opens from disk, is small, and asks nobody anything", async () => {
      expect(statSync(report).size).toBeLessThan(3e6);
      const asked: string[] = [];
      browser.context.on("request", (request) => {
        if (!/^(blob|data):/.test(request.url())) asked.push(request.url());
      });
      const page = await browser.open(report);
      await page.locator("main .fb-chart svg").first().waitFor();
      await page.getByTestId("incident-link").first().waitFor();
      expect(await page.locator(".observablehq--error").count()).toBe(0);
      expect([asked, browser.problems]).toEqual([[`file://${report}`], []]);
    });

    it("an incident narrows everything, and its flows have their packets, the bytes that tshark reads", async () => {
      const page = await browser.open(report);
      await page.getByTestId("incident-link").first().click();
      const engine = await openLake(lake);
      const id = /incident=([0-9a-f]{16})/.exec(page.url())![1];
      const [[flows]] = (await engine.query("SELECT flows FROM incidents WHERE incident_id = ?", [id])).rows;
      const [[src, srcPort, dst, dstPort]] = (
        await engine.query(
          `SELECT f.src_ip, f.src_port, f.dst_ip, f.dst_port FROM incident_flows AS i JOIN flows AS f USING (flow_id, capture_sha256)
         WHERE incident_id = ? ORDER BY contribution DESC, flow_id LIMIT 1`,
          [id]
        )
      ).rows;
      await engine.close();
      await expect.poll(() => page.getByTestId("filter-count").textContent()).toContain(`${flows} of `);
      await page.getByTestId("incident-flows").locator("button").first().click();
      await page.getByTestId("packets").waitFor();
      const shown = (await page.getByTestId("packet-hex").allTextContents()).map((text) =>
        text
          .split("\n")
          .map((line) => line.slice(6, 53).replaceAll(" ", ""))
          .join("")
      );
      expect(shown.length).toBeGreaterThan(3);
      const filter = `ip.addr == ${src} && ip.addr == ${dst} && tcp.port == ${srcPort} && tcp.port == ${dstPort}`;
      const {stdout} = spawnSync("tshark", ["-r", join(demo, capture!), "-Y", filter, "-x", "-c", "20000"], {
        encoding: "utf8"
      });
      const frames = stdout
        .trim()
        .split("\n\n")
        .map((frame) => {
          // A body that came in chunks is printed behind its frame, each with a heading.
          const lines = frame.replace(/^Frame .*\n/, "").split("\n");
          const end = lines.findIndex((line) => !/^[0-9a-f]{4} /.test(line));
          return (end < 0 ? lines : lines.slice(0, end)).map((line) => line.slice(6, 53).replaceAll(" ", "")).join("");
        });
      expect(shown).toEqual(frames.slice(0, shown.length));
      expect(browser.problems).toEqual([]);
    });
  }
);

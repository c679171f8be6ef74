import {spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {type CaseEntry, caseText} from "../../src/lib/case.ts";
import {absentUnless, describeUnless, noProgram} from "../needs.ts";
import {noChromium, type Watched, watchBrowser} from "./chromium.ts";

const checkout = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-single-"));
const [lake, report] = [join(folder, "lake"), join(folder, "report.html")];
const demo = join(checkout, "data/demo");
const capture = existsSync(demo) ? readdirSync(demo).find((name) => name.endsWith(".pcap")) : undefined;

const entries: CaseEntry[] = [
  {kind: "note", text: "It began <i>here</i>.\nAnd went on.", atMs: 0},
  {kind: "flow", text: "pinned", href: "./flows.html#host=10.0.0.1", atMs: 1000, remark: "\u202Elook"},
  {
    kind: "chart",
    text: "Services",
    href: "./index.html#service=dns&chart=services",
    atMs: 2000,
    table: {columns: ["service", "bytes"], rows: [["dns", 7]]},
    picture: '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>parent.bad = 1</script></svg>'
  }
];

describeUnless(noChromium ?? noProgram("tshark") ?? absentUnless(capture, "no demo capture"))(
  "a report in one file",
  () => {
    let browser: Watched;

    beforeAll(async () => {
      const flowbook = (...args: string[]) =>
        spawnSync(process.execPath, [join(checkout, "bin/flowbook.js"), ...args, "--lake", lake], {encoding: "utf8"});
      expect(flowbook("import", join(demo, capture!)).status).toBe(0);
      writeFileSync(join(folder, "case.json"), caseText(entries));
      const build = ["build", "--single-file", "--case", join(folder, "case.json"), "-o", report];
      expect(flowbook(...build)).toMatchObject({status: 0});
      // Those that the page needs, and no others.
      expect(readdirSync(join(lake, ".results/data")).sort()).toEqual([
        "captures.json",
        "flow-details.packed",
        "flows.packed",
        "incident-flows.packed",
        "incidents.json",
        "loss.json",
        "notebook.json"
      ]);
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
      await page.emulateMedia({media: "print", colorScheme: "dark"});
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
      const rows = page.locator(".fb-grid-body .fb-grid-row");
      const onPaper = await page.locator(".fb-on-paper").innerText();
      expect(onPaper).toBe(`Flows 1 to ${await rows.count()} of 830, in the order of Bytes, downwards.`);
      expect(await rows.count()).toBeLessThan(60);
      for (const hidden of [page.getByTestId("no-incident"), page.locator("main button.fb-button").first()])
        expect(await hidden.isVisible()).toBe(false);
      expect(await page.locator(".fb-incident li, main details ul").first().isVisible()).toBe(true);
    });

    it("may be any page: the gallery's examples work from disk, those with inputs, too", async () => {
      const gallery = join(folder, "gallery.html");
      const made = spawnSync(
        process.execPath,
        [
          join(checkout, "bin/flowbook.js"),
          "build",
          "--single-file",
          "--page",
          "gallery",
          "--lake",
          lake,
          "-o",
          gallery
        ],
        {encoding: "utf8"}
      );
      expect(made).toMatchObject({status: 0});
      const page = await browser.open(gallery);
      const rows = page.locator("form table").nth(1).locator("tbody tr");
      await expect.poll(() => rows.count()).toBe(16);
      await expect.poll(() => page.locator("main .observablehq--block svg").count()).toBeGreaterThan(5);
      await page.getByLabel("At least so many bytes").first().fill("100000");
      const engine = await openLake(lake);
      const [[large]] = (
        await engine.query("SELECT count(*) FROM flows WHERE src_wire_bytes + dst_wire_bytes >= 100000")
      ).rows;
      await engine.close();
      await expect.poll(() => rows.count()).toBe(Math.min(16, Number(large)));
      expect(await page.locator(".observablehq--error").allTextContents()).toEqual([]);
      expect(browser.problems).toEqual([]);
      await page.close();
    });

    it("begins with the case it was given, in its order, as text and pictures in which nothing runs", async () => {
      const page = await browser.open(report);
      const shown = page.getByTestId("carried-case").locator("li");
      await shown.first().waitFor();
      expect(await shown.evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.kind))).toEqual([
        "note",
        "flow",
        "chart"
      ]);
      expect(await shown.nth(0).innerText()).toBe("It began <i>here</i>.\nAnd went on.");
      expect(await shown.nth(1).innerText()).toContain("\\u{202e}look");
      expect(await shown.nth(2).locator("tbody").innerText()).toBe("dns\t7");
      const picture = shown.nth(2).locator("img");
      await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(40);
      await shown.nth(2).locator("a").click();
      await expect.poll(() => page.url()).toContain("#service=dns");
      expect([await page.evaluate(() => "bad" in window), browser.problems]).toEqual([false, []]);
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

import {existsSync, rmSync} from "node:fs";
import {resolve} from "node:path";
import {afterAll, expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf, settled, textOf} from "./reader.ts";

const name = `kept-${process.pid}`;
const file = resolve(import.meta.dirname, `../../src/${name}.md`);
afterAll(() => rmSync(file, {force: true}));

describeUnless(noChromium)("SQL on a page", () => {
  const reader = readerOf(() => serveNotebook());

  it("runs at Ctrl-Enter, completes columns, shows an error with a caret, and is cancelled", async () => {
    const page = await reader.open("/sql.html");
    const write = async (text: string) => {
      await page.locator(".cm-content").click();
      await page.keyboard.press("Control+a");
      await page.keyboard.type(text);
    };
    await write("SELECT src_retr");
    await expect
      .poll(async () => (await page.locator(".cm-tooltip-autocomplete li").allTextContents())[0])
      .toBe("src_retransmits");
    await page.keyboard.press("Escape");
    await write("SELECT count(*) AS n FROM flows ");
    await page.keyboard.press("Control+Enter");
    const [[flows]] = await reader.served.rows("SELECT count(*) FROM flows");
    await expect
      .poll(() => page.getByTestId("query-table").locator("td").last().textContent())
      .toBe(Number(flows).toLocaleString("en"));
    await write("SELECT count(*) FROM range(100000000000) a ");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("button", {name: "Cancel"}).click();
    await expect.poll(() => textOf(page, "query-said")).toBe("Cancelled.");
    await write("SELECT nope FROM flows ");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => textOf(page, "query-error")).toMatch(/LINE 1: SELECT nope FROM flows\s*\n {15}\^/);
    await reader.wasRefused(400);
  });

  it("is kept as a page, which is in the sidebar and shows the same", async () => {
    const page = await reader.open("/sql.html");
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("SELECT proto, count(*) AS flows FROM flows GROUP BY 1 ");
    await page.keyboard.press("Control+Enter");
    await page.getByTestId("query-table").waitFor();
    await page.getByRole("button", {name: "Keep as page"}).click();
    await page.getByLabel("Title").fill("Kept protocols");
    await page.getByLabel(/^Name/).fill(name);
    await page.getByRole("button", {name: "Keep", exact: true}).click();
    await page.getByTestId("kept-page").click();
    await page.waitForURL(`**/${name}.html`);
    await settled(page);
    expect(existsSync(file)).toBe(true);
    const protos = await reader.served.rows("SELECT DISTINCT proto FROM flows");
    await expect.poll(() => page.locator("main form table tbody tr").count()).toBe(protos.length);
    expect(await page.locator("#observablehq-sidebar").getByText("Kept protocols").count()).toBe(1);
  });

  it("the gallery's examples all work, and follow their inputs", async () => {
    const page = await reader.open("/gallery.html");
    await settled(page);
    await expect.poll(() => page.locator("main .observablehq--block svg").count()).toBeGreaterThan(5);
    expect(await page.locator(".observablehq--error").allTextContents()).toEqual([]);
    const large = page.locator("form table").nth(1);
    const [[most]] = await reader.served.rows("SELECT max(src_wire_bytes + dst_wire_bytes) FROM flows");
    await page.getByLabel("At least so many bytes").first().fill("100000");
    const rows = await reader.served.rows("SELECT 1 FROM flows WHERE src_wire_bytes + dst_wire_bytes >= 100000");
    await expect.poll(() => large.locator("tbody tr").count()).toBe(Math.min(16, rows.length));
    if (rows.length > 0)
      expect(await large.locator("tbody td").nth(4).textContent()).toBe(Number(most).toLocaleString("en"));
  });

  it("the page Share counts what would leave, as SQL does, and offers the report", async () => {
    const page = await reader.open("/share.html");
    const [[addresses]] = await reader.served.rows(
      `SELECT count(DISTINCT a) FROM (SELECT unnest([src_ip, dst_ip, outer_src_ip, outer_dst_ip]) AS a FROM flows
       UNION ALL SELECT unnest([client_ip, server_ip]) FROM dns UNION ALL SELECT unnest([sender_ip, target_ip]) FROM arp)
       WHERE a IS NOT NULL`
    );
    const row = page.getByTestId("share-kinds").locator("tr", {hasText: "same common prefixes"});
    await expect.poll(() => row.innerText()).toContain(`Addresses\t${Number(addresses).toLocaleString("en")}\t`);
    await expect.poll(() => page.getByTestId("share-kinds").getByText("…", {exact: true}).count()).toBe(0);
    const [[flows]] = await reader.served.rows("SELECT count(*) FROM flows");
    const first = page.getByTestId("share-tables").locator("tbody tr", {hasText: /^flows/});
    expect((await first.innerText()).split("\t")[1]).toBe(Number(flows).toLocaleString("en"));
    expect(await page.locator("button[data-redact]").count()).toBe(2);
  });
});

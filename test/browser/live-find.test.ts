import {expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {readerOf, textOf} from "./reader.ts";

describeUnless(noChromium)("Find on the Live page", () => {
  const reader = readerOf(() => serveNotebook());

  it("finds hosts and captures of the lake with Find", async () => {
    const page = await reader.open("/live.html");
    await expect.poll(() => textOf(page, "badge-connection")).toBe("connected");
    const [[host, flows]] = await reader.served.rows(
      "SELECT src_ip, count(*) FROM flows WHERE src_ip <> dst_ip AND src_ip NOT IN (SELECT dst_ip FROM flows) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
    );
    const [[path]] = await reader.served.rows("SELECT parse_filename(path) FROM captures ORDER BY 1");
    await page.getByTestId("find").click();
    const found = (kind: string) => page.locator(`#fb-find-list [data-kind=${kind}]`).allTextContents();
    await page.getByTestId("find-text").fill(String(host));
    await expect.poll(() => found("Host")).toContain(`Host${host}${flows} flows`);
    await page.getByTestId("find-text").fill(String(path));
    await expect.poll(async () => (await found("Capture"))[0]).toContain(`Capture${path}`);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".fb-find-dialog").count()).toBe(0);
  });
});

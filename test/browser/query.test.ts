import {expect, it} from "vitest";
import {describeUnless} from "../needs.ts";
import {noChromium} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {flowCount, readerOf, settled} from "./reader.ts";

describeUnless(noChromium)("the query box", () => {
  const reader = readerOf(() => serveNotebook());
  const one = async (sql: string) => Number((await reader.served.rows(sql))[0][0]);

  it("narrows the page to what its SQL says, stays in the address, and is there on the next page", async () => {
    const page = await reader.open("/index.html");
    await settled(page);
    const box = page.getByTestId("query");
    await box.fill("not tls and bytes > 1k");
    await box.press("Enter");
    const expected = await one(
      "SELECT COUNT(*) FROM flows WHERE coalesce(service, '') <> 'tls' AND src_wire_bytes + dst_wire_bytes > 1000"
    );
    await expect.poll(() => flowCount(page)).toBe(expected);
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe("#q=not tls and bytes > 1k");
    await page.locator("#observablehq-sidebar a[href*=flows]").first().click();
    await page.waitForURL("**/flows.html*");
    await expect.poll(() => flowCount(page)).toBe(expected);
    expect(await page.getByTestId("query").inputValue()).toBe("not tls and bytes > 1k");
  });

  it("marks what makes no sense, and leaves the page as it was", async () => {
    const page = await reader.open("/index.html");
    await settled(page);
    const all = await flowCount(page);
    const box = page.getByTestId("query");
    await box.fill("port 80 and src 10.0.0.300");
    await box.press("Enter");
    expect(await page.getByTestId("query-problem").textContent()).toBe(
      "port 80 and src 10.0.0.300\n                ^^^^^^^^^^\n10.0.0.300 is no address and no network such as 10.0.0.0/8"
    );
    expect(await flowCount(page)).toBe(all);
  });

  it("offers fields and values, chosen by keyboard", async () => {
    const page = await reader.open("/flows.html");
    const box = page.getByTestId("query");
    await box.pressSequentially("verd");
    await page.getByRole("option", {name: "verdict"}).waitFor();
    await box.press("ArrowDown");
    await box.press("Enter");
    await box.pressSequentially("norm");
    await box.press("ArrowDown");
    await box.press("Enter");
    expect(await box.inputValue()).toBe("verdict normal ");
  });

  it("takes a network that is entered as a host", async () => {
    const page = await reader.open("/flows.html");
    await settled(page);
    const host = page.getByTestId("filter-host");
    await host.fill("10.0.0.0/8");
    await host.press("Enter");
    await expect.poll(() => page.getByTestId("query").inputValue()).toBe("host 10.0.0.0/8");
    const expected = await one("SELECT COUNT(*) FROM flows WHERE src_ip LIKE '10.%' OR dst_ip LIKE '10.%'");
    await expect.poll(() => flowCount(page)).toBe(expected);
  });
});

import type {Page} from "playwright-core";
import {expect, it} from "vitest";
import {conformance} from "../../loaders/conformance/conformance.ts";
import {describeUnless} from "../needs.ts";
import {accessibilityProblems, noChromium, overflow} from "./chromium.ts";
import {serveNotebook} from "./notebook-under-test.ts";
import {type Look, type Reader, readerOf, type Served, settled} from "./reader.ts";

const {features, figures} = conformance();

describeUnless(noChromium)("the page on conformance in a browser", () => {
  const reader = readerOf(() => serveNotebook());

  it("lists all 77 features and says when, with what and over which captures they were measured", async () => {
    const page = await openPage(reader);
    await expect.poll(() => names(page)).toEqual(features.map(({name}) => name));
    const compared = page.getByTestId("conformance-compared");
    expect(await compared.locator("summary").textContent()).toBe(
      `Measured on ${figures.made} with ${figures.meter} over nmap-a-t4 and ping`
    );
    await compared.locator("summary").click();
    const hashes = await compared
      .locator("li")
      .evaluateAll((items) => items.map((item) => [...item.querySelectorAll("code")].map((code) => code.textContent)));
    expect(hashes).toEqual(
      figures.captures.map(({captureSha256, referenceSha256}) => [
        captureSha256.slice(0, 12),
        referenceSha256.slice(0, 12)
      ])
    );
  });

  it("a feature that is chosen is shown with both distributions, its formula and the original's mistake", async () => {
    const page = await openPage(reader);
    await page.getByRole("button", {name: "Down/Up Ratio", exact: true}).click();
    const detail = page.getByTestId("conformance-feature");
    await expect.poll(() => detail.locator("h2").textContent()).toBe("Down/Up Ratio");
    const text = (await detail.textContent()) ?? "";
    expect(text).toContain("dst_pkts / src_pkts");
    expect(text).toContain("Divides whole numbers: 3 to 2 gives 1 (corrected in 4b28b62).");
    const {bins} = figures.features.find(({name}) => name === "Down/Up Ratio")!;
    await expect.poll(() => detail.locator("svg .fb-distribution rect").count()).toBe(2 * bins.length);
    await detail.getByTestId("menu-conformance").click();
    await page.getByRole("menuitem", {name: "Show as table"}).click();
    const shares = () =>
      detail
        .locator("tbody tr")
        .evaluateAll((rows) =>
          rows.map((row) =>
            [...row.querySelectorAll("td")].slice(1).map((cell) => Number(cell.textContent?.replaceAll(",", "")))
          )
        );
    await expect.poll(shares).toEqual(bins.map(({ours, theirs}) => [ours, theirs]));
  });

  it("the list is narrowed to features that differ, and by name", async () => {
    const page = await openPage(reader);
    await page.getByRole("button", {name: "That differ"}).click();
    const differing = figures.features.filter(({compared, equal}) => equal < compared).map(({name}) => name);
    await expect.poll(() => names(page)).toEqual(differing);
    await page.getByRole("searchbox").fill("subflow");
    await expect.poll(() => names(page)).toEqual(differing.filter((name) => name.startsWith("Subflow")));
    await page.getByRole("searchbox").fill("no such feature");
    await expect.poll(() => page.getByTestId("conformance-table").textContent()).toContain("No feature of that name.");
    expect(await names(page)).toEqual([]);
  });

  for (const colorScheme of ["light", "dark"] as const)
    it(`is accessible in ${colorScheme} colours`, async () => {
      const page = await openPage(reader, {colorScheme});
      await page.getByTestId("conformance-compared").locator("summary").click();
      await settled(page);
      expect(await accessibilityProblems(page)).toEqual([]);
    });

  it("fits a window of 360 pixels with any feature chosen", async () => {
    const page = await openPage(reader, {width: 360});
    await page.getByTestId("conformance-compared").locator("summary").click();
    for (const name of ["Dst Port", "Fwd Bulk Rate Avg", "Active Mean", "Packet Length Variance"]) {
      await page.getByRole("button", {name, exact: true}).click();
      await page.getByTestId("conformance-feature").getByRole("heading", {name, exact: true}).waitFor();
      await settled(page);
      expect([name, await overflow(page)]).toEqual([name, 0]);
    }
  });
});

describeUnless(noChromium)("a notebook without a flow", () => {
  const reader = readerOf(() => serveNotebook({firstCapture: null}));

  it("shows the comparison all the same", async () => {
    const page = await openPage(reader);
    await page.getByTestId("no-flows").waitFor();
    await page.getByTestId("conformance-table").waitFor();
    await expect.poll(() => names(page)).toHaveLength(77);
  });
});

async function openPage(reader: Reader<Served>, look?: Look): Promise<Page> {
  const page = await reader.open("/conformance.html", look);
  await page.getByTestId("chart-conformance").locator("svg").waitFor();
  await settled(page);
  return page;
}

function names(page: Page): Promise<string[]> {
  return page.getByTestId("conformance-table").locator("tbody button").allTextContents();
}

import type {Page} from "playwright-core";
import {expect} from "vitest";
import {accessibilityProblems, overflow} from "./chromium.ts";
import {settled} from "./reader.ts";

/** A wide window by day, a telephone's by night. The page is loaded once: its charts follow size and colours. */
const looks = [
  {colorScheme: "light", width: 1400},
  {colorScheme: "dark", width: 360}
] as const;

/**
 * Fails where the page as it stands breaks WCAG 2.1 A or AA in one of its looks, or reaches beyond its window. The page has
 * its own look again afterwards.
 */
export async function expectLooks(page: Page): Promise<void> {
  const before = page.viewportSize();
  for (const {colorScheme, width} of looks) {
    await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
    await page.setViewportSize({width, height: 740});
    await settled(page);
    const found = {problems: await accessibilityProblems(page), overflow: await overflow(page)};
    expect({colorScheme, width, ...found}).toEqual({colorScheme, width, problems: [], overflow: 0});
  }
  await page.emulateMedia({colorScheme: null, reducedMotion: null});
  if (before) await page.setViewportSize(before);
}

import type {Page} from "playwright-core";

/** Waits for a condition within the page, asked once a frame. */
export const until = (page: Page, condition: string) => page.waitForFunction(condition, undefined, {polling: "raf"});

/** The first chart is there. */
export const volume = `document.querySelector('[data-testid="chart-volume"] svg')`;
/** No card waits for an answer. */
export const isAtRest = `!document.querySelector('[aria-busy="true"]')`;
/** None that is seen does. */
export const isSeenAtRest = `![...document.querySelectorAll('[aria-busy="true"]')].some((card) => {
  const {top, bottom} = card.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
})`;

const steps = 40;

/**
 * Draws a window on the strip and holds it (d3 stops mouse events, not those of pointers). `note` gets the milliseconds of
 * each step, from the move to the second frame behind it. The window ends by `earlier` of the strip's width before three quarters
 * of it: answers to one that was asked before are known. Returns what lets the window go.
 */
export async function drag(page: Page, note: (ms: number) => void, earlier = 0): Promise<() => Promise<void>> {
  const strip = (await page.getByTestId("time-strip").locator("svg").boundingBox())!;
  const y = strip.y + strip.height / 2;
  await page.mouse.move(strip.x + strip.width * 0.1, y);
  await page.mouse.down();
  await page.mouse.move(strip.x + strip.width * 0.12, y);
  // What a drag is added up from is on its way.
  await page.waitForTimeout(3000);
  for (let step = 0; step < steps; step++) {
    // `void`: the promise itself would be waited for here, before the pointer moves.
    await page.evaluate(
      "void (globalThis.moved = new Promise((done) => addEventListener('pointermove', () => { const from = performance.now(); requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - from))); }, {once: true, capture: true})))"
    );
    await page.mouse.move(strip.x + strip.width * (0.15 + ((0.6 - earlier) * step) / steps), y);
    note((await page.evaluate("globalThis.moved")) as number);
  }
  return () => page.mouse.up();
}

/**
 * Waits until every card shows the window of a drag that was let go, and calls `seen` when those do that are seen: a card that waits
 * for its answer says so in the next frames.
 */
export async function settledAfterDrag(page: Page, seen = () => {}): Promise<void> {
  await page.evaluate(
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))"
  );
  await until(page, isSeenAtRest);
  seen();
  await until(page, isAtRest);
}

/** The value that a share of all lies at or below. */
export function at(all: readonly number[], share: number): number {
  const sorted = all.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Sorts the list of flows by bytes and opens its first; `timed` does each, named. */
export async function sortAndOpen(
  page: Page,
  timed: (what: string, work: () => Promise<void>) => Promise<void>
): Promise<void> {
  const cell = `document.querySelector('.fb-grid-body .fb-grid-row div:nth-child(9)')?.textContent`;
  await until(page, `!["…", undefined].includes(${cell})`);
  const before = await page.evaluate(cell);
  await timed("sort", async () => {
    await page.locator(".fb-grid-head button", {hasText: "Bytes"}).first().click();
    await until(page, `!["…", ${JSON.stringify(before)}].includes(${cell})`);
  });
  await timed("open a flow", async () => {
    await page.locator(".fb-grid-body .fb-grid-row").first().click();
    await until(page, `document.querySelector('[data-testid="flow-details"] dt')`);
  });
}

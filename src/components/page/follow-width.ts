/** Pixels by which a table is wider or narrower before its columns are chosen anew. */
export const leastChange = 4;

/**
 * Calls `changed` with an element's inner width in whole pixels once it has one, and whenever that is another by at least so many. It
 * is the observer's word: to ask the element would have the page laid out again for each that is drawn in the same frame.
 */
export function followWidth(node: HTMLElement, changed: (width: number) => void, least = 1): void {
  let width = 0;
  new ResizeObserver((entries) => {
    const now = Math.floor(entries.at(-1)!.contentRect.width);
    if (now === 0 || Math.abs(now - width) < least) return;
    width = now;
    changed(width);
  }).observe(node);
}

/** What a press on it is the beginning of a click; a chart that a window is drawn on is none of these, nor what is dragged. */
const clickable =
  "a, button, summary, label, input:not([type=range]), select, tr[tabindex], [role=button], [role=row], [role=option]";
/** Whoever presses longer than this, in ms, does not click. */
const longest = 3000;

interface Press {
  timer: ReturnType<typeof setTimeout> | undefined;
  waiting: (() => void)[];
}

// One for the page: new data may bring a module of their own that did not see the press begin.
const page = globalThis as {flowbookPress?: Press};
const isFirst = page.flowbookPress === undefined;
page.flowbookPress ??= {timer: undefined, waiting: []};
const press = page.flowbookPress;

/**
 * Calls `draw` at once, or, while something clickable is pressed, after the click: browsers make no click of a press whose
 * element was replaced before it is released.
 */
export function afterPress(draw: () => void): void {
  if (press.timer === undefined) draw();
  else press.waiting.push(draw);
}

function released(): void {
  clearTimeout(press.timer);
  press.timer = undefined;
  const draws = press.waiting;
  press.waiting = [];
  for (const draw of draws) draw();
}

function watch(): void {
  addEventListener(
    "pointerdown",
    ({button, target}) => {
      if (button !== 0 || !(target as Element).closest?.(clickable)) return;
      clearTimeout(press.timer);
      press.timer = setTimeout(released, longest);
    },
    true
  );
  // The click comes after this event, in the same task.
  for (const end of ["pointerup", "pointercancel"])
    addEventListener(end, () => press.timer !== undefined && setTimeout(released), true);
  addEventListener("blur", () => press.timer !== undefined && released());
}

if (isFirst) watch();

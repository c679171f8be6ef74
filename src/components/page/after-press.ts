/** What a press on it is the beginning of a click; a chart that a window is drawn on is none of these, nor what is dragged. */
const clickable =
  "a, button, summary, label, input:not([type=range]), select, tr[tabindex], [role=button], [role=row], [role=option]";
/** Whoever presses longer than this, in ms, does not click. */
const longest = 1000;

let pressed: ReturnType<typeof setTimeout> | undefined;
let waiting: (() => void)[] = [];

/**
 * Calls `draw` at once, or, while something clickable is pressed, after the click: browsers make no click of a press whose
 * element was replaced before it is released.
 */
export function afterPress(draw: () => void): void {
  if (pressed === undefined) draw();
  else waiting.push(draw);
}

function released(): void {
  clearTimeout(pressed);
  pressed = undefined;
  const draws = waiting;
  waiting = [];
  for (const draw of draws) draw();
}

addEventListener(
  "pointerdown",
  ({button, target}) => {
    if (button !== 0 || !(target as Element).closest?.(clickable)) return;
    clearTimeout(pressed);
    pressed = setTimeout(released, longest);
  },
  true
);
// The click comes after this event, in the same task.
for (const end of ["pointerup", "pointercancel"])
  addEventListener(end, () => pressed !== undefined && setTimeout(released), true);
addEventListener("blur", () => pressed !== undefined && released());

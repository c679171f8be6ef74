import {element} from "../page/element.js";

export interface LegendItem {
  readonly name: string;
  readonly color: string;
  /** Drawn as strokes, as the hatching it stands for. */
  readonly isHatched?: boolean;
}

/** An entry of a legend that switches its group off and on: in `hidden`, and by `draw`. */
export function legendButton({name, color, isHatched}: LegendItem, hidden: Set<string>, draw: () => void): HTMLElement {
  const button = element(
    "button",
    {type: "button", "aria-pressed": String(!hidden.has(name))},
    element("i", {style: `background:${isHatched ? hatching(color) : color}`}),
    name
  );
  button.addEventListener("click", () => {
    if (!hidden.delete(name)) hidden.add(name);
    button.setAttribute("aria-pressed", String(!hidden.has(name)));
    draw();
  });
  return button;
}

function hatching(color: string): string {
  return `repeating-linear-gradient(135deg, ${color} 0 2px, transparent 2px 4.5px)`;
}

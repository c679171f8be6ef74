import {element} from "./element.js";

export interface LegendItem {
  readonly name: string;
  readonly color: string;
}

/** An entry of a legend that switches its group off and on: in `hidden`, and by `draw`. */
export function legendButton({name, color}: LegendItem, hidden: Set<string>, draw: () => void): HTMLElement {
  const button = element(
    "button",
    {type: "button", "aria-pressed": String(!hidden.has(name))},
    element("i", {style: `background:${color}`}),
    name
  );
  button.addEventListener("click", () => {
    if (!hidden.delete(name)) hidden.add(name);
    button.setAttribute("aria-pressed", String(!hidden.has(name)));
    draw();
  });
  return button;
}

import {element} from "../page/element.js";

/** A row of buttons of which one is pressed. */
export function choice<T extends string>(
  label: string,
  choices: readonly (readonly [value: T, name: string])[],
  chosen: T,
  choose: (value: T) => void
): HTMLElement {
  const buttons = choices.map(([value, name]) => {
    const button = element(
      "button",
      {type: "button", "aria-pressed": String(value === chosen), "data-value": value},
      name
    );
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(value);
    });
    return button;
  });
  return element("div", {class: "fb-choice", role: "group", "aria-label": label}, ...buttons);
}

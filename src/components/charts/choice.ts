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
      press(group, value);
      choose(value);
    });
    return button;
  });
  const group = element("div", {class: "fb-choice", role: "group", "aria-label": label}, ...buttons);
  return group;
}

/** Shows another of a {@link choice} as chosen, without telling of it. */
export function press(group: HTMLElement, value: string): void {
  for (const button of group.querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.dataset.value === value));
}

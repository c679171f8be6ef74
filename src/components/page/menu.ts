import {element} from "./element.js";

/** A line of a menu: it leads somewhere, or does something. */
export interface MenuEntry {
  readonly words: string;
  /** The same for ever, for tests; without one its words. */
  readonly value?: string;
  readonly isDisabled?: boolean;
  readonly href?: string;
  run?(): void;
}

export interface MenuOptions {
  /** What the menu is of, for those who do not see it. */
  readonly label: string;
  readonly words: string;
  readonly testId?: string;
  readonly buttonClass: string;
}

/** A button that opens a list of what can be done, made anew each time; arrows move in it, Escape closes it. */
export function menu(
  {label, words, testId, buttonClass}: MenuOptions,
  entries: () => readonly MenuEntry[]
): HTMLElement {
  const button = element(
    "button",
    {
      type: "button",
      class: buttonClass,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      // Who speaks to the page says the words that they see.
      "aria-label": /\w/.test(words) ? `${words}: ${label}` : `${label}: menu`,
      "data-testid": testId
    },
    words
  );
  const list = element("div", {class: "fb-menu", role: "menu", hidden: true, "aria-label": label});
  const root = element("div", {class: "fb-menu-root"}, button, list);
  const close = () => {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
  };
  const closeAndReturn = () => {
    close();
    button.focus();
  };
  const line = ({words, value, isDisabled, href, run}: MenuEntry) => {
    const shared = {role: "menuitem", tabindex: -1, "data-value": value};
    if (href !== undefined) return element("a", {...shared, href}, words);
    return element(
      "button",
      {
        ...shared,
        type: "button",
        disabled: isDisabled === true,
        onclick: () => {
          closeAndReturn();
          run?.();
        }
      },
      words
    );
  };
  const open = () => {
    list.replaceChildren(...entries().map(line));
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    (list.firstElementChild as HTMLElement).focus();
  };
  button.addEventListener("click", () => (list.hidden ? open() : closeAndReturn()));
  root.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const lines = [...list.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)")];
    const at = lines.indexOf(document.activeElement as HTMLElement);
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step) lines[(at + step + lines.length) % lines.length].focus();
    else if (event.key === "Escape") closeAndReturn();
    else return;
    event.preventDefault();
  });
  root.addEventListener("focusout", ({relatedTarget}) => {
    if (!list.hidden && !root.contains(relatedTarget as Node | null)) close();
  });
  return root;
}

import type {CaseEntry} from "../../lib/case.js";
import {element} from "../page/element.js";
import {pin} from "./case-store.js";

/** Puts something into the case, as it is when the button is pressed. */
export function pinButton(entry: () => Omit<CaseEntry, "atMs">): HTMLButtonElement {
  const button = element(
    "button",
    {type: "button", class: "fb-button", "data-testid": "pin", title: "Keep this in the case, in this browser"},
    "Pin"
  );
  button.addEventListener("click", () => {
    button.textContent = pinned(entry());
  });
  return button;
}

/** Puts something into the case; what is to be said of it. */
export function pinned(entry: Omit<CaseEntry, "atMs">): string {
  try {
    pin(entry);
    return "Pinned";
  } catch {
    return "No room";
  }
}

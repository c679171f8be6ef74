import {element} from "./element.js";

/** One thing that a dialog asks for. */
export interface Field {
  readonly name: string;
  readonly label: string;
  /** `long` is a text of several lines; a list offers choices of value and words. */
  readonly kind: "text" | "long" | readonly (readonly [value: string, words: string])[];
  readonly value?: string;
  readonly required?: boolean;
}

/**
 * Asks in a dialog, and closes it once `submit` resolves with null; an error in words stays in it. Texts are text, never
 * markup.
 */
export function ask(
  title: string,
  lead: string,
  fields: readonly Field[],
  action: string,
  submit: (values: Readonly<Record<string, string>>) => Promise<string | null>
): void {
  const error = element("p", {class: "fb-said", "data-tone": "bad", role: "alert", hidden: true});
  const cancel = element("button", {type: "button", class: "fb-button"}, "Cancel");
  const send = element("button", {type: "submit", class: "fb-button fb-primary"}, action);
  const form = element(
    "form",
    {class: "fb-form"},
    ...fields.map((field) => element("label", {}, element("span", {}, field.label), control(field))),
    error,
    element("footer", {}, cancel, send)
  );
  const dialog = element(
    "dialog",
    {class: "fb-dialog", "aria-label": title},
    element("header", {}, element("h2", {}, title)),
    element("p", {class: "fb-note"}, lead),
    form
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const failed = await submit(values);
    send.disabled = false;
    if (failed === null) return dialog.close();
    error.textContent = failed;
    error.hidden = false;
  });
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function control({name, kind, value = "", required = false}: Field): HTMLElement {
  if (kind === "long") return element("textarea", {name, rows: 3, maxlength: 2000, required}, value);
  if (kind === "text") return element("input", {name, value, maxlength: 2000, required, autocomplete: "off"});
  return element(
    "select",
    {name},
    ...kind.map(([choice, words]) => element("option", {value: choice, selected: choice === value}, words))
  );
}

import {formatIso, parseIso} from "../../lib/filter.js";
import {element} from "./element.js";
import {popover} from "./filter-bar.js";
import type {Notebook} from "./notebook.js";

/** The window as two times to type, in UTC: what the strip does for the pointer. */
export function timePicker(notebook: Notebook): HTMLElement {
  const field = (name: string, id: string) =>
    element("input", {
      type: "text",
      "aria-label": `${name} (UTC)`,
      spellcheck: "false",
      autocomplete: "off",
      "data-testid": `filter-${id}`,
      size: 27
    });
  const [from, to] = [field("From", "from"), field("To", "to")];
  const problem = element("p", {class: "fb-note", role: "alert"});
  const summary = element("summary", {}, "Time");
  const apply = element("button", {type: "submit", class: "fb-button"}, "Apply");
  const all = element("button", {type: "button", class: "fb-button"}, "All time");
  const form = element(
    "form",
    {class: "fb-pick-list fb-times"},
    element("label", {}, "From", from),
    element("label", {}, "To", to),
    problem,
    element("div", {class: "fb-buttons"}, apply, all)
  );
  const node = popover(element("details", {class: "fb-pick", "data-testid": "filter-window"}, summary, form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [a, b] = [from, to].map(({value}) => parseIso(value.trim().replace(" ", "T").replace(/Z?$/, "Z")));
    problem.textContent =
      a === undefined || b === undefined
        ? "Expected times such as 2026-11-21T09:30:00Z."
        : a >= b
          ? "The end must lie after the start."
          : "";
    if (problem.textContent) return;
    node.open = false;
    notebook.narrow({from: a, to: b});
  });
  all.addEventListener("click", () => {
    node.open = false;
    notebook.narrow({from: undefined, to: undefined});
  });
  notebook.follow(node, () => {
    const window = notebook.window();
    from.value = formatIso(window.from);
    to.value = formatIso(window.to);
    const {filter} = notebook;
    summary.dataset.active = String(filter.from !== undefined || filter.to !== undefined);
  });
  return node;
}

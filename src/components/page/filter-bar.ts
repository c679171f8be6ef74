import {describeFilter, filterParts} from "../../lib/describe-filter.js";
import {everything, isEverything} from "../../lib/filter.js";
import {formatCount, formatDuration, formatSpan} from "../../lib/format.js";
import {parseQuery} from "../../lib/query/parse.js";
import {addressesOf} from "../../lib/query/values.js";
import {hosts} from "../../lib/questions/hosts.js";
import {shortened} from "../../lib/visible-text.js";
import {timeStrip} from "../charts/time-strip.js";
import {type Facet, facets} from "../flows/facets.js";
import {element} from "./element.js";
import {farApart} from "./far-apart.js";
import {foldedWhereNarrow} from "./fold.js";
import type {Notebook} from "./notebook.js";
import {queryBox} from "./query-box.js";
import {timePicker} from "./time-picker.js";

/** One filter for everything on the page: time, protocol, service, class, capture, host. It lives in the page's address. */
export function filterBar(notebook: Notebook): HTMLElement {
  const count = element("output", {class: "fb-count", "data-testid": "filter-count"});
  const reset = element("button", {type: "button", class: "fb-button", "data-testid": "filter-reset"}, "Reset");
  reset.addEventListener("click", () => notebook.reset());
  const when = element("span", {class: "fb-when", "data-testid": "filter-time"});
  const zone = element("button", {type: "button", class: "fb-link-button", "data-testid": "zone"});
  zone.addEventListener("click", () => notebook.setZone(notebook.zone === "utc" ? "local" : "utc"));
  const words = element("p", {class: "fb-hidden", role: "status", "data-testid": "filter-words"});
  const node = element(
    "section",
    {class: "fb-filter", "aria-label": "Filter", "data-testid": "filter"},
    element(
      "div",
      {class: "fb-filter-time"},
      element("div", {class: "fb-filter-when"}, when, zone, count),
      timeStrip(notebook)
    ),
    foldedWhereNarrow(
      element("summary", {}, "Filter and query"),
      element(
        "div",
        {class: "fb-filter-fields"},
        timePicker(notebook),
        ...facets.map((facet) => facetPicker(notebook, facet)),
        hostField(notebook),
        incidentChip(notebook),
        reset
      ),
      queryBox(notebook),
      farApart(notebook)
    ),
    words
  );
  notebook.follow(node, () => {
    node.hidden = notebook.isEmpty;
    const {filter, span, facts} = notebook;
    const window = notebook.window();
    when.textContent = span
      ? `${formatSpan(window.from, window.to, notebook.zone)} · ${formatDuration(window.to - window.from)}`
      : "";
    zone.textContent = notebook.zone === "utc" ? "UTC" : "local time";
    zone.title = notebook.zone === "utc" ? "Times are in UTC; show local time" : "Times are local; show UTC";
    zone.setAttribute("aria-label", zone.title);
    reset.hidden = isEverything(filter);
    words.textContent = `Shown: ${describeFilter(filter, notebook.zone, notebook.captures)}`;
    const shown = notebook.count();
    count.textContent =
      shown === facts.flows
        ? `${formatCount(shown)} ${shown === 1 ? "flow" : "flows"}`
        : `${formatCount(shown)} of ${formatCount(facts.flows)} flows`;
  });
  return node;
}

/** What the filter restricts, each with a click that lifts it; stays in sight while the page is scrolled. */
export function filterChips(notebook: Notebook): HTMLElement {
  const node = element("section", {class: "fb-chips", "aria-label": "Active filters", "data-testid": "filter-chips"});
  notebook.follow(node, () => {
    const {filter, zone, captures, facts} = notebook;
    const parts = filterParts(filter, zone, captures);
    node.hidden = notebook.isEmpty || parts.length === 0;
    if (node.hidden) return;
    const shown = notebook.count();
    const chips = parts.map(({words, lift}) =>
      element(
        "button",
        {
          type: "button",
          class: "fb-button",
          title: `Lift: ${words}`,
          onclick: () => ("from" in lift ? notebook.allOfTime() : notebook.narrow(lift))
        },
        `${shortened(words, 60)} ×`
      )
    );
    const all = element(
      "button",
      {type: "button", class: "fb-button", onclick: () => notebook.reset()},
      "Show all flows"
    );
    node.replaceChildren(
      shown === 0 ? element("strong", {}, "No flow matches:") : "Shown:",
      ...chips,
      ...(shown === 0 ? [all] : []),
      element("span", {class: "fb-count"}, `${formatCount(shown)} of ${formatCount(facts.flows)} flows`)
    );
  });
  return node;
}

/** A button that opens a list of a field's values with how many flows each would show. */
function facetPicker(notebook: Notebook, facet: Facet): HTMLElement {
  // A box of its own: a long name ends in dots before the arrow.
  const said = element("span", {class: "fb-pick-said"}, facet.name);
  const summary = element("summary", {}, said);
  const list = element("div", {class: "fb-pick-list", role: "group", "aria-label": facet.name});
  const node = popover(element("details", {class: "fb-pick", "data-testid": `filter-${facet.id}`}, summary, list));
  const fill = () => {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.value;
    list.replaceChildren(
      ...facet.options(notebook).map(({value, name, flows, color}) => {
        const key = String(value ?? "-");
        const box = element("input", {
          type: "checkbox",
          checked: (facet.chosen(notebook.filter) as unknown[]).includes(value),
          "data-value": key
        });
        box.addEventListener("change", () => notebook.narrow(facet.narrow(notebook.filter, value)));
        return element(
          "label",
          {},
          box,
          color && element("i", {style: `background:${color}`}),
          element("span", {}, name),
          element("b", {}, formatCount(flows))
        );
      })
    );
    if (focused !== undefined)
      [...list.querySelectorAll<HTMLElement>("input")].find(({dataset}) => dataset.value === focused)?.focus();
  };
  node.addEventListener("toggle", () => node.open && redraw());
  const redraw = notebook.follow(node, () => {
    const chosen = facet.chosen(notebook.filter);
    said.textContent =
      chosen.length === 0
        ? facet.name
        : chosen.length === 1
          ? `${facet.name}: ${facet.label(chosen[0], notebook)}`
          : `${facet.name}: ${chosen.length}`;
    summary.dataset.active = String(chosen.length > 0);
    node.hidden = facet.isOffered?.(notebook) === false && chosen.length === 0;
    if (node.open) fill();
  });
  return node;
}

function hostField(notebook: Notebook): HTMLElement {
  const list = element("datalist", {id: "fb-hosts"});
  const input = element("input", {
    type: "text",
    list: "fb-hosts",
    placeholder: "Host, network, name",
    "aria-label": "Host: an address, network or name at either end",
    spellcheck: "false",
    autocomplete: "off",
    "data-testid": "filter-host"
  });
  input.addEventListener("change", () => {
    const text = input.value.trim();
    const address = addressesOf(text)?.text;
    if (text === "" || address) return notebook.narrow({host: address ?? undefined});
    // A network or a name is a condition of the query.
    const query = `host ${/^[\w.*:/-]+$/.test(text) ? text : JSON.stringify(text)}`;
    try {
      parseQuery(query);
    } catch (error) {
      input.setCustomValidity((error as Error).message);
      return void input.reportValidity();
    }
    const {query: before} = notebook.filter;
    notebook.narrow({host: undefined, query: before === undefined ? query : `(${before}) and ${query}`});
    input.value = "";
  });
  input.addEventListener("input", () => input.setCustomValidity(""));
  let isOffered = false;
  const node = element("span", {class: "fb-host"}, input, list);
  const redraw = notebook.follow(node, () => {
    if (document.activeElement !== input) input.value = notebook.filter.host ?? "";
    input.dataset.active = String(notebook.filter.host !== undefined);
    if (!isOffered) return;
    const {rows} = notebook.answer({question: hosts, filter: everything});
    list.replaceChildren(...rows.map(([host]) => element("option", {value: String(host)})));
  });
  // Asked when somebody is about to choose.
  input.addEventListener("focus", () => {
    isOffered = true;
    redraw();
  });
  return node;
}

/** Says that only an incident's flows are shown, and lifts it. */
function incidentChip(notebook: Notebook): HTMLElement {
  const button = element("button", {type: "button", class: "fb-button", "data-testid": "filter-incident"});
  button.addEventListener("click", () => notebook.narrow({incident: undefined, from: undefined, to: undefined}));
  notebook.follow(button, () => {
    const {incident} = notebook.filter;
    button.hidden = incident === undefined;
    button.textContent = `Incident ${incident?.slice(0, 8)} ×`;
    button.title = "Only flows of this incident are shown; click to show all flows";
  });
  return button;
}

/** Closes an open list when the reader turns to something else. */
export function popover(node: HTMLDetailsElement): HTMLDetailsElement {
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !node.open) return;
    node.open = false;
    node.querySelector("summary")?.focus();
  });
  document.addEventListener("pointerdown", ({target}) => {
    if (node.open && !node.contains(target as Node)) node.open = false;
  });
  node.addEventListener("focusout", ({relatedTarget}) => {
    if (relatedTarget && !node.contains(relatedTarget as Node)) node.open = false;
  });
  return node;
}

import {captureName} from "../../lib/describe-filter.js";
import {everything, formatFilter} from "../../lib/filter.js";
import {type Findable, find} from "../../lib/find.js";
import {formatCount, formatSpan} from "../../lib/format.js";
import {parseQuery} from "../../lib/query/parse.js";
import {addressesOf} from "../../lib/query/values.js";
import {hosts} from "../../lib/questions/hosts.js";
import {topNames} from "../../lib/questions/top-names.js";
import {visibleText} from "../../lib/visible-text.js";
import {hostAddress} from "../hosts/host-link.js";
import {incidentAddress} from "../incidents/incident-link.js";
import {element} from "./element.js";
import type {Notebook} from "./notebook.js";

/** What of a page can be found at once, and where the rest is asked. */
export interface Findables extends Pick<Notebook, "captures" | "incidents" | "isEmpty" | "filter" | "zone" | "source"> {
  /** Captures and incidents of a page that has none at hand. */
  later?(signal: AbortSignal): Promise<Pick<Notebook, "captures" | "incidents">>;
}

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/**
 * The button Find, and Ctrl-K on every page: hosts, names, incidents, captures, pages and charts of this page by what they are
 * called; an address or a query of flows that is typed is offered as such.
 */
export function findButton(notebook: Findables): HTMLButtonElement {
  const keys = isApple ? "⌘K" : "Ctrl K";
  const button = element(
    "button",
    {
      type: "button",
      class: "fb-button fb-find",
      "data-testid": "find",
      title: `Find anywhere (${keys})`,
      "aria-keyshortcuts": "Control+K Meta+K"
    },
    "Find ",
    element("kbd", {"aria-hidden": "true"}, keys)
  );
  const open = () => {
    if (!document.querySelector("dialog[open]")) palette(notebook);
  };
  button.addEventListener("click", open);
  const onKey = (event: KeyboardEvent) => {
    // The page was left: a reader's own edit made the head anew.
    if (!button.isConnected) return removeEventListener("keydown", onKey);
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  };
  addEventListener("keydown", onKey);
  return button;
}

function palette(notebook: Findables): void {
  const input = element("input", {
    type: "text",
    class: "fb-query-text",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "fb-find-list",
    "aria-autocomplete": "list",
    "aria-label": "Find a host, name, incident, capture, page or chart",
    placeholder: "Host, name, incident, capture, page, or a query",
    spellcheck: "false",
    autocomplete: "off",
    maxlength: 300,
    "data-testid": "find-text"
  });
  const list = element("div", {class: "fb-find-list", id: "fb-find-list", role: "listbox", "aria-label": "Found"});
  const status = element("output", {class: "fb-note"});
  const dialog = element(
    "dialog",
    {class: "fb-dialog fb-find-dialog", "aria-label": "Find anywhere"},
    input,
    list,
    status
  );
  const left = new AbortController();
  let all: readonly Findable[] = atHand(notebook);
  let found: readonly Findable[] = [];
  let active = 0;
  /** What could not be asked, and why. */
  let missing = "";

  const draw = () => {
    const known = find(all, input.value);
    const typed = typedAs(notebook, input.value.trim());
    found = [...typed.filter(({href}) => !known.some((each) => each.href === href)), ...known];
    active = 0;
    list.replaceChildren(...found.map((each, i) => optionOf(each, i, () => go(each))));
    status.textContent = [found.length === 0 && "Nothing is called so.", missing].filter(Boolean).join(" ");
    mark();
  };
  const mark = () => {
    [...list.children].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === active));
      if (i === active) option.scrollIntoView({block: "nearest"});
    });
    if (found.length === 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `fb-find-${active}`);
  };
  const go = ({kind, href}: Findable) => {
    dialog.close();
    if (kind === "Chart") document.querySelector(href)?.scrollIntoView({behavior: "smooth", block: "start"});
    // A report is one page, which may be all there is.
    else if (!document.querySelector("#observablehq-sidebar")) location.hash = new URL(href, location.href).hash;
    else location.assign(href);
  };
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && found.length > 0) active = (active + step + found.length) % found.length;
    else if (event.key === "Enter" && found[active]) return go(found[active]);
    else return;
    event.preventDefault();
    mark();
  });
  dialog.addEventListener("click", ({target}) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    left.abort();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  draw();
  if (notebook.isEmpty) return;
  ofLake(notebook, left.signal).then(
    (more) => {
      all = [...all, ...more];
      draw();
    },
    (error) => {
      // What fetch throws where nobody answers says nothing of it.
      const why = error instanceof TypeError ? "the server does not answer" : String(error?.message ?? error);
      if (left.signal.aborted) return;
      missing = `Hosts and names cannot be found: ${visibleText(why)}`;
      draw();
    }
  );
}

function optionOf({kind, text, note}: Findable, i: number, pick: () => void): HTMLElement {
  const option = element(
    "div",
    {role: "option", id: `fb-find-${i}`, "aria-selected": "false", "data-kind": kind},
    element("span", {class: "fb-find-kind"}, kind),
    element("span", {class: "fb-find-text"}, visibleText(text)),
    note !== "" && element("span", {class: "fb-find-note"}, visibleText(note))
  );
  option.addEventListener("click", pick);
  return option;
}

/** Known without asking: incidents, captures, pages, charts of this page. */
function atHand(notebook: Findables): readonly Findable[] {
  const pages = [...document.querySelectorAll<HTMLAnchorElement>("#observablehq-sidebar details a[href]")].map(
    (link) => ({
      kind: "Page" as const,
      text: link.textContent?.trim() ?? "",
      note: "",
      href: link.href
    })
  );
  const charts = [...document.querySelectorAll<HTMLElement>("main .fb-chart[data-testid]")].map((card) => ({
    kind: "Chart" as const,
    text: card.querySelector("h2")?.textContent ?? "",
    note: "on this page",
    href: `[data-testid="${card.dataset.testid}"]`
  }));
  return [...pages, ...happened(notebook), ...charts, ...taken(notebook)].filter(({text}) => text !== "");
}

const happened = ({incidents, zone}: Pick<Notebook, "incidents" | "zone">): readonly Findable[] =>
  incidents.map((incident) => ({
    kind: "Incident",
    text: incident.summary,
    note: formatSpan(incident.from, incident.to, zone),
    href: incidentAddress(incident)
  }));

const taken = ({captures}: Pick<Notebook, "captures">): readonly Findable[] =>
  captures.map(({sha256, flows}) => ({
    kind: "Capture",
    text: captureName(sha256, captures),
    note: `${formatCount(flows)} flows`,
    href: `./index.html#${formatFilter({captures: [sha256]})}`
  }));

/** What only the lake knows: hosts and names, and what the page has not at hand. */
async function ofLake(notebook: Findables, signal: AbortSignal): Promise<readonly Findable[]> {
  const ask = (question: typeof hosts | typeof topNames) =>
    notebook.source.answer({question: {...question, limit: 5000}, filter: everything}, signal);
  const [ofHosts, ofNames, more] = await Promise.all([ask(hosts), ask(topNames), notebook.later?.(signal)]);
  const flows = (count: unknown) => `${formatCount(Number(count))} flows`;
  return [
    ...(more ? [...happened({...more, zone: notebook.zone}), ...taken(more)] : []),
    ...ofHosts.rows.map(([host, count]) => ({
      kind: "Host" as const,
      text: String(host),
      note: flows(count),
      href: hostAddress(String(host), everything)
    })),
    ...ofNames.rows
      .filter(([name]) => name !== null && name !== "")
      .map(([name, count]) => ({
        kind: "Name" as const,
        text: String(name),
        note: flows(count),
        href: `./flows.html#${formatFilter({query: `name ${quoted(String(name))}`})}`
      }))
  ];
}

const quoted = (name: string) => (/^[\w.-]+$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, "*")}"`);

/** What the text itself says: an address, or a condition on flows. */
function typedAs(notebook: Findables, text: string): readonly Findable[] {
  if (text === "") return [];
  if (addressesOf(text)?.text)
    return [{kind: "Host", text, note: "as it is typed", href: hostAddress(text, everything)}];
  try {
    // A single word is a name as well as a service: what is called so is found below.
    if (!/\s|=|>|</.test(text) || parseQuery(text) === null) return [];
    return [
      {
        kind: "Flows",
        text,
        note: "flows that meet this",
        href: `./flows.html#${formatFilter({...notebook.filter, query: text})}`
      }
    ];
  } catch {
    return [];
  }
}

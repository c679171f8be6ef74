import {formatFilter} from "../../lib/filter.js";
import {formatCount} from "../../lib/format.js";
import {hostList, hostMarks, hostNames, hostRecords, hostSummary} from "../../lib/records/hosts.js";
import type {RecordQuestion} from "../../lib/records/record-source.js";
import {recordQuestionStated} from "../../lib/records/record-sql.js";
import {visibleText} from "../../lib/visible-text.js";
import {incidentItem} from "../incidents/incident-item.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {cellText} from "../records/record-cell.js";
import {hostLink} from "./host-link.js";

/** Who the host of the address is: kind of address, names, role, volume, first and last seen, and where its records are. */
export function hostHead(notebook: Notebook): HTMLElement {
  const place = element("div", {});
  const title = element("h2", {}, "Host");
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Host", "data-testid": "host-head"},
    element("header", {}, title),
    place
  );
  notebook.follow(node, () => {
    node.hidden = notebook.isEmpty;
    const {host} = notebook.filter;
    // Everything below is of one host: without one there is nothing to show.
    document.body.classList.toggle("fb-no-host", host === undefined);
    if (node.hidden) return;
    title.textContent = host === undefined ? "No host is chosen" : visibleText(host);
    place.replaceChildren(...(host === undefined ? choose(notebook) : facts(notebook, host)));
  });
  return node;
}

const askedOf = (notebook: Notebook, questions: readonly RecordQuestion[]) =>
  notebook.stated(
    questions.map((question) =>
      recordQuestionStated(question, notebook.filter, notebook.grid(100), {model: notebook.facts.model})
    )
  );

function choose(notebook: Notebook): HTMLElement[] {
  const [{rows}] = askedOf(notebook, [hostList]);
  return [
    element(
      "p",
      {class: "fb-note", "data-testid": "no-host"},
      "Choose a host, or enter its address in the field Host above."
    ),
    element(
      "ul",
      {class: "fb-rows"},
      ...rows.slice(0, 20).map(([host]) => element("li", {}, hostLink(String(host), notebook.filter)))
    ),
    element("p", {}, element("a", {href: "./hosts.html", "data-carry": true}, "All hosts"))
  ];
}

function facts(notebook: Notebook, host: string): HTMLElement[] {
  const [summary, marks, names, records] = askedOf(notebook, [hostSummary, hostMarks, hostNames, hostRecords]);
  const [row] = summary.rows;
  const value = (name: string) => row[summary.columns.indexOf(name)];
  const isSeen = value("peers") !== 0;
  if (!isSeen)
    return [
      element(
        "p",
        {class: "fb-empty", "data-testid": "host-unseen"},
        "No flow of this host matches the filter. The host may be active at another time or in another capture."
      ),
      element(
        "p",
        {},
        element(
          "button",
          {
            type: "button",
            class: "fb-button",
            onclick: () => {
              notebook.reset();
              notebook.narrow({host});
            }
          },
          "Search all times and all captures"
        )
      )
    ];
  const named = [...new Set(names.rows.map(([name]) => String(name)))];
  const known = hostSummary.columns.flatMap(({name, label, kind}) => [
    element("dt", {}, label),
    element("dd", {"data-name": name}, cellText(kind, value(name), notebook.zone))
  ]);
  const marked = hostMarks.columns.flatMap(({name, label, kind}, place) => [
    element("dt", {}, label),
    element("dd", {"data-name": name}, cellText(kind, marks.rows[0]?.[place] ?? null, notebook.zone))
  ]);
  const hash = formatFilter(notebook.filter);
  const flows = Number(value("asked")) + Number(value("taken"));
  const places: readonly (readonly [string, string, number])[] = [
    ["Flows", "flows", flows],
    ...records.rows.map(([kind, count]) => [String(kind).toUpperCase(), String(kind), Number(count)] as const)
  ];
  const links = places.map(([words, page, count]) =>
    element(
      "a",
      {class: "fb-button", href: `./${page}.html#${hash}`, "data-testid": `to-${page}`},
      `${words}: ${formatCount(count)}`
    )
  );
  return [
    element("p", {class: "fb-badges"}, element("span", {class: "fb-badge", "data-tone": "plain"}, kindOf(host))),
    element(
      "dl",
      {class: "fb-facts"},
      element("dt", {}, "Names"),
      element(
        "dd",
        {},
        named.length > 0 ? visibleText(named.slice(0, 6).join(", ")) : "none said",
        named.length > 6 && ` and ${named.length - 6} more`
      ),
      ...marked,
      ...known
    ),
    element("div", {class: "fb-actions"}, ...links)
  ];
}

/** What the address itself tells. */
export function kindOf(address: string): string {
  if (
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(address) ||
    /^f[cd]/i.test(address)
  )
    return "private address";
  if (/^(22[4-9]|23\d)\./.test(address) || /^ff/i.test(address)) return "multicast address";
  if (/^169\.254\./.test(address) || /^fe[89ab]/i.test(address)) return "link-local address";
  if (/^127\./.test(address) || address === "::1") return "loopback address";
  return address === "255.255.255.255" || address === "0.0.0.0" || address === "::"
    ? "special address"
    : "public address";
}

/** The incidents that name the host, gravest first. */
export function hostIncidents(notebook: Notebook): HTMLElement {
  const list = element("ol", {class: "fb-notices"});
  const note = element("p", {class: "fb-note"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Incidents of this host", "data-testid": "host-incidents"},
    element("header", {}, element("h2", {}, "Incidents")),
    note,
    list
  );
  notebook.follow(node, () => {
    const {host, captures, from = -Infinity, to = Infinity} = notebook.filter;
    const named = notebook.incidents.filter(
      (one) =>
        (one.src === host || one.dst === host) &&
        one.state !== "merged" &&
        (!captures || captures.includes(one.capture)) &&
        one.from < to &&
        one.to >= from
    );
    node.hidden = host === undefined;
    note.textContent = named.length === 0 ? "This host is in no incident." : "";
    list.replaceChildren(...named.slice(0, 30).map((one) => incidentItem(notebook, one)));
  });
  return node;
}

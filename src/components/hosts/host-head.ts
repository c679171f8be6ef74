import {formatFilter} from "../../lib/filter.js";
import {formatCount} from "../../lib/format.js";
import {incidentsOf} from "../../lib/incidents.js";
import {hostList, hostMarks, hostNames, hostRecords, hostSummary} from "../../lib/records/hosts.js";
import type {RecordQuestion} from "../../lib/records/record-source.js";
import {recordQuestionStated} from "../../lib/records/record-sql.js";
import {visibleText} from "../../lib/visible-text.js";
import {incidentItems} from "../incidents/incident-item.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {cellText} from "../records/record-cell.js";
import {contextOf} from "../records/record-chart.js";
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
      recordQuestionStated(question, notebook.filter, notebook.grid(100), contextOf(notebook))
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
  // Of most hosts nothing tells what they are made of: no line says so.
  const marked = hostMarks.columns.flatMap(({name, label, kind}, place) => {
    const mark = marks.rows[0]?.[place] ?? null;
    if (mark === null) return [];
    return [element("dt", {}, label), element("dd", {"data-name": name}, cellText(kind, mark, notebook.zone))];
  });
  const inIncidents = incidentsWith(notebook, host).length;
  const hash = formatFilter(notebook.filter);
  const flows = Number(value("asked")) + Number(value("taken"));
  const places: readonly (readonly [string, string, number])[] = [
    ["Flows", "flows", flows],
    ...records.rows.map(
      ([kind, count]) => [kind === "files" ? "Files" : String(kind).toUpperCase(), String(kind), Number(count)] as const
    )
  ];
  const links = places
    .filter(([, , count]) => count > 0)
    .map(([words, page, count]) =>
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
      ...known,
      element("dt", {}, "Incidents"),
      element("dd", {"data-name": "incidents"}, inIncidents === 0 ? "none" : formatCount(inIncidents))
    ),
    element("div", {class: "fb-actions"}, ...links)
  ];
}

/** The incidents that name the host within the filter, gravest first. */
const incidentsWith = ({incidents, filter}: Notebook, host: string) => incidentsOf(incidents, {...filter, host});

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

/** The incidents that name the host; hidden where there are none, which the card beside it says. */
export function hostIncidents(notebook: Notebook): HTMLElement {
  const list = element("ol", {class: "fb-notices"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Incidents of this host", "data-testid": "host-incidents"},
    element("header", {}, element("h2", {}, "Incidents")),
    list
  );
  notebook.follow(node, () => {
    const {host} = notebook.filter;
    const named = host === undefined ? [] : incidentsWith(notebook, host);
    node.hidden = named.length === 0;
    list.replaceChildren(...incidentItems(notebook, named).slice(0, 30));
  });
  return node;
}

import {formatCount, formatShare} from "../../lib/format.js";
import {incidentsOf, isGrave} from "../../lib/incidents.js";
import {totals} from "../../lib/questions/totals.js";
import {sortedByReview} from "../../lib/reviews.js";
import {currentReviews, followReviews} from "../notices/reviews.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {incidentItems} from "./incident-item.js";

const mostShown = 8;

/** What happened, gravest first, and how many flows it holds. Acknowledged and suppressed ones are counted, and shown on demand. */
export function incidentList(notebook: Notebook): HTMLElement {
  const list = element("ol", {class: "fb-notices"});
  const note = element("p", {class: "fb-note"});
  const reviewed = element("button", {type: "button", class: "fb-link-button", "data-testid": "reviewed"});
  const more = element("button", {type: "button", class: "fb-link-button"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Incidents", "data-testid": "incidents"},
    element("header", {}, element("h2", {}, "Incidents")),
    note,
    reviewed,
    list,
    more
  );
  let [all, withReviewed] = [false, false];
  const draw = () => {
    const found = incidentsOf(notebook.incidents, notebook.filter);
    const {open, acknowledged, suppressed} = sortedByReview(found, currentReviews(), Date.now());
    const shown = withReviewed ? found : open;
    const hidden = [
      acknowledged.length > 0 && `${formatCount(acknowledged.length)} acknowledged`,
      suppressed.length > 0 && `${formatCount(suppressed.length)} suppressed`
    ].filter(Boolean);
    node.hidden = notebook.isEmpty;
    note.textContent = found.length > 0 ? wordsOf(notebook, found.filter(isGrave).length) : nothing(notebook);
    reviewed.hidden = hidden.length === 0;
    reviewed.textContent = `${withReviewed ? "Hide" : "Show"} ${hidden.join(" and ")}`;
    reviewed.setAttribute("aria-pressed", String(withReviewed));
    const items = incidentItems(notebook, shown);
    list.replaceChildren(...items.slice(0, all ? undefined : mostShown));
    more.hidden = items.length <= mostShown;
    more.textContent = all ? "Show fewer" : `Show all ${formatCount(shown.length)}`;
  };
  more.addEventListener("click", () => {
    all = !all;
    draw();
  });
  reviewed.addEventListener("click", () => {
    withReviewed = !withReviewed;
    draw();
  });
  notebook.follow(node, draw);
  followReviews(node, draw);
  return node;
}

function wordsOf(notebook: Notebook, grave: number): string {
  const {columns, rows} = notebook.answer({question: totals, filter: notebook.filter});
  const [flows, suspicious] = ["flows", "suspicious"].map((name) => rows[0][columns.indexOf(name)] as number);
  const held =
    suspicious === 0
      ? "no flow that is shown belongs to one"
      : `${formatCount(suspicious)} of ${formatCount(flows)} flows (${formatShare(suspicious, flows)}) belong to them`;
  return `${formatCount(grave)} of medium severity or more; ${held}. Each leads to its own page.`;
}

function nothing({incidents}: Notebook): string {
  const where = incidents.length > 0 ? " in what is shown" : "";
  return `No rule and no model found an incident${where}. An attack may still have gone undetected.`;
}

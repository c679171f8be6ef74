import {formatCount} from "../../lib/format.js";
import {className, type IncidentFacts, incidentsOf} from "../../lib/incidents.js";
import {sortedByReview} from "../../lib/reviews.js";
import {currentReviews, followReviews} from "../notices/reviews.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {incidentActions, incidentRemarks} from "./incident-actions.js";
import {incidentItem, incidentItems} from "./incident-item.js";

const boxes = ["open", "acknowledged", "suppressed"] as const;
const mostShown = 50;

/** Every incident of the filter in three boxes, grouped by class, each with what readers said of it and what can be done. */
export function incidentInbox(notebook: Notebook): HTMLElement {
  let box: (typeof boxes)[number] = "open";
  let most = mostShown;
  const choice = element("div", {class: "fb-choice", role: "group", "aria-label": "Which incidents"});
  const note = element("p", {class: "fb-note"});
  const list = element("div", {});
  const more = element("button", {type: "button", class: "fb-link-button"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Inbox", "data-testid": "inbox"},
    element("header", {}, element("h2", {}, "Inbox"), choice),
    note,
    list,
    more
  );
  const draw = () => {
    const sorted = sortedByReview(incidentsOf(notebook.incidents, notebook.filter), currentReviews(), Date.now());
    choice.replaceChildren(
      ...boxes.map((name) => {
        const button = element(
          "button",
          {type: "button", "aria-pressed": String(name === box), "data-box": name},
          `${name[0].toUpperCase()}${name.slice(1)} ${formatCount(sorted[name].length)}`
        );
        button.addEventListener("click", () => {
          box = name;
          most = mostShown;
          draw();
          choice.querySelector<HTMLButtonElement>(`[data-box="${name}"]`)?.focus();
        });
        return button;
      })
    );
    const found = sorted[box];
    note.textContent =
      found.length > 0
        ? "Each incident links to a page with its evidence, hosts, time and flows."
        : notebook.isEmpty
          ? "Incidents stand here as soon as flows are judged."
          : emptyWords[box];
    let left = most;
    list.replaceChildren(
      ...byClass(found).flatMap(([name, own]) => {
        if (left <= 0) return [];
        const items = incidentItems(notebook, own, (incident) =>
          incidentItem(notebook, incident, incidentRemarks(notebook, incident), incidentActions(incident))
        ).slice(0, left);
        left -= items.length;
        return [
          element("h3", {}, `${className(name)} · ${formatCount(own.length)}`),
          element("ol", {class: "fb-notices"}, ...items)
        ];
      })
    );
    more.hidden = left > 0;
    more.textContent = `Show more of ${formatCount(found.length)}`;
  };
  more.addEventListener("click", () => {
    most += mostShown;
    draw();
  });
  notebook.follow(node, draw);
  followReviews(node, draw);
  return node;
}

const emptyWords = {
  open: "No open incident matches the filter. An attack may still have gone undetected.",
  acknowledged: "No acknowledged incident matches the filter.",
  suppressed: "No suppressed incident matches the filter."
};

/** Classes in the order of their gravest incident. */
function byClass(incidents: readonly IncidentFacts[]): [string, IncidentFacts[]][] {
  const groups = new Map<string, IncidentFacts[]>();
  for (const incident of incidents) groups.set(incident.class, [...(groups.get(incident.class) ?? []), incident]);
  return [...groups];
}

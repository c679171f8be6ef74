import {formatFilter} from "../../lib/filter.js";
import {formatCount, formatTime} from "../../lib/format.js";
import {className} from "../../lib/incidents.js";
import {visibleText} from "../../lib/visible-text.js";
import {severityTone} from "../incidents/incident-item.js";
import {element} from "../page/element.js";
import type {LiveFeed} from "./live-feed.js";

/** The incidents of the capture so far, newest first, as they grow; each leads to its flows. */
export function liveIncidents(feed: LiveFeed | null): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const note = element("p", {class: "fb-note"});
  const list = element("ol", {class: "fb-notices"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Incidents", "data-testid": "live-incidents"},
    element("header", {}, element("h2", {}, "Incidents")),
    note,
    list
  );
  let shown = "";
  feed.follow(node, () => {
    const {state, incidents} = feed.model;
    const total = state?.incidentsTotal ?? 0;
    note.textContent =
      total > incidents.length
        ? `The newest ${incidents.length} of ${formatCount(total)}; the page Notices lists all.`
        : total > 0
          ? "Incidents of this capture so far. Each links to the flows of its hosts and time."
          : state?.runs.length
            ? "No incident so far. An attack may still have gone undetected."
            : "Incidents are detected while a capture runs.";
    const key = JSON.stringify([incidents, feed.zone]);
    if (key === shown) return;
    shown = key;
    const focused = (document.activeElement as HTMLElement | null)?.closest<HTMLElement>("[data-id]")?.dataset.id;
    list.replaceChildren(
      ...incidents.map((incident) => {
        const {id, class: named, technique, severity, src, dst, from, to, flows, summary, state: life} = incident;
        return element(
          "li",
          {"data-testid": "incident", "data-class": named, "data-state": life, "data-id": id},
          element("span", {class: "fb-badge", "data-tone": severityTone(severity)}, severity),
          element(
            "div",
            {},
            element(
              "a",
              {href: `./flows.html#${formatFilter({from, to: to + 1, host: src ?? dst ?? undefined})}`},
              visibleText(summary)
            ),
            element(
              "p",
              {class: "fb-note"},
              [
                formatTime(from, feed.zone).slice(11),
                `${formatCount(flows)} flows`,
                className(named),
                technique && `ATT&CK ${technique}`,
                life !== "closed" && life
              ]
                .filter(Boolean)
                .join(" · ")
            )
          )
        );
      })
    );
    if (focused !== undefined)
      list.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"] a`)?.focus({preventScroll: true});
  });
  return node;
}

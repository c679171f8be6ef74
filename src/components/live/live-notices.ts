import {formatFilter} from "../../lib/filter.js";
import {formatCount, formatTime} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {LiveFeed} from "./live-feed.js";

/** What rules found in the capture so far, newest first; each leads to its place on the page of anomalies. */
export function liveNotices(feed: LiveFeed | null): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const note = element("p", {class: "fb-note"});
  const list = element("ol", {class: "fb-notices"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Notices", "data-testid": "live-notices"},
    element("header", {}, element("h2", {}, "Notices")),
    note,
    list
  );
  let shown = "";
  feed.follow(node, () => {
    const {state, notices} = feed.model;
    const total = state?.noticesTotal ?? 0;
    note.textContent =
      total > notices.length
        ? `The newest ${notices.length} of ${formatCount(total)}; the page of anomalies has all.`
        : total > 0
          ? "Incidents that rules found in this capture; each leads to its flows."
          : state?.runs.length
            ? "No rule found an incident so far. That is no proof of peace."
            : "Rules judge a capture while it runs.";
    const key = JSON.stringify([notices, feed.zone]);
    if (key === shown) return;
    shown = key;
    list.replaceChildren(
      ...notices.map(({id, rule, technique, severity, src, dst, from, to, flows, summary}) =>
        element(
          "li",
          {"data-testid": "notice", "data-rule": rule, "data-id": id},
          element(
            "span",
            {class: "fb-badge", "data-tone": severity === "high" ? "bad" : severity === "medium" ? "warn" : "plain"},
            severity
          ),
          element(
            "div",
            {},
            element(
              "a",
              {href: `./anomalies.html#${formatFilter({from, to: to + 1, host: src ?? dst ?? undefined})}`},
              visibleText(summary)
            ),
            element(
              "p",
              {class: "fb-note"},
              [
                formatTime(from, feed.zone).slice(11),
                `${formatCount(flows)} flows`,
                rule.replaceAll("_", " "),
                technique && `ATT&CK ${technique}`
              ]
                .filter(Boolean)
                .join(" · ")
            )
          )
        )
      )
    );
  });
  return node;
}

import {formatCount, formatDuration, formatTime} from "../lib/format.js";
import {type NoticeFacts, noticesOf} from "../lib/notices.js";
import {visibleText} from "../lib/visible-text.js";
import {element} from "./element.js";
import type {Notebook} from "./notebook.js";

const mostShown = 8;

/** What rules found, gravest first; each leads to its flows. */
export function noticeList(notebook: Notebook): HTMLElement {
  const list = element("ol", {class: "fb-notices"});
  const note = element("p", {class: "fb-note"});
  const more = element("button", {type: "button", class: "fb-link-button"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Notices", "data-testid": "notices"},
    element("header", {}, element("h2", {}, "Notices")),
    note,
    list,
    more
  );
  let all = false;
  const draw = () => {
    const found = noticesOf(notebook.notices, notebook.filter);
    node.hidden = notebook.flows.rows === 0;
    note.textContent =
      found.length > 0
        ? "Incidents that rules found; a click shows the flows of their hosts and time."
        : `No rule found an incident${notebook.notices.length > 0 ? " in what is shown" : ""}. That is no proof of peace.`;
    list.replaceChildren(...found.slice(0, all ? undefined : mostShown).map((notice) => item(notebook, notice)));
    more.hidden = found.length <= mostShown;
    more.textContent = all ? "Show fewer" : `Show all ${formatCount(found.length)}`;
  };
  more.addEventListener("click", () => {
    all = !all;
    draw();
  });
  notebook.follow(node, draw);
  return node;
}

function item(notebook: Notebook, notice: NoticeFacts): HTMLElement {
  const {from, to, rule, severity, technique, flows, summary, reasons} = notice;
  const tone = severity === "high" ? "bad" : severity === "medium" ? "warn" : "plain";
  const button = element("button", {type: "button", class: "fb-link-button"}, visibleText(summary));
  // The end is that of the last flow's packet; a window's end is exclusive.
  button.addEventListener("click", () =>
    notebook.narrow({from, to: to + 1, host: notice.src ?? notice.dst ?? undefined})
  );
  return element(
    "li",
    {"data-testid": "notice", "data-rule": rule},
    element("span", {class: "fb-badge", "data-tone": tone}, severity),
    element(
      "div",
      {},
      button,
      element(
        "p",
        {class: "fb-note"},
        [
          formatTime(from, notebook.zone),
          `for ${formatDuration(to - from)}`,
          `${formatCount(flows)} flows`,
          rule.replaceAll("_", " "),
          technique && `ATT&CK ${technique}`
        ]
          .filter(Boolean)
          .join(" · ")
      ),
      reasons.length > 0 &&
        element(
          "details",
          {},
          element("summary", {class: "fb-note"}, "why"),
          element("ul", {}, ...reasons.map((reason) => element("li", {}, visibleText(reason))))
        )
    )
  );
}

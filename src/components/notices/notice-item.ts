import {formatCount, formatDuration, formatTime} from "../../lib/format.js";
import type {NoticeFacts} from "../../lib/notices.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

/** A notice in a list: gravity, sentence, time, technique and reasons, then what else is to be said; it leads to its flows. */
export function noticeItem(notebook: Notebook, notice: NoticeFacts, ...below: readonly (Node | null)[]): HTMLElement {
  const {id, from, to, rule, severity, technique, flows, summary, reasons} = notice;
  const tone = severity === "high" ? "bad" : severity === "medium" ? "warn" : "plain";
  const button = element("button", {type: "button", class: "fb-link-button"}, visibleText(summary));
  // The end is that of the last flow's packet; a window's end is exclusive.
  button.addEventListener("click", () =>
    notebook.narrow({from, to: to + 1, host: notice.src ?? notice.dst ?? undefined})
  );
  return element(
    "li",
    {"data-testid": "notice", "data-rule": rule, "data-id": id},
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
        ),
      ...below
    )
  );
}

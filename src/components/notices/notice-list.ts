import {formatCount} from "../../lib/format.js";
import {noticesOf} from "../../lib/notices.js";
import {sortedByReview} from "../../lib/reviews.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {noticeItem} from "./notice-item.js";
import {currentReviews, followReviews} from "./reviews.js";

const mostShown = 8;

/** What rules found, gravest first; each leads to its flows. Acknowledged and suppressed ones are counted, and shown on demand. */
export function noticeList(notebook: Notebook): HTMLElement {
  const list = element("ol", {class: "fb-notices"});
  const note = element("p", {class: "fb-note"});
  const reviewed = element("button", {type: "button", class: "fb-link-button", "data-testid": "reviewed"});
  const more = element("button", {type: "button", class: "fb-link-button"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Notices", "data-testid": "notices"},
    element("header", {}, element("h2", {}, "Notices")),
    note,
    reviewed,
    list,
    more
  );
  let [all, withReviewed] = [false, false];
  const draw = () => {
    const found = noticesOf(notebook.notices, notebook.filter);
    const {open, acknowledged, suppressed} = sortedByReview(found, currentReviews(), Date.now());
    const shown = withReviewed ? found : open;
    const hidden = [
      acknowledged.length > 0 && `${formatCount(acknowledged.length)} acknowledged`,
      suppressed.length > 0 && `${formatCount(suppressed.length)} suppressed`
    ].filter(Boolean);
    node.hidden = notebook.flows.rows === 0;
    note.textContent =
      found.length > 0
        ? "Incidents that rules found; a click shows the flows of their hosts and time."
        : `No rule found an incident${notebook.notices.length > 0 ? " in what is shown" : ""}. That is no proof of peace.`;
    reviewed.hidden = hidden.length === 0;
    reviewed.textContent = `${withReviewed ? "Hide" : "Show"} ${hidden.join(" and ")}`;
    reviewed.setAttribute("aria-pressed", String(withReviewed));
    list.replaceChildren(...shown.slice(0, all ? undefined : mostShown).map((notice) => noticeItem(notebook, notice)));
    more.hidden = shown.length <= mostShown;
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

import {formatTime} from "../../lib/format.js";
import type {Suppression} from "../../lib/reviews.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";
import {change, currentReviews, followReviews} from "./reviews.js";

/** What is suppressed until when and why, each to be lifted; null in a static site. */
export function suppressionList(notebook: Notebook): HTMLElement | null {
  if (!isServed()) return null;
  const list = element("ul", {class: "fb-rows"});
  const note = element("p", {class: "fb-note"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Suppressions", "data-testid": "suppressions"},
    element("header", {}, element("h2", {}, "Suppressions")),
    note,
    list
  );
  const draw = () => {
    const {suppressions} = currentReviews();
    note.textContent =
      suppressions.length > 0
        ? "Matching incidents are hidden and send no alerts. An expired suppression stays listed for 30 days."
        : "Nothing is suppressed. Suppress, in the menu of an incident, hides similar ones for a time.";
    list.replaceChildren(...[...suppressions].reverse().map((suppression) => row(suppression, notebook.zone)));
  };
  notebook.follow(node, draw);
  followReviews(node, draw);
  return node;
}

function row({id, rule, src, dst, reason, untilMs}: Suppression, zone: Notebook["zone"]): HTMLElement {
  const isOver = untilMs <= Date.now();
  const lift = element("button", {type: "button", class: "fb-button"}, isOver ? "Remove" : "Lift");
  lift.addEventListener("click", () => void change("DELETE", `/api/suppressions/${id}`));
  const what = [rule?.replaceAll("_", " ") ?? "everything", src && `from ${src}`, dst && `to ${dst}`];
  return element(
    "li",
    {},
    element(
      "div",
      {},
      visibleText(what.filter(Boolean).join(" ")),
      element(
        "p",
        {class: "fb-note"},
        `${isOver ? "over since" : "until"} ${formatTime(untilMs * 1000, zone)} · ${visibleText(reason)}`
      )
    ),
    lift
  );
}

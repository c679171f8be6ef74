import {formatFilter} from "../../lib/filter.js";
import {formatCount, formatTime} from "../../lib/format.js";
import {type NoticeFacts, noticesOf} from "../../lib/notices.js";
import {sortedByReview, suppressionOf} from "../../lib/reviews.js";
import {visibleText} from "../../lib/visible-text.js";
import {ask} from "../page/ask-dialog.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";
import {showFirewallText} from "./firewall-dialog.js";
import {noticeItem} from "./notice-item.js";
import {change, currentReviews, followReviews} from "./reviews.js";

const boxes = ["open", "acknowledged", "suppressed"] as const;
const mostShown = 50;

/** Every notice of the filter in three boxes, each with what readers said of it and what can be done. */
export function noticeInbox(notebook: Notebook): HTMLElement {
  let box: (typeof boxes)[number] = "open";
  let most = mostShown;
  const choice = element("div", {class: "fb-choice", role: "group", "aria-label": "Which notices"});
  const note = element("p", {class: "fb-note"});
  const list = element("ol", {class: "fb-notices"});
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
    const sorted = sortedByReview(noticesOf(notebook.notices, notebook.filter), currentReviews(), Date.now());
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
      found.length > 0 ? "A click narrows the notebook to a notice's hosts and time." : emptyWords[box];
    list.replaceChildren(
      ...found.slice(0, most).map((notice) => noticeItem(notebook, notice, ...about(notebook, notice)))
    );
    more.hidden = found.length <= most;
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
  open: "Nothing is open in what is shown. That is no proof of peace.",
  acknowledged: "Nothing is acknowledged in what is shown.",
  suppressed: "Nothing is suppressed in what is shown."
};

/** What was said of a notice, and the buttons. */
function about(notebook: Notebook, notice: NoticeFacts): (Node | null)[] {
  const reviews = currentReviews();
  const {[notice.id]: acknowledged} = reviews.acknowledged;
  const suppression = suppressionOf(reviews, notice, Date.now());
  const time = (ms: number) => formatTime(ms * 1000, notebook.zone);
  const lines = [
    acknowledged && `Acknowledged ${time(acknowledged.atMs)}${acknowledged.text && `: ${acknowledged.text}`}`,
    suppression && `Suppressed until ${time(suppression.untilMs)}: ${suppression.reason}`,
    ...(reviews.comments[notice.id] ?? []).map(({atMs, text}) => `${time(atMs)}: ${text}`)
  ].filter((line) => line !== undefined);
  return [
    lines.length > 0
      ? element("ul", {class: "fb-remarks"}, ...lines.map((line) => element("li", {}, visibleText(line))))
      : null,
    element("p", {class: "fb-actions"}, ...actions(notice, acknowledged !== undefined))
  ];
}

function actions(notice: NoticeFacts, isAcknowledged: boolean): HTMLElement[] {
  const action = (words: string, act: () => void) => {
    const button = element("button", {type: "button", class: "fb-button"}, words);
    button.addEventListener("click", act);
    return button;
  };
  const {from, to, src, dst} = notice;
  // The end is that of the last flow's packet; a window's end is exclusive.
  const href = `./flows.html#${formatFilter({from, to: to + 1, host: src ?? dst ?? undefined})}`;
  const flows = element("a", {class: "fb-button", href}, "Flows");
  const firewall = action("Firewall text", () => showFirewallText(notice));
  // A static site has nobody to keep what a reader decides.
  if (!isServed()) return [flows, firewall];
  const path = `/api/notices/${notice.id}`;
  return [
    isAcknowledged
      ? action("Take back", () => void change("DELETE", `${path}/acknowledge`))
      : action("Acknowledge", () =>
          ask(
            "Acknowledge",
            visibleText(notice.summary),
            [{name: "note", label: "Note", kind: "long"}],
            "Acknowledge",
            (values) => change("POST", `${path}/acknowledge`, values)
          )
        ),
    action("Comment", () =>
      ask(
        "Comment",
        visibleText(notice.summary),
        [{name: "text", label: "Comment", kind: "long", required: true}],
        "Add",
        (values) => change("POST", `${path}/comments`, values)
      )
    ),
    action("Suppress", () => suppress(notice)),
    firewall,
    flows
  ];
}

function suppress({rule, src, dst}: NoticeFacts): void {
  const words = rule.replaceAll("_", " ");
  const scopes: [string, string, {rule?: string; src?: string; dst?: string}][] = [];
  if (src !== null) scopes.push(["src", `${words} from ${src}`, {rule, src}]);
  if (src !== null && dst !== null) scopes.push(["both", `${words} from ${src} to ${dst}`, {rule, src, dst}]);
  if (src === null && dst !== null) scopes.push(["dst", `${words} to ${dst}`, {rule, dst}]);
  scopes.push(["rule", `every ${words}`, {rule}]);
  if (src !== null) scopes.push(["any", `everything from ${src}`, {src}]);
  ask(
    "Suppress",
    "Hides notices that fit, past and future, and tells nobody of them until the time is over.",
    [
      {name: "scope", label: "What", kind: scopes.map(([name, label]) => [name, label] as const)},
      {
        name: "hours",
        label: "For",
        kind: [
          ["1", "an hour"],
          ["24", "a day"],
          ["168", "a week"],
          ["720", "30 days"],
          ["8760", "a year"]
        ],
        value: "24"
      },
      {name: "reason", label: "Reason", kind: "text", required: true}
    ],
    "Suppress",
    ({scope, hours, reason}) => {
      const [, , wanted] = scopes.find(([name]) => name === scope) ?? scopes[0];
      return change("POST", "/api/suppressions", {...wanted, reason, hours: Number(hours)});
    }
  );
}

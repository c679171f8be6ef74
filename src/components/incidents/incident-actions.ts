import {formatFilter} from "../../lib/filter.js";
import {formatTime} from "../../lib/format.js";
import {className, type IncidentFacts} from "../../lib/incidents.js";
import {acknowledgementOf, type IncidentLabel, suppressionOf} from "../../lib/reviews.js";
import {visibleText} from "../../lib/visible-text.js";
import {pinned} from "../case/pin-button.js";
import {showFirewallText} from "../notices/firewall-dialog.js";
import {change, currentReviews} from "../notices/reviews.js";
import {ask} from "../page/ask-dialog.js";
import {element} from "../page/element.js";
import {type MenuEntry, menu} from "../page/menu.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";
import {incidentAddress} from "./incident-link.js";

const labelWords: Readonly<Record<IncidentLabel, string>> = {
  true: "an attack",
  false: "a false alarm",
  unknown: "not sure"
};

/** What readers said of an incident; null where they said nothing. */
export function incidentRemarks(notebook: Notebook, incident: IncidentFacts): HTMLElement | null {
  const reviews = currentReviews();
  const acknowledged = acknowledgementOf(reviews, incident);
  const suppression = suppressionOf(reviews, incident, Date.now());
  const {[incident.id]: labelled} = reviews.labels;
  const time = (ms: number) => formatTime(ms * 1000, notebook.zone);
  const noted = (text: string) => (text === "" ? "" : `: ${text}`);
  const lines = [
    labelled && `Labelled ${labelWords[labelled.label]} ${time(labelled.atMs)}${noted(labelled.text)}`,
    acknowledged && `Acknowledged ${time(acknowledged.atMs)}${noted(acknowledged.text)}`,
    suppression && `Suppressed until ${time(suppression.untilMs)}: ${suppression.reason}`,
    ...[incident.id, ...(incident.notices ?? [])]
      .flatMap((id) => reviews.comments[id] ?? [])
      .map(({atMs, text}) => `${time(atMs)}: ${text}`)
  ].filter((line) => line !== undefined);
  if (lines.length === 0) return null;
  return element("ul", {class: "fb-remarks"}, ...lines.map((line) => element("li", {}, visibleText(line))));
}

/** What can be done about an incident: the first step as a button, the others in its menu. */
export function incidentActions(incident: IncidentFacts): HTMLElement {
  const {id, summary} = incident;
  const rule = incident.findings[0]?.name ?? incident.class;
  const flows = {words: "Flows", href: `./flows.html#${formatFilter({incident: id})}`};
  const shared = [
    {
      words: "Pin to the case",
      run: () => tell(pinned({kind: "incident", text: summary, href: incidentAddress(incident)}))
    },
    {words: "Firewall text", run: () => showFirewallText({...incident, rule})}
  ];
  const more = (entries: readonly MenuEntry[]) =>
    menu(
      {label: `Incident: ${visibleText(summary)}`, words: "More", testId: "incident-menu", buttonClass: "fb-button"},
      () => entries
    );
  const tell = (words: string) => {
    said.textContent = words;
  };
  const said = element("span", {class: "fb-note", role: "status"});
  // A static site has nobody to keep what a reader decides.
  if (!isServed()) {
    const link = element("a", {class: "fb-button", href: flows.href}, flows.words);
    return element("div", {class: "fb-actions"}, link, more(shared), said);
  }
  const path = `/api/incidents/${id}`;
  const asked = (title: string, name: string, label: string, url: string, required = false) =>
    ask(title, visibleText(summary), [{name, label, kind: "long", required}], title, (values) =>
      change("POST", `${path}/${url}`, values)
    );
  const isAcknowledged = Object.hasOwn(currentReviews().acknowledged, id);
  const acknowledge = () => asked("Acknowledge", "note", "Note", "acknowledge");
  const takeBack = () => void change("DELETE", `${path}/acknowledge`);
  return element(
    "div",
    {class: "fb-actions"},
    element(
      "button",
      {type: "button", class: "fb-button", onclick: isAcknowledged ? takeBack : acknowledge},
      isAcknowledged ? "Take back" : "Acknowledge"
    ),
    more([
      flows,
      {words: "Label", run: () => label(incident)},
      {words: "Comment", run: () => asked("Comment", "text", "Comment", "comments", true)},
      {words: "Suppress", run: () => suppress(incident)},
      ...shared
    ]),
    said
  );
}

function label({id, summary}: IncidentFacts): void {
  const known = currentReviews().labels[id];
  ask(
    "Label",
    `${visibleText(summary)} Labels tell true alarms from false ones, and training uses them.`,
    [
      {
        name: "label",
        label: "It is",
        kind: Object.entries(labelWords).map(([value, words]) => [value, words] as const),
        value: known?.label ?? "true"
      },
      {name: "note", label: "Note", kind: "long"}
    ],
    "Label",
    (values) => change("POST", `/api/incidents/${id}/label`, values)
  );
}

function suppress({class: named, rules, src, dst}: IncidentFacts): void {
  const rule = rules[rules.length - 1];
  const words = rule === named ? className(named) : rule.replaceAll("_", " ");
  const scopes: [string, string, {rule?: string; src?: string; dst?: string}][] = [];
  if (src !== null) scopes.push(["src", `${words} from ${src}`, {rule, src}]);
  if (src !== null && dst !== null) scopes.push(["both", `${words} from ${src} to ${dst}`, {rule, src, dst}]);
  if (src === null && dst !== null) scopes.push(["dst", `${words} to ${dst}`, {rule, dst}]);
  scopes.push(["rule", `every ${words}`, {rule}]);
  if (src !== null) scopes.push(["any", `everything from ${src}`, {src}]);
  ask(
    "Suppress",
    "Hides matching incidents, past and future, and sends no alerts about them until the suppression ends.",
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

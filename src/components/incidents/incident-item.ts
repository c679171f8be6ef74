import {formatCount, formatLasting, formatShare, formatTime} from "../../lib/format.js";
import {alike, className, type IncidentFacts} from "../../lib/incidents.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {incidentLink} from "./incident-link.js";

/** So many of a kind stand in a list one by one. */
const mostAlike = 3;

/**
 * Incidents as items of a list, `item` making one: of more than a few of a kind the first stands there, and the others are folded
 * below it, with who and when. Kinds keep the order of their first ones.
 */
export function incidentItems(
  notebook: Notebook,
  incidents: readonly IncidentFacts[],
  item = (incident: IncidentFacts) => incidentItem(notebook, incident)
): HTMLElement[] {
  return alike(incidents).flatMap(([first, ...others]) => {
    if (others.length < mostAlike) return [first, ...others].map(item);
    const list = element("ol", {class: "fb-notices"});
    const fold = element(
      "details",
      {class: "fb-alike", "data-testid": "alike"},
      element("summary", {}, alikeWords(others, notebook)),
      list
    );
    // Some hundreds are made when they are wanted.
    fold.addEventListener("toggle", () => list.childElementCount === 0 && list.append(...others.map(item)));
    return [item(first), element("li", {class: "fb-alike-place"}, fold)];
  });
}

/** How many more, from and to how many hosts, in which time. */
function alikeWords(others: readonly IncidentFacts[], {zone}: Notebook): string {
  const hosts = (end: "src" | "dst") => new Set(others.flatMap(({[end]: host}) => host ?? []));
  const ends = [
    ["from", hosts("src")],
    ["to", hosts("dst")]
  ] as const;
  const who = ends
    .filter(([, found]) => found.size > 0)
    .map(
      ([word, found]) => `${word} ${found.size === 1 ? visibleText([...found][0]) : `${formatCount(found.size)} hosts`}`
    );
  const begin = formatTime(Math.min(...others.map(({from}) => from)), zone);
  const end = formatTime(Math.max(...others.map(({to}) => to)), zone);
  return [`${formatCount(others.length)} more like this`, ...who, `${begin} to ${end}`].join(" · ");
}

/** The colour of a severity's badge. */
export function severityTone(severity: string): string {
  return severity === "high" ? "bad" : severity === "medium" ? "warn" : "plain";
}

/** An incident in a list: gravity, sentence, class, time, technique and why, then what else is to be said; it leads to its page. */
export function incidentItem(
  notebook: Notebook,
  incident: IncidentFacts,
  ...below: readonly (Node | null)[]
): HTMLElement {
  const {id, from, to, severity, technique, flows, findings, state, probability} = incident;
  return element(
    "li",
    {"data-testid": "incident", "data-class": incident.class, "data-id": id},
    element("span", {class: "fb-badge", "data-tone": severityTone(severity)}, severity),
    element(
      "div",
      {},
      incidentLink(incident),
      element(
        "p",
        {class: "fb-note"},
        [
          `${className(incident.class)}, probability ${formatShare(probability, 1)}`,
          formatTime(from, notebook.zone),
          formatLasting(to - from).trim(),
          flows === 0 ? "no flows" : `${formatCount(flows)} ${flows === 1 ? "flow" : "flows"}`,
          technique && `ATT&CK ${technique}`,
          state !== "closed" && state
        ]
          .filter(Boolean)
          .join(" · ")
      ),
      findings.length > 0 && whyOf(findings),
      ...below
    )
  );
}

function whyOf(findings: IncidentFacts["findings"]): HTMLElement {
  const lines = findings.flatMap(({source, name, reasons}) =>
    reasons.map((reason) => `${source === "rule" ? name.replaceAll("_", " ") : source}: ${reason}`)
  );
  return element(
    "details",
    {},
    element("summary", {class: "fb-note"}, "why"),
    element("ul", {}, ...lines.map((line) => element("li", {}, visibleText(line))))
  );
}

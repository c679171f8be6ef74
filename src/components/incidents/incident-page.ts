import {captureName} from "../../lib/describe-filter.js";
import {type Filter, formatFilter} from "../../lib/filter.js";
import {formatCount, formatLasting, formatShare, formatTime} from "../../lib/format.js";
import {className, type FindingFacts, type IncidentFacts, incidentsOf, isGrave} from "../../lib/incidents.js";
import {groupName} from "../../lib/names.js";
import {services} from "../../lib/questions/services.js";
import {visibleText} from "../../lib/visible-text.js";
import {recordLinks} from "../flows/record-links.js";
import {hostLink} from "../hosts/host-link.js";
import {followReviews} from "../notices/reviews.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {incidentActions, incidentRemarks} from "./incident-actions.js";
import {incidentItems, severityTone} from "./incident-item.js";
import {incidentLink} from "./incident-link.js";

/**
 * What the page says of the incident that the address names: what, who, when, and what can be done. Where it names none, the
 * card offers all of them, or is hidden beside a list of them.
 */
export function incidentHead(notebook: Notebook, isBesideList = false): HTMLElement {
  const none = isBesideList ? undefined : choose;
  const records = recordsOf(notebook);
  const content = (incident: IncidentFacts) => {
    const {severity, state, probability, technique, from, to, src, dst, port, flows, capture, mergedInto} = incident;
    const into = notebook.incidents.find(({id}) => id === mergedInto);
    const host = (address: string | null) => (address === null ? "many" : hostLink(address, {captures: [capture]}));
    return [
      element(
        "p",
        {class: "fb-badges"},
        element("span", {class: "fb-badge", "data-tone": severityTone(severity)}, severity),
        element("span", {class: "fb-badge", "data-tone": "plain"}, className(incident.class)),
        element("span", {class: "fb-badge", "data-tone": "plain"}, `probability ${formatShare(probability, 1)}`),
        element("span", {class: "fb-badge", "data-tone": state === "growing" ? "warn" : "plain"}, state)
      ),
      element("p", {class: "fb-incident-summary"}, visibleText(incident.summary)),
      mergedInto !== null &&
        element(
          "p",
          {class: "fb-note"},
          "It was merged into another incident, which its findings now belong to: ",
          into ? incidentLink(into) : mergedInto,
          "."
        ),
      element(
        "dl",
        {class: "fb-facts"},
        ...fact("Who", host(src)),
        ...fact("To whom", host(dst), port === null ? "" : ` port ${port}`),
        ...fact("When", `${formatTime(from, notebook.zone, 3)}${formatLasting(to - from)}`),
        ...fact("Flows", flows === 0 ? "none: the evidence is packets without flows (ARP)" : formatCount(flows)),
        ...fact("ATT&CK", technique ?? "no technique fits"),
        ...fact("Capture", captureName(capture, notebook.captures)),
        ...fact("Incident", incident.id)
      ),
      records,
      incidentRemarks(notebook, incident),
      incidentActions(incident),
      !isGrave(incident) &&
        mergedInto === null &&
        element("p", {class: "fb-note"}, `Its severity is ${severity}, so its flows do not count as suspicious.`)
    ];
  };
  return part(notebook, "What happened", "incident-head", content, {none, kept: records});
}

/** Leads to the requests, files and names of the incident's own flows. */
function recordsOf(notebook: Notebook): HTMLElement {
  const node = element("div", {"data-testid": "incident-records"});
  notebook.follow(node, () => {
    const {incident} = notebook.filter;
    if (incident === undefined) return node.replaceChildren();
    node.replaceChildren(...linksOf(notebook, {incident}));
  });
  return node;
}

function linksOf(notebook: Notebook, filter: Filter): HTMLElement[] {
  const {rows} = notebook.answer({question: services, filter});
  const links = recordLinks(
    rows.map(([service]) => service as string | null),
    formatFilter(filter)
  );
  return links ? [links] : [];
}

/** Why it is an incident: each finding with its figures and limits. */
export function incidentWhy(notebook: Notebook): HTMLElement {
  // Findings of a merged incident are told where it went.
  return part(notebook, "Why", "incident-why", ({findings, severity}) =>
    findings.length === 0
      ? []
      : [
          element("p", {class: "fb-note"}, whyWords(findings, severity)),
          element("ol", {class: "fb-notices"}, ...ofKinds(findings).flatMap(findingItems))
        ]
  );
}

function whyWords(findings: readonly FindingFacts[], severity: string): string {
  const names = {rule: "rules", activity: "the activity model", classifier: "the flow classifier"};
  const said = Object.entries(names).filter(([source]) => findings.some((finding) => finding.source === source));
  const isRaised = findings.every((finding) => finding.severity !== severity);
  const how = isRaised
    ? `A rule and the activity model agree, so its severity is ${severity}; its probability is the highest of its findings.`
    : "Its severity and probability are the highest of its findings.";
  return `Found by ${said.map(([, words]) => words).join(", ")}. ${how}`;
}

/** So many findings of a kind stand one by one; of more, the most probable one, and the others are folded below it. */
const mostAlike = 3;

/** Findings of one rule or model together, in the order of the first ones. */
function ofKinds(findings: readonly FindingFacts[]): FindingFacts[][] {
  const kinds = new Map<string, FindingFacts[]>();
  for (const finding of findings) {
    const key = `${finding.source} ${finding.name}`;
    kinds.set(key, [...(kinds.get(key) ?? []), finding]);
  }
  return [...kinds.values()];
}

function findingItems(alike: readonly FindingFacts[]): HTMLElement[] {
  if (alike.length <= mostAlike) return alike.map(findingItem);
  const [first, ...others] = [...alike].sort((a, b) => b.probability - a.probability);
  const least = formatShare(others[others.length - 1].probability, 1);
  const words = `${formatCount(others.length)} more like this, probability ${least} to ${formatShare(others[0].probability, 1)}`;
  return [
    findingItem(first),
    element(
      "li",
      {class: "fb-alike-place"},
      element(
        "details",
        {class: "fb-alike", "data-testid": "alike-findings"},
        element("summary", {}, words),
        element("ol", {class: "fb-notices"}, ...others.map(findingItem))
      )
    )
  ];
}

const mostReasons = 40;

/** What was found, a line each; what was looked for and not found stands in one line at the end. */
function told(reasons: readonly string[]): readonly string[] {
  const nothing = reasons.filter((reason) => reason.endsWith(": 0"));
  const found = reasons.filter((reason) => !nothing.includes(reason)).slice(0, mostReasons);
  return nothing.length < 2
    ? reasons.slice(0, mostReasons)
    : [...found, `not found: ${nothing.map((reason) => reason.slice(0, -3)).join("; ")}`];
}

function findingItem({source, name, severity, probability, summary, reasons}: FindingFacts): HTMLElement {
  const by =
    source === "rule" ? `rule ${name.replaceAll("_", " ")}` : source === "activity" ? "activity model" : source;
  return element(
    "li",
    {"data-testid": "finding", "data-source": source},
    element("span", {class: "fb-badge", "data-tone": severityTone(severity)}, severity),
    element(
      "div",
      {},
      visibleText(summary),
      element("p", {class: "fb-note"}, `${visibleText(by)}, probability ${formatShare(probability, 1)}`),
      element("ul", {}, ...told(reasons).map((reason) => element("li", {}, visibleText(reason))))
    )
  );
}

/** What else its hosts did: their other incidents, and the flows of the source by service. */
export function incidentHosts(notebook: Notebook): HTMLElement {
  return part(notebook, "What else these hosts did", "incident-hosts", (incident) => {
    const {capture, src, dst} = incident;
    const hosts = [src, dst].filter((host) => host !== null);
    const others = notebook.incidents.filter(
      (other) =>
        other.id !== incident.id &&
        other.state !== "merged" &&
        other.capture === capture &&
        hosts.some((host) => other.src === host || other.dst === host)
    );
    return [
      others.length === 0
        ? element("p", {class: "fb-note"}, "These hosts are in no other incident of this capture.")
        : element("ol", {class: "fb-notices"}, ...incidentItems(notebook, others).slice(0, 20)),
      ...hosts.flatMap((host) => {
        const filter = {host, captures: [capture]};
        const {rows} = notebook.answer({question: services, filter});
        const column = services.measures.indexOf("flows") + 1;
        const words = [...rows]
          .sort((a, b) => (b[column] as number) - (a[column] as number))
          .slice(0, 6)
          .map((row) => `${groupName("service", row[0])} ${formatCount(row[column] as number)}`)
          .join(", ");
        return [
          element(
            "p",
            {class: "fb-note"},
            element("a", {href: `./flows.html#${formatFilter(filter)}`}, visibleText(host)),
            ` in the whole capture, flows by service: ${words || "none"}.`
          ),
          ...linksOf(notebook, filter)
        ];
      })
    ];
  });
}

/**
 * A card about the incident of the address; where it names none that there is, it says what `none` does. Without anything to say it
 * is hidden. `kept` is an element of the content that follows the filter itself: it stays on the page, or it would follow no longer.
 */
function part(
  notebook: Notebook,
  title: string,
  id: string,
  content: (incident: IncidentFacts) => readonly (Node | null | false)[],
  {none, kept}: {none?: (notebook: Notebook) => readonly Node[]; kept?: Node} = {}
): HTMLElement {
  const place = element("div", {});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": title, "data-testid": id},
    element("header", {}, element("h2", {}, title)),
    place
  );
  const draw = () => {
    const incident = notebook.incidents.find((one) => one.id === notebook.filter.incident);
    node.classList.toggle("fb-unchosen", incident === undefined);
    // Everything below is of one incident: without one there is nothing to show.
    if (none) document.body.classList.toggle("fb-no-incident", incident === undefined);
    const shown = incident ? content(incident) : (none?.(notebook) ?? []);
    node.hidden = shown.length === 0;
    place.replaceChildren(...shown.filter((child) => child !== null && child !== false));
    if (kept && !place.contains(kept)) place.append(kept);
  };
  followReviews(node, notebook.follow(node, draw));
  return node;
}

/** What stands there where the address names no incident, or one that is gone. */
function choose(notebook: Notebook): HTMLElement[] {
  const {incident} = notebook.filter;
  const all = notebook.incidents.filter(({state}) => state !== "merged");
  return [
    element(
      "p",
      {class: "fb-empty", "data-testid": "no-incident"},
      element("strong", {}, incident === undefined ? "No incident is chosen" : "This incident is no longer there"),
      element(
        "span",
        {},
        incident === undefined
          ? "Choose one below, or follow a link from Overview or Notices."
          : `Incident ${incident} was withdrawn, or its capture was removed.`
      )
    ),
    element("ol", {class: "fb-notices"}, ...incidentItems(notebook, incidentsOf(all, {})).slice(0, 20))
  ];
}

function fact(name: string, ...value: (string | Node)[]): HTMLElement[] {
  return [element("dt", {}, name), element("dd", {}, ...value)];
}

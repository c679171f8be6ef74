import {formatCount, formatDuration, formatShare, formatTime} from "../../lib/format.js";
import {className, type IncidentFacts} from "../../lib/incidents.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {incidentLink} from "./incident-link.js";

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
          `for ${formatDuration(to - from)}`,
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

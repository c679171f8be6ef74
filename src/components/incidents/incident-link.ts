import {formatFilter} from "../../lib/filter.js";
import type {IncidentFacts} from "../../lib/incidents.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";

/** The address of an incident's page: what stands after # is a filter, so that its charts show its flows alone. */
export function incidentAddress({id, from, to, state}: IncidentFacts): string {
  // What still grows has no end yet; a window's end is exclusive.
  const window = state === "closed" ? {from, to: to + 1} : {};
  return `./incident.html#${formatFilter({incident: id, ...window})}`;
}

/** An incident's sentence as a link to its page. */
export function incidentLink(incident: IncidentFacts): HTMLElement {
  return element("a", {href: incidentAddress(incident), "data-testid": "incident-link"}, visibleText(incident.summary));
}

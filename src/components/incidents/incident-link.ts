import {formatFilter} from "../../lib/filter.js";
import {type IncidentFacts, windowOfIncident} from "../../lib/incidents.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";

/** The address of an incident's page: what stands after # is a filter, so that its charts show its flows alone. */
export function incidentAddress(incident: IncidentFacts): string {
  return `./incident.html#${formatFilter({incident: incident.id, ...windowOfIncident(incident)})}`;
}

/** An incident's sentence as a link to its page. */
export function incidentLink(incident: IncidentFacts): HTMLElement {
  return element("a", {href: incidentAddress(incident), "data-testid": "incident-link"}, visibleText(incident.summary));
}

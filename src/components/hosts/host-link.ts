import {type Filter, formatFilter} from "../../lib/filter.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";

/** The address of a host's page: what stands after # is the filter that all of its charts share. */
export function hostAddress(host: string, {captures}: Filter): string {
  return `./host.html#${formatFilter({host, captures})}`;
}

/** An address as a link to its host's page. */
export function hostLink(host: string, filter: Filter): HTMLElement {
  return element(
    "a",
    {href: hostAddress(host, filter), "data-testid": "host-link", title: "Show the page of this host"},
    visibleText(host)
  );
}

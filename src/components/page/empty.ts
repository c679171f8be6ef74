import {element} from "./element.js";
import type {Notebook} from "./notebook.js";

/** What stands in a chart's place before anything was imported. */
export function noFlows(): HTMLElement {
  return element(
    "div",
    {class: "fb-empty", "data-testid": "no-flows"},
    element("strong", {}, "No flows yet"),
    element("span", {}, "Import a capture: "),
    element("code", {}, "flowbook import capture.pcap")
  );
}

/** What a page of examples says over an empty lake: their charts, which have nothing to draw, are left out. */
export function emptyGallery(isEmpty: boolean): HTMLElement {
  document.body.classList.toggle("fb-no-examples", isEmpty);
  const words =
    "The examples below show their source; their charts appear with the first capture, dropped on Overview or by";
  return element(
    "div",
    {class: "fb-card fb-empty", "data-testid": "no-examples", hidden: !isEmpty},
    element("strong", {}, "No flows yet"),
    element("span", {}, words),
    element("code", {}, "flowbook import capture.pcap")
  );
}

/**
 * Whether a card has nothing to show: it then takes no more room than its words, behind the charts of its board. It stays where
 * it is while a window is dragged: nothing may move below the pointer.
 */
export function setAside({isPassing}: Notebook, card: HTMLElement, isNothing: boolean): void {
  if (!isPassing) card.classList.toggle("fb-aside", isNothing);
}

/** What stands in a chart's place where no flow passes the filter; the filter's chips lift it, once a page. */
export function nothingMatches(): HTMLElement {
  return element("p", {class: "fb-empty", "data-testid": "nothing-matches"}, "No flow matches the filter.");
}

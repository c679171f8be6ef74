import {isEverything} from "../../lib/filter.js";
import {formatCount} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {badges} from "./badges.js";
import {packBoards} from "./boards.js";
import {element} from "./element.js";
import {filterBar, filterChips} from "./filter-bar.js";
import type {Notebook} from "./notebook.js";
import {resultStates} from "./server-link.js";

/**
 * A page's head: what the page answers, badges, and the filter that all of it obeys. Says why where there are no data;
 * a page without flows (`isFlowless`) has some as soon as there is a capture. A page that shows the same whatever the filter
 * (`isUnfiltered`) says so in its place. One that needs no flows (`isOfItself`) misses none.
 */
export async function pageHead(
  notebook: Promise<Notebook>,
  title: string,
  lead: string,
  {isFlowless = false, isUnfiltered = false, isOfItself = false} = {}
): Promise<HTMLElement> {
  const head = element(
    "div",
    {class: "fb-title"},
    element("div", {}, element("h1", {id: "page-title"}, title), element("p", {class: "fb-lead"}, lead))
  );
  const main = document.querySelector<HTMLElement>("#observablehq-main");
  if (main) packBoards(main);
  try {
    const opened = await notebook;
    head.append(badges(opened));
    const empty = opened.isEmpty && !isOfItself && !(isFlowless && opened.captures.length > 0);
    document.body.classList.toggle("fb-nothing", empty);
    return element(
      "div",
      {class: "fb-head"},
      head,
      ...(empty
        ? [welcome(opened, title)]
        : isUnfiltered
          ? opened.isEmpty
            ? []
            : [unfiltered(opened)]
          : [filterBar(opened), filterChips(opened)])
    );
  } catch (error) {
    return element("div", {class: "fb-head"}, head, await failure(error));
  }
}

/** What stands in the filter's place where it changes nothing. */
function unfiltered({facts, filter}: Notebook): HTMLElement {
  const count = element("output", {"data-testid": "filter-count"}, `${formatCount(facts.flows)} flows`);
  const kept = isEverything(filter) ? "" : " The filter is kept for the other pages.";
  return element("p", {class: "fb-note"}, "The lake has ", count, `; this page is about all of it.${kept}`);
}

/** What a notebook without a flow says, once a page. */
function welcome({captures}: Notebook, title: string): HTMLElement {
  const overview =
    title === "Overview" ? "below" : element("span", {}, "on ", element("a", {href: "./index.html"}, "Overview"));
  const packets = captures.reduce((sum, capture) => sum + capture.packets, 0);
  return element(
    "div",
    {class: "fb-card fb-empty", "data-testid": "no-flows"},
    element("strong", {}, "No flows yet"),
    captures.length > 0
      ? element(
          "span",
          {},
          `${formatCount(packets)} packets were imported, and none of them makes a flow: see Captures.`
        )
      : element(
          "span",
          {},
          "This notebook fills with the first capture: dropped ",
          overview,
          ", taken on ",
          element("a", {href: "./live.html"}, "Live"),
          ", or imported by"
        ),
    element("code", {}, "flowbook import capture.pcap")
  );
}

async function failure(error: unknown): Promise<HTMLElement> {
  const states = await resultStates().catch(() => null);
  const reasons = states?.flatMap(({name, error}) => (error ? [`${name}: ${error.message}`] : [])) ?? [];
  return element(
    "div",
    {class: "fb-card fb-failure fb-no-data", role: "alert", "data-testid": "failure"},
    element("h2", {}, "The page data could not be read"),
    element("p", {}, visibleText(error instanceof Error ? error.message : String(error))),
    ...reasons.map((reason) => element("p", {}, visibleText(reason))),
    element("p", {class: "fb-note"}, "To create it again, run: flowbook run --force")
  );
}

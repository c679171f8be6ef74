import {visibleText} from "../lib/visible-text.js";
import {badges} from "./badges.js";
import {element} from "./element.js";
import {filterBar} from "./filter-bar.js";
import type {Notebook} from "./notebook.js";
import {resultStates} from "./server-link.js";

/** A page's head: what the page answers, badges, and the filter that all of it obeys. Says why where there are no data. */
export async function pageHead(notebook: Promise<Notebook>, title: string, lead: string): Promise<HTMLElement> {
  const head = element(
    "div",
    {class: "fb-title"},
    element("div", {}, element("h1", {id: "page-title"}, title), element("p", {class: "fb-lead"}, lead))
  );
  try {
    const opened = await notebook;
    head.append(badges(opened));
    return element("div", {class: "fb-head"}, head, filterBar(opened));
  } catch (error) {
    return element("div", {class: "fb-head"}, head, await failure(error));
  }
}

async function failure(error: unknown): Promise<HTMLElement> {
  const states = await resultStates().catch(() => null);
  const reasons = states?.flatMap(({name, error}) => (error ? [`${name}: ${error.message}`] : [])) ?? [];
  return element(
    "div",
    {class: "fb-card fb-failure", role: "alert", "data-testid": "failure"},
    element("h2", {}, "The page data could not be read"),
    element("p", {}, visibleText(error instanceof Error ? error.message : String(error))),
    ...reasons.map((reason) => element("p", {}, visibleText(reason))),
    element("p", {class: "fb-note"}, "To make them again: flowbook run --force")
  );
}

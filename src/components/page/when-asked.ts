import {visibleText} from "../../lib/visible-text.js";
import {element} from "./element.js";

/** A place that fills when what was asked for is there, and says why where it is not. */
export function whenAsked<T>(title: string, asked: Promise<T>, show: (data: T) => HTMLElement): HTMLElement {
  const node = element(
    "div",
    {},
    element(
      "section",
      {class: "fb-card", "aria-busy": "true", "aria-label": title},
      element("h2", {}, title),
      element("div", {})
    )
  );
  asked.then(
    (data) => node.replaceChildren(show(data)),
    (error) =>
      node.replaceChildren(
        element(
          "section",
          {class: "fb-card", "aria-label": title},
          element("h2", {}, title),
          element("p", {class: "fb-problem", role: "alert"}, visibleText((error as Error).message))
        )
      )
  );
  return node;
}

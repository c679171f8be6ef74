import {element} from "./element.js";
import type {Notebook} from "./notebook.js";

/** Says on the page of anomalies why there are none to show; nothing where flows are scored. */
export function noModel({facts}: Notebook): HTMLElement | null {
  if (facts.model !== null || facts.flows === 0) return null;
  return element(
    "div",
    {class: "fb-card fb-failure", role: "note", "data-testid": "no-model"},
    element("h2", {}, "No model"),
    element(
      "p",
      {},
      "No flow was scored, so there are no classes, verdicts or anomaly rates. This does not mean that the flows are normal. Everything else on these pages works without a model."
    ),
    element(
      "p",
      {class: "fb-note"},
      facts.modelProblem ?? "A model is installed. It scores flows at the next import, or run: flowbook score"
    )
  );
}

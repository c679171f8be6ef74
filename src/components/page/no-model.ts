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
      "No flow was scored, so there are no classes, no suspicion and no anomaly rate to show. That is not the same as normal: everything else on these pages is complete without a model."
    ),
    element(
      "p",
      {class: "fb-note"},
      facts.modelProblem ?? "A model is there; it scores with the next import, or by: flowbook score"
    )
  );
}

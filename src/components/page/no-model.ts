import {isLog} from "../../lib/captures.js";
import {element} from "./element.js";
import type {Notebook} from "./notebook.js";

/** Says on the page of anomalies why there are none to show; nothing where flows are scored. */
export function noModel({facts, captures}: Notebook): HTMLElement | null {
  if (facts.model !== null || facts.flows === 0) return null;
  const ofLogs = captures.every(isLog);
  return element(
    "div",
    {class: "fb-card fb-failure", role: "note", "data-testid": "no-model"},
    element("h2", {}, ofLogs ? "Not judged" : "No model"),
    element(
      "p",
      {},
      "No flow was scored, so there are no classes, verdicts or anomaly rates. This does not mean that the flows are normal. Everything else on these pages works without a model."
    ),
    element(
      "p",
      {class: "fb-note"},
      ofLogs
        ? "These flows come from logs, which lack the features that models judge by. Rules judge them by what there is."
        : (facts.modelProblem ?? "A model is installed. It scores flows at the next import, or run: flowbook score")
    )
  );
}

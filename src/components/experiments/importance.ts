import type {TrainedModel} from "../../lib/experiments.js";
import type {Answer} from "../../lib/question.js";
import {drawBars} from "../charts/bars.js";
import {chartFrame} from "../charts/chart-frame.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {curveTable} from "./curve-table.js";
import {percent} from "./run-table.js";

const shownFeatures = 12;

/** The features that decide most over the whole of training; of a single verdict the incident's page tells. */
export function importanceCard(
  notebook: Notebook,
  {importance, importanceOf = "share of the decrease in error", features, learner}: TrainedModel,
  id: string
): HTMLElement {
  const top = importance.slice(0, shownFeatures);
  const answer = (): Answer => ({
    columns: ["feature", "share"],
    rows: importance.map(([name, value]) => [name, value])
  });
  const {card} = chartFrame({
    id,
    title: "Importance",
    note: () =>
      top.length === 0
        ? ""
        : `The ${top.length} features that decide most, of ${features}, by their ${importanceOf}. ${learner}.`,
    draw: (width) =>
      top.length === 0
        ? {node: element("p", {class: "fb-empty"}, "This kind of model does not say which features decide most.")}
        : {
            node: drawBars(
              notebook,
              "Features by importance",
              top.map(([name, value]) => ({
                name,
                said: percent(value),
                parts: [{value, color: "var(--fb-blue)"}],
                details: [{name: importanceOf, value: percent(value)}],
                pick: null
              })),
              width,
              top[0][1]
            )
          },
    table: () => curveTable(answer(), "Importance"),
    answer
  });
  return card;
}

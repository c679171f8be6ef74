import * as Plot from "npm:@observablehq/plot";
import type {FigureSet} from "../../lib/experiments.js";
import {formatCount} from "../../lib/format.js";
import type {Answer} from "../../lib/question.js";
import {chartFrame} from "../charts/chart-frame.js";
import {named} from "../charts/time-axis.js";
import {element} from "../page/element.js";
import {curveTable} from "./curve-table.js";
import {percent} from "./run-table.js";

/** How often the model was right, by how sure it was: on the line a probability means what it says. */
export function reliabilityCard({reliability, calibrationError}: FigureSet, id: string): HTMLElement {
  const answer = (): Answer => ({
    columns: ["probability", "right", "number"],
    rows: reliability.map(({confidence, right, rows}) => [confidence, right, rows])
  });
  const {card} = chartFrame({
    id,
    title: "Calibration",
    note: () =>
      calibrationError === null
        ? ""
        : `How often the class is right, by its probability; the larger a dot, the more there are. Mean distance from the line: ${percent(calibrationError)}.`,
    draw: (width) => {
      if (reliability.length === 0)
        return {node: element("p", {class: "fb-empty"}, "This model gives a score, not a probability.")};
      const plot = Plot.plot({
        width,
        height: 260,
        marginLeft: 44,
        style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
        x: {domain: [0, 1], label: "probability of the class", labelArrow: "none", grid: true, ticks: 5},
        y: {domain: [0, 1], label: "right", labelArrow: "none", grid: true, ticks: 5},
        r: {range: [3, 14]},
        marks: [
          Plot.line(
            [
              [0, 0],
              [1, 1]
            ],
            {stroke: "var(--fb-axis)", strokeDasharray: "4,3"}
          ),
          Plot.line(reliability, {x: "confidence", y: "right", stroke: "var(--fb-blue)"}),
          Plot.dot(reliability, {x: "confidence", y: "right", r: "rows", fill: "var(--fb-blue)", fillOpacity: 0.7}),
          Plot.tip(
            reliability,
            Plot.pointer({
              x: "confidence",
              y: "right",
              fill: "var(--fb-card)",
              title: ({confidence, right, rows}: (typeof reliability)[number]) =>
                `probability ${percent(confidence)}\nright ${percent(right)}\n${formatCount(rows)} in all`
            })
          )
        ]
      });
      return {node: named(plot as SVGSVGElement, "Share that is right by probability")};
    },
    table: () => curveTable(answer(), "Calibration"),
    answer
  });
  return card;
}

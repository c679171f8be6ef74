import * as Plot from "npm:@observablehq/plot";
import type {FigureSet} from "../../lib/experiments.js";
import type {Answer} from "../../lib/question.js";
import {chartFrame} from "../charts/chart-frame.js";
import {named} from "../charts/time-axis.js";
import {element} from "../page/element.js";
import {curveTable} from "./curve-table.js";

/** A class has the place of its name in the model's list; Normal comes first. */
const colors = "normal orange green pink violet brown teal rose olive sky sand"
  .split(" ")
  .map((name) => `var(--fb-${name})`);

/** Precision over recall of each class against all others, as the probability that is asked for falls. */
export function precisionRecallCard({classes}: FigureSet, id: string): HTMLElement {
  const drawn = classes.filter(({curve, label}) => curve.length > 0 && (label !== "Normal" || classes.length > 2));
  const color = (label: string) => colors[classes.findIndex((each) => each.label === label) % colors.length];
  const answer = (): Answer => ({
    columns: ["class", "recall", "precision"],
    rows: drawn.flatMap(({label, curve}) => curve.map(([recall, precision]) => [label, recall, precision]))
  });
  const {card} = chartFrame({
    id,
    title: "Precision and recall",
    note: () => "Each class against all others, as the threshold falls from left to right.",
    draw: (width, hidden) => {
      if (drawn.length === 0) return {node: element("p", {class: "fb-empty"}, "There is no attack in these figures.")};
      const shown = drawn.filter(({label}) => !hidden.has(label));
      const points = shown.flatMap(({label, curve}) =>
        curve.map(([recall, precision]) => ({label, recall, precision, color: color(label)}))
      );
      const plot = Plot.plot({
        width,
        height: 260,
        marginLeft: 44,
        style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
        x: {domain: [0, 1], label: "recall", labelArrow: "none", grid: true, ticks: 5},
        y: {domain: [0, 1], label: "precision", labelArrow: "none", grid: true, ticks: 5},
        color: {type: "identity"},
        marks: [
          Plot.line(points, {
            x: "recall",
            y: "precision",
            z: "label",
            stroke: "color",
            strokeWidth: 1.8,
            curve: "step-before"
          }),
          Plot.dot(points, {x: "recall", y: "precision", fill: "color", r: 2}),
          Plot.tip(
            points,
            Plot.pointer({
              x: "recall",
              y: "precision",
              fill: "var(--fb-card)",
              title: ({label, recall, precision}: (typeof points)[number]) =>
                `${label}\nrecall ${recall.toFixed(3)}\nprecision ${precision.toFixed(3)}`
            })
          )
        ]
      });
      return {
        node: named(plot as SVGSVGElement, "Precision over recall by class"),
        legend: drawn.map(({label}) => ({name: label, color: color(label)}))
      };
    },
    table: () => curveTable(answer(), "Precision and recall"),
    answer
  });
  return card;
}

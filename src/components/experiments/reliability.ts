import * as Plot from "npm:@observablehq/plot";
import {formatCount} from "../../lib/format.js";
import type {Answer} from "../../lib/question.js";
import type {Reliability} from "../../lib/reliability.js";
import {chartFrame} from "../charts/chart-frame.js";
import {named} from "../charts/time-axis.js";
import {element} from "../page/element.js";
import {curveTable} from "./curve-table.js";
import {percent} from "./run-table.js";

/** What is called right, and what is said where nothing is known. */
interface Words {
  readonly title?: string;
  readonly note?: string;
  readonly x?: string;
  readonly empty?: string;
}

/** How often what was said is right, by how sure it was said: on the line a probability means what it says. */
export function reliabilityCard(
  {bins: reliability, calibrationError, brier}: Omit<Reliability, "brier"> & Partial<Pick<Reliability, "brier">>,
  id: string,
  {
    title = "Calibration",
    note = "How often the class is right, by its probability; the larger a dot, the more there are.",
    x = "probability of the class",
    empty = "This model gives a score, not a probability."
  }: Words = {}
): HTMLElement {
  const answer = (): Answer => ({
    columns: ["probability", "right", "number"],
    rows: reliability.map(({confidence, right, rows}) => [confidence, right, rows])
  });
  const {card} = chartFrame({
    id,
    title,
    note: () =>
      calibrationError === null
        ? ""
        : `${note} Mean distance from the line (expected calibration error): ${percent(calibrationError)}.${typeof brier === "number" ? ` Brier score: ${brier}.` : ""}`,
    draw: (width) => {
      if (reliability.length === 0) return {node: element("p", {class: "fb-empty"}, empty)};
      const plot = Plot.plot({
        width,
        height: 260,
        marginLeft: 44,
        style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
        x: {domain: [0, 1], label: x, labelArrow: "none", grid: true, ticks: 5},
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
    table: () => curveTable(answer(), title),
    answer
  });
  return card;
}

import * as Plot from "npm:@observablehq/plot";
import {scoreBinWidth} from "../../lib/dimensions.js";
import {formatCount, formatShort, onAxis, signed} from "../../lib/format.js";
import {anomalyScores} from "../../lib/questions/anomaly-scores.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {chart} from "./chart.js";
import {named} from "./time-axis.js";
import {hideTooltip, showTooltip} from "./tooltip.js";

/** Flows by anomaly score, with the threshold above which they are called anomalous. */
export function scoreHistogram(notebook: Notebook): HTMLElement {
  // By the lake's profile each kind of flow has a threshold of its own.
  const isByKind = notebook.facts.anomaly !== null;
  const threshold = isByKind ? null : notebook.facts.anomalyThreshold;
  return chart(notebook, {
    id: "anomaly-scores",
    title: "Anomaly scores",
    note: () =>
      isByKind
        ? "Flows by anomaly score; higher is more anomalous among flows of the same kind. The threshold depends on the kind."
        : threshold === null
          ? "Flows by anomaly score; higher is more anomalous. No flow is above the threshold."
          : `Flows by anomaly score; higher is more anomalous. Above ${signed(threshold.toFixed(3))} a flow counts as anomalous.`,
    nothing: "No flow that matches the filter has an anomaly score.",
    ask: ({filter}) => ({question: anomalyScores, filter}),
    draw({rows}, {width}) {
      const bars = rows.map(([bin, flows, anomalous]) => ({
        from: (bin as number) * scoreBinWidth,
        to: ((bin as number) + 1) * scoreBinWidth,
        normal: (flows as number) - (anomalous as number),
        anomalous: anomalous as number
      }));
      const parts = bars.flatMap(({from, to, normal, anomalous}) => [
        {from, to, flows: normal, color: "var(--fb-normal)"},
        {from, to, flows: anomalous, color: "var(--fb-anomaly)"}
      ]);
      const plot = Plot.plot({
        width,
        height: 240,
        marginLeft: 48,
        marginTop: 22,
        style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
        x: {label: "score", labelArrow: "none", ticks: width < 640 ? 5 : 10},
        y: {
          label: "flows",
          labelArrow: "none",
          grid: true,
          ticks: 5,
          tickFormat: (value: number) => onAxis(formatShort(value))
        },
        color: {type: "identity"},
        marks: [
          Plot.rectY(parts, {x1: "from", x2: "to", y: "flows", fill: "color", insetLeft: 0.5, insetRight: 0.5}),
          ...(threshold === null
            ? []
            : [
                Plot.ruleX([threshold], {stroke: "var(--fb-ink)", strokeDasharray: "4,3"}),
                Plot.text([threshold], {
                  x: (t: number) => t,
                  frameAnchor: "top",
                  dy: -14,
                  text: () => "threshold",
                  fill: "var(--fb-ink)"
                })
              ]),
          Plot.ruleY([0], {stroke: "var(--fb-axis)"})
        ]
      }) as SVGSVGElement & {scale(name: "x"): {invert(x: number): number}};
      const scale = plot.scale("x");
      plot.addEventListener("pointermove", (event) => {
        const bounds = plot.getBoundingClientRect();
        const score = scale.invert(((event.clientX - bounds.left) * width) / bounds.width);
        const bar = bars.find(({from, to}) => score >= from && score < to);
        if (!bar) return hideTooltip();
        showTooltip(event, `${signed(bar.from.toFixed(2))} to ${signed(bar.to.toFixed(2))}`, [
          {name: "not anomalous", value: formatCount(bar.normal), color: "var(--fb-normal)"},
          {name: "anomalous", value: formatCount(bar.anomalous), color: "var(--fb-anomaly)"}
        ]);
      });
      plot.addEventListener("pointerleave", hideTooltip);
      return {
        node: element("div", {}, named(plot, "Histogram of anomaly scores")),
        legend: undefined
      };
    }
  });
}

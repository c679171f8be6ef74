import type {Filter} from "../../lib/filter.js";
import {fullBar} from "../../lib/full-bar.js";
import {shortened} from "../../lib/visible-text.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {pickable} from "./pickable.js";
import type {TooltipRow} from "./tooltip.js";

/** A line of text above a thin bar. */
export interface Bar {
  readonly name: string;
  /** As it is written at the end of the line. */
  readonly said: string;
  /** Drawn one after the other. */
  readonly parts: readonly {readonly value: number; readonly color: string}[];
  readonly details: readonly TooltipRow[];
  /** What a click does: narrows the page, or something of the chart's own; null where there is nothing to pick. */
  readonly pick: Filter | (() => void) | null;
}

const rowHeight = 40;

/** Bars below one another, readable at any width; the longest, `largest`, takes all of it, unless all are as long. */
export function drawBars(
  notebook: Notebook,
  title: string,
  bars: readonly Bar[],
  width: number,
  largest: number
): SVGSVGElement {
  const height = bars.length * rowHeight;
  const svg = svgElement("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    class: "fb-bars",
    role: "group",
    "aria-label": title
  });
  const whole = fullBar(
    bars.map(({parts}) => parts.reduce((sum, {value}) => sum + value, 0)),
    largest
  );
  bars.forEach(({name, said, parts, details, pick}, i) => {
    const letters = Math.max(12, Math.floor((width - 110) / 7.2));
    const group = svgElement(
      "g",
      {transform: `translate(0,${i * rowHeight})`},
      svgElement("rect", {class: "fb-hit", width, height: rowHeight - 4, fill: "transparent", rx: 4}),
      svgElement("text", {x: 2, y: 15, class: "fb-bar-name"}, shortened(name, letters)),
      svgElement("text", {x: width - 2, y: 15, "text-anchor": "end", class: "fb-bar-value"}, said),
      svgElement("rect", {y: 22, width, height: 7, rx: 3.5, class: "fb-bar-track"})
    );
    let x = 0;
    for (const {value, color} of parts) {
      const length = (value / whole) * width;
      if (length > 0)
        group.append(
          svgElement("rect", {
            x,
            y: 22,
            width: Math.max(2, length),
            height: 7,
            rx: Math.min(3.5, length / 2),
            fill: color
          })
        );
      x += length;
    }
    pickable(group, name, details, pick, notebook);
    svg.append(group);
  });
  return svg;
}

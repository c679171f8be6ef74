import {formatCount, formatShare} from "../../lib/format.js";
import type {Cell} from "../../lib/question.js";
import {shortened} from "../../lib/visible-text.js";
import {pickable} from "../charts/pickable.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {serviceText} from "../records/record-cell.js";

const rowHeight = 44;

/** Two bars for each group: its share on the first side, light, and on the second, coloured where that is beyond chance. */
export function drawMix(notebook: Notebook, rows: readonly (readonly Cell[])[], width: number): SVGSVGElement {
  const height = rows.length * rowHeight;
  const largest = Math.max(...rows.flatMap((row) => [Number(row[4] ?? 0), Number(row[5] ?? 0)]), 1e-9);
  const svg = svgElement("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    class: "fb-bars",
    role: "group",
    "aria-label": "Mix of services"
  });
  for (const [i, row] of rows.entries()) {
    const [name, change, before, after] = [serviceText(String(row[0])), String(row[1]), Number(row[2]), Number(row[3])];
    const [shareBefore, shareAfter] = [Number(row[4] ?? 0), Number(row[5] ?? 0)];
    const said = `${formatShare(shareBefore, 1)} → ${formatShare(shareAfter, 1)}`;
    const bar = (share: number, y: number, fill: string) =>
      share > 0 && svgElement("rect", {y, width: Math.max(2, (share / largest) * width), height: 7, rx: 3, fill});
    const group = svgElement(
      "g",
      {transform: `translate(0,${i * rowHeight})`},
      svgElement("rect", {class: "fb-hit", width, height: rowHeight - 4, fill: "transparent", rx: 4}),
      svgElement(
        "text",
        {x: 2, y: 14, class: "fb-bar-name"},
        shortened(change === "alike" ? name : `${name}: ${change}`, Math.floor((width - 120) / 7.4))
      ),
      svgElement("text", {x: width - 2, y: 14, "text-anchor": "end", class: "fb-bar-value"}, said),
      bar(shareBefore, 20, "var(--fb-grey-light)"),
      bar(shareAfter, 29, colors[change] ?? "var(--fb-blue)")
    );
    const details = [
      {name: "before", value: `${formatCount(before)} flows, ${formatShare(shareBefore, 1)}`},
      {name: "after", value: `${formatCount(after)} flows, ${formatShare(shareAfter, 1)}`}
    ];
    pickable(group, name, details, null, notebook);
    svg.append(group);
  }
  return svg;
}

const colors: Readonly<Record<string, string>> = {
  new: "var(--fb-suspicious)",
  grew: "var(--fb-orange)",
  shrank: "var(--fb-teal)"
};

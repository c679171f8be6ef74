import * as Plot from "npm:@observablehq/plot";
import type {FeatureBin} from "../../lib/conformance.js";
import {formatByteRate, formatBytes, formatCount, formatDuration, formatShort} from "../../lib/format.js";
import {chartFrame} from "../charts/chart-frame.js";
import {named} from "../charts/time-axis.js";
import {element} from "../page/element.js";
import type {Feature} from "./conformance.js";

const ours = {name: "flowbook", color: "var(--fb-blue)"};
const theirs = {name: "CICFlowMeter", color: "var(--fb-orange)"};
const sides = [ours, theirs];

/** Flows of the compared captures by a feature's value, ours above the original's. */
export function conformanceDistribution({name, unit}: Feature, bins: readonly FeatureBin[]): HTMLElement {
  const labels = bins.map((bin) => binLabel(bin, unit));
  const {card} = chartFrame({
    id: "conformance",
    title: name,
    note: () => "Flows of the compared captures by value; the axis shows square roots.",
    draw: (width, hidden) => ({node: drawing(name, bins, labels, width, hidden), legend: sides}),
    table: () => table(name, bins, labels),
    answer: () => ({
      columns: ["from", "to", "flowbook", "cicflowmeter"],
      rows: bins.map((bin) => [bin.from, bin.to, bin.ours, bin.theirs])
    }),
    sql: () =>
      `-- The same of this notebook's flows\nSELECT "${name}", COUNT(*) AS flows\nFROM cicflowmeter\nGROUP BY 1\nORDER BY 1`
  });
  return card;
}

function drawing(
  name: string,
  bins: readonly FeatureBin[],
  labels: readonly string[],
  width: number,
  hidden: ReadonlySet<string>
): SVGSVGElement {
  const shown = sides.filter((side) => !hidden.has(side.name));
  const bars = bins.flatMap((bin, i) =>
    shown.map((side) => ({
      bin: labels[i],
      side: side.name,
      color: side.color,
      flows: side === ours ? bin.ours : bin.theirs
    }))
  );
  const plot = Plot.plot({
    width,
    height: 30 + bins.length * 30,
    marginLeft: Math.min(150, 14 + 6.6 * Math.max(...labels.map((label) => label.length))),
    marginRight: 44,
    marginTop: 4,
    marginBottom: 22,
    style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
    x: {type: "sqrt", label: null, grid: true, ticks: width < 420 ? 3 : 5, tickFormat: formatShort},
    y: {axis: null, domain: shown.map((side) => side.name), padding: 0.1},
    fy: {domain: labels, label: null, padding: 0.25},
    color: {type: "identity"},
    marks: [
      Plot.barX(bars, {fy: "bin", y: "side", x: "flows", fill: "color", className: "fb-distribution"}),
      Plot.text(bars, {
        fy: "bin",
        y: "side",
        x: "flows",
        text: ({flows}: {flows: number}) => formatCount(flows),
        textAnchor: "start",
        dx: 4,
        fontSize: 10.5,
        fill: "var(--fb-soft)"
      }),
      Plot.axisFy({anchor: "left", label: null, fill: "var(--fb-ink)"}),
      Plot.ruleX([0], {stroke: "var(--fb-axis)"})
    ]
  });
  return named(plot as SVGSVGElement, `${name}: flows by value`);
}

function table(name: string, bins: readonly FeatureBin[], labels: readonly string[]): HTMLElement {
  const heads = ["Value", ours.name, theirs.name].map((head, i) =>
    element("th", {scope: "col", class: i > 0 ? "fb-number" : null}, head)
  );
  const rows = bins.map((bin, i) =>
    element(
      "tr",
      {},
      element("td", {}, labels[i]),
      ...[bin.ours, bin.theirs].map((flows) => element("td", {class: "fb-number"}, formatCount(flows)))
    )
  );
  return element(
    "table",
    {class: "fb-table"},
    element("caption", {class: "fb-hidden"}, `${name}: flows by value`),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...rows)
  );
}

function binLabel({from, to}: FeatureBin, unit: string | null): string {
  return from === to ? valueText(from, unit) : `${valueText(from, unit)} – ${valueText(to, unit)}`;
}

/** A value with its unit, short. */
function valueText(value: number, unit: string | null): string {
  if (value <= 0) return String(value);
  if (unit === "µs") return formatDuration(value);
  if (unit === "bytes") return formatBytes(value);
  if (unit === "bytes/s") return formatByteRate(value);
  return formatShort(value);
}

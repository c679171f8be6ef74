import * as Plot from "npm:@observablehq/plot";
import type {FeatureBin} from "../lib/conformance.js";
import {formatByteRate, formatBytes, formatCount, formatDuration, formatShort} from "../lib/format.js";
import type {Feature} from "./conformance.js";
import {element} from "./element.js";
import {named} from "./time-axis.js";

const ours = {name: "flowbook", color: "var(--fb-blue)"};
const theirs = {name: "CICFlowMeter", color: "var(--fb-orange)"};

/** All about one feature: how its values lie at both, how it is made, and how and why the original differs; who says so stands at the foot of the page. */
export function conformanceFeature(feature: Feature): HTMLElement[] {
  const {name, name2017, unit, formula, sql, original, corrected, missing, figures} = feature;
  const facts: (readonly [string, string | null])[] = [
    ["Ours", unit ? `${formula} (${unit})` : formula],
    ["The original", original ?? "As ours."],
    ["Its corrected version", corrected ?? "As ours."],
    ["Needed for more", missing],
    ["Says who", feature.sources.length > 0 ? feature.sources.join(", ") : null],
    ["In CICIDS2017", name2017 === name ? null : name2017]
  ];
  return [
    element("header", {}, element("h2", {}, name)),
    figures
      ? distribution(name, unit, figures.bins)
      : element("p", {class: "fb-note"}, "Pairs are made by this column, so it is the same in all of them."),
    element(
      "dl",
      {class: "fb-facts"},
      ...facts.flatMap(([term, text]) => (text ? [element("dt", {}, term), element("dd", {}, text)] : []))
    ),
    element(
      "details",
      {class: "fb-conformance-sql"},
      element("summary", {}, "SQL (f: flows, x: features)"),
      element("pre", {}, sql)
    )
  ];
}

/** Flows by value, ours above the original's; drawn again when its width changes. */
function distribution(name: string, unit: string | null, bins: readonly FeatureBin[]): HTMLElement {
  const body = element("div", {class: "fb-chart-body"});
  const labels = bins.map((bin) => binLabel(bin, unit));
  const bars = bins.flatMap((bin, i) => [
    {bin: labels[i], side: ours.name, color: ours.color, flows: bin.ours},
    {bin: labels[i], side: theirs.name, color: theirs.color, flows: bin.theirs}
  ]);
  let drawn = 0;
  const draw = (width: number) => {
    const plot = Plot.plot({
      width,
      height: 30 + bins.length * 30,
      marginLeft: Math.min(150, 14 + 6.6 * Math.max(...labels.map((label) => label.length))),
      marginRight: 44,
      marginTop: 4,
      marginBottom: 22,
      style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
      x: {type: "sqrt", label: null, grid: true, ticks: width < 420 ? 3 : 5, tickFormat: formatShort},
      y: {axis: null, domain: [ours.name, theirs.name], padding: 0.1},
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
    body.replaceChildren(named(plot as SVGSVGElement, `${name}: flows by value`));
  };
  new ResizeObserver(() => {
    const width = Math.floor(body.clientWidth);
    if (width === 0 || width === drawn) return;
    drawn = width;
    draw(width);
  }).observe(body);
  const legend = [ours, theirs].map(({name, color}) =>
    element("span", {}, element("i", {style: `background:${color}`}), name)
  );
  return element(
    "div",
    {class: "fb-chart", "data-testid": "conformance-distribution"},
    element("p", {class: "fb-note"}, "Flows by value (the axis shows square roots)."),
    element("div", {class: "fb-legend fb-conformance-legend"}, ...legend),
    body
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

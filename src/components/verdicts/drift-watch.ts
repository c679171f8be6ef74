import * as Plot from "npm:@observablehq/plot";
import {
  type Drift,
  type DriftedFeature,
  type DriftPast,
  driftLevel,
  stabilityIndex,
  stabilityNoise
} from "../../lib/drift.js";
import {formatCount, formatSpan, formatTick} from "../../lib/format.js";
import type {Answer} from "../../lib/question.js";
import type {NamedCell} from "../../lib/records/record-source.js";
import {chartFrame} from "../charts/chart-frame.js";
import {choice} from "../charts/choice.js";
import {named} from "../charts/time-axis.js";
import {hideTooltip, showTooltip} from "../charts/tooltip.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {plainTable} from "../records/plain-table.js";

const mostShown = 16;
const levels = ["var(--fb-track)", "var(--fb-sand)", "var(--fb-orange)", "var(--fb-suspicious)"];
/** Where one colour ends and the next begins. */
const edges = [0.1, 0.25, 1];

const pastWords = {training: "Against training", lake: "Against this lake's past"} as const;

/** Which features of this lake's flows differ from a past, over time, and how one of them does. */
export function driftWatch(notebook: Notebook, drift: Drift): HTMLElement {
  const none = nothingToCompare(drift);
  if (none !== null)
    return element(
      "section",
      {class: "fb-card", "data-testid": "drift", "aria-label": "Drift"},
      element("h2", {}, "Drift"),
      element("p", {class: "fb-empty"}, none)
    );
  let past = drift.pasts[0];
  let chosen = ranked(past)[0].feature;
  let redrawOne = () => {};
  let redrawAll = () => {};
  const pick = (name: string) => {
    chosen = past.features.find((feature) => feature.name === name) ?? chosen;
    select.value = chosen.name;
    redrawOne();
  };
  const select = element("select", {"aria-label": "Feature", onchange: () => pick(select.value)});
  const fill = () => {
    select.replaceChildren(
      ...ranked(past).map(({feature, index}) =>
        element("option", {value: feature.name, selected: feature === chosen}, `${feature.name} · ${index.toFixed(2)}`)
      )
    );
  };
  fill();
  const all = chartFrame({
    id: "drift",
    title: "Drift of features",
    note: () => noteOf(drift, past),
    draw: (width) => ({node: heatMap(notebook, drift, past, width, pick), legend: undefined}),
    table: () => plainTable(notebook, columns, answerOf(drift, past), "Drift of features"),
    answer: () => answerOf(drift, past),
    controls(redraw) {
      redrawAll = redraw;
      const names = drift.pasts.map(({name}) => [name, pastWords[name]] as const);
      return names.length < 2
        ? []
        : [
            choice("Past", names, past.name, (name) => {
              past = drift.pasts.find((one) => one.name === name) ?? past;
              chosen = ranked(past)[0].feature;
              fill();
              redrawAll();
              redrawOne();
            })
          ];
    }
  });
  const one = chartFrame({
    id: "drift-feature",
    title: "One feature",
    note: () => `${chosen.name}: ${chosen.doc}`,
    draw: (width) => ({
      node: spread(chosen, width),
      legend: [
        {name: past.name === "training" ? "training" : "the lake's past", color: "var(--fb-grey)"},
        {name: "now", color: "var(--fb-blue)"}
      ]
    }),
    table: () => plainTable(notebook, binColumns, binsOf(chosen), chosen.name),
    answer: () => binsOf(chosen),
    controls(redraw) {
      redrawOne = redraw;
      return [select];
    }
  });
  return element(
    "div",
    {class: "fb-board", "data-testid": "drift"},
    element("div", {class: "fb-half"}, all.card),
    element("div", {class: "fb-half"}, one.card)
  );
}

const binsIn = ({features}: DriftPast) => Math.max(...features.map(({counts}) => counts.length));

/** Why there is no drift to be seen; null where there may be. Of a few flows chance alone makes every feature differ much. */
function nothingToCompare({flows, pasts}: Drift): string | null {
  if (pasts.length === 0) return "No flow outside incidents was judged, so there is nothing to compare with training.";
  const noise = stabilityNoise(flows, binsIn(pasts[0]));
  if (driftLevel(noise) !== "changed") return null;
  return `${formatCount(flows)} judged ${flows === 1 ? "flow outside incidents is" : "flows outside incidents are"} too few to compare with training: by chance alone each feature's stability index would be about ${noise.toFixed(1)}, and 0.25 is much.`;
}

function noteOf({flows, ofFlows}: Drift, past: DriftPast): string {
  const {origin, name} = past;
  const bins = binsIn(past);
  const sample = flows < ofFlows ? `${formatCount(flows)} of ${formatCount(ofFlows)}` : formatCount(flows);
  return `Population stability index of ${sample} judged flows outside incidents, against ${name === "training" ? `training: ${origin}` : origin}. Below 0.1 little differs, above 0.25 much. By chance alone it is about ${stabilityNoise(flows, bins).toFixed(3)}${name === "lake" ? "; it is at least what is shown" : ""}.`;
}

const indexOf = ({counts, expected}: DriftedFeature) => stabilityIndex(counts, expected) ?? 0;

/** The features, those that differ most first. */
function ranked({features}: DriftPast): {readonly feature: DriftedFeature; readonly index: number}[] {
  return features
    .map((feature) => ({feature, index: indexOf(feature)}))
    .sort((a, b) => b.index - a.index || (a.feature.name < b.feature.name ? -1 : 1));
}

function heatMap(
  notebook: Notebook,
  {stretches}: Drift,
  past: DriftPast,
  width: number,
  pick: (name: string) => void
): Element {
  const rows = ranked(past).slice(0, mostShown);
  const span = (stretches.at(-1)?.to ?? 0) - (stretches[0]?.from ?? 0);
  const cells = rows.flatMap(({feature}) =>
    feature.byTime.map((counts, k) => ({name: feature.name, k, index: stabilityIndex(counts, feature.expected) ?? 0}))
  );
  const narrow = width < 480;
  const plot = Plot.plot({
    width,
    height: rows.length * 20 + 46,
    marginLeft: narrow ? 128 : 168,
    marginRight: 44,
    marginTop: 8,
    marginBottom: 28,
    style: {background: "transparent", fontSize: narrow ? "10px" : "11.5px", fontFamily: "inherit"},
    x: {
      type: "band",
      domain: stretches.map((_, k) => k),
      label: null,
      ticks: stretches.map((_, k) => k).filter((k) => k % Math.ceil(stretches.length / (narrow ? 2 : 4)) === 0),
      tickFormat: (k: number) => formatTick(stretches[k].from, notebook.zone, span)
    },
    y: {
      type: "band",
      domain: rows.map(({feature}) => feature.name),
      label: null,
      tickFormat: (name: string) => short(name, narrow ? 19 : 25)
    },
    color: {type: "threshold", domain: edges, range: levels},
    marks: [
      Plot.cell(cells, {x: "k", y: "name", fill: "index", inset: 0.5, rx: 2}),
      Plot.text(rows, {
        x: null,
        y: ({feature}: (typeof rows)[number]) => feature.name,
        frameAnchor: "right",
        textAnchor: "start",
        dx: 8,
        text: ({index}: (typeof rows)[number]) => index.toFixed(2),
        fill: "var(--fb-ink)"
      })
    ]
  }) as SVGSVGElement;
  const bands = {x: plot.querySelectorAll("g rect"), cells};
  bands.x.forEach((rect, n) => {
    const cell = cells[n];
    if (!cell) return;
    const {from, to, flows} = stretches[cell.k];
    rect.addEventListener("pointermove", (event) =>
      showTooltip(event as PointerEvent, cell.name, [
        {name: "stability index", value: cell.index.toFixed(3)},
        {name: formatSpan(from, to, notebook.zone), value: ""},
        {name: "flows", value: formatCount(flows)}
      ])
    );
    rect.addEventListener("pointerleave", hideTooltip);
    rect.addEventListener("click", () => pick(cell.name));
    (rect as SVGElement).style.cursor = "pointer";
  });
  return element("div", {}, named(plot, "Stability index of features by stretch of time"), keyOf());
}

const short = (name: string, most: number) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

function keyOf(): HTMLElement {
  const words = ["below 0.1", "to 0.25", "to 1", "above 1"];
  return element(
    "p",
    {class: "fb-note fb-key"},
    ...words.flatMap((word, k) => [element("i", {style: `background:${levels[k]}`}), element("span", {}, word)])
  );
}

function binsOf(feature: DriftedFeature): Answer {
  const {counts, expected, edges} = feature;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const number = (value: number) => Number(value.toPrecision(4)).toLocaleString("en");
  const name = (k: number) =>
    k === edges.length
      ? `> ${number(edges[k - 1] ?? 0)}`
      : k === 0
        ? `≤ ${number(edges[0])}`
        : `${number(edges[k - 1])} – ${number(edges[k])}`;
  return {
    columns: binColumns.map(({name}) => name),
    rows: counts.map((count, k) => [
      name(k),
      (expected.low[k] + expected.high[k]) / 2,
      total === 0 ? 0 : count / total,
      count
    ])
  };
}

const binColumns: readonly NamedCell[] = [
  {name: "values", label: "Values", kind: "text"},
  {name: "past", label: "Past", kind: "share"},
  {name: "now", label: "Now", kind: "share"},
  {name: "flows", label: "Flows now", kind: "count"}
];

function spread(feature: DriftedFeature, width: number): Element {
  const bins = binsOf(feature).rows.map(([name, past, now], k) => ({
    name: String(name),
    past: past as number,
    now: now as number,
    k
  }));
  const plot = Plot.plot({
    width,
    height: bins.length * 30 + 30,
    marginLeft: width < 480 ? 104 : 150,
    marginRight: 40,
    marginTop: 4,
    marginBottom: 26,
    style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
    x: {label: null, grid: true, ticks: 4, tickFormat: (share: number) => `${(share * 100).toFixed(0)} %`, nice: true},
    y: {type: "band", domain: bins.map(({name}) => name), label: null, padding: 0.2},
    marks: [
      Plot.barX(bins, {x: "past", y: "name", fill: "var(--fb-grey)", insetBottom: 12}),
      Plot.barX(bins, {x: "now", y: "name", fill: "var(--fb-blue)", insetTop: 12}),
      Plot.ruleX([0], {stroke: "var(--fb-axis)"})
    ]
  }) as SVGSVGElement;
  return named(plot, `Shares of values of ${feature.name}, then and now`);
}

const columns: readonly NamedCell[] = [
  {name: "feature", label: "Feature", kind: "text"},
  {name: "index", label: "Stability index", kind: "number"},
  {name: "level", label: "Level", kind: "text"},
  {name: "least", label: "Least of a stretch", kind: "number"},
  {name: "most", label: "Most of a stretch", kind: "number"}
];

function answerOf(_: Drift, past: DriftPast): Answer {
  return {
    columns: columns.map(({name}) => name),
    rows: ranked(past).map(({feature, index}) => {
      const byTime = feature.byTime.map((counts) => stabilityIndex(counts, feature.expected) ?? 0);
      return [feature.name, index, driftLevel(index), Math.min(...byTime), Math.max(...byTime)];
    })
  };
}

import * as Plot from "npm:@observablehq/plot";
import type {DimensionName} from "../../lib/dimensions.js";
import {formatBytes, formatCount, formatDuration, formatShort, formatSpan} from "../../lib/format.js";
import type {MeasureName} from "../../lib/measures.js";
import {measures} from "../../lib/measures.js";
import {groupName} from "../../lib/names.js";
import {groupColor, otherColor} from "../../lib/palette.js";
import type {Answer, Question, TimeGrid} from "../../lib/question.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {type Box, chart} from "./chart.js";
import {choice} from "./choice.js";
import type {LegendItem} from "./legend-button.js";
import {lossMarks} from "./loss-strip.js";
import {gapMarks, named, timeAxis} from "./time-axis.js";
import {timeBrush} from "./time-brush.js";
import type {TooltipRow} from "./tooltip.js";

/** A quantity that a time chart can show. */
export interface TimeQuantity {
  readonly name: string;
  readonly question: Question;
  readonly measure: MeasureName;
  /** Drawn below the line of zero, as what goes the other way. */
  readonly opposite?: MeasureName;
  /** Names of the two directions. */
  readonly directions?: readonly [string, string];
}

export interface TimeChartOptions {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  /** The first is shown at first; with several there is a switch. */
  readonly quantities: readonly TimeQuantity[];
  /** Offers a logarithmic scale, as lines beside each other. */
  readonly log?: boolean;
  readonly height?: number;
}

interface Series extends LegendItem {
  /** One value for each bucket. */
  readonly values: Float64Array;
}

const mostSeries = 8;

/** Quantities over packet time, stacked; a drag zooms every chart of the page, a double click shows all again. */
export function timeChart(notebook: Notebook, options: TimeChartOptions): HTMLElement {
  const {quantities, height = 240} = options;
  let quantity = quantities[0];
  let scale: "linear" | "log" = "linear";
  return chart(notebook, {
    id: options.id,
    title: options.title,
    note: ({span}) => {
      const said =
        options.note ??
        (measures[quantity.measure].divisible
          ? "A flow's volume is spread evenly over its duration."
          : "A flow counts where it starts.");
      return span ? said : "";
    },
    controls: (redraw) => [
      ...(quantities.length > 1
        ? [
            choice(
              "Quantity",
              quantities.map(({name}) => [name, name] as const),
              quantity.name,
              (name) => {
                quantity = quantities.find((other) => other.name === name) as TimeQuantity;
                redraw();
              }
            )
          ]
        : []),
      ...(options.log
        ? [
            choice(
              "Scale",
              [
                ["linear", "Linear"],
                ["log", "Log"]
              ] as const,
              scale,
              (value) => {
                scale = value;
                redraw();
              }
            )
          ]
        : [])
    ],
    ask: (notebook, width) => ({
      question: quantity.question,
      filter: notebook.filter,
      grid: notebook.grid(bucketsFor(width))
    }),
    lossSql: (notebook, width) => notebook.lossSql(notebook.grid(bucketsFor(width))),
    isEmpty: ({columns, rows}) => {
      const shown = [quantity.measure, ...(quantity.opposite ? [quantity.opposite] : [])].map((name) =>
        columns.indexOf(name)
      );
      return !rows.some((row) => shown.some((i) => (row[i] as number) > 0));
    },
    draw: (answer, box) => drawSeries(answer, box, quantity, scale, height)
  });
}

/** Buckets of about six pixels. */
function bucketsFor(width: number): number {
  return Math.max(24, Math.min(240, Math.floor(width / 6)));
}

function drawSeries(answer: Answer, box: Box, quantity: TimeQuantity, scale: "linear" | "log", height: number) {
  const {notebook, width, hidden} = box;
  const grid = notebook.grid(bucketsFor(width));
  const series = quantity.opposite
    ? directionSeries(answer, grid, quantity)
    : groupSeries(answer, grid, quantity.question.by[0], quantity.measure);
  const shown = series.filter(({name}) => !hidden.has(name));
  const {unit, divisible} = measures[quantity.measure];
  // Volume is a rate; what is counted where it starts is a number a bucket.
  const per = divisible ? grid.widthUs / 1e6 : 1;
  const format = unit === "bytes" ? formatBytes : formatShort;
  const of = (bucket: number) => new Date((grid.originUs + bucket * grid.widthUs) / 1000);
  const marks: Plot.Markish[] = gapMarks(notebook, grid.widthUs);
  const rows = shown.flatMap(({name, color, values}, s) =>
    Array.from(values, (value, bucket) => ({
      name,
      color,
      order: s,
      x1: of(bucket),
      x2: of(bucket + 1),
      value: value / per
    })).filter(({value}) => (scale === "log" ? value > 0 : value !== 0))
  );
  if (scale === "linear")
    marks.push(
      Plot.rectY(
        rows,
        Plot.stackY({order: "order"}, {x1: "x1", x2: "x2", y: "value", fill: "color", inset: 0, clip: true, z: "name"})
      )
    );
  else marks.push(Plot.ruleY(rows, {x1: "x1", x2: "x2", y: "value", stroke: "color", strokeWidth: 2, clip: true}));
  if (scale === "linear") marks.push(Plot.ruleY([0], {stroke: "var(--fb-axis)"}));
  const narrow = width < 480;
  const plot = Plot.plot({
    ...timeAxis(notebook, width),
    height: narrow ? Math.min(height, 200) : height,
    y: {
      type: scale,
      grid: true,
      ticks: 5,
      label:
        unit === "bytes"
          ? "bytes / s"
          : divisible
            ? `${quantity.name.toLowerCase()} / s`
            : `${quantity.name.toLowerCase()} in ${formatDuration(grid.widthUs)}`,
      labelAnchor: "top",
      labelArrow: "none",
      tickFormat: (value: number) => (unit === "bytes" ? formatBytes(Math.abs(value)) : formatShort(Math.abs(value)))
    },
    color: {type: "identity"},
    marks
  }) as SVGSVGElement;
  const tooltip = (bucket: number): {title: string; rows: TooltipRow[]} => {
    const begin = grid.originUs + bucket * grid.widthUs;
    const values = shown.map(({name, color, values}) => ({name, color, amount: Math.abs(values[bucket])}));
    const total = values.reduce((sum, {amount}) => sum + amount, 0);
    const exact = (amount: number) =>
      unit === "bytes" ? `${formatCount(amount)} B` : divisible ? formatCount(amount) : formatCount(amount);
    return {
      title: formatSpan(begin, begin + grid.widthUs, notebook.zone),
      rows: [
        ...values
          .filter(({amount}) => amount > 0)
          .map(({name, color, amount}) => ({name, color, value: exact(amount)})),
        ...(divisible ? [{name: "a second", value: `${format(total / per)}/s`}] : [{name: "all", value: exact(total)}]),
        ...loss.tooltip(bucket)
      ]
    };
  };
  const loss = lossMarks(notebook, grid, hidden);
  named(plot, `${quantity.name} over time`);
  loss.draw(plot);
  const node = timeBrush(notebook, plot, grid, tooltip, loss.below);
  return {node, legend: [...(series.length > 1 ? series : []), ...loss.legend]};
}

function groupSeries(
  {columns, rows}: Answer,
  grid: TimeGrid,
  by: DimensionName | undefined,
  measure: MeasureName
): Series[] {
  const at = columns.indexOf(measure);
  const bucketOf = (ts: unknown) => Math.round(((ts as number) - grid.originUs) / grid.widthUs);
  const groups = new Map<unknown, {values: Float64Array; total: number}>();
  for (const row of rows) {
    const key = by ? row[1] : "";
    let group = groups.get(key);
    if (!group) groups.set(key, (group = {values: new Float64Array(grid.count), total: 0}));
    group.values[bucketOf(row[0])] += row[at] as number;
    group.total += row[at] as number;
  }
  const ranked = [...groups].filter(([, {total}]) => total > 0).sort(([, a], [, b]) => b.total - a.total);
  const own = ranked.slice(0, ranked.length > mostSeries ? mostSeries - 1 : mostSeries);
  const rest = ranked.slice(own.length);
  const series = own.map(([key, {values}]) => ({
    name: by ? groupName(by, key as string) : measures[measure].label,
    color: by ? groupColor(by, key as string) : "var(--fb-blue)",
    values
  }));
  if (rest.length === 0) return series;
  const values = new Float64Array(grid.count);
  for (const [, group] of rest) for (let i = 0; i < values.length; i++) values[i] += group.values[i];
  return [...series, {name: `${rest.length} others`, color: otherColor, values}];
}

function directionSeries(
  {columns, rows}: Answer,
  grid: TimeGrid,
  {measure, opposite, directions}: TimeQuantity
): Series[] {
  const [up, down] = [columns.indexOf(measure), columns.indexOf(opposite as string)];
  const [ups, downs] = [new Float64Array(grid.count), new Float64Array(grid.count)];
  for (const row of rows) {
    const bucket = Math.round(((row[0] as number) - grid.originUs) / grid.widthUs);
    ups[bucket] += row[up] as number;
    downs[bucket] -= row[down] as number;
  }
  const [upName, downName] = directions ?? ["from originators", "from responders"];
  return [
    {name: upName, color: "var(--fb-orange)", values: ups},
    {name: downName, color: "var(--fb-blue)", values: downs}
  ];
}

/** Says what the grey parts are. */
export function gapNote(): HTMLElement {
  return element("p", {class: "fb-note"}, "Grey: no capture was taken then. That is unknown, not zero.");
}

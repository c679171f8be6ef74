import * as Plot from "npm:@observablehq/plot";
import * as d3 from "npm:d3";
import {formatBytes, formatCount, formatDuration, formatShort, formatSpan, onAxis} from "../../lib/format.js";
import type {TimeGrid} from "../../lib/question.js";
import type {Box} from "./chart.js";
import type {Drawing} from "./chart-frame.js";
import type {LegendItem} from "./legend-button.js";
import {lossMarks} from "./loss-strip.js";
import {gapMarks, named, timeAxis} from "./time-axis.js";
import {timeBrush} from "./time-brush.js";
import type {TooltipRow} from "./tooltip.js";

/** A group's values over time. */
export interface Series extends LegendItem {
  /** One value for each bucket. */
  readonly values: Float64Array;
  /** It is one of groups, and to be named even where it is alone. */
  readonly isGroup?: boolean;
}

export interface StackOptions {
  /** What is stacked, as the axis says. */
  readonly name: string;
  /** Volume is shown a second, what is counted a bucket. */
  readonly isRate: boolean;
  readonly isBytes: boolean;
  readonly scale: "linear" | "log";
  readonly height: number;
}

/** Groups stacked over time, or on a logarithmic scale as lines beside each other; to be read and zoomed. */
export function drawStack(
  {notebook, width, hidden}: Box,
  grid: TimeGrid,
  series: readonly Series[],
  {name, isRate, isBytes, scale, height}: StackOptions
): Drawing {
  const shown = series.filter(({name}) => !hidden.has(name));
  // Volume is a rate; what is counted where it starts is a number a bucket.
  const per = isRate ? grid.widthUs / 1e6 : 1;
  const format = isBytes ? formatBytes : formatShort;
  const of = (bucket: number) => new Date((grid.originUs + bucket * grid.widthUs) / 1000);
  const marks: Plot.Markish[] = gapMarks(notebook, grid.widthUs);
  /** The last bucket ends where the next would begin. */
  const steps = ({name, color, values}: Series, order: number) =>
    d3.range(values.length + 1).map((bucket) => ({
      name,
      color,
      order,
      x: of(bucket),
      y: values[Math.min(bucket, values.length - 1)] / per
    }));
  if (scale === "linear")
    marks.push(
      // A path a group: a rectangle a bucket would be laid out hundreds of times a step while a window is dragged.
      Plot.areaY(
        shown.filter(({values}) => values.some((value) => value !== 0)).flatMap((one, order) => steps(one, order)),
        Plot.stackY({order: "order"}, {x: "x", y: "y", fill: "color", z: "name", curve: "step-after", clip: true})
      )
    );
  else
    marks.push(
      Plot.ruleY(
        shown.flatMap(({color, values}) =>
          [...values.entries()]
            .filter(([, value]) => value > 0)
            .map(([bucket, value]) => ({color, x1: of(bucket), x2: of(bucket + 1), y: value / per}))
        ),
        {x1: "x1", x2: "x2", y: "y", stroke: "color", strokeWidth: 2, clip: true}
      )
    );
  if (scale === "linear") marks.push(Plot.ruleY([0], {stroke: "var(--fb-axis)"}));
  const narrow = width < 480;
  const most = d3.max(d3.range(grid.count), (bucket) => d3.sum(shown, ({values}) => values[bucket])) ?? 0;
  const plot = Plot.plot({
    ...timeAxis(notebook, width),
    height: narrow ? Math.min(height, 200) : height,
    y: {
      type: scale,
      grid: true,
      // There is no half of what is counted.
      ticks: isRate || scale === "log" || most >= 5 ? 5 : d3.range(most + 1),
      label: isBytes
        ? "bytes / s"
        : isRate
          ? `${name.toLowerCase()} / s`
          : `${name.toLowerCase()} in ${onAxis(formatDuration(grid.widthUs))}`,
      labelAnchor: "top",
      labelArrow: "none",
      tickFormat: (value: number) => onAxis(format(Math.abs(value)))
    },
    color: {type: "identity"},
    marks
  }) as SVGSVGElement;
  const tooltip = (bucket: number): {title: string; rows: TooltipRow[]} => {
    const begin = grid.originUs + bucket * grid.widthUs;
    const values = shown.map(({name, color, values}) => ({name, color, amount: Math.abs(values[bucket])}));
    const total = values.reduce((sum, {amount}) => sum + amount, 0);
    const exact = (amount: number) => (isBytes ? `${formatCount(amount)} B` : formatCount(amount));
    return {
      title: formatSpan(begin, begin + grid.widthUs, notebook.zone),
      rows: [
        ...values
          .filter(({amount}) => amount > 0)
          .map(({name, color, amount}) => ({name, color, value: exact(amount)})),
        ...(isRate ? [{name: "a second", value: `${format(total / per)}/s`}] : [{name: "all", value: exact(total)}]),
        ...loss.tooltip(bucket)
      ]
    };
  };
  const loss = lossMarks(notebook, grid, hidden);
  named(plot, `${name} over time`);
  loss.draw(plot);
  const node = timeBrush(notebook, plot, grid, tooltip, loss.below);
  // One group is named too; what is not grouped is named by the axis.
  const isGrouped = series.length > 1 || series.some((one) => one.isGroup);
  return {node, legend: [...(isGrouped ? series : []), ...loss.legend]};
}

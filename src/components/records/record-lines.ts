import * as Plot from "npm:@observablehq/plot";
import {formatDuration, formatSpan, onAxis} from "../../lib/format.js";
import type {RecordQuestion} from "../../lib/records/record-source.js";
import {lossMarks} from "../charts/loss-strip.js";
import {gapMarks, named, timeAxis} from "../charts/time-axis.js";
import {timeBrush} from "../charts/time-brush.js";
import {bucketsFor} from "../charts/time-chart.js";
import type {Notebook} from "../page/notebook.js";
import {cellText} from "./record-cell.js";
import {recordChart} from "./record-chart.js";

export interface RecordLinesOptions {
  /** Its columns: `ts_us`, durations, and what only the tooltip tells. */
  readonly question: RecordQuestion;
  readonly note?: string;
  readonly none?: string;
  /** Colours of the durations, in their order. */
  readonly colors: readonly string[];
}

/** So few have their values written beside them. */
const fewBuckets = 3;

/** Durations over time on a logarithmic scale, a line for each of the first columns; a bucket without any has none. */
export function recordLines(notebook: Notebook, {question, note, none, colors}: RecordLinesOptions): HTMLElement {
  const lines = question.columns.slice(1, 1 + colors.length);
  return recordChart(notebook, {
    question,
    note,
    none,
    draw({rows}, {width, hidden}) {
      const grid = notebook.grid(bucketsFor(width));
      const at = (us: number) => new Date(us / 1000);
      const points = rows.flatMap((row) =>
        lines.flatMap(({label}, k) =>
          row[k + 1] === null || hidden.has(label)
            ? []
            : [
                {
                  x1: at(row[0] as number),
                  x2: at((row[0] as number) + grid.widthUs),
                  value: Math.max(1, row[k + 1] as number),
                  color: colors[k],
                  // The first is drawn last, thin on the others: where both are one value, both are seen.
                  k
                }
              ]
        )
      );
      // A dash alone in a large frame says less than its value does.
      const isFew = rows.length <= fewBuckets;
      const told = isFew ? points.filter(({value, x1}, n) => n === firstLike(points, value, x1)) : [];
      const ticks = logTicks(points.map(({value}) => value));
      const plot = Plot.plot({
        ...timeAxis(notebook, width),
        height: isFew ? 130 : width < 480 ? 160 : 220,
        y: {
          type: "log",
          grid: true,
          domain: [ticks[0], ticks[ticks.length - 1]],
          ticks,
          label: null,
          tickFormat: (us: number) => onAxis(formatDuration(us))
        },
        color: {type: "identity"},
        marks: [
          ...gapMarks(notebook, grid.widthUs),
          ...colors
            .map((_, k) =>
              Plot.ruleY(
                points.filter((point) => point.k === k),
                {x1: "x1", x2: "x2", y: "value", stroke: "color", strokeWidth: k === 0 ? 2 : 6, clip: true}
              )
            )
            .reverse(),
          Plot.text(told, {
            x: "x2",
            y: "value",
            text: ({value}) => formatDuration(value),
            textAnchor: "start",
            dx: 8,
            fontSize: 13,
            fill: "var(--fb-ink)"
          })
        ]
      }) as SVGSVGElement;
      const loss = lossMarks(notebook, grid, hidden);
      named(plot, `${question.title} over time`);
      loss.draw(plot);
      const tooltip = (bucket: number) => {
        const begin = grid.originUs + bucket * grid.widthUs;
        const row = rows.find(([ts]) => ts === begin);
        const lines = question.columns.slice(1).map(({label, kind}, k) => ({
          name: label.toLowerCase(),
          value: row ? cellText(kind, row[k + 1], notebook.zone) : "–",
          color: colors[k]
        }));
        return {
          title: formatSpan(begin, begin + grid.widthUs, notebook.zone),
          rows: [...lines, ...loss.tooltip(bucket)]
        };
      };
      const legend = lines.map(({label}, k) => ({name: label, color: colors[k]}));
      return {node: timeBrush(notebook, plot, grid, tooltip, loss.below), legend: [...legend, ...loss.legend]};
    }
  });
}

/** Where a value of a bucket stands first: median and p95 of one flow are one. */
const firstLike = (points: readonly {readonly value: number; readonly x1: Date}[], value: number, x1: Date) =>
  points.findIndex((point) => point.value === value && point.x1.getTime() === x1.getTime());

/** Labels of a logarithmic axis that hold all values between them: the closer they lie, the more of each decade. */
function logTicks(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => (Number.isFinite(value) ? value : 1));
  const decades = Math.log10(most / least);
  const steps = decades < 1.2 ? [1, 2, 5] : decades < 3 ? [1, 3] : [1];
  const first = Math.floor(Math.log10(least)) - 1;
  const all = Array.from({length: Math.ceil(decades) + 4}, (_, k) =>
    steps.map((step) => step * 10 ** (first + k))
  ).flat();
  const below = all.findLastIndex((tick) => tick <= least);
  const above = all.findIndex((tick) => tick >= most && tick > all[below]);
  // Two labels alone say little of what lies between them.
  return above - below > 1 ? all.slice(below, above + 1) : all.slice(Math.max(0, below - 1), above + 2);
}

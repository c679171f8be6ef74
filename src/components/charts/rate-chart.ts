import * as Plot from "npm:@observablehq/plot";
import {binomialBand} from "../../lib/binomial-band.js";
import {formatCount, formatShare, formatSpan, onAxis} from "../../lib/format.js";
import type {MeasureName} from "../../lib/measures.js";
import type {Question} from "../../lib/question.js";
import type {Notebook} from "../page/notebook.js";
import {chart} from "./chart.js";
import {lossMarks} from "./loss-strip.js";
import {gapMarks, named, timeAxis} from "./time-axis.js";
import {timeBrush} from "./time-brush.js";

export interface RateChartOptions {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly question: Question;
  readonly part: MeasureName;
  readonly whole: MeasureName;
  readonly color: string;
  /** `share` shows part / whole in per cent; `mean` shows part / whole as it is, by `format`. */
  readonly as: "share" | "mean";
  format?(value: number): string;
  /** The share that is expected: drawn as the limits between which 99 of 100 buckets lie; null without one. */
  readonly expected?: number | null;
  /** Names of part and whole in the tooltip. */
  readonly words: readonly [part: string, whole: string];
}

/** Of a bucket with fewer flows the band covers so much that it says little; so many buckets there are all the same. */
const bandFlows = 80;
const leastBuckets = 12;

/** A quotient over packet time; a bucket without anything to divide by has no value, which is not zero. */
export function rateChart(notebook: Notebook, options: RateChartOptions): HTMLElement {
  const {expected = null} = options;
  const buckets = (width: number) => {
    const most = Math.max(20, Math.min(160, Math.floor(width / 9)));
    return expected === null ? most : Math.min(most, Math.max(leastBuckets, Math.floor(notebook.count() / bandFlows)));
  };
  const format = options.format ?? ((value: number) => `${Number((value * 100).toPrecision(2))} %`);
  return chart(notebook, {
    id: options.id,
    title: options.title,
    note: options.note,
    nothing: `No ${options.words[1]} match the filter.`,
    ask: (notebook, width) => ({
      question: options.question,
      filter: notebook.filter,
      grid: notebook.grid(buckets(width))
    }),
    lossSql: (notebook, width) => notebook.lossSql(notebook.grid(buckets(width))),
    isEmpty: ({columns, rows}) => !rows.some((row) => (row[columns.indexOf(options.whole)] as number) > 0),
    draw({columns, rows}, {notebook, width, hidden}) {
      const grid = notebook.grid(buckets(width));
      const [part, whole] = [columns.indexOf(options.part), columns.indexOf(options.whole)];
      const points = rows
        .filter((row) => (row[whole] as number) > 0)
        .map((row) => ({
          from: new Date((row[0] as number) / 1000),
          to: new Date(((row[0] as number) + grid.widthUs) / 1000),
          bucket: Math.round(((row[0] as number) - grid.originUs) / grid.widthUs),
          part: row[part] as number,
          whole: row[whole] as number,
          rate: (row[part] as number) / (row[whole] as number),
          band: expected === null ? null : binomialBand(row[whole] as number, expected)
        }));
      const bands = points.flatMap((point) => (point.band ? [{...point, band: point.band}] : []));
      const limits = bands.map(({band, whole}) => band[1] / whole).sort((a, b) => a - b);
      const usualLimit = limits[limits.length >> 1] ?? 0;
      const plot = Plot.plot({
        ...timeAxis(notebook, width),
        height: 200,
        // A bucket of one flow may have any rate: its band must not flatten the others.
        y: {
          grid: true,
          ticks: 4,
          label: null,
          tickFormat: (value: number) => onAxis(format(value)),
          nice: true,
          ...(expected === null
            ? {zero: true}
            : {domain: [0, Math.min(1, Math.max(4 * expected, 1.2 * usualLimit, ...points.map(({rate}) => rate)))]})
        },
        marks: [
          ...gapMarks(notebook, grid.widthUs),
          // From zero on it would fill the chart where flows are few: the line at its end says the same.
          Plot.rect(
            bands.filter(({band}) => band[0] > 0),
            {
              x1: "from",
              x2: "to",
              y1: ({band, whole}) => band[0] / whole,
              y2: ({band, whole}) => band[1] / whole,
              fill: "var(--fb-sky)",
              fillOpacity: 0.2,
              ariaDescription: "expected band",
              clip: true
            }
          ),
          Plot.ruleY(bands, {
            x1: "from",
            x2: "to",
            y: ({band, whole}) => band[1] / whole,
            stroke: "var(--fb-normal)",
            strokeDasharray: "3,2",
            ariaDescription: "expected limit",
            clip: true
          }),
          Plot.rectY(points, {
            x1: "from",
            x2: "to",
            y: "rate",
            fill: options.color,
            fillOpacity: ({part, band}) => (band && (part < band[0] || part > band[1]) ? 0.75 : 0.25),
            clip: true
          }),
          Plot.ruleY(points, {x1: "from", x2: "to", y: "rate", stroke: options.color, strokeWidth: 2, clip: true}),
          Plot.ruleY([0], {stroke: "var(--fb-axis)"})
        ]
      });
      const loss = lossMarks(notebook, grid, hidden);
      named(plot as SVGSVGElement, options.title);
      loss.draw(plot as SVGSVGElement);
      const tooltip = (bucket: number) => {
        const begin = grid.originUs + bucket * grid.widthUs;
        const point = points.find((other) => other.bucket === bucket);
        const title = formatSpan(begin, begin + grid.widthUs, notebook.zone);
        if (!point) return {title, rows: [{name: `no ${options.words[1]}`, value: "–"}, ...loss.tooltip(bucket)]};
        const share = options.as === "share" ? formatShare(point.part, point.whole) : format(point.rate);
        return {
          title,
          rows: [
            {name: options.as === "share" ? "share" : "mean", value: share, color: options.color},
            ...(options.as === "share" ? [{name: options.words[0], value: formatCount(point.part)}] : []),
            {name: options.words[1], value: formatCount(point.whole)},
            ...(point.band
              ? [{name: "expected", value: `${formatCount(point.band[0])} – ${formatCount(point.band[1])}`}]
              : []),
            ...loss.tooltip(bucket)
          ]
        };
      };
      return {node: timeBrush(notebook, plot as SVGSVGElement, grid, tooltip, loss.below), legend: loss.legend};
    }
  });
}

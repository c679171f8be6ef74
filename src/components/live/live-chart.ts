import * as Plot from "npm:@observablehq/plot";
import {formatSpan, formatTick} from "../../lib/format.js";
import {type LiveGrid, type LiveModel, lossyStretches, type Stretch, unknownStretches} from "../../lib/live.js";
import type {Answer} from "../../lib/question.js";
import {answerTable} from "../charts/answer-table.js";
import {chartFrame} from "../charts/chart-frame.js";
import type {LegendItem} from "../charts/legend-button.js";
import {named} from "../charts/time-axis.js";
import type {TooltipRow} from "../charts/tooltip.js";
import {element} from "../page/element.js";
import type {LiveFeed} from "./live-feed.js";
import {livePointer} from "./live-pointer.js";

/** What a live chart draws now. */
export interface LiveDrawing {
  readonly grid: LiveGrid;
  readonly marks: readonly Plot.Markish[];
  readonly y: Plot.ScaleOptions;
  readonly legend?: readonly LegendItem[];
  /** Exact values of the bucket that holds that second. */
  tooltip(second: number): readonly TooltipRow[];
  /** The same as a table: the first column is time in µs since 1970. */
  readonly answer: Answer;
}

export interface LiveChartOptions {
  /** kebab-case and the same for ever: `data-testid` is `chart-<id>`. */
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly height: number;
  /** Null where there is nothing to draw. */
  draw(feed: LiveFeed, width: number, hidden: ReadonlySet<string>): LiveDrawing | null;
  controls?(redraw: () => void): readonly Element[];
}

const margins = {left: 58, right: 28};

/** A chart of the last minutes, drawn again with every message; what is pointed at stays so. */
export function liveChart(feed: LiveFeed | null, options: LiveChartOptions): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  let drawing: LiveDrawing | null = null;
  let pointAgain = () => {};
  const answerAt = (width: number) => options.draw(feed, width, new Set())?.answer;
  const frame = chartFrame({
    id: options.id,
    title: options.title,
    note: () => options.note,
    bodyClass: "fb-live-body",
    draw(width, hidden) {
      drawing = options.draw(feed, width, hidden);
      if (!drawing) return {node: nothingYet(feed)};
      pointAgain();
      const node = named(plotOf(feed, drawing, width, options.height), `${options.title}, the last minutes`);
      return {node, legend: drawing.legend};
    },
    table(width) {
      const answer = answerAt(width);
      return answer ? answerTable(answer, options.title, feed.zone, {newestFirst: true}) : null;
    },
    answer: (width) => answerAt(width) ?? {columns: ["ts_us"], rows: []},
    controls: options.controls,
    follow(card, draw) {
      feed.follow(card, draw);
      return draw;
    }
  });
  for (const [name, value] of [
    ["tabindex", "0"],
    ["role", "group"],
    ["aria-labelledby", `${options.id}-title`]
  ])
    frame.body.setAttribute(name, value);
  pointAgain = livePointer(frame, {
    margins,
    grid: () => drawing?.grid ?? null,
    tooltip: (from, to) => ({
      title: formatSpan(from * 1e6, to * 1e6, feed.zone),
      rows: drawing?.tooltip(from) ?? []
    })
  });
  return frame.card;
}

function plotOf({model, zone}: LiveFeed, {grid, marks, y}: LiveDrawing, width: number, height: number): SVGSVGElement {
  return Plot.plot({
    width,
    height: width < 480 ? Math.min(height, 190) : height,
    marginLeft: margins.left,
    marginRight: margins.right,
    marginTop: 22,
    marginBottom: 26,
    style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
    x: {
      type: zone === "utc" ? "utc" : "time",
      domain: [at(grid.from), at(grid.to)],
      ticks: ticksOf(grid, width),
      tickFormat: (date: Date) => formatTick(Number(date) * 1000, zone, Math.max(20e6, (grid.to - grid.from) * 1e6)),
      label: null
    },
    y: {grid: true, ticks: 4, labelAnchor: "top", labelArrow: "none", zero: true, nice: true, ...y},
    color: {type: "identity"},
    marks: [
      bands(unknownStretches(model.seconds, grid), "var(--fb-gap)", 1),
      ...marks,
      Plot.ruleY([0], {stroke: "var(--fb-axis)"}),
      bands(lossyStretches(model.losses, grid), "var(--fb-suspicious)", 0.22),
      bands(lateStretches(model), "var(--fb-suspicious)", 0.1)
    ]
  }) as SVGSVGElement;
}

/** Runs whose losses were told at their end only: they may have happened at any time of them. */
function lateStretches({state}: LiveModel): Stretch[] {
  return (state?.runs ?? [])
    .filter(({lateDrops, startedAtMs}) => lateDrops !== null && startedAtMs !== null)
    .map(({startedAtMs, endedAtMs}) => ({from: Number(startedAtMs) / 1000, to: Number(endedAtMs) / 1000}));
}

/** Times at round seconds, so far apart that their labels have room. */
function ticksOf({from, to}: LiveGrid, width: number): Date[] {
  const most = Math.max(2, (width - margins.left - margins.right) / 90);
  const step = [5, 10, 15, 30, 60, 120, 180, 300, 600].find((seconds) => (to - from) / seconds <= most) ?? 900;
  const first = Math.ceil(from / step);
  return Array.from({length: Math.floor(to / step) - first + 1}, (_, n) => at((first + n) * step));
}

/** A time of the axis. */
export function at(second: number): Date {
  return new Date(second * 1000);
}

function bands(stretches: readonly Stretch[], fill: string, fillOpacity: number): Plot.Markish {
  return Plot.rectX([...stretches], {
    x1: (s: Stretch) => at(s.from),
    x2: (s: Stretch) => at(s.to),
    fill,
    fillOpacity,
    clip: true
  });
}

/** What stands in a chart's place before the first second. */
function nothingYet({model: {state}}: LiveFeed): HTMLElement {
  const words =
    state === null ? "Waiting for the server …" : state.phase === "idle" ? "No capture runs" : "Waiting for packets …";
  return element(
    "div",
    {class: "fb-empty", "data-testid": "live-nothing"},
    element("strong", {}, words),
    state?.phase === "idle" && element("span", {}, "Start one above. This chart then shows the last 15 minutes.")
  );
}

import * as Plot from "npm:@observablehq/plot";
import {formatSpan, formatTick} from "../../lib/format.js";
import {type LiveGrid, type LiveModel, lossyStretches, type Stretch, unknownStretches} from "../../lib/live.js";
import type {Answer} from "../../lib/question.js";
import {chartMenu} from "../charts/chart-menu.js";
import {type LegendItem, legendButton} from "../charts/legend-button.js";
import {named} from "../charts/time-axis.js";
import {hideTooltip, showTooltip, type TooltipRow} from "../charts/tooltip.js";
import {element} from "../page/element.js";
import type {LiveFeed} from "./live-feed.js";
import {liveTable} from "./live-table.js";

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

/** A titled card with a chart of the last minutes, drawn again with every message; what is pointed at stays so. */
export function liveChart(feed: LiveFeed | null, options: LiveChartOptions): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const hidden = new Set<string>();
  const body = element("div", {class: "fb-chart-body fb-live-body", tabindex: 0, role: "group"});
  const legend = element("div", {class: "fb-legend", role: "group", "aria-label": `${options.title}: shown groups`});
  let view: "chart" | "table" = "chart";
  let width = 0;
  let drawing: LiveDrawing | null = null;
  /** The second that is pointed at, and from where. */
  let pointed: {second: number; at: {clientX: number; clientY: number}} | null = null;

  const draw = () => {
    if (width === 0) return;
    drawing = options.draw(feed, width, hidden);
    drawLegend(view === "chart" ? (drawing?.legend ?? []) : []);
    if (!drawing) return body.replaceChildren(nothingYet(feed));
    if (view === "table") return body.replaceChildren(liveTable(options.title, drawing.answer, feed.zone));
    body.replaceChildren(named(plotOf(feed, drawing, width, options.height), `${options.title}, the last minutes`));
    if (pointed) point(pointed.second, pointed.at);
  };
  let shownLegend: readonly LegendItem[] = [];
  let legendKey = "";
  const drawLegend = (items: readonly LegendItem[]) => {
    shownLegend = items;
    legend.hidden = items.length === 0;
    const key = JSON.stringify(items);
    if (key === legendKey) return;
    legendKey = key;
    legend.replaceChildren(...items.map((item) => legendButton(item, hidden, draw)));
  };
  const point = (second: number, at: {clientX: number; clientY: number}) => {
    if (!drawing) return;
    const {grid} = drawing;
    const from = Math.max(grid.from, Math.floor(second / grid.step) * grid.step);
    const to = Math.min(grid.to, from + grid.step);
    showTooltip(at, formatSpan(from * 1e6, to * 1e6, feed.zone), drawing.tooltip(from));
  };
  const leave = () => {
    pointed = null;
    hideTooltip();
  };
  body.addEventListener("pointermove", (event) => {
    if (!drawing || view === "table") return;
    const {left} = body.getBoundingClientRect();
    const share = (event.clientX - left - margins.left) / (width - margins.left - margins.right);
    if (share < 0 || share >= 1) return leave();
    const second = Math.floor(drawing.grid.from + share * (drawing.grid.to - drawing.grid.from));
    pointed = {second, at: {clientX: event.clientX, clientY: event.clientY}};
    point(second, pointed.at);
  });
  body.addEventListener("pointerleave", leave);
  body.addEventListener("blur", leave);
  body.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (event.key === "Escape") leave();
    if (!step || !drawing || view === "table") return;
    event.preventDefault();
    const {grid} = drawing;
    const second = Math.min(grid.to - 1, Math.max(grid.from, (pointed?.second ?? grid.to) + step * grid.step));
    const {left, top} = body.getBoundingClientRect();
    const share = (second - grid.from) / (grid.to - grid.from);
    const at = {clientX: left + margins.left + share * (width - margins.left - margins.right), clientY: top + 20};
    pointed = {second, at};
    point(second, at);
  });

  const menu = chartMenu({
    id: options.id,
    title: options.title,
    svg: () => body.querySelector("svg"),
    legend: () => shownLegend.filter(({name}) => !hidden.has(name)),
    answer: () => drawing?.answer ?? {columns: ["ts_us"], rows: []},
    view: () => view,
    setView: (next) => {
      view = next;
      draw();
    }
  });
  const title = element("h2", {id: `${options.id}-title`}, options.title);
  body.setAttribute("aria-labelledby", title.id);
  const card = element(
    "section",
    {class: "fb-card fb-chart", "data-testid": `chart-${options.id}`, "aria-labelledby": title.id},
    element("header", {}, title, ...(options.controls?.(draw) ?? []), menu),
    element("p", {class: "fb-note"}, options.note),
    body,
    legend
  );
  new ResizeObserver(() => {
    const now = Math.floor(body.clientWidth);
    if (now === 0 || now === width) return;
    width = now;
    draw();
  }).observe(body);
  feed.follow(card, draw);
  return card;
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
    state?.phase === "idle" &&
      element("span", {}, "Start one above: this chart then shows its last quarter of an hour.")
  );
}

import * as Plot from "npm:@observablehq/plot";
import * as d3 from "npm:d3";
import {coveredSpans} from "../../lib/captures.js";
import {formatTick, isWholeTick} from "../../lib/format.js";
import type {Span} from "../../lib/time-grid.js";
import type {Notebook} from "../page/notebook.js";

const [marginLeft, marginRight] = [58, 28];
/** A gap shorter than a part of so many of the window is not to be seen. */
const leastGap = 400;
/** Of a tick's label, in pixels, and what parts it from the next. */
const [letterWidth, labelGap] = [6.6, 26];

/** What all charts over time share: the window, ticks without am and pm, room for labels. */
export function timeAxis(notebook: Notebook, width: number): Plot.PlotOptions {
  const {from, to} = notebook.window();
  return {
    width,
    marginLeft,
    marginRight,
    marginTop: 22,
    marginBottom: 26,
    style: {background: "transparent", fontSize: "11.5px", fontFamily: "inherit"},
    x: {
      type: notebook.zone === "utc" ? "utc" : "time",
      domain: [new Date(from / 1000), new Date(to / 1000)],
      ticks: ticksOf(notebook, width),
      tickFormat: (date: Date) => formatTick(Number(date) * 1000, notebook.zone, to - from),
      label: null
    }
  };
}

/**
 * Round times, as many as their labels have room for: the nearest round step may give half or twice as many as asked for.
 * Times that a label would cut short (09:01:30 as 09:01) are taken only where there are no others.
 */
function ticksOf(notebook: Notebook, width: number): Date[] {
  const {from, to} = notebook.window();
  const label = letterWidth * formatTick(from, notebook.zone, to - from).length + labelGap;
  const most = Math.max(2, Math.min(9, Math.floor((width - marginLeft - marginRight) / label)));
  const round = notebook.zone === "utc" ? d3.utcTicks : d3.timeTicks;
  const [begin, end] = [new Date(from / 1000), new Date(to / 1000)];
  const choices = [most, most + 1, 2 * most].map((wanted) => {
    const ticks = round(begin, end, wanted);
    const every = Math.ceil(ticks.length / (most + 1));
    return ticks.filter((_, n) => n % every === 0);
  });
  const whole = choices.filter((ticks) =>
    ticks.every((at) => isWholeTick(Number(at) * 1000, notebook.zone, to - from))
  );
  return (whole.length > 0 ? whole : choices).reduce((best, ticks) => (ticks.length > best.length ? ticks : best));
}

/** The parts of the window, at least `leastUs` long, in which no capture was taken: there is no data, which is not zero. */
export function gapMarks(notebook: Notebook, leastUs: number): Plot.Markish[] {
  const at = (us: number) => new Date(us / 1000);
  return gaps(notebook, leastUs).map(({from, to}) =>
    Plot.rect([0], {x1: () => at(from), x2: () => at(to), fill: "var(--fb-gap)", className: "fb-gap"})
  );
}

/** Whether a part of the window that a chart can show is covered by no capture. */
export function hasGaps(notebook: Notebook): boolean {
  const {from, to} = notebook.window();
  return gaps(notebook, (to - from) / leastGap).length > 0;
}

function gaps(notebook: Notebook, leastUs: number): Span[] {
  const {captures, filter} = notebook;
  const window = notebook.window();
  const chosen = filter.captures ? captures.filter(({sha256}) => filter.captures?.includes(sha256)) : captures;
  const found: Span[] = [];
  let at = window.from;
  for (const {from, to} of coveredSpans(chosen)) {
    if (from > at) found.push({from: at, to: Math.min(from, window.to)});
    at = Math.max(at, to);
  }
  if (at < window.to) found.push({from: at, to: window.to});
  return found.filter(({from, to}) => to - from >= leastUs && from < window.to);
}

/**
 * Makes a plot readable to assistive technology: Plot labels groups that have no role, which is not allowed; the labels
 * become classes (`fb-x-axis-tick-label`), and the name of the whole is given by what holds the plot.
 */
export function named<P extends SVGElement | HTMLElement>(plot: P, name: string): P {
  for (const group of plot.querySelectorAll("g[aria-label]")) {
    group.classList.add(`fb-${(group.getAttribute("aria-label") ?? "").replaceAll(" ", "-")}`);
    group.removeAttribute("aria-label");
  }
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", name);
  return plot;
}

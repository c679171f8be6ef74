import {formatCount, formatDuration, formatTime} from "../../lib/format.js";
import type {Cell} from "../../lib/question.js";
import {beaconTimes, noBeacon} from "../../lib/records/scans.js";
import {shortened} from "../../lib/visible-text.js";
import {pickable} from "../charts/pickable.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {recordChart} from "../records/record-chart.js";

interface Series {
  readonly source: string;
  readonly target: string;
  readonly port: number;
  readonly everyUs: number;
  readonly times: number[];
}

/** What is said of a series stands beside its name, or in a line of its own where that is too narrow. */
const wideEnough = 560;

/** A line for each of the most regular series, with a stroke for each connection: even strokes are a clock's. */
export function beaconStrip(notebook: Notebook): HTMLElement {
  return recordChart(notebook, {
    question: beaconTimes,
    note: "One line per source and service, from its first connection to its last; each stroke is the start of a connection.",
    none: noBeacon,
    draw: ({rows}, {width}) => ({node: drawSeries(notebook, seriesOf(rows), width)})
  });
}

function seriesOf(rows: readonly (readonly Cell[])[]): readonly Series[] {
  const all = new Map<number, Series>();
  for (const [place, source, target, port, everyUs, ts] of rows) {
    const known = all.get(Number(place));
    if (known) known.times.push(Number(ts));
    else
      all.set(Number(place), {
        source: String(source),
        target: String(target),
        port: Number(port),
        everyUs: Number(everyUs),
        times: [Number(ts)]
      });
  }
  return [...all.values()];
}

function drawSeries(notebook: Notebook, all: readonly Series[], width: number): SVGSVGElement {
  const isWide = width >= wideEnough;
  const top = isWide ? 22 : 40;
  const rowHeight = top + 24;
  const height = all.length * rowHeight;
  const svg = svgElement("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    class: "fb-bars fb-strips",
    role: "group",
    "aria-label": beaconTimes.title
  });
  for (const [i, {source, target, port, everyUs, times}] of all.entries()) {
    const from = times[0];
    const to = times.at(-1)!;
    const x = (us: number) => 2 + ((us - from) / Math.max(1, to - from)) * (width - 4);
    const name = `${source} → ${target}:${port}`;
    const said = `${formatCount(times.length)}, every ${formatDuration(everyUs)}, in ${formatDuration(to - from)}`;
    const strokes = times.map((us) => `M${x(us).toFixed(1)} ${top}v14`).join("");
    const group = svgElement(
      "g",
      {transform: `translate(0,${i * rowHeight})`},
      svgElement("rect", {class: "fb-hit", width, height: rowHeight - 4, fill: "transparent", rx: 4}),
      svgElement("rect", {y: top, width, height: 14, rx: 3, class: "fb-bar-track"}),
      svgElement("path", {d: strokes, class: "fb-strokes", "stroke-width": times.length > width / 5 ? 1 : 2}),
      svgElement(
        "text",
        {x: 2, y: 15, class: "fb-bar-name"},
        shortened(name, Math.floor((width - (isWide ? said.length * 7 : 0)) / 7.2))
      ),
      isWide
        ? svgElement("text", {x: width - 2, y: 15, "text-anchor": "end", class: "fb-bar-value"}, said)
        : svgElement("text", {x: 2, y: 33}, said)
    );
    const details = [
      {name: "first", value: formatTime(from, notebook.zone, 0)},
      {name: "last", value: formatTime(to, notebook.zone, 0)}
    ];
    pickable(group, name, details, {host: source, query: `dst ${target} and dst_port ${port}`}, notebook);
    svg.append(group);
  }
  return svg;
}

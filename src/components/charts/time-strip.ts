import * as d3 from "npm:d3";
import {farStretches} from "../../lib/captures.js";
import {withFields} from "../../lib/filter.js";
import {formatSpan} from "../../lib/format.js";
import type {TimeGrid} from "../../lib/question.js";
import {overview} from "../../lib/questions/overview.js";
import {gridFor, type Span} from "../../lib/time-grid.js";
import {element, svgElement} from "../page/element.js";
import {followWidth} from "../page/follow-width.js";
import type {Notebook} from "../page/notebook.js";

const height = 44;

/** All of packet time as a strip, whatever the window: drag on it to choose one, drag it to move it, double click for all. */
export function timeStrip(notebook: Notebook): HTMLElement {
  const node = element("div", {
    class: "fb-strip",
    "data-testid": "time-strip",
    title: "Drag to choose a time window; double click for all"
  });
  let width = 0;
  let brush: d3.BrushBehavior<unknown> | undefined;
  let layer: d3.Selection<SVGGElement, unknown, null, undefined> | undefined;
  let dragging = false;

  const draw = () => {
    const span = spanShown();
    if (!span || width === 0) return;
    if (!dragging) drawBars(span);
    if (!layer || !brush || dragging) return;
    const {from, to} = notebook.filter;
    const x = scaleOf(span);
    const range =
      from === undefined && to === undefined
        ? null
        : ([x(Math.max(span.from, from ?? span.from)), x(Math.min(span.to, to ?? span.to))] as [number, number]);
    layer.call(brush.move, range && range[1] > range[0] ? range : null);
  };
  /** All of time; of captures years apart the stretch that the window lies in, or there would be nothing to see. */
  const spanShown = (): Span | null => {
    const {from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, captures} = notebook.filter;
    const chosen = notebook.captures.filter(({sha256}) => captures?.includes(sha256) ?? true);
    const around = farStretches(chosen).find((each) => each.from <= from && to <= each.to);
    return around ? {from: around.from, to: around.to} : notebook.extent();
  };
  const gridOf = (span: Span) => gridFor(span, Math.max(40, Math.min(300, width / 4)));
  /** The edge of a bucket that is nearest: there, every step of a drag is added up from what was asked once. */
  const edge = ({originUs, widthUs}: TimeGrid, us: number) =>
    originUs + Math.round((us - originUs) / widthUs) * widthUs;
  const scaleOf = (span: Span) => d3.scaleLinear([span.from, span.to], [0, width]);
  const drawBars = (span: Span) => {
    const filter = withFields(notebook.filter, {from: undefined, to: undefined});
    const grid = gridOf(span);
    const {rows} = notebook.answer({question: overview, filter, grid});
    const x = scaleOf(span);
    const sums = rows.map(([ts, flows]) => [ts as number, flows as number] as const);
    const y = d3.scaleSqrt([0, d3.max(sums, ([, flows]) => flows) ?? 1], [0, height - 4]);
    const bars = svgElement("g", {});
    for (const [ts, flows] of sums) {
      const left = Math.max(0, x(ts));
      bars.append(
        svgElement("rect", {
          x: left,
          y: height - y(flows),
          width: Math.max(1, x(ts + grid.widthUs) - left - 0.5),
          height: y(flows),
          class: "fb-strip-bar"
        })
      );
    }
    const svg = svgElement(
      "svg",
      {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        role: "img",
        "aria-label": `Flows from ${formatSpan(span.from, span.to, notebook.zone)}`
      },
      bars
    );
    brush = d3
      .brushX()
      .extent([
        [0, 0],
        [width, height]
      ])
      .on("start brush end", moved);
    layer = d3.select(svg).append("g").attr("class", "fb-brush").call(brush);
    layer.on("dblclick", () => notebook.narrow({from: undefined, to: undefined}));
    node.replaceChildren(svg);
  };
  const moved = (event: d3.D3BrushEvent<unknown>) => {
    const span = spanShown();
    if (!event.sourceEvent || !span) return;
    dragging = event.type !== "end";
    if (event.type === "start") return notebook.brush(gridOf(span));
    const x = scaleOf(span);
    const range = event.selection as [number, number] | null;
    if (!range) return notebook.narrow({from: undefined, to: undefined});
    const grid = gridOf(span);
    const [from, to] = range.map((at) => edge(grid, x.invert(at)));
    notebook.narrow({from, to: Math.max(to, from + grid.widthUs)}, dragging);
  };
  followWidth(node, (now) => {
    width = now;
    redraw();
  });
  const redraw = notebook.follow(node, draw);
  return node;
}

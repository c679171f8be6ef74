import type {TimeGrid} from "../../lib/question.js";
import {element, svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {hideTooltip, showTooltip, type TooltipRow} from "./tooltip.js";

/** Shortest window that a drag can choose. */
const shortestUs = 1000;

/**
 * Lets a time chart be read and zoomed: the pointer shows exact values, a drag chooses the window of the whole page, a
 * double click shows all. By keyboard: arrows move, Enter zooms in around, Escape or Backspace shows all. `below`: pixels
 * of the drawing that lie below its axis' labels.
 */
export function timeBrush(
  notebook: Notebook,
  plot: (SVGSVGElement | HTMLElement) & {scale?: unknown},
  grid: TimeGrid,
  tooltip: (bucket: number) => {title: string; rows: readonly TooltipRow[]},
  below = 0
): HTMLElement {
  const svg = (plot instanceof SVGSVGElement ? plot : plot.querySelector("svg")) as SVGSVGElement;
  const scale = (
    plot as unknown as {scale(name: "x"): {apply(date: Date): number; range: [number, number]; domain: [Date, Date]}}
  ).scale("x");
  const [left, right] = scale.range;
  const [from, to] = scale.domain.map(Number) as [number, number];
  const height = Number(svg.getAttribute("height")) - below;
  const cursor = svgElement("line", {
    y1: 20,
    y2: height - 26,
    stroke: "var(--fb-ink)",
    "stroke-opacity": 0.5,
    visibility: "hidden",
    "pointer-events": "none"
  });
  const box = svgElement("rect", {
    y: 20,
    height: height - 46,
    fill: "var(--fb-focus)",
    "fill-opacity": 0.15,
    visibility: "hidden",
    "pointer-events": "none"
  });
  svg.append(box, cursor);
  const node = element(
    "div",
    {
      class: "fb-time",
      tabindex: 0,
      role: "application",
      "aria-roledescription": "time chart",
      "aria-label": `${svg.getAttribute("aria-label") ?? "Chart"}: drag, or arrows and Enter, to zoom; Escape to show all`
    },
    plot
  );

  const xOf = (event: PointerEvent) => {
    const bounds = svg.getBoundingClientRect();
    return Math.max(
      left,
      Math.min(right, ((event.clientX - bounds.left) * Number(svg.getAttribute("width"))) / bounds.width)
    );
  };
  const usOf = (x: number) => (from + ((x - left) / (right - left)) * (to - from)) * 1000;
  const xAt = (us: number) => left + ((us / 1000 - from) / (to - from)) * (right - left);
  const choose = (a: number, b: number) => {
    const span = notebook.extent();
    const begin = Math.max(a, span?.from ?? a);
    notebook.narrow({from: begin, to: Math.max(begin + shortestUs, Math.min(b, span?.to ?? b))});
  };
  let bucket = -1;
  let dragFrom: number | null = null;

  const point = (next: number, at?: {clientX: number; clientY: number}) => {
    bucket = Math.max(0, Math.min(grid.count - 1, next));
    const x = Math.max(left, Math.min(right, xAt(grid.originUs + (bucket + 0.5) * grid.widthUs)));
    cursor.setAttribute("x1", String(x));
    cursor.setAttribute("x2", String(x));
    cursor.setAttribute("visibility", "visible");
    const bounds = svg.getBoundingClientRect();
    const {title, rows} = tooltip(bucket);
    showTooltip(
      at ?? {clientX: bounds.left + (x * bounds.width) / Number(svg.getAttribute("width")), clientY: bounds.top + 30},
      title,
      rows
    );
  };
  const leave = () => {
    cursor.setAttribute("visibility", "hidden");
    box.setAttribute("visibility", "hidden");
    dragFrom = null;
    hideTooltip();
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dragFrom = xOf(event);
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    const x = xOf(event);
    point(Math.floor((usOf(x) - grid.originUs) / grid.widthUs), event);
    if (dragFrom === null) return;
    box.setAttribute("x", String(Math.min(dragFrom, x)));
    box.setAttribute("width", String(Math.abs(x - dragFrom)));
    box.setAttribute("visibility", "visible");
  });
  node.addEventListener("pointerup", (event) => {
    const [start, end] = [dragFrom, xOf(event)];
    leave();
    if (start === null || Math.abs(end - start) < 4) return;
    const [a, b] = [Math.floor(usOf(Math.min(start, end))), Math.ceil(usOf(Math.max(start, end)))];
    choose(a, b);
  });
  node.addEventListener("pointercancel", leave);
  node.addEventListener("pointerleave", () => dragFrom === null && leave());
  node.addEventListener("dblclick", () => notebook.narrow({from: undefined, to: undefined}));
  node.addEventListener("blur", leave);
  node.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step) point(bucket < 0 ? 0 : bucket + step * (event.shiftKey ? 10 : 1));
    else if (event.key === "Enter" && bucket >= 0) {
      const middle = grid.originUs + (bucket + 0.5) * grid.widthUs;
      const half = Math.max(shortestUs, (grid.count * grid.widthUs) / 8);
      choose(Math.floor(middle - half), Math.ceil(middle + half));
    } else if (event.key === "Escape" || event.key === "Backspace") notebook.narrow({from: undefined, to: undefined});
    else return;
    event.preventDefault();
  });
  return node;
}

import type {LiveGrid} from "../../lib/live.js";
import type {ChartFrame} from "../charts/chart-frame.js";
import {hideTooltip, showTooltip, type TooltipRow} from "../charts/tooltip.js";

export interface LivePointerOptions {
  /** Pixels beside the drawn seconds. */
  readonly margins: {readonly left: number; readonly right: number};
  /** The seconds that are drawn; null where none are. */
  grid(): LiveGrid | null;
  /** Exact values of the bucket between those seconds. */
  tooltip(from: number, to: number): {readonly title: string; readonly rows: readonly TooltipRow[]};
}

/**
 * Shows exact values of a live chart where the pointer is, or by arrows where it has the focus. Returns the function
 * that shows them again after a drawing: the second that is pointed at stays while the chart moves on.
 */
export function livePointer({body, width, showsChart}: ChartFrame, options: LivePointerOptions): () => void {
  const {margins} = options;
  let pointed: {second: number; at: {clientX: number; clientY: number}} | null = null;
  const plotWidth = () => width() - margins.left - margins.right;
  const drawnGrid = () => (showsChart() ? options.grid() : null);
  const again = () => {
    const grid = drawnGrid();
    if (!grid || !pointed) return;
    const from = Math.max(grid.from, Math.floor(pointed.second / grid.step) * grid.step);
    const {title, rows} = options.tooltip(from, Math.min(grid.to, from + grid.step));
    showTooltip(pointed.at, title, rows);
  };
  const leave = () => {
    pointed = null;
    hideTooltip();
  };
  body.addEventListener("pointermove", ({clientX, clientY}) => {
    const grid = drawnGrid();
    if (!grid) return;
    const share = (clientX - body.getBoundingClientRect().left - margins.left) / plotWidth();
    if (share < 0 || share >= 1) return leave();
    pointed = {second: Math.floor(grid.from + share * (grid.to - grid.from)), at: {clientX, clientY}};
    again();
  });
  body.addEventListener("pointerleave", leave);
  body.addEventListener("blur", leave);
  body.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (event.key === "Escape") leave();
    const grid = drawnGrid();
    if (!step || !grid) return;
    event.preventDefault();
    const second = Math.min(grid.to - 1, Math.max(grid.from, (pointed?.second ?? grid.to) + step * grid.step));
    const {left, top} = body.getBoundingClientRect();
    const share = (second - grid.from) / (grid.to - grid.from);
    pointed = {second, at: {clientX: left + margins.left + share * plotWidth(), clientY: top + 20}};
    again();
  });
  return again;
}

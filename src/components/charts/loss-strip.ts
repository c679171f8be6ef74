import {formatCount, formatShare, formatSpan} from "../../lib/format.js";
import {type LossBucket, lostIn} from "../../lib/loss.js";
import type {TimeGrid} from "../../lib/question.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import type {LegendItem} from "./legend-button.js";
import type {TooltipRow} from "./tooltip.js";

/** The legend's entry of the hatching and the strip. */
export const lossLegend: LegendItem = {
  name: "packets were lost here",
  color: "var(--fb-suspicious)",
  isHatched: true
};

const gap = 6;
const laneHeight = 14;
/** Pixels that a strip adds below a chart. */
export const stripHeight = gap + laneHeight + 2;

const layerWords = [
  ["interface", "by the interface"],
  ["kernel", "by the kernel"],
  ["pipe", "on the way to the meter"]
] as const;

/** What a chart over time says of lost packets; nothing where none were lost in what it shows. */
export interface LossMarks {
  /** Empty, or the entry that switches the marks off and on. */
  readonly legend: readonly LegendItem[];
  /** Pixels that the drawing is higher by. */
  readonly below: number;
  /** Marks the plot's stretches with loss, and draws the strip below it: in the same image, so that it is exported too. */
  draw(plot: SVGSVGElement & {scale?: unknown}): void;
  /** Rows of a bucket's tooltip. */
  tooltip(bucket: number): TooltipRow[];
}

let drawn = 0;

/** The packets lost in the buckets of a chart. `hidden`: names of groups that its reader switched off. */
export function lossMarks(notebook: Notebook, grid: TimeGrid, hidden: ReadonlySet<string>): LossMarks {
  const buckets = notebook.loss(grid);
  if (buckets.length === 0) return {legend: [], below: 0, draw: () => {}, tooltip: () => []};
  const isHidden = hidden.has(lossLegend.name);
  const byIndex = new Map(buckets.map((bucket) => [Math.round((bucket.ts - grid.originUs) / grid.widthUs), bucket]));
  return {
    legend: [lossLegend],
    below: isHidden ? 0 : stripHeight,
    draw: (plot) => {
      if (!isHidden) drawLoss(plot, buckets, grid, lossWords(notebook, buckets, grid));
    },
    tooltip: (index) => {
      const bucket = byIndex.get(index);
      return bucket ? tooltipRows(bucket) : [];
    }
  };
}

function drawLoss(
  svg: SVGSVGElement & {scale?: unknown},
  buckets: readonly LossBucket[],
  {widthUs}: TimeGrid,
  words: string
): void {
  const {range, domain} = (svg as unknown as {scale(name: "x"): {range: [number, number]; domain: [Date, Date]}}).scale(
    "x"
  );
  const [top, bottom] = (svg as unknown as {scale(name: "y"): {range: [number, number]}})
    .scale("y")
    .range.toSorted((a, b) => a - b);
  const [left, right] = range;
  const [from, to] = domain.map((date) => Number(date) * 1000);
  const x = (us: number) => Math.max(left, Math.min(right, left + ((us - from) / (to - from)) * (right - left)));
  const width = Number(svg.getAttribute("width"));
  const height = Number(svg.getAttribute("height"));
  const id = `fb-lost-${++drawn}`;
  const lane = height + gap;
  const marks = svgElement("g", {class: "fb-loss-marks", "pointer-events": "none"});
  const strip = svgElement(
    "g",
    {class: "fb-loss-strip", "data-testid": "loss-strip"},
    svgElement("title", {}, words),
    svgElement("text", {x: left - 6, y: lane + laneHeight - 3, "text-anchor": "end", fill: "currentColor"}, "lost"),
    svgElement("rect", {x: left, y: lane, width: right - left, height: laneHeight, fill: "var(--fb-track)"})
  );
  for (const bucket of buckets) {
    const [begin, end] = [x(bucket.ts), x(bucket.ts + widthUs)];
    if (end <= begin) continue;
    marks.append(svgElement("rect", {x: begin, y: top, width: end - begin, height: bottom - top, fill: `url(#${id})`}));
    const share = lostIn(bucket) / (lostIn(bucket) + bucket.received);
    // What is lost at all is seen: three pixels are none.
    const tall = 3 + (laneHeight - 3) * share;
    strip.append(
      svgElement("rect", {
        x: begin,
        y: lane + laneHeight - tall,
        width: Math.max(1, end - begin),
        height: tall,
        fill: "var(--fb-suspicious)",
        class: "fb-lost",
        "data-ts": bucket.ts,
        "data-lost": lostIn(bucket),
        "data-received": bucket.received
      })
    );
  }
  svg.append(
    svgElement(
      "defs",
      {},
      svgElement(
        "pattern",
        {id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"},
        svgElement("rect", {width: 7, height: 7, fill: "var(--fb-card)", "fill-opacity": 0.35}),
        svgElement("line", {x1: 0, y1: 0, x2: 0, y2: 7, stroke: "var(--fb-suspicious)", "stroke-width": 2.5})
      )
    ),
    marks,
    strip
  );
  svg.setAttribute("height", String(height + stripHeight));
  svg.setAttribute("viewBox", `0 0 ${width} ${height + stripHeight}`);
  svg.setAttribute("aria-label", `${svg.getAttribute("aria-label") ?? "Chart"}; ${words}`);
}

function tooltipRows(bucket: LossBucket): TooltipRow[] {
  const lost = lostIn(bucket);
  return [
    {
      name: "packets lost",
      value: `${counted(lost)} (${formatShare(lost, lost + bucket.received)})`,
      color: lossLegend.color
    },
    ...layerWords
      .filter(([layer]) => bucket[layer] > 0)
      .map(([layer, name]) => ({name, value: counted(bucket[layer])})),
    {name: "packets received", value: counted(bucket.received)},
    ...(bucket.evicted > 0 ? [{name: "flows ended early", value: counted(bucket.evicted)}] : [])
  ];
}

/** Shares of long stretches are no whole numbers: less than half a packet is not none. */
function counted(count: number): string {
  return count > 0 && count < 0.5 ? "< 1" : formatCount(count);
}

function lossWords({zone}: Notebook, buckets: readonly LossBucket[], {widthUs}: TimeGrid): string {
  const lost = buckets.reduce((sum, bucket) => sum + lostIn(bucket), 0);
  const share = (bucket: LossBucket) => lostIn(bucket) / (lostIn(bucket) + bucket.received);
  const worst = buckets.reduce((most, bucket) => (share(bucket) > share(most) ? bucket : most));
  return `${counted(lost)} packets were lost, most of all ${formatShare(lostIn(worst), lostIn(worst) + worst.received)} in ${formatSpan(worst.ts, worst.ts + widthUs, zone)}`;
}

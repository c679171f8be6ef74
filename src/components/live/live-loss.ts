import type {LiveRun, LossSecond} from "../../../schema/live/messages.js";
import {formatCount, formatSpan} from "../../lib/format.js";
import {liveWindow, lostPackets, type Stretch} from "../../lib/live.js";
import {hideTooltip, showTooltip} from "../charts/tooltip.js";
import {element, svgElement} from "../page/element.js";
import {followWidth} from "../page/follow-width.js";
import type {LiveFeed} from "./live-feed.js";

interface Layer {
  readonly name: string;
  readonly what: string;
  /** Null where the layer does not tell. */
  count(loss: LossSecond): number | null;
  /** Whether the end of a run told this layer's losses. */
  isTold(told: LiveRun["told"]): boolean;
  /** What this layer has of drops that were told at a run's end only. */
  late(drops: {kernel: number; interface: number; pipe: number}): number;
}

/** Where packets are lost, from the wire to the flows. */
const layers: readonly Layer[] = [
  {
    name: "Interface",
    what: "dropped by the interface",
    count: (loss) => loss.interface,
    isTold: (told) => told.interface,
    late: (drops) => drops.interface
  },
  {
    name: "Kernel",
    what: "dropped by the kernel",
    count: (loss) => loss.kernel,
    isTold: (told) => told.kernel,
    late: (drops) => drops.kernel
  },
  {
    name: "Pipe",
    what: "lost in the pipe, or times it was full",
    count: ({pipe, stalls}) => (pipe === null ? (stalls > 0 ? stalls : null) : pipe + stalls),
    isTold: (told) => told.pipe,
    late: (drops) => drops.pipe
  },
  {name: "Meter", what: "flows ended early: table full", count: (loss) => loss.meter, isTold: () => true, late: () => 0}
];

const left = 58;
const right = 28;
const laneHeight = 14;
const gap = 3;

/** A strip with a lane for each layer: light where it lost nothing, red where it lost, hatched where it has not told. */
export function liveLoss(feed: LiveFeed | null): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const body = element("div", {class: "fb-chart-body fb-live-loss"});
  const said = element("p", {class: "fb-note", "data-testid": "live-loss-words"});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Loss by layer", "data-testid": "live-loss"},
    element("header", {}, element("h2", {}, "Loss by layer")),
    said,
    body
  );
  let width = 0;
  const draw = () => {
    said.textContent = lossWords(feed);
    if (width > 0) body.replaceChildren(strip(feed, width));
  };
  followWidth(body, (now) => {
    width = now;
    draw();
  });
  body.addEventListener("pointermove", (event) => {
    const window = liveWindow(feed.model, feed.spanS);
    if (!window) return;
    const {left: begin} = body.getBoundingClientRect();
    const share = (event.clientX - begin - left) / (width - left - right);
    if (share < 0 || share >= 1) return hideTooltip();
    const second = Math.floor(window.from + share * (window.to - window.from));
    const loss = feed.model.losses.get(second);
    showTooltip(
      event,
      formatSpan(second * 1e6, (second + 1) * 1e6, feed.zone),
      loss
        ? layers.map((layer) => {
            const count = layer.count(loss);
            return {name: layer.what, value: count === null ? "not reported" : formatCount(count)};
          })
        : [{name: "nothing is known", value: "–"}]
    );
  });
  body.addEventListener("pointerleave", hideTooltip);
  feed.follow(node, draw);
  return node;
}

function strip(feed: LiveFeed, width: number): SVGSVGElement {
  const {model, spanS} = feed;
  const now = Math.floor(model.nowMs / 1000);
  const {from, to}: Stretch = liveWindow(model, spanS) ?? {from: now - spanS, to: now};
  const runs = model.state?.runs ?? [];
  const height = layers.length * (laneHeight + gap);
  const x = (second: number) =>
    left + ((Math.min(to, Math.max(from, second)) - from) / (to - from)) * (width - left - right);
  const svg = svgElement("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": lossWords(feed)
  });
  svg.append(
    svgElement(
      "defs",
      {},
      svgElement(
        "pattern",
        {id: "fb-untold", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)"},
        svgElement("rect", {width: 6, height: 6, fill: "var(--fb-track)"}),
        svgElement("line", {x1: 0, y1: 0, x2: 0, y2: 6, stroke: "var(--fb-axis)", "stroke-width": 1.5})
      )
    )
  );
  for (const [lane, layer] of layers.entries()) {
    const y = lane * (laneHeight + gap);
    const bar = (begin: number, end: number, fill: string, name: string) =>
      svgElement("rect", {
        x: x(begin),
        y,
        width: Math.max(0, x(end) - x(begin)),
        height: laneHeight,
        fill,
        class: name
      });
    svg.append(
      svgElement("text", {x: left - 6, y: y + laneHeight - 3, "text-anchor": "end", class: "fb-live-lane"}, layer.name),
      bar(from, to, "var(--fb-gap)", "fb-live-unknown")
    );
    for (const {begin, end, kind} of pieces(model.losses, layer, runs, from, to)) {
      const fill = {none: "var(--fb-good-fill)", lost: "var(--fb-suspicious)", untold: "url(#fb-untold)"}[kind];
      // A single second stays visible however long the window is.
      const wide = kind === "lost" ? Math.max(end, begin + ((to - from) * 2) / width) : end;
      svg.append(bar(begin, wide, fill, `fb-live-${kind}`));
    }
    for (const {lateDrops, startedAtMs, endedAtMs} of runs)
      if (lateDrops && layer.late(lateDrops) > 0 && startedAtMs !== null)
        svg.append(bar(startedAtMs / 1000, (endedAtMs ?? model.nowMs) / 1000, "var(--fb-suspicious)", "fb-live-late"));
  }
  return svg;
}

type Kind = "none" | "lost" | "untold";

/** Stretches of a lane of one kind. */
function pieces(
  losses: ReadonlyMap<number, LossSecond>,
  layer: Layer,
  runs: readonly LiveRun[],
  from: number,
  to: number
) {
  // What no second told the end of a run may have: then nothing was lost, or it is drawn over the whole run.
  const isTold = (second: number) =>
    runs.some(
      ({told, startedAtMs, endedAtMs}) =>
        layer.isTold(told) &&
        startedAtMs !== null &&
        second >= Math.floor(startedAtMs / 1000) &&
        second <= (endedAtMs ?? 0) / 1000
    );
  const found: {begin: number; end: number; kind: Kind}[] = [];
  let known = -Infinity;
  for (let second = from - 2; second < to; second++) {
    const loss = losses.get(second);
    // A status a second drifts: one second without between two with is none of its own.
    if (!loss) {
      const previous = found.at(-1);
      if (previous && known === second - 1 && losses.has(second + 1)) previous.end = second + 1;
      continue;
    }
    known = second;
    const count = layer.count(loss);
    const kind: Kind = count === null ? (isTold(second) ? "none" : "untold") : count > 0 ? "lost" : "none";
    const previous = found.at(-1);
    if (previous && previous.kind === kind && previous.end === second) previous.end = second + 1;
    else found.push({begin: second, end: second + 1, kind});
  }
  return found;
}

function lossWords({model}: LiveFeed): string {
  const {state} = model;
  const totals = state?.totals;
  const run = state?.runs.at(-1);
  if (!state || !totals || !run)
    return "Packets lost at each layer from the wire to the flows. Shown while a capture runs.";
  const late = run.lateDrops ? lostPackets(run.lateDrops) : 0;
  const parts = [
    late > 0
      ? `${formatCount(late)} packets were lost at a time of the last capture that its program did not tell`
      : "",
    totals.kernelDrops === null && state.phase !== "idle"
      ? `${run.program}: ${run.loss}; until then hatched is unknown, not zero`
      : "",
    totals.kernelDrops !== null ? `${formatCount(totals.kernelDrops)} dropped by the kernel` : "",
    totals.interfaceDrops !== null ? `${formatCount(totals.interfaceDrops)} by the interface` : "",
    `${formatCount(totals.stalls)} times the pipe was full`,
    `${formatCount(totals.evictedFlows)} flows ended early`,
    `${formatCount(totals.malformed)} packets malformed`,
    `${formatCount(totals.cutPackets)} cut short`
  ];
  return `${parts.filter(Boolean).join(" · ")}.`;
}

import {formatBytes, formatCount, formatShare, formatShort} from "../../lib/format.js";
import {element} from "../page/element.js";
import type {LiveFeed} from "./live-feed.js";

interface Figure {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly below: string;
  readonly tone?: "alert";
}

const none = "–";

/** The numbers of now, and of the capture so far. */
export function liveFigures(feed: LiveFeed | null): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const list = element("dl", {class: "fb-figures"});
  const node = element("section", {class: "fb-headline", "aria-label": "Now", "data-testid": "live-figures"}, list);
  const cells = new Map<string, {box: HTMLElement; value: HTMLElement; below: HTMLElement}>();
  feed.follow(node, () => {
    for (const {id, name, value, below, tone} of figures(feed)) {
      let cell = cells.get(id);
      if (!cell) {
        cell = {
          value: element("dd", {class: "fb-figure-value"}),
          below: element("dd", {class: "fb-figure-below"}),
          box: element("div", {class: "fb-figure", "data-testid": `figure-${id}`})
        };
        cell.box.append(element("dt", {}, name), cell.value, cell.below);
        cells.set(id, cell);
        list.append(cell.box);
      }
      if (cell.value.textContent !== value) cell.value.textContent = value;
      if (cell.below.textContent !== below) cell.below.textContent = below;
      if (tone) cell.box.dataset.tone = tone;
      else delete cell.box.dataset.tone;
    }
  });
  return node;
}

function figures({model}: LiveFeed): Figure[] {
  const {state, seconds} = model;
  const last = model.lastSecond;
  const isRunning = state !== null && state.phase !== "idle";
  const now = isRunning && last !== null && last > model.nowMs / 1000 - 10 ? seconds.get(last) : undefined;
  const totals = state?.totals;
  const scored = state?.scored;
  const rate = (bytes: number | undefined) => (bytes === undefined ? none : `${formatBytes(bytes)}/s`);
  const whenIdle = isRunning ? "waiting for packets" : "no capture runs";
  return [
    {
      id: "packet-rate",
      name: "Packets a second",
      value: now ? formatShort(now.volume[0]) : none,
      below: now ? `${formatBytes(now.volume[1])}/s on the wire` : whenIdle
    },
    {
      id: "up-rate",
      name: "Up",
      value: rate(now?.directions[0][1]),
      below: now ? `${formatCount(now.directions[0][0])} packets/s` : whenIdle
    },
    {
      id: "down-rate",
      name: "Down",
      value: rate(now?.directions[1][1]),
      below: now ? `${formatCount(now.directions[1][0])} packets/s` : whenIdle
    },
    {
      id: "within-rate",
      name: "Within",
      value: rate(now?.directions[2][1]),
      below: now ? `${formatCount(now.directions[2][0])} packets/s` : whenIdle
    },
    {
      id: "packets",
      name: "Packets",
      value: totals ? count(totals.packets) : none,
      below: totals ? `${formatBytes(totals.wireBytes)} since the start` : ""
    },
    {
      id: "flows",
      name: "Flows",
      value: totals ? count((state?.end?.flows ?? totals.flows) + (state?.end ? 0 : totals.liveFlows)) : none,
      below: totals ? (state?.end ? "all ended" : `${formatCount(totals.liveFlows)} under way`) : ""
    },
    {
      id: "anomaly-rate",
      name: "Anomaly rate",
      value: scored && scored.anomalyScored > 0 ? formatShare(scored.anomalous, scored.anomalyScored) : none,
      below: scored
        ? scored.reason !== null
          ? "no model: no verdicts"
          : scored.scored === 0
            ? "no flow is scored yet"
            : `${formatCount(scored.anomalous)} of ${formatCount(scored.anomalyScored)} scored flows`
        : ""
    },
    {
      id: "incidents",
      name: "Incidents",
      value: state && state.runs.length > 0 ? formatCount(state.incidentsGrave) : none,
      below: "medium or more",
      ...(state && state.incidentsGrave > 0 ? {tone: "alert" as const} : {})
    }
  ];
}

function count(value: number): string {
  return value < 1_000_000 ? formatCount(value) : formatShort(value);
}

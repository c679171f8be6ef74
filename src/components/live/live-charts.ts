import * as Plot from "npm:@observablehq/plot";
import type {LiveSecond} from "../../../schema/live/seconds.js";
import {formatBytes, formatCount, formatShare, formatShort, onAxis} from "../../lib/format.js";
import {type LiveBucket, type LiveGrid, liveBuckets, liveGrid, liveWindow} from "../../lib/live.js";
import {choice} from "../charts/choice.js";
import type {LegendItem} from "../charts/legend-button.js";
import {at, type LiveDrawing, liveChart} from "./live-chart.js";
import type {LiveFeed} from "./live-feed.js";

/** Kinds of packets in the order in which a second holds them. */
const kinds: readonly LegendItem[] = [
  {name: "TCP", color: "var(--fb-blue)"},
  {name: "UDP", color: "var(--fb-green)"},
  {name: "ICMP", color: "var(--fb-orange)"},
  {name: "ICMPv6", color: "var(--fb-sand)"},
  {name: "Other IP", color: "var(--fb-violet)"},
  {name: "ARP", color: "var(--fb-teal)"},
  {name: "Not IP", color: "var(--fb-grey)"}
];

/** Directions as a second holds them; what is seen from the local networks as going in is drawn below the line. */
const directions: readonly (LegendItem & {sign: 1 | -1})[] = [
  {name: "up", color: "var(--fb-orange)", sign: 1},
  {name: "down", color: "var(--fb-blue)", sign: -1},
  {name: "within", color: "var(--fb-olive)", sign: 1},
  {name: "passing by", color: "var(--fb-grey)", sign: 1}
];

function gridOf({model, spanS}: LiveFeed, width: number): LiveGrid | null {
  const window = liveWindow(model, spanS);
  return window && liveGrid(window, Math.max(60, width / 2.5));
}

/** Packets and bytes a second by what they are. */
export function liveTraffic(feed: LiveFeed | null): HTMLElement {
  let quantity: "packets" | "bytes" = "packets";
  return liveChart(feed, {
    id: "live-traffic",
    title: "Traffic by protocol",
    note: "All packets, per second of packet time. Grey: no capture ran, so the rate is unknown. Red: packets were lost, so the rate is too low.",
    height: 250,
    controls: (redraw) => [
      choice(
        "Quantity",
        [
          ["packets", "Packets"],
          ["bytes", "Bytes"]
        ] as const,
        quantity,
        (chosen) => {
          quantity = chosen;
          redraw();
        }
      )
    ],
    draw: (feed, width, hidden) => {
      const k = quantity === "packets" ? 0 : 1;
      const pick = (second: LiveSecond) => kinds.map((_, n) => second.kinds[n][k]);
      return drawRates(feed, width, hidden, {items: kinds, pick, isBytes: k === 1, label: `${quantity} / s`});
    }
  });
}

/** Bytes a second that leave and enter the local networks. */
export function liveDirections(feed: LiveFeed | null): HTMLElement {
  return liveChart(feed, {
    id: "live-directions",
    title: "Up and down",
    note: "Above the line: traffic that leaves the local networks or stays within them. Below: traffic that enters them. Local networks are those of the interface and of local_nets in flowbook.toml.",
    height: 220,
    draw: (feed, width, hidden) =>
      drawRates(feed, width, hidden, {
        items: directions,
        pick: (second) => directions.map((_, n) => second.directions[n]?.[1] ?? 0),
        isBytes: true,
        label: "bytes / s"
      })
  });
}

interface Rates {
  readonly items: readonly (LegendItem & {sign?: 1 | -1})[];
  pick(second: LiveSecond): readonly number[];
  readonly isBytes: boolean;
  readonly label: string;
}

/** Stacked areas in steps: a bucket's mean a second over the seconds of it that are known. */
function drawRates(
  feed: LiveFeed,
  width: number,
  hidden: ReadonlySet<string>,
  {items, pick, isBytes, label}: Rates
): LiveDrawing | null {
  const grid = gridOf(feed, width);
  if (!grid) return null;
  const buckets = liveBuckets(feed.model.seconds, grid, pick);
  const seen = items.map((item, k) => ({...item, k})).filter(({k}) => buckets.some(({sums}) => sums[k] > 0));
  const shown = seen.filter(({name}) => !hidden.has(name));
  const format = isBytes ? formatBytes : formatShort;
  const rows = shown.flatMap(({name, color, k, sign = 1}, order) =>
    buckets
      .filter(({sums}) => sums[k] > 0)
      .map((bucket) => ({
        name,
        color,
        order,
        x1: at(bucket.from),
        x2: at(bucket.to),
        value: (sign * bucket.sums[k]) / bucket.seconds
      }))
  );
  return {
    grid,
    marks: [
      Plot.rectY(
        rows,
        Plot.stackY({order: "order"}, {x1: "x1", x2: "x2", y: "value", fill: "color", inset: 0, clip: true, z: "name"})
      )
    ],
    y: {label, tickFormat: (value: number) => onAxis(format(Math.abs(value))), domain: domainOf(rows)},
    legend: seen.length > 1 ? seen.map(({name, color}) => ({name, color})) : [],
    tooltip(second) {
      const bucket = bucketAt(buckets, second);
      if (!bucket) return [{name: "no capture ran", value: "–"}];
      const each = shown
        .filter(({k}) => bucket.sums[k] > 0)
        .map(({name, color, k}) => ({name, color, value: amount(bucket.sums[k], bucket.seconds, isBytes)}));
      return each.length > 0 ? each : [{name: "nothing", value: amount(0, 1, isBytes)}];
    },
    answer: {
      columns: ["ts_us", ...seen.map(({name}) => name)],
      rows: buckets.map(({from, sums}) => [from * 1e6, ...seen.map(({k}) => sums[k])])
    }
  };
}

function domainOf(rows: readonly {x1: Date; value: number}[]): [number, number] | undefined {
  return rows.length === 0 ? [0, 1] : undefined;
}

function amount(sum: number, seconds: number, isBytes: boolean): string {
  const exact = isBytes ? `${formatCount(sum)} B` : formatCount(sum);
  if (seconds <= 1) return exact;
  const rate = sum / seconds;
  return `${exact} (${isBytes ? formatBytes(rate) : formatShort(rate)}/s)`;
}

function bucketAt(buckets: readonly LiveBucket[], second: number): LiveBucket | undefined {
  return buckets.find(({from, to}) => second >= from && second < to);
}

/** The share of anomalous flows among those scored, at the time they were scored. */
export function liveAnomalies(feed: LiveFeed | null): HTMLElement {
  return liveChart(feed, {
    id: "live-anomalies",
    title: "Anomaly rate",
    note: "Share of the scored flows that the Isolation Forest finds anomalous. Flows are scored after they end.",
    height: 220,
    draw(feed, width) {
      const grid = gridOf(feed, width);
      if (!grid) return null;
      const stepS = Math.max(10, grid.step);
      const byBucket = new Map<number, {scored: number; anomalous: number}>();
      for (const {atMs, anomalyScored, anomalous} of feed.model.scores) {
        const from = Math.floor(atMs / 1000 / stepS) * stepS;
        if (from + stepS <= grid.from || anomalyScored === 0) continue;
        const known = byBucket.get(from) ?? {scored: 0, anomalous: 0};
        byBucket.set(from, {scored: known.scored + anomalyScored, anomalous: known.anomalous + anomalous});
      }
      const points = [...byBucket]
        .map(([from, counts]) => ({from, to: from + stepS, ...counts, rate: counts.anomalous / counts.scored}))
        .sort((a, b) => a.from - b.from);
      // What was scored last belongs to seconds that are not whole yet.
      const to = Math.max(grid.to, ...points.map((point) => point.to));
      const shown = points.map((point) => ({...point, x1: at(point.from), x2: at(point.to)}));
      return {
        grid: {...grid, step: 1, from: to - (grid.to - grid.from), to},
        marks: [
          Plot.rectY(shown, {x1: "x1", x2: "x2", y: "rate", fill: "var(--fb-anomaly)", fillOpacity: 0.25, clip: true}),
          Plot.ruleY(shown, {x1: "x1", x2: "x2", y: "rate", stroke: "var(--fb-anomaly)", strokeWidth: 2, clip: true})
        ],
        y: {
          label: null,
          domain: [0, Math.max(0.1, ...points.map(({rate}) => rate))],
          tickFormat: (value: number) => `${Math.round(value * 100)} %`
        },
        tooltip(second) {
          const point = points.find(({from, to}) => second >= from && second < to);
          if (!point) return [{name: "no flow was scored", value: "–"}];
          return [
            {name: "anomalous", color: "var(--fb-anomaly)", value: formatShare(point.anomalous, point.scored)},
            {name: "flows", value: `${formatCount(point.anomalous)} of ${formatCount(point.scored)}`}
          ];
        },
        answer: {
          columns: ["ts_us", "scored", "anomalous"],
          rows: points.map(({from, scored, anomalous}) => [from * 1e6, scored, anomalous])
        }
      };
    }
  });
}

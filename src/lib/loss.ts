import type {DataRow} from "./captures.js";
import type {Filter} from "./filter.js";
import type {TimeGrid} from "./question.js";
import {shareOf} from "./selection.js";

/** Layers that lose packets, from the wire to the meter. */
export const lossLayers = ["interface", "kernel", "pipe"] as const;
export type LossLayer = (typeof lossLayers)[number];

/** Packets that were received, or lost by a layer, or flows that were ended early, at some time of a stretch. */
export interface LossStretch {
  readonly capture: string;
  readonly layer: LossLayer | "received" | "evicted";
  /** Packet time in µs since 1970, both ends included. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What was lost in one bucket of time; counts of stretches longer than it are its even share, and no whole numbers. */
export interface LossBucket {
  /** Begin in µs since 1970. */
  readonly ts: number;
  /** Packets received by the captures that lost some. */
  readonly received: number;
  readonly interface: number;
  readonly kernel: number;
  readonly pipe: number;
  /** Flows ended early as the meter's table was full; no packets. */
  readonly evicted: number;
}

/** Reads `loss.json`. */
export function lossStretches(rows: readonly DataRow[]): LossStretch[] {
  return rows.map((row) => ({
    capture: String(row.capture_sha256),
    layer: String(row.layer) as LossStretch["layer"],
    from: Number(row.ts_start),
    to: Number(row.ts_end),
    count: Number(row.count)
  }));
}

/** Packets lost in a bucket by all layers. */
export function lostIn({interface: device, kernel, pipe}: LossBucket): number {
  return device + kernel + pipe;
}

/**
 * The buckets of a grid in which packets were lost, by time; those of the filter's captures and window, whatever else it
 * says: nobody knows whose packets were lost. {@link lossSql} asks the lake the same.
 */
export function lossByTime(stretches: readonly LossStretch[], {captures, from, to}: Filter, grid: TimeGrid) {
  const {originUs, widthUs, count: bucketCount} = grid;
  const sums = new Map<number, Record<LossStretch["layer"], number>>();
  for (const {capture, layer, count, ...stretch} of stretches) {
    if (captures && !captures.includes(capture)) continue;
    const duration = stretch.to - stretch.from;
    if (to !== undefined && stretch.from >= to) continue;
    if (from !== undefined && stretch.from < from && stretch.to <= from) continue;
    const begin = Math.max(stretch.from, from ?? stretch.from);
    const end = Math.min(stretch.to, to ?? stretch.to);
    const first = Math.max(0, Math.floor((begin - originUs) / widthUs));
    for (let bucket = first; bucket < bucketCount; bucket++) {
      const at = originUs + bucket * widthUs;
      if (bucket > first && at >= end) break;
      const until = Math.min(at + widthUs, to ?? Number.POSITIVE_INFINITY);
      if (at > stretch.to || until <= stretch.from) break;
      const share = shareOf(stretch.from, duration, Math.max(at, begin), until);
      if (share <= 0) continue;
      let sum = sums.get(bucket);
      if (!sum) sums.set(bucket, (sum = {received: 0, interface: 0, kernel: 0, pipe: 0, evicted: 0}));
      sum[layer] += count * share;
    }
  }
  return [...sums]
    .map(([bucket, sum]): LossBucket => ({ts: originUs + bucket * widthUs, ...sum}))
    .filter((bucket) => lostIn(bucket) > 0)
    .sort((a, b) => a.ts - b.ts);
}

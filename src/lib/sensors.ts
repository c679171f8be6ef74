import {formatCount, formatDuration} from "./format.js";

/** A sensor as the lake and its own last word have it; times in ms since 1970. */
export interface SensorFacts {
  readonly sensor: string;
  readonly captures: number;
  readonly packets: number;
  /** Packets lost on the way to its meter; null where none of its captures tells. */
  readonly lost: number | null;
  /** When its last part was sealed; null where the lake has none of it. */
  readonly lastPartMs: number | null;
  readonly lastPacketMs: number | null;
  /** What it said of its spool; null where it sends to no store, or nothing was fetched of it. */
  readonly spool: {
    readonly saidMs: number;
    readonly parts: number;
    readonly bytes: number;
    readonly lostParts: number;
    readonly problem: string | null;
  } | null;
}

/** Sensors say something at least every half minute while they capture. */
export const quietMs = 5 * 60_000;

/** What is not well with a sensor, in words; empty where all is. */
export function sensorTroubles({spool}: SensorFacts, atMs: number): string[] {
  if (!spool) return [];
  const one = spool.lostParts === 1;
  return [
    ...(spool.lostParts > 0
      ? [
          `${formatCount(spool.lostParts)} ${one ? "part was" : "parts were"} removed by its limits before ${one ? "it was" : "they were"} sent: lost`
        ]
      : []),
    ...(spool.problem === null ? [] : [`the last attempt to send failed: ${spool.problem}`]),
    ...(atMs - spool.saidMs > quietMs ? [`nothing heard for ${formatAgo(atMs - spool.saidMs)}`] : [])
  ];
}

/** How far what is read lies behind the clock: since the sensor's last part was sealed. */
export function sensorLag({lastPartMs}: SensorFacts, atMs: number): string {
  if (lastPartMs === null) return "no part yet";
  return atMs - lastPartMs < 1000 ? "just now" : `${formatAgo(atMs - lastPartMs)} ago`;
}

function formatAgo(ms: number): string {
  return formatDuration(Math.round(ms / 1000) * 1e6);
}

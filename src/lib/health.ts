import type {SensorFacts} from "./sensors.js";

/** One line of `flowbook doctor`. */
export interface Check {
  readonly name: string;
  /** `warn`: something is left out without it; `fail`: flowbook does not work without it. */
  readonly state: "ok" | "warn" | "fail";
  readonly found: string;
  /** What to do about it; null where nothing needs to be done. */
  readonly remedy: string | null;
}

/** A table of the lake on disk. */
export interface TableSize {
  readonly name: string;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
}

/** What captures lost, summed over all; null where no capture can tell. */
export interface Losses {
  readonly captures: number;
  /** Captures that lost something on the way to the lake. */
  readonly withLoss: number;
  /** Captures of which nobody knows. */
  readonly untold: number;
  readonly packets: number;
  readonly interface_drops: number | null;
  readonly kernel_drops: number | null;
  readonly pipe_drops: number | null;
  readonly evicted_flows: number;
  readonly cut_packets: number;
  readonly malformed: number;
  readonly unread_packets: number;
}

/** `data/health.json`. */
export interface Health {
  /** When it was looked at, ms since 1970. */
  readonly atMs: number;
  /** Lines about this machine, which a static site leaves, and about the verdicts where they are to be made anew. */
  readonly checks: readonly Check[];
  /** Bytes of the lake's disk; null in a static site. */
  readonly disk: {readonly free: number; readonly size: number} | null;
  readonly tables: readonly TableSize[];
  /** What the lake keeps beside its tables. */
  readonly beside: readonly {
    readonly name: string;
    readonly doc: string;
    readonly files: number;
    readonly bytes: number;
  }[];
  readonly losses: Losses;
  readonly versions: readonly {readonly name: string; readonly version: string}[];
  /** When parts were sealed, ms since 1970; null without one. */
  readonly parts: {readonly count: number; readonly oldestMs: number; readonly newestMs: number} | null;
  /** Who fills the lake, where it says so; none in a static site, since their names are those of machines. */
  readonly sensors: readonly SensorFacts[];
  readonly damage: readonly {readonly file: string; readonly problem: string}[];
}

/** What to do about damaged files. */
export const damageRemedy = "flowbook doctor --repair";

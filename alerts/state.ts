import {existsSync, mkdirSync, renameSync, utimesSync} from "node:fs";
import {join} from "node:path";
import {takeLock} from "../capture/partitions/lock.ts";
import {readSmallFile, stateBytes} from "../capture/partitions/small-file.ts";
import {replaceFile} from "../loaders/results/freshness-ledger.ts";
import type {Incident, Trace} from "./incident.ts";
import type {Message} from "./message.ts";
import type {Transport} from "./transports/index.ts";

/** A message on its way to one destination. */
export interface Delivery {
  readonly transport: Transport["name"];
  readonly message: Message;
  /** Tries that failed. */
  readonly tries: number;
  /** Wall clock of the next try, in ms since 1970. */
  readonly nextMs: number;
}

/** How one destination has fared, wall clock in ms since 1970; null where it has not happened. */
export interface Fate {
  readonly deliveredMs: number | null;
  readonly failedMs: number | null;
  /** Why the last failed try failed; null once one got through after it. */
  readonly error: string | null;
}

export interface AlertCounts {
  /** Messages made. */
  readonly messages: number;
  /** Incidents in them. */
  readonly told: number;
  /** Incidents that were not told because an incident went on. */
  readonly goneOn: number;
  /** Incidents that were not told: below the threshold, of a muted rule, acknowledged or suppressed. */
  readonly left: number;
  /** Incidents that found no place in a message. */
  readonly crowdedOut: number;
  readonly delivered: number;
  readonly failedTries: number;
  /** Deliveries given up after the last try, or because their destination is no longer set. */
  readonly givenUp: number;
  /** Deliveries that a full queue pushed out. */
  readonly pushedOut: number;
}

/** What alerts remember in a lake; lies in `LAKE/.alerts/state.json`. */
export interface AlertState {
  readonly version: 1;
  /** Incidents of the lake that were judged, by id; of those below the threshold then with their severity. */
  readonly seen: readonly string[];
  /** The newest incidents that were told, which tell whether a new one goes on from them. */
  readonly told: readonly Trace[];
  /** Incidents for the next message. */
  readonly waiting: readonly Incident[];
  /** Incidents of the next message that are only counted. */
  readonly waitingMore: number;
  readonly lastMessageMs: number | null;
  readonly queue: readonly Delivery[];
  readonly fates: Readonly<Partial<Record<Transport["name"], Fate>>>;
  readonly counts: AlertCounts;
}

/** Limits of what is remembered; what goes beyond is counted. */
export const stateLimits = {waiting: 200, inMessage: 50, queue: 100, told: 1000} as const;

export const noCounts: AlertCounts = {
  messages: 0,
  told: 0,
  goneOn: 0,
  left: 0,
  crowdedOut: 0,
  delivered: 0,
  failedTries: 0,
  givenUp: 0,
  pushedOut: 0
};

export const newState: AlertState = {
  version: 1,
  seen: [],
  told: [],
  waiting: [],
  waitingMore: 0,
  lastMessageMs: null,
  queue: [],
  fates: {},
  counts: noCounts
};

/** Folder of the lake in which alerts keep state and log. */
export const alertsFolder = (lake: string) => join(lake, ".alerts");

const statePath = (lake: string) => join(alertsFolder(lake), "state.json");

/** Reads the state; null where there is none. A damaged one is put aside, under the name with `.damaged`. */
export function readState(lake: string): AlertState | null {
  const path = statePath(lake);
  if (!existsSync(path)) return null;
  try {
    const state = JSON.parse(readSmallFile(path, stateBytes));
    if (state?.version === 1) return {...newState, ...state, counts: {...noCounts, ...state.counts}};
  } catch {
    // Put aside below.
  }
  renameSync(path, `${path}.damaged`);
  return null;
}

/** Writes the state in one step, readable by the owner alone. */
export function writeState(lake: string, state: AlertState): void {
  replaceFile(statePath(lake), JSON.stringify(state));
}

const lockPath = (lake: string) => join(alertsFolder(lake), "lock");

/** Whoever holds a lake's alerts says so this often; who was silent for `silentMs` is gone, even if its id is another's by now. */
export const sayEveryMs = 20_000;
const silentMs = 180_000;

/** Holds a lake's alerts for one process: returns the function that lets go, or the process that holds them. */
export function lockAlerts(lake: string, nowMs: number): ReturnType<typeof takeLock> {
  mkdirSync(alertsFolder(lake), {recursive: true, mode: 0o700});
  return takeLock(lockPath(lake), {nowMs, silentMs});
}

/** Says that the holder is still there. */
export function keepAlerts(lake: string, nowMs: number): void {
  utimesSync(lockPath(lake), nowMs / 1000, nowMs / 1000);
}

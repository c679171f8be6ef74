import {randomUUID} from "node:crypto";
import {statSync} from "node:fs";
import {join} from "node:path";
import {type LogEntry, readLog, writeLog} from "./delivery-log.ts";
import type {Message} from "./message.ts";
import {alertRound, type Round} from "./round.ts";
import {type AlertSettings, areOn} from "./settings.ts";
import {type AlertCounts, type Fate, keepAlerts, lockAlerts, noCounts, readState, sayEveryMs} from "./state.ts";
import {type Transport, type TransportName, transportTitles} from "./transports/index.ts";

export interface DeskOptions {
  readonly lake: string;
  readonly settings: AlertSettings;
  readonly transports: readonly Transport[];
  /** Origin of the notebook for links; null where nobody serves it. */
  readonly link: () => string | null;
  /** Wall clock, in ms since 1970. */
  readonly now: () => number;
  /** A clock that is never set, in ms, which pauses are measured by; the process's own without it. */
  readonly steady?: () => number;
  /** Hears what fails outside a delivery, such as a lake that cannot be read; the same words once. */
  readonly onWarning: (text: string) => void;
}

/** A destination as it is shown. */
export interface Destination extends Fate {
  readonly name: Transport["name"];
  readonly destination: string;
  readonly protection: string;
  /** Messages that wait for it. */
  readonly waiting: number;
}

/** What alerts are doing, without anything secret. */
export interface AlertStatus {
  readonly on: boolean;
  /** The other process that tells of this lake; null where none does. */
  readonly heldBy: number | null;
  readonly severity: AlertSettings["severity"];
  readonly anomalyPercent: number | null;
  readonly intervalS: number;
  readonly quietS: number;
  readonly mute: readonly string[];
  readonly destinations: readonly Destination[];
  /** Titles of all transports by name, also of those that are not set. */
  readonly titles: Readonly<Record<TransportName, string>>;
  /** Incidents gathered for the next message. */
  readonly waiting: number;
  readonly counts: AlertCounts;
  /** Newest first. */
  readonly log: readonly LogEntry[];
}

/** What became of a test message at one destination. */
export interface TestResult {
  readonly transport: Transport["name"];
  readonly destination: string;
  /** Null where it went through. */
  readonly error: string | null;
}

const lookEveryMs = 1000;
const shownEntries = 50;
/** After a look it rests for so many times as long as the look took. */
const restFactor = 3;

/** Tells of a lake's incidents for as long as a process runs: looks when they change, sends when something is due. */
export class AlertDesk {
  readonly #options: DeskOptions;
  readonly #warned = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #stamp: string | null = null;
  /** When there is something to send, by the clock that is never set, as are the times below. */
  #dueMs: number | null = null;
  #restUntilMs = 0;
  #round: Promise<unknown> | null = null;
  #testing = false;
  #letGo: (() => void) | null = null;
  #heldBy: number | null = null;
  #saidMs = 0;

  readonly #steady: () => number;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#steady = options.steady ?? (() => performance.now());
  }

  /** Takes what the lake holds as known, where alerts never ran on it, and watches it from then on. Does nothing where they are off. */
  async start(): Promise<void> {
    if (!areOn(this.#options.settings)) return;
    this.#timer = setInterval(() => this.#tick(), lookEveryMs);
    this.#timer.unref();
    await this.#begin();
  }

  /** Looks a last time, sends what is due, and ends. */
  async close(): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#round;
    await this.#once();
    this.#letGo?.();
    this.#letGo = null;
  }

  status(): AlertStatus {
    const {lake, settings, transports} = this.#options;
    const state = readState(lake);
    const {severity, anomalyPercent, intervalS, quietS, mute} = settings;
    return {
      on: areOn(settings),
      heldBy: this.#heldBy,
      severity,
      anomalyPercent,
      intervalS,
      quietS,
      mute,
      destinations: transports.map(({name, destination, protection}) => ({
        name,
        destination,
        protection,
        waiting: state?.queue.filter(({transport}) => transport === name).length ?? 0,
        ...(state?.fates[name] ?? {deliveredMs: null, failedMs: null, error: null})
      })),
      titles: transportTitles,
      waiting: (state?.waiting.length ?? 0) + (state?.waitingMore ?? 0),
      counts: state?.counts ?? noCounts,
      log: readLog(lake, shownEntries)
    };
  }

  /** Sends a test message at once, to all destinations or one; null where another test runs. */
  async test(only?: string): Promise<TestResult[] | null> {
    const {lake, settings, transports, link, now} = this.#options;
    if (this.#testing) return null;
    this.#testing = true;
    try {
      const message: Message = {
        id: randomUUID(),
        createdMs: now(),
        incidents: [],
        more: 0,
        link: settings.link ?? link()
      };
      const asked = transports.filter(({name}) => only === undefined || name === only);
      return await Promise.all(
        asked.map(async ({name: transport, destination, send}) => {
          const error = await send(message).then(
            () => null,
            (failure: Error) => failure.message
          );
          const event = error === null ? "delivered" : "failed";
          writeLog(lake, [{atMs: now(), event, transport, message: message.id, incidents: 0, text: error}]);
          return {transport, destination, error};
        })
      );
    } finally {
      this.#testing = false;
    }
  }

  #tick(): void {
    const nowMs = this.#steady();
    if (this.#round || nowMs < this.#restUntilMs) return;
    if (this.#letGo && nowMs - this.#saidMs > sayEveryMs) this.#say(nowMs);
    if (this.#stampNow() === this.#stamp && (this.#dueMs === null || nowMs < this.#dueMs)) return;
    void this.#begin();
  }

  #begin(): Promise<void> {
    const round = this.#once().finally(() => {
      this.#round = null;
    });
    this.#round = round;
    return round;
  }

  async #once(): Promise<void> {
    const {lake, settings, transports, link, now} = this.#options;
    const stamp = this.#stampNow();
    const startedMs = this.#steady();
    const look = stamp !== this.#stamp;
    try {
      // Another process that holds the lake's alerts is asked again, since it may end with something left.
      if (!this.#hold()) return;
      const round = await alertRound({lake, settings, transports, link: link(), now, newId: randomUUID, look});
      this.#stamp = stamp;
      this.#dueMs = round.nextMs === null ? null : this.#steady() + Math.max(0, round.nextMs - now());
    } catch (error) {
      this.#stamp = stamp;
      const text = `alerts: ${(error as Error).message}`;
      if (!this.#warned.has(text) && this.#warned.size < 50) this.#options.onWarning(text);
      this.#warned.add(text);
    }
    const endedMs = this.#steady();
    this.#restUntilMs = endedMs + restFactor * (endedMs - startedMs);
  }

  /** Takes the lake's alerts for as long as the desk is open: the secrets may be known to one process only. */
  #hold(): boolean {
    if (this.#letGo) return true;
    const held = lockAlerts(this.#options.lake, this.#options.now());
    this.#heldBy = typeof held === "function" ? null : held.pid;
    this.#letGo = typeof held === "function" ? held : null;
    return this.#letGo !== null;
  }

  /** Where the lock is gone, somebody took this process for dead: the alerts are taken anew, or left to who has them. */
  #say(nowMs: number): void {
    this.#saidMs = nowMs;
    try {
      keepAlerts(this.#options.lake, this.#options.now());
    } catch {
      this.#letGo = null;
      this.#stamp = null;
    }
  }

  /** Changes when incidents come or grow, and verdicts where their rate is told. */
  #stampNow(): string {
    const tables = this.#options.settings.anomalyPercent === null ? ["incidents"] : ["incidents", "verdicts"];
    try {
      return tables
        .map((name) => statSync(join(this.#options.lake, name), {throwIfNoEntry: false, bigint: true})?.mtimeNs ?? 0n)
        .join(" ");
    } catch (error) {
      // A lake that cannot be read is told of by the round that tries.
      return (error as NodeJS.ErrnoException).code ?? "";
    }
  }
}

/** Looks once and sends what is due, for a command that ends; where another process does that, its id. */
export async function lookOnce({
  lake,
  settings,
  transports,
  link,
  now
}: Omit<DeskOptions, "onWarning">): Promise<Round | number> {
  const held = lockAlerts(lake, now());
  if (typeof held !== "function") return held.pid;
  try {
    return await alertRound({lake, settings, transports, link: link(), now, newId: randomUUID, look: true});
  } finally {
    held();
  }
}

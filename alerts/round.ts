import {existsSync} from "node:fs";
import {type LogEntry, writeLog} from "./delivery-log.ts";
import {gather, incidentsOfLake, seenOf} from "./gather.ts";
import {byGravity} from "./incident.ts";
import type {Message} from "./message.ts";
import {readReviews} from "./reviews.ts";
import type {AlertSettings} from "./settings.ts";
import {type AlertState, type Delivery, newState, readState, stateLimits, writeState} from "./state.ts";
import type {Transport} from "./transports/index.ts";

export interface RoundOptions {
  readonly lake: string;
  readonly settings: AlertSettings;
  readonly transports: readonly Transport[];
  /** Origin of the notebook for links; null where nobody serves it. */
  readonly link: string | null;
  /** Wall clock, in ms since 1970. */
  readonly now: () => number;
  /** A new name for a message. */
  readonly newId: () => string;
  /** False where the lake's incidents have not changed: then only what is due is sent. */
  readonly look: boolean;
}

export interface Round {
  readonly delivered: number;
  readonly failed: number;
  /** Wall clock of the next thing to do, in ms since 1970; null where nothing waits. */
  readonly nextMs: number | null;
}

/** Tries of a delivery, and the pauses between them, which double from the first to the longest. */
export const retries = {most: 10, firstMs: 30_000, longestMs: 3_600_000} as const;
/** A round does not send for longer, so that new incidents are looked for meanwhile. */
const longestRoundMs = 60_000;

/**
 * Looks for incidents that were not told, makes one message of them when the interval since the last has passed, and
 * sends what is due to every destination. At the first round of a lake what lies there is taken as known. The state is
 * written after every step: a crash may repeat a message, under the same id, and loses none. Whoever calls it holds the
 * lake's alerts (`lockAlerts`).
 */
export async function alertRound(options: RoundOptions): Promise<Round> {
  const {lake, settings, now} = options;
  const known = readState(lake);
  let state = known ?? newState;
  if (known === null) {
    const incidents = existsSync(lake) ? await incidentsOfLake(lake, settings) : [];
    state = {...state, seen: seenOf(incidents, settings.severity)};
    const text = `alerts began; ${incidents.length} incidents were there before and are not told`;
    writeLog(lake, [{atMs: now(), event: "begun", transport: null, message: null, incidents: 0, text}]);
  } else if (options.look)
    state = gather(state, await incidentsOfLake(lake, settings), settings, readReviews(lake), now());
  state = compose(byThisClock(state, now()), options);
  writeState(lake, state);
  const sent = await sendDue(state, options);
  return {delivered: sent.delivered, failed: sent.failed, nextMs: nextOf(sent.state, settings)};
}

/** Makes a message of what waits, once the interval has passed, and queues it for every destination. */
function compose(state: AlertState, {lake, settings, transports, link, now, newId}: RoundOptions): AlertState {
  const nowMs = now();
  if (state.waiting.length === 0 || transports.length === 0) return state;
  if (state.lastMessageMs !== null && nowMs < state.lastMessageMs + settings.intervalS * 1000) return state;
  const incidents = [...state.waiting].sort(byGravity);
  const told = incidents.slice(0, stateLimits.inMessage);
  const more = incidents.length - told.length + state.waitingMore;
  const message: Message = {id: newId(), createdMs: nowMs, incidents: told, more, link: settings.link ?? link};
  const added = transports.map(({name}): Delivery => ({transport: name, message, tries: 0, nextMs: nowMs}));
  const queue = [...state.queue, ...added];
  const pushedOut = queue.slice(0, Math.max(0, queue.length - stateLimits.queue));
  writeLog(
    lake,
    pushedOut.map((delivery) => entryOf(delivery, "pushed out", "the queue was full", nowMs))
  );
  const {counts} = state;
  return {
    ...state,
    waiting: [],
    waitingMore: 0,
    lastMessageMs: nowMs,
    queue: queue.slice(pushedOut.length),
    counts: {
      ...counts,
      messages: counts.messages + 1,
      told: counts.told + told.length,
      crowdedOut: counts.crowdedOut + incidents.length - told.length,
      pushedOut: counts.pushedOut + pushedOut.length
    }
  };
}

/** Where the clock was set back, what was to come by the old one comes after its interval or pause by the new one. */
function byThisClock(state: AlertState, nowMs: number): AlertState {
  const {lastMessageMs, queue} = state;
  return {
    ...state,
    lastMessageMs: lastMessageMs === null ? null : Math.min(lastMessageMs, nowMs),
    queue: queue.map((delivery) => ({...delivery, nextMs: Math.min(delivery.nextMs, nowMs + pauseMs(delivery.tries))}))
  };
}

/** The pause after so many tries that failed. */
function pauseMs(tries: number): number {
  return tries === 0 ? 0 : Math.min(retries.longestMs, retries.firstMs * 2 ** (tries - 1));
}

async function sendDue(
  begun: AlertState,
  {lake, transports, now}: RoundOptions
): Promise<{state: AlertState; delivered: number; failed: number}> {
  let state = begun;
  let [delivered, failed] = [0, 0];
  const startedMs = now();
  // A destination that failed in this round is not tried with its other messages, too.
  const down = new Set<string>();
  for (const delivery of begun.queue) {
    const nowMs = now();
    if (nowMs - startedMs > longestRoundMs) break;
    const transport = transports.find(({name}) => name === delivery.transport);
    const isDue = delivery.nextMs <= nowMs;
    if (transport && (!isDue || down.has(transport.name))) continue;
    const error = transport ? await attempt(transport, delivery) : "this destination is no longer set";
    const next = error === null ? null : transport ? later(delivery, now()) : null;
    if (error !== null && transport) {
      failed++;
      down.add(transport.name);
    } else if (error === null) delivered++;
    const event = error === null ? "delivered" : next ? "failed" : "given up";
    writeLog(lake, [entryOf(delivery, event, error, now())]);
    state = after(state, delivery, error, next, now());
    writeState(lake, state);
  }
  return {state, delivered, failed};
}

async function attempt(transport: Transport, {message}: Delivery): Promise<string | null> {
  try {
    await transport.send(message);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The delivery with its next time; null where it was the last try. */
function later(delivery: Delivery, nowMs: number): Delivery | null {
  const tries = delivery.tries + 1;
  if (tries >= retries.most) return null;
  return {...delivery, tries, nextMs: nowMs + pauseMs(tries)};
}

function after(
  state: AlertState,
  delivery: Delivery,
  error: string | null,
  next: Delivery | null,
  nowMs: number
): AlertState {
  const {counts, fates} = state;
  const fate = fates[delivery.transport] ?? {deliveredMs: null, failedMs: null, error: null};
  const isGivenUp = error !== null && next === null;
  return {
    ...state,
    queue: state.queue.flatMap((each) => (each === delivery ? (next ? [next] : []) : [each])),
    fates: {
      ...fates,
      [delivery.transport]:
        error === null ? {...fate, deliveredMs: nowMs, error: null} : {...fate, failedMs: nowMs, error}
    },
    counts: {
      ...counts,
      delivered: counts.delivered + (error === null ? 1 : 0),
      failedTries: counts.failedTries + (error === null ? 0 : 1),
      givenUp: counts.givenUp + (isGivenUp ? 1 : 0)
    }
  };
}

function entryOf(
  {transport, message}: Delivery,
  event: LogEntry["event"],
  text: string | null,
  atMs: number
): LogEntry {
  return {atMs, event, transport, message: message.id, incidents: message.incidents.length, text};
}

function nextOf({waiting, lastMessageMs, queue}: AlertState, settings: AlertSettings): number | null {
  const times = queue.map(({nextMs}) => nextMs);
  if (waiting.length > 0 && lastMessageMs !== null) times.push(lastMessageMs + settings.intervalS * 1000);
  return times.length === 0 ? null : Math.min(...times);
}

import type {ConnectionState} from "../../lib/connection.js";
import {ServerStream} from "./server-stream.js";

/** True where the notebook's own server sends the page: a static site, which carries its policy in itself, has no API. */
export function isServed(): boolean {
  return (
    location.protocol.startsWith("http") &&
    document.querySelector('meta[http-equiv="Content-Security-Policy"]') === null
  );
}

/** What a page says of itself where the server does not know its browser (any more). */
export const refusedWords =
  "The session of this browser is unknown or has expired. Open the link that flowbook start printed last.";

/** A run on the server, as `/api/runs/:id` and the stream of events tell it. */
export interface Job {
  readonly id: number;
  readonly kind: "import" | "forget" | "renew";
  /** Text from a stranger. */
  readonly label: string;
  readonly state: "waiting" | "running" | "done" | "failed";
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly error: string | null;
  /** The renewal that belongs to it, once it has begun. */
  readonly run: {readonly steps: readonly JobStep[]} | null;
}

/** One result of a renewal, or `verdicts`: the scoring before them. */
export interface JobStep {
  readonly name: string;
  readonly state: "waiting" | "running" | "made" | "unchanged" | "failed";
  readonly why: readonly string[];
  readonly tookMs: number;
  readonly error: string | null;
}

/** A page's data file and whether it still agrees with the lake. */
export interface ResultState {
  readonly name: string;
  readonly freshness: "fresh" | "stale" | "missing";
  readonly why: readonly string[];
  readonly error: {readonly message: string} | null;
  readonly sha256: string | null;
  /** Tables of the lake that it was made from; null where its loader did not say, then every table counts. */
  readonly reads: readonly string[] | null;
  /** Files of the project that it was made by. */
  readonly sources: number;
  readonly bytes: number;
  readonly tookMs: number;
  readonly renewedAtMs: number | null;
}

export interface ServerEvents {
  job?(job: Job): void;
  results?(results: readonly ResultState[]): void;
  connection?(state: ConnectionState): void;
}

const listeners = new Set<ServerEvents>();
let stream: ServerStream | undefined;

/** Hears what happens on the server, and whether it answers. Does nothing in a static site. */
export function listen(events: ServerEvents): void {
  if (!isServed()) return;
  listeners.add(events);
  if (stream) return;
  stream = new ServerStream({
    url: () => "/api/events",
    on: {
      job: ({data}) => tell((each) => each.job?.(JSON.parse(data))),
      results: ({data}) => tell((each) => each.results?.(JSON.parse(data))),
      beat: () => {}
    },
    changed: (state) => tell((each) => each.connection?.(state)),
    restsWhenHidden: true
  });
}

function tell(call: (events: ServerEvents) => void): void {
  for (const each of listeners) call(each);
}

/** The state of all page data; null where the server does not say. */
export async function resultStates(): Promise<readonly ResultState[] | null> {
  if (!isServed()) return null;
  const response = await fetch("/api/runs");
  return response.ok ? (await response.json()).results : null;
}

/** Runs and the state of all page data. */
export async function runsAndResults(): Promise<{
  readonly runs: readonly Job[];
  readonly results: readonly ResultState[];
}> {
  const response = await fetch("/api/runs");
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return response.json();
}

/** Asks the server to renew what is stale, all, or also one result by its name; the error in words, or null. */
export async function renew(what: {readonly force?: boolean; readonly result?: string} = {}): Promise<string | null> {
  return begin("POST", "/api/run", what);
}

/** Asks the server to begin a run; the error in words, null where it has begun. */
export async function begin(method: "POST" | "DELETE", path: string, body?: object): Promise<string | null> {
  try {
    const response = await fetch(path, {
      method,
      ...(body && {headers: {"content-type": "application/json"}, body: JSON.stringify(body)})
    });
    if (response.ok) return null;
    return String((await response.json()).error ?? `the server answers ${response.status}`);
  } catch {
    return "the server does not answer";
  }
}

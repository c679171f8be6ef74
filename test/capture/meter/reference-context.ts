/** The `ctx_` features by their definition: looking through all starts so far. */

export interface Start {
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  /** Protocol and responder's port. */
  readonly port: string;
  failed: boolean;
  /** Its source started a flow to that port of the destination before. */
  readonly isRepeated: boolean;
}

/** A flow of that start that has ended, with the payload of both directions in bytes. */
export interface End {
  readonly start: Start;
  readonly payload: number;
}

const windowUs = 5e6;

/** Features of a start by the starts before it, in the order of schema/features.ts. */
export function referenceContext(starts: readonly Start[], ends: readonly End[], start: Start): number[] {
  const recent = inWindow(starts, start.time);
  const distinct = (list: readonly Start[], what: (other: Start) => string) => new Set(list.map(what)).size;
  const bySource = recent.filter((other) => other.source === start.source);
  const toDestination = recent.filter((other) => other.destination === start.destination);
  const pair = bySource.filter((other) => other.destination === start.destination);
  const failed = bySource.filter((other) => other.failed).length;
  return [
    bySource.length,
    distinct(bySource, (other) => other.port),
    distinct(bySource, (other) => other.destination),
    bySource.length > 0 ? failed / bySource.length : 0,
    toDestination.length,
    distinct(toDestination, (other) => other.source),
    distinct(
      toDestination.filter((other) => other.port === start.port),
      (other) => other.source
    ),
    pair.length,
    pair.filter((other) => other.port === start.port).length,
    ...intervals(starts, start),
    ...lastFlows(starts, start),
    sameSizeShare(ends, start)
  ];
}

function lastFlows(starts: readonly Start[], start: Start): number[] {
  const from = starts.filter((other) => other.source === start.source).slice(-15);
  const to = starts.filter((other) => other.destination === start.destination).slice(-15);
  const share = (list: readonly Start[], what: (other: Start) => boolean) =>
    list.length > 0 ? list.filter(what).length / list.length : 0;
  return [
    new Set(from.map(({port}) => port)).size,
    new Set(from.map(({destination}) => destination)).size,
    share(from, ({failed}) => failed),
    new Set(to.map(({source}) => source)).size,
    share(to, ({port}) => port === start.port)
  ];
}

type Pair = Pick<Start, "source" | "destination" | "port">;

/** From the same source to the same port of the same destination. */
export function isSamePair(a: Pair, b: Pair): boolean {
  return a.source === b.source && a.destination === b.destination && a.port === b.port;
}

function sameSizeShare(ends: readonly End[], start: Start): number {
  const last = ends.filter((end) => isSamePair(end.start, start)).slice(-6);
  return last.length < 2 ? -1 : last.filter(({payload}) => payload === last.at(-1)?.payload).length / last.length;
}

/** Starts leave the window in the order they came: one that is still in it keeps those after it. */
function inWindow(starts: readonly Start[], time: number): readonly Start[] {
  let first = known.get(starts) ?? 0;
  while (first < starts.length && time - starts[first].time > windowUs) first++;
  known.set(starts, first);
  return starts.slice(first);
}

const known = new WeakMap<readonly Start[], number>();

function intervals(starts: readonly Start[], start: Start): [number, number] {
  const same = starts.filter((other) => isSamePair(other, start));
  const last = same.slice(-12).map((other) => other.time);
  if (last.length < 3) return [-1, -1];
  const times = [...last, start.time];
  // Kept as 32-bit floats.
  const gaps = times.slice(1).map((time, i) => Math.fround(time - times[i]));
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((a, b) => a + (b - mean) ** 2, 0) / gaps.length);
  return [Math.max(mean, 0) / 1e6, mean > 0 ? deviation / mean : 0];
}

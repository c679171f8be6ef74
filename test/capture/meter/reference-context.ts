/** The `ctx_` features by their definition: looking through all starts so far. */

export interface Start {
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  /** Protocol and responder's port. */
  readonly port: string;
  failed: boolean;
}

const windowUs = 5e6;

/** Features of a start by the starts before it, in the order of schema/features.ts. */
export function referenceContext(starts: readonly Start[], start: Start): number[] {
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
    ...intervals(starts, start)
  ];
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
  const same = starts.filter(
    (other) => other.source === start.source && other.destination === start.destination && other.port === start.port
  );
  const last = same.slice(-12).map((other) => other.time);
  if (last.length < 3) return [-1, -1];
  const times = [...last, start.time];
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((a, b) => a + (b - mean) ** 2, 0) / gaps.length);
  return [Math.max(mean, 0) / 1e6, mean > 0 ? deviation / mean : 0];
}

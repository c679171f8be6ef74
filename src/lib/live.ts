import type {LiveMessage, LiveState, LossSecond, ScoreStep} from "../../schema/live/messages.js";
import type {CaptureIncident, FlowVerdict} from "../../schema/live/news.js";
import type {LiveExamples, LiveSecond} from "../../schema/live/seconds.js";

export type LiveFlow = LiveExamples["flows"][number];
export type LivePacket = LiveExamples["packets"][number];

/** As many seconds as the server keeps: a quarter of an hour. */
export const keptSeconds = 900;
const most = {flows: 120, packets: 60, verdicts: 600, scores: 400};

/** What a page knows of the live capture: the same amount after a minute and after a day. */
export class LiveModel {
  state: LiveState | null = null;
  /** The server's clock at its last message, ms since 1970. */
  nowMs = 0;
  readonly seconds = new Map<number, LiveSecond>();
  readonly losses = new Map<number, LossSecond>();
  scores: ScoreStep[] = [];
  readonly flows = new Map<string, LiveFlow>();
  packets: LivePacket[] = [];
  readonly verdicts = new Map<string, FlowVerdict>();
  incidents: readonly CaptureIncident[] = [];

  apply(message: LiveMessage): void {
    if (message.isWhole) {
      this.seconds.clear();
      this.losses.clear();
      this.scores = [];
      this.flows.clear();
      this.packets = [];
      this.verdicts.clear();
    }
    this.state = message.state;
    this.nowMs = message.nowMs;
    for (const second of message.seconds) put(this.seconds, second.second, second, keptSeconds);
    for (const loss of message.losses)
      put(this.losses, loss.second, added(this.losses.get(loss.second), loss), keptSeconds);
    for (const flow of message.flows) put(this.flows, flow.id, flow, most.flows);
    for (const verdict of message.verdicts) put(this.verdicts, verdict.flow, verdict, most.verdicts);
    this.scores = [...this.scores, ...message.scores].slice(-most.scores);
    this.packets = [...this.packets, ...message.packets].slice(-most.packets);
    if (message.incidents) this.incidents = message.incidents;
  }

  /** The last second that is known whole, seconds since 1970; null before the first. */
  get lastSecond(): number | null {
    let last: number | null = null;
    for (const second of this.seconds.keys()) if (last === null || second > last) last = second;
    return last;
  }
}

/**
 * What charts show: the last `spanS` seconds, or less where less is known, in whole minutes. Null before the first
 * second.
 */
export function liveWindow(model: LiveModel, spanS: number): Stretch | null {
  const last = model.lastSecond;
  if (last === null) return null;
  let first = last;
  for (const second of model.seconds.keys()) if (second < first) first = second;
  const known = Math.max(60, Math.ceil((last + 1 - first) / 60) * 60);
  return {from: last + 1 - Math.min(spanS, known), to: last + 1};
}

/** Puts a value at the end of a map, and takes the first ones out beyond the cap. */
function put<K, V>(map: Map<K, V>, key: K, value: V, cap: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= cap) return;
    map.delete(oldest);
  }
}

function added(before: LossSecond | undefined, now: LossSecond): LossSecond {
  if (!before) return now;
  const sum = (a: number | null, b: number | null) => (a === null ? b : a + (b ?? 0));
  return {
    second: now.second,
    kernel: sum(before.kernel, now.kernel),
    interface: sum(before.interface, now.interface),
    pipe: sum(before.pipe, now.pipe),
    meter: before.meter + now.meter,
    stalls: before.stalls + now.stalls,
    malformed: before.malformed + now.malformed,
    cut: before.cut + now.cut
  };
}

/** A window of equal buckets that ends with the last second known; seconds since 1970. */
export interface LiveGrid {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Seconds of a bucket; the first may be cut. */
  readonly step: number;
}

const steps = [1, 2, 3, 5, 10, 15, 30];

/** The grid of a window with at most so many buckets. */
export function liveGrid({from, to}: Stretch, mostBuckets: number): LiveGrid {
  return {from, to, step: steps.find((step) => (to - from) / step <= mostBuckets) ?? 60};
}

/** The buckets of a grid that hold at least one known second, with the sum of what `pick` gives a second. */
export interface LiveBucket {
  /** Seconds since 1970, cut to the grid. */
  readonly from: number;
  readonly to: number;
  /** Seconds of it that are known. */
  readonly seconds: number;
  readonly sums: readonly number[];
}

/** Adds seconds up by bucket; buckets without a known second are left out: that is unknown, not zero. */
export function liveBuckets(
  seconds: ReadonlyMap<number, LiveSecond>,
  {from, to, step}: LiveGrid,
  pick: (second: LiveSecond) => readonly number[]
): LiveBucket[] {
  const buckets: LiveBucket[] = [];
  // Buckets lie at multiples of their width, so that they do not flicker as time goes on.
  for (let at = Math.floor(from / step) * step; at < to; at += step) {
    let known = 0;
    let sums: number[] | null = null;
    for (let s = Math.max(at, from); s < Math.min(at + step, to); s++) {
      const second = seconds.get(s);
      if (!second) continue;
      known++;
      const values = pick(second);
      sums = sums ? sums.map((sum, k) => sum + values[k]) : [...values];
    }
    if (sums) buckets.push({from: Math.max(at, from), to: Math.min(at + step, to), seconds: known, sums});
  }
  return buckets;
}

/** A stretch of a window, seconds since 1970. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Stretches of which nothing is known: no capture ran. */
export function unknownStretches(seconds: ReadonlyMap<number, unknown>, {from, to}: Stretch): Stretch[] {
  return stretches(from, to, (second) => !seconds.has(second));
}

/** Stretches in which packets were lost, or flows ended early: rates there are too low. */
export function lossyStretches(losses: ReadonlyMap<number, LossSecond>, {from, to}: Stretch): Stretch[] {
  return stretches(from, to, (second) => {
    const loss = losses.get(second);
    return loss !== undefined && lostPackets(loss) + loss.meter > 0;
  });
}

/** Packets lost before they were metered. */
export function lostPackets({kernel, interface: nic, pipe}: Pick<LossSecond, "kernel" | "interface" | "pipe">): number {
  return (kernel ?? 0) + (nic ?? 0) + (pipe ?? 0);
}

function stretches(from: number, to: number, holds: (second: number) => boolean): Stretch[] {
  const found: Stretch[] = [];
  for (let s = from; s < to; s++) {
    if (!holds(s)) continue;
    const begin = s;
    while (s < to && holds(s)) s++;
    found.push({from: begin, to: s});
  }
  return found;
}

/** A host that flows were opened to. */
export interface Destination {
  readonly address: string;
  readonly packets: number;
  readonly bytes: number;
}

/**
 * Destinations of a window, largest first. Each second names those with most bytes, so a host's bytes of seconds in
 * which it was not among them are in `otherBytes`, with all that belongs to no flow.
 */
export function topDestinations(
  seconds: ReadonlyMap<number, LiveSecond>,
  {from, to}: Stretch,
  count: number
): {readonly top: readonly Destination[]; readonly otherBytes: number; readonly bytes: number} {
  const byAddress = new Map<string, {packets: number; bytes: number}>();
  let bytes = 0;
  for (let s = from; s < to; s++) {
    const second = seconds.get(s);
    if (!second) continue;
    bytes += second.volume[1];
    for (const [address, packets, size] of second.destinations) {
      const known = byAddress.get(address);
      if (known) {
        known.packets += packets;
        known.bytes += size;
      } else byAddress.set(address, {packets, bytes: size});
    }
  }
  const top = [...byAddress]
    .map(([address, volume]) => ({address, ...volume}))
    .sort((a, b) => b.bytes - a.bytes || (a.address < b.address ? -1 : 1))
    .slice(0, count);
  return {top, otherBytes: bytes - top.reduce((sum, one) => sum + one.bytes, 0), bytes};
}

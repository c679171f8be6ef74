import {inNetworks} from "./addresses.ts";
import type {OneFlowRow, ServiceRow} from "./rule.ts";

/** What merging needs to know of something that lasted, in µs. */
interface Lasting {
  readonly ts_start: number;
  readonly ts_end: number;
}

/**
 * Groups of what has the same key and happened together: each begins at most `gapUs` after the others of its group
 * ended. Groups and their members are in order of time.
 */
export function together<T extends Lasting>(items: readonly T[], key: (item: T) => string, gapUs: number): T[][] {
  const open = new Map<string, {group: T[]; end: number}>();
  const groups: T[][] = [];
  for (const item of [...items].sort((a, b) => a.ts_start - b.ts_start || a.ts_end - b.ts_end)) {
    const current = open.get(key(item));
    if (current && item.ts_start <= current.end + gapUs) {
      current.group.push(item);
      current.end = Math.max(current.end, item.ts_end);
    } else {
      const group = [item];
      groups.push(group);
      open.set(key(item), {group, end: item.ts_end});
    }
  }
  return groups;
}

/** The same of what each local host of a capture did to hosts outside the local networks. */
export function togetherOutward<T extends Lasting & Pick<ServiceRow, "capture_sha256" | "src_ip" | "dst_ip">>(
  items: readonly T[],
  localNets: readonly string[],
  gapUs: number
): T[][] {
  const isLocal = inNetworks(localNets);
  return together(
    items.filter(({src_ip, dst_ip}) => isLocal(src_ip) && !isLocal(dst_ip)),
    (item) => `${item.capture_sha256} ${item.src_ip}`,
    gapUs
  );
}

/** The one value that all share, or null where they differ. */
export function common<V>(values: readonly V[]): V | null {
  return values.every((value) => value === values[0]) ? values[0] : null;
}

/** First start and last end. */
export function extent(items: readonly Lasting[]): {ts_start: number; ts_end: number} {
  return {
    ts_start: items.reduce((least, item) => Math.min(least, item.ts_start), Number.POSITIVE_INFINITY),
    ts_end: items.reduce((greatest, item) => Math.max(greatest, item.ts_end), Number.NEGATIVE_INFINITY)
  };
}

/** Where, when and by how many flows an incident of these rows is, which are of one capture and source. */
export function placeOfFlows(rows: readonly OneFlowRow[]) {
  return {...whereAndWhen(rows), flows: new Set(rows.map(({flow_id}) => flow_id)).size};
}

/** The same of rows that count their flows. */
export function placeOfServices(rows: readonly ServiceRow[]) {
  return {...whereAndWhen(rows), flows: total(rows, ({flows}) => flows)};
}

/** The same of one row of what devices announce, which is sent to all and counts its messages; `src_ip`: null without IP. */
export function placeOfMessages(
  row: {capture_sha256: string; ts_start: number; ts_end: number; messages: number},
  src_ip: string | null
) {
  const {capture_sha256, messages} = row;
  return {capture_sha256, ...extent([row]), src_ip, dst_ip: null, dst_port: null, flows: messages};
}

type Placed = Pick<OneFlowRow, "capture_sha256" | "src_ip" | "dst_ip" | "dst_port" | "ts_start" | "ts_end">;

function whereAndWhen(rows: readonly Placed[]) {
  const [{capture_sha256, src_ip}] = rows;
  return {
    capture_sha256,
    ...extent(rows),
    src_ip,
    dst_ip: common(rows.map(({dst_ip}) => dst_ip)),
    dst_port: common(rows.map(({dst_port}) => dst_port))
  };
}

/** Sum of a figure. */
export function total<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((sum, item) => sum + figure(item), 0);
}

/** True where two things happened at the same time, give or take `gapUs`. */
export function overlaps(a: Lasting, b: Lasting, gapUs = 0): boolean {
  return a.ts_start <= b.ts_end + gapUs && b.ts_start <= a.ts_end + gapUs;
}

/** The items by a key, in their order. */
export function grouped<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const own = groups.get(key(item));
    if (own) own.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

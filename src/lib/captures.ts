import type {Filter} from "./filter.js";
import {formatCount, formatShare} from "./format.js";
import {linkTypeText} from "./link-types.js";

/** A capture of the lake as the pages show it; times in µs since 1970. Null is unknown, 0 is none. */
export interface CaptureFacts {
  readonly sha256: string;
  /** Text from a stranger. */
  readonly path: string;
  readonly format: string;
  readonly fileBytes: number;
  readonly packets: number;
  readonly wireBytes: number;
  readonly cutPackets: number;
  readonly nonIpPackets: number;
  readonly arpPackets: number;
  readonly malformed: number;
  /** Packets captured more than once, null of versions that did not look; and those of them that are in no flow. */
  readonly duplicates: number | null;
  readonly misdated: number | null;
  readonly leftOut: number;
  readonly unreadPackets: number;
  /** Packets not read, by link type number. */
  readonly unread: Readonly<Record<string, number>>;
  readonly flows: number;
  readonly evictedFlows: number;
  readonly kernelDrops: number | null;
  readonly interfaceDrops: number | null;
  /** Lost between the capture program and the meter; null for files. */
  readonly pipeDrops: number | null;
  /** Application messages that contradict themselves, and what dissection gave up; null of versions that did not count. */
  readonly dissectMalformed: number | null;
  readonly dissectLost: number | null;
  readonly firstTs: number | null;
  readonly lastTs: number | null;
  /** Why it could be read only in part. */
  readonly problem: string | null;
  readonly importedAt: number;
  /** Who captured or imported it, where several sensors fill the lake; null where nobody says so. */
  readonly sensor: string | null;
}

/** Whether it is a log of flows that another program wrote: of its packets only numbers are known, and those not always. */
export function isLog({format}: Pick<CaptureFacts, "format">): boolean {
  return !/^(?:pcap|pcapng|live\/.*)(?:\.\w+)?$/.test(format);
}

/** Whether all captures of a filter are logs: what only packets tell is then unknown. */
export function areLogs(captures: readonly CaptureFacts[], chosen: readonly string[] | undefined): boolean {
  const shown = chosen ? captures.filter(({sha256}) => chosen.includes(sha256)) : captures;
  return shown.length > 0 && shown.every(isLog);
}

/** One line over some captures: how many, what they hold, what was lost; empty over none. */
export function summaryOf(captures: readonly CaptureFacts[]): string {
  if (captures.length === 0) return "";
  const read = captures.filter((capture) => !isLog(capture));
  const logs = captures.filter(isLog);
  const many = (count: number, one: string, more: string) => `${formatCount(count)} ${count === 1 ? one : more}`;
  const flows = logs.reduce((sum, log) => sum + log.flows, 0);
  const ofLogs = `${many(logs.length, "log of flows", "logs of flows")} with ${many(flows, "flow", "flows")}`;
  if (read.length === 0) return `${ofLogs}; no packets were read.`;
  const loss = lossOf(read);
  const packets = read.reduce((sum, capture) => sum + capture.packets, 0);
  const lost = (loss.kernelDrops ?? 0) + (loss.interfaceDrops ?? 0) + (loss.pipeDrops ?? 0);
  return [
    `${many(read.length, "capture", "captures")}, ${formatCount(packets)} packets${lost > 0 ? `, and ${formatCount(lost)} lost` : ""}; `,
    `${formatCount(loss.malformed)} malformed, ${formatCount(loss.unreadPackets)} of link types that are not read.`,
    logs.length > 0 && ` Also ${ofLogs}.`
  ]
    .filter(Boolean)
    .join("");
}

/** A row of page data, by its columns' names. */
export type DataRow = Readonly<Record<string, unknown>>;

/** Reads `captures.json`. */
export function captureFacts(rows: readonly DataRow[]): CaptureFacts[] {
  return rows.map((row) => {
    const number = (name: string) => Number(row[name]);
    const maybe = (name: string) => (row[name] === null || row[name] === undefined ? null : Number(row[name]));
    return {
      sha256: String(row.capture_sha256),
      path: String(row.path),
      format: String(row.format),
      fileBytes: number("file_bytes"),
      packets: number("packets"),
      wireBytes: number("wire_bytes"),
      cutPackets: number("cut_packets"),
      nonIpPackets: number("non_ip_packets"),
      arpPackets: number("arp_packets"),
      malformed: number("malformed"),
      duplicates: maybe("duplicate_packets"),
      misdated: maybe("misdated_packets"),
      leftOut: maybe("left_out_packets") ?? 0,
      unreadPackets: number("unread_packets"),
      unread: parseUnread(String(row.unread)),
      flows: number("flows"),
      evictedFlows: number("evicted_flows"),
      kernelDrops: maybe("kernel_drops"),
      interfaceDrops: maybe("interface_drops"),
      pipeDrops: maybe("pipe_drops"),
      dissectMalformed: maybe("dissect_malformed"),
      dissectLost: maybe("dissect_lost"),
      firstTs: maybe("first_ts"),
      lastTs: maybe("last_ts"),
      problem: row.problem === null || row.problem === undefined ? null : String(row.problem),
      importedAt: number("imported_at"),
      sensor: row.sensor === null || row.sensor === undefined ? null : String(row.sensor)
    };
  });
}

/** The captures of each sensor, by its name; none where the lake names no sensors. */
export function bySensor(captures: readonly CaptureFacts[]): {readonly sensor: string; readonly captures: string[]}[] {
  const found = new Map<string, string[]>();
  for (const {sensor, sha256} of captures)
    if (sensor !== null) found.set(sensor, [...(found.get(sensor) ?? []), sha256]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([sensor, captures]) => ({sensor, captures}));
}

function parseUnread(json: string): Record<string, number> {
  try {
    return Object.fromEntries(Object.entries(JSON.parse(json)).map(([type, packets]) => [type, Number(packets)]));
  } catch {
    return {};
  }
}

/** What was lost or could not be read, over some captures. */
export interface Loss {
  /** Null where no capture could know. */
  readonly kernelDrops: number | null;
  readonly interfaceDrops: number | null;
  readonly pipeDrops: number | null;
  readonly cutPackets: number;
  readonly malformed: number;
  readonly unreadPackets: number;
  readonly evictedFlows: number;
  /** Captures that do not know how many packets were dropped while they were taken. */
  readonly unknown: number;
  /** Captures that could be read only in part. */
  readonly partial: number;
}

/** Sums what was lost. */
export function lossOf(captures: readonly CaptureFacts[]): Loss {
  const sum = (of: (capture: CaptureFacts) => number | null) =>
    captures.reduce((total, capture) => total + (of(capture) ?? 0), 0);
  const known = (of: (capture: CaptureFacts) => number | null) =>
    captures.some((capture) => of(capture) !== null) ? sum(of) : null;
  return {
    kernelDrops: known((capture) => capture.kernelDrops),
    interfaceDrops: known((capture) => capture.interfaceDrops),
    pipeDrops: known((capture) => capture.pipeDrops),
    cutPackets: sum((capture) => capture.cutPackets),
    malformed: sum((capture) => capture.malformed),
    unreadPackets: sum((capture) => capture.unreadPackets),
    evictedFlows: sum((capture) => capture.evictedFlows),
    unknown: captures.filter((capture) => capture.kernelDrops === null && capture.interfaceDrops === null).length,
    partial: captures.filter((capture) => capture.problem !== null).length
  };
}

/** What is said of the packets that a capture lost; null where it lost none, or does not know. */
export function lossSentence({packets, kernelDrops, interfaceDrops, pipeDrops}: CaptureFacts): string | null {
  const layers = [
    [interfaceDrops ?? 0, "by the interface"],
    [kernelDrops ?? 0, "by the kernel"],
    [pipeDrops ?? 0, "on the way to the meter"]
  ] as const;
  const lost = layers.reduce((sum, [count]) => sum + count, 0);
  if (lost === 0) return null;
  const by = layers.filter(([count]) => count > 0).map(([count, where]) => `${formatCount(count)} ${where}`);
  return `${formatCount(lost)} of ${formatCount(packets + lost)} packets (${formatShare(lost, packets + lost)}) were lost: ${by.join(", ")}. Time charts mark when.`;
}

/** The spans in which captures were taken, joined where they overlap, by start; between them nothing was seen. */
export function coveredSpans(captures: readonly CaptureFacts[]): {from: number; to: number}[] {
  const spans = captures
    .flatMap(({firstTs, lastTs}) => (firstTs === null || lastTs === null ? [] : [{from: firstTs, to: lastTs}]))
    .sort((a, b) => a.from - b.from);
  const joined: {from: number; to: number}[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else joined.push({...span});
  }
  return joined;
}

/** Whether no chosen capture has anything within the chosen window; of captures without a time nothing is known. */
export function areOutside(
  captures: readonly CaptureFacts[],
  {captures: chosen, from, to}: Pick<Filter, "captures" | "from" | "to">
): boolean {
  if (!chosen?.length || (from === undefined && to === undefined)) return false;
  return captures
    .filter(({sha256}) => chosen.includes(sha256))
    .every(
      ({firstTs, lastTs}) =>
        firstTs !== null &&
        lastTs !== null &&
        (firstTs >= (to ?? Number.POSITIVE_INFINITY) || lastTs < (from ?? Number.NEGATIVE_INFINITY))
    );
}

/** Captures that lie near each other in time, from their first to just after their last packet. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly flows: number;
  readonly captures: readonly CaptureFacts[];
}

/** Captures this near belong together, as do those whose gap is no longer than the longer of both. */
const nearUs = 3600e6;
/** Less of all time than this is covered by captures: then a chart over all of it shows next to nothing. */
const sparse = 0.05;

/**
 * The stretches of captures that are so far apart that a chart over all of them shows next to nothing, those with the most
 * flows first; empty where they are not.
 */
export function farStretches(captures: readonly CaptureFacts[]): Stretch[] {
  const spans = coveredSpans(captures.filter(({flows}) => flows > 0));
  const covered = spans.reduce((sum, {from, to}) => sum + to - from, 0);
  const last = spans.at(-1);
  if (!last || spans.length < 2 || covered / (last.to - spans[0].from) > sparse) return [];
  const joined: {from: number; to: number}[] = [];
  for (const span of spans) {
    const before = joined.at(-1);
    const near = before && Math.max(nearUs, before.to - before.from, span.to - span.from);
    if (before && near !== undefined && span.from - before.to <= near) before.to = Math.max(before.to, span.to);
    else joined.push({...span});
  }
  if (joined.length < 2) return [];
  return joined
    .map(({from, to}) => {
      const own = captures.filter(
        ({flows, firstTs}) => flows > 0 && firstTs !== null && firstTs >= from && firstTs <= to
      );
      return {from, to: to + 1, flows: own.reduce((sum, {flows}) => sum + flows, 0), captures: own};
    })
    .sort((a, b) => b.flows - a.flows || packetsOf(b) - packetsOf(a) || a.from - b.from);
}

/** The stretch whose captures have the most of some flows, given by SHA-256; of equals the first; undefined where all have none. */
export function busiestStretch(stretches: readonly Stretch[], flows: ReadonlyMap<string, number>): Stretch | undefined {
  const of = (stretch: Stretch) => stretch.captures.reduce((sum, {sha256}) => sum + (flows.get(sha256) ?? 0), 0);
  return stretches.filter((stretch) => of(stretch) > 0).sort((a, b) => of(b) - of(a))[0];
}

const packetsOf = (stretch: Stretch) => stretch.captures.reduce((sum, {packets}) => sum + packets, 0);

/** What is said of packets that were not read, one sentence a link type; empty where all were. */
export function unreadSentences({unread, packets}: CaptureFacts): string[] {
  return Object.entries(unread).map(
    ([type, count]) =>
      `link type ${linkTypeText(type)} is not read: ${(packets - count).toLocaleString("en-US")} of ${packets.toLocaleString("en-US")} packets`
  );
}

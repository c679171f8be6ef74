import type {IpPacket} from "./reference-packet.ts";
import type {Connection} from "./reference-tcp.ts";

export interface SeenPacket {
  side: number;
  readonly time: number;
  readonly wire: number;
  readonly packet: IpPacket;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]) => (values.length > 0 ? sum(values) / values.length : 0);
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), values[0] ?? 0);
const ratio = (a: number, b: number) => (b > 0 ? a / b : 0);

/** Sample standard deviation in two passes. */
function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1));
}

function four(prefix: string, suffix: string, values: readonly number[]) {
  return {
    [`${prefix}min${suffix}`]: least(values),
    [`${prefix}mean${suffix}`]: mean(values),
    [`${prefix}max${suffix}`]: most(values),
    [`${prefix}std${suffix}`]: deviation(values)
  };
}

/** Times since the latest packet before, never negative. */
function gapsOf(packets: readonly SeenPacket[]): number[] {
  let latest = packets[0]?.time ?? 0;
  return packets.slice(1).map(({time}) => {
    const gap = Math.max(time - latest, 0);
    latest = Math.max(latest, time);
    return gap;
  });
}

/** Features from the list of a flow's packets, by the formulas of schema/features.ts. */
export function referenceFeatures(
  packets: readonly SeenPacket[],
  connection: Connection,
  first: number,
  last: number
): Record<string, number> {
  const seconds = (last - first) / 1e6;
  const sides = [0, 1].map((side) => packets.filter((seen) => seen.side === side));
  const payload = (list: readonly SeenPacket[]) => list.map(({packet}) => packet.payloadBytes);
  const header = (list: readonly SeenPacket[]) =>
    list.map(({packet}) => Math.max(packet.ipBytes - packet.payloadBytes, 0));
  const data = packets.filter(({packet}) => packet.payloadBytes > 0);
  const gaps = gapsOf(packets);
  const subflows = 1 + gaps.filter((gap) => gap > 1e6).length;
  const sizes = data.slice(0, 8).map(({side, packet}) => Math.min(packet.payloadBytes, 32767) * (side === 0 ? 1 : -1));
  const firstData = [0, 1].map((side) => data.find((seen) => seen.side === side)?.time);
  const answered = firstData[0] !== undefined && firstData[1] !== undefined;
  const all: Record<string, number> = {
    duration_s: seconds,
    packets_per_s: ratio(packets.length, seconds),
    payload_bytes_per_s: ratio(sum(payload(packets)), seconds),
    dst_src_packets_ratio: ratio(sides[1].length, sides[0].length),
    dst_src_payload_ratio: ratio(sum(payload(sides[1])), sum(payload(sides[0]))),
    ...four("payload_", "_bytes", payload(packets)),
    ...four(
      "iat_",
      "_s",
      gaps.map((gap) => gap / 1e6)
    ),
    ...activity(packets),
    subflows,
    handshake_s: connection.roundTrip === null ? -1 : connection.roundTrip / 1e6,
    synack_s: connection.synAckTime === null ? -1 : (connection.synAckTime - connection.synTime!) / 1e6,
    response_s: answered ? Math.max(firstData[1]! - firstData[0]!, 0) / 1e6 : -1,
    turns: data.filter((seen, i) => i > 0 && data[i - 1].side !== seen.side).length
  };
  for (let i = 0; i < 8; i++) all[`size_${i + 1}_bytes`] = sizes[i] ?? 0;
  for (const [side, name] of [
    [0, "src_"],
    [1, "dst_"]
  ] as const) {
    const own = sides[side];
    const end = connection.ends[side];
    const set = (key: string, value: number) => (all[name + key] = value);
    set("packets_per_s", ratio(own.length, seconds));
    set("packets", own.length);
    set("payload_sum_bytes", sum(payload(own)));
    set("header_sum_bytes", sum(header(own)));
    set("data_packets", payload(own).filter((bytes) => bytes > 0).length);
    set("header_min_bytes", least(header(own)));
    Object.assign(all, four(`${name}payload_`, "_bytes", payload(own)));
    Object.assign(
      all,
      four(
        `${name}iat_`,
        "_s",
        gapsOf(own).map((gap) => gap / 1e6)
      )
    );
    for (const [bit, flag] of ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"].entries())
      set(`${flag}_count`, own.filter(({packet}) => ((packet.tcp?.flags ?? 0) >> bit) & 1).length);
    set("init_window_bytes", own[0]?.packet.tcp?.window ?? -1);
    set("zero_windows", end.zeroWindows);
    set("subflow_packets", own.length / subflows);
    set("subflow_bytes", sum(payload(own)) / subflows);
    set("retransmit_share", ratio(end.retransmits, payload(own).filter((bytes) => bytes > 0).length));
    set("out_of_order", end.outOfOrder);
    set("duplicate_acks", end.duplicateAcks);
    set("missing_bytes", end.missingBytes);
    set("keep_alives", end.keepAlives);
    const bulks = runs(data).filter((run) => run[0].side === side && run.length >= 4);
    const bulkBytes = sum(bulks.flatMap(payload));
    const bulkTime = sum(bulks.map(bulkTimeOf));
    set("bulk_mean_bytes", ratio(bulkBytes, bulks.length));
    set("bulk_mean_packets", ratio(sum(bulks.map((run) => run.length)), bulks.length));
    set("bulk_bytes_per_s", ratio(bulkBytes * 1e6, bulkTime));
  }
  return all;
}

/** Data packets in a row from one side with no gap above a second. */
function runs(data: readonly SeenPacket[]): SeenPacket[][] {
  const all: SeenPacket[][] = [];
  for (const [i, seen] of data.entries()) {
    const before = data[i - 1];
    if (before && before.side === seen.side && seen.time - before.time <= 1e6) all.at(-1)!.push(seen);
    else all.push([seen]);
  }
  return all;
}

/** First four packets as a whole, then each on its own, so that times that run backwards count as none. */
function bulkTimeOf(run: readonly SeenPacket[]): number {
  let time = Math.max(run[3].time - run[0].time, 0);
  for (let i = 4; i < run.length; i++) time += Math.max(run[i].time - run[i - 1].time, 0);
  return time;
}

function activity(packets: readonly SeenPacket[]): Record<string, number> {
  const active: number[] = [];
  const idle: number[] = [];
  let start = packets[0].time;
  let latest = start;
  for (const {time} of packets.slice(1)) {
    if (time - latest > 5e6) {
      active.push((latest - start) / 1e6);
      idle.push((time - latest) / 1e6);
      start = time;
    }
    latest = Math.max(latest, time);
  }
  active.push((latest - start) / 1e6);
  return {...four("active_", "_s", active), ...four("idle_", "_s", idle)};
}

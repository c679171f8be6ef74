import {tsharkFields} from "../records/tshark.ts";

/** What is counted of the segments of one endpoint of a connection. */
export const counts = [
  "retransmits",
  "fast_retransmits",
  "spurious_retransmits",
  "late_pkts",
  "dup_acks",
  "zero_window_pkts"
] as const;

export type Count = (typeof counts)[number];
export type Counts = Record<Count, number>;

/** Fields of Wireshark that are those counts, in their order. */
const fields = [
  "tcp.analysis.retransmission",
  "tcp.analysis.fast_retransmission",
  "tcp.analysis.spurious_retransmission",
  "tcp.analysis.out_of_order",
  "tcp.analysis.duplicate_ack",
  "tcp.analysis.zero_window"
];

const addresses = ["frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport"];

export const noCounts = (): Counts => Object.fromEntries(counts.map((name) => [name, 0])) as Counts;

/** What Wireshark has of a capture: counts by sender and receiver, round trips of handshakes by the same key. */
export interface Health {
  /** By sender and receiver (`10.0.0.1|80>10.0.0.2|4711`). */
  readonly counts: Map<string, Counts>;
  /** Handshake round trips in µs, by both endpoints in the order of texts; several where ports were used again. */
  readonly handshakes: Map<string, number[]>;
}

/** Health by Wireshark's analysis, of a capture's endpoints that have any. */
export async function tsharkHealth(file: string): Promise<Health> {
  const counted = new Map<string, Counts>();
  const handshakes = new Map<string, number[]>();
  const streams = new Set<string>();
  for (const [protocols, ip4, to4, ip6, to6, from, to, stream, roundTrip, ...flags] of await tsharkFields(
    file,
    "tcp.analysis.flags || tcp.analysis.initial_rtt",
    [...addresses, "tcp.stream", "tcp.analysis.initial_rtt", ...fields]
  )) {
    const layers = (protocols[0] ?? "").split(":tcp")[0].split(":");
    const [sources, targets] = layers.lastIndexOf("ipv6") > layers.lastIndexOf("ip") ? [ip6, to6] : [ip4, to4];
    const [source, target] = [`${sources.at(-1)}|${from.at(-1)}`, `${targets.at(-1)}|${to.at(-1)}`];
    const key = `${source}>${target}`;
    if (flags.some((values) => values.length > 0)) {
      const sums = counted.get(key) ?? noCounts();
      for (const [i, name] of counts.entries()) if (flags[i].length > 0) sums[name]++;
      counted.set(key, sums);
    }
    // All packets of a stream have it, from the handshake's end on.
    if (roundTrip.length === 0 || streams.has(stream.at(-1)!)) continue;
    streams.add(stream.at(-1)!);
    addRoundTrip(handshakes, source, target, Number(roundTrip.at(-1)) * 1e6);
  }
  return {counts: counted, handshakes};
}

export function addRoundTrip(found: Map<string, number[]>, one: string, other: string, took: number): void {
  const key = [one, other].sort().join("-");
  const kept = found.get(key);
  if (kept) kept.push(took);
  else found.set(key, [took]);
}

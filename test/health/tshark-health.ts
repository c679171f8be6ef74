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

/** Counts by Wireshark, by sender and receiver (`10.0.0.1|80>10.0.0.2|4711`), of a capture's endpoints that have any. */
export function tsharkHealth(file: string): Map<string, Counts> {
  const found = new Map<string, Counts>();
  for (const [protocols, ip4, to4, ip6, to6, from, to, ...flags] of tsharkFields(file, "tcp.analysis.flags", [
    ...addresses,
    ...fields
  ])) {
    const layers = (protocols[0] ?? "").split(":tcp")[0].split(":");
    const [sources, targets] = layers.lastIndexOf("ipv6") > layers.lastIndexOf("ip") ? [ip6, to6] : [ip4, to4];
    const key = `${sources.at(-1)}|${from.at(-1)}>${targets.at(-1)}|${to.at(-1)}`;
    const sums = found.get(key) ?? noCounts();
    for (const [i, name] of counts.entries()) if (flags[i].length > 0) sums[name]++;
    found.set(key, sums);
  }
  return found;
}

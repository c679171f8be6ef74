import type {RecentFlow} from "./recent-flow.ts";

/** Packets, and their bytes on the wire. */
export type Volume = readonly [packets: number, bytes: number];

/** Directions as seen from the local networks; `inside` also is what goes to many, `outside` passes by. */
export const directionNames = ["up", "down", "inside", "outside"] as const;

/** Kinds of packets by what their outermost headers say. */
export const kindNames = ["tcp", "udp", "icmp", "icmpv6", "other IP", "ARP", "not IP"] as const;

/** What was on the wire in one second of packet time; the volumes of a capture's seconds add up to its packets. */
export interface LiveSecond {
  /** Seconds since 1970. */
  readonly second: number;
  readonly volume: Volume;
  /** In the order of `directionNames`; what is not IP has no direction. */
  readonly directions: readonly Volume[];
  /** In the order of `kindNames`. */
  readonly kinds: readonly Volume[];
  /** Flows seen first in this second. */
  readonly newFlows: number;
  /** Hosts that flows were opened to, those with most bytes; what is not named went to others. */
  readonly destinations: readonly (readonly [address: string, packets: number, bytes: number])[];
}

/** A packet as a list shows it; the addresses are those of its outermost IP header, null without one. */
export interface RecentPacket {
  /** µs since 1970. */
  readonly ts: number;
  /** `flow_id` as text, null where it belongs to no flow. */
  readonly flow: string | null;
  readonly kind: (typeof kindNames)[number];
  readonly proto: number | null;
  readonly src: string | null;
  readonly srcPort: number;
  readonly dst: string | null;
  readonly dstPort: number;
  readonly bytes: number;
}

/** What is shown of a moment: examples, never all of a busy second. */
export interface LiveExamples {
  /** Flows of the list that changed since the last time. */
  readonly flows: readonly RecentFlow[];
  readonly packets: readonly RecentPacket[];
}

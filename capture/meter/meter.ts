import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import type {PacketBatch} from "../sources/source.ts";
import type {ReadingCore} from "./core.ts";

export interface MeterSettings {
  /** A flow without packets for this long has ended. */
  readonly idleTimeoutUs: number;
  /** A flow is cut and continued as another once it has lasted this long. */
  readonly activeTimeoutUs: number;
  /** Live flows at most; the least recently seen one is evicted (and counted) beyond. */
  readonly maxFlows: number;
  /** SHA-256 of the capture in hexadecimal: the flows' identifiers depend on it. A live capture has any such number. */
  readonly captureSeed: string;
  /**
   * Verify IPv4, TCP, UDP and ICMP checksums where the packet was captured whole: a packet with a wrong one counts in
   * its flow, with history letter C, and is not followed (Zeek without `-C`). False by default, as offloading makes
   * them wrong on the capturing host.
   */
  readonly verifiesChecksums?: boolean;
  /** Count packets that were captured twice (`duplicates`), but in no flow. False by default. */
  readonly leavesOutDuplicates?: boolean;
}

/** Payload of one packet of a live flow. The bytes are valid during the call only. */
export interface Payload {
  /** Slot of the flow: the same for all payloads of a flow until `onFlow` names it; then reused. */
  slot: number;
  /** High and low 32 bits of the flow's `flow_id`, both as signed numbers; known from its first packet on. */
  flowHi: number;
  flowLo: number;
  /** 0 from the originator, 1 from the responder. */
  direction: 0 | 1;
  proto: number;
  ts: number;
  bytes: Uint8Array;
  start: number;
  /** Where the captured bytes end; `cut` more were sent and not captured (snapshot length, a fragment). */
  end: number;
  cut: number;
  /** TCP: offset of this payload's first byte in its direction's stream (0 = first byte after SYN or first seen). */
  streamOffset: number;
  srcPort: number;
  dstPort: number;
}

/** Numbers of finished flows by column, in the order of the core's export; NaN is unknown. Valid during the call. */
export interface FinishedFlows {
  readonly rows: number;
  /** Column of that name of `flows` or `features`. */
  column(name: string): ColumnData;
  /** The column of addresses of that name as bytes, null where it holds no addresses. */
  addresses(name: string): AddressColumn | null;
}

/**
 * Receives what the meter finds, in packet order: payloads of live flows, then each flow's end, then filled batches. Where
 * payloads are read in the core (`Meter.readings`), it is told of batches and ARP packets only.
 */
export interface MeterSink {
  /**
   * Return false to be sent no more payloads of this flow. At most the first 65,535 packets with payload of each
   * direction are sent, without the parts that were not captured. A sink without it is sent none, at no cost.
   */
  onPayload?(payload: Payload): boolean;
  /**
   * The flow in `slot` has ended and is row `row` of the batch that `onFlows` will bring next. `continuedIn` is the
   * slot of the flow that goes on in its place where the active timeout cut it, else -1.
   */
  onFlow?(slot: number, row: number, continuedIn: number): void;
  onFlows(flows: FinishedFlows): void;
  /** An ARP packet. Valid during the call. Those beyond 1,000 in a second of packet time are counted and not sent. */
  onArp?(packet: ArpPacket): void;
}

/** An ARP packet between Ethernet and IPv4 addresses (RFC 826). */
export interface ArpPacket {
  ts: number;
  /** Outer VLAN; -1 without a tag. */
  vlan: number;
  /** 1 request, 2 reply. */
  operation: number;
  /** From `at` on: the sender's hardware and IP address, then the target's (6, 4, 6 and 4 bytes). */
  bytes: Uint8Array;
  at: number;
}

export interface MeterCounters {
  packets: number;
  wireBytes: number;
  capturedBytes: number;
  cutPackets: number;
  nonIpPackets: number;
  arpPackets: number;
  malformed: number;
  /** Packets with a wrong checksum; 0 where checksums are not verified. */
  corruptPackets: number;
  /** Packets with the same bytes as one of the sixteen before, within 1 ms. */
  duplicates: number;
  /** Packets whose time is more than a day from those of both neighbours; they count at the time of the packet before. */
  misdated: number;
  /** Link type → packets of a link type that is not read; -1 for all types beyond the first 63. */
  unread: Record<number, number>;
  flows: number;
  evictedFlows: number;
  /** Earliest and latest packet time; NaN without packets. */
  firstTs: number;
  lastTs: number;
  /** First fragments whose ports were forgotten (their place was needed) before all later ones may have come. */
  fragmentsForgotten: number;
  /** Of the `ctx_` features: starts that left the 5 seconds early; pairs and hosts whose last flows were forgotten. */
  contextStartsDropped: number;
  contextPairsEvicted: number;
  contextHostsEvicted: number;
}

export interface Meter {
  readonly batch: PacketBatch;
  /** Meters the packets now in the batch. */
  process(sink: MeterSink): void;
  /**
   * Hands out the flows finished so far, after ending those whose grace or idle time is over at `ts` (µs since 1970),
   * as a packet of that time would. For live captures: no packet of an earlier time may come afterwards.
   */
  advance(sink: MeterSink, ts?: number): void;
  /** `flow_id` of each packet of the batch last processed, 0 where it belongs to no flow. Valid until the next batch. */
  readonly packetFlows: BigInt64Array;
  /** Flows under way. */
  readonly liveFlows: number;
  /**
   * Tells of flows under way as they are now, with `end_reason` open: those with a packet at `since` (µs since 1970) or
   * later, at most `most`, the ones first that were busy last. `slots` has each row's slot. All finished flows must have
   * been handed out (`advance`). The flows go on as if nothing had been told. Returns how many more there were.
   */
  snapshot(since: number, most: number, take: (flows: FinishedFlows, slots: Int32Array) => void): number;
  /** Ends all live flows (end of the capture). */
  flush(sink: MeterSink): void;
  /**
   * Address text of the flow in `slot`: 0 the originator's, 1 the responder's. Throws outside `onPayload` and `onFlow`
   * of that very slot.
   */
  address(slot: number, side: 0 | 1): string;
  /** The dissectors in the meter's core; where they are open, they read all payloads. */
  readonly readings: ReadingCore & {readonly memory: WebAssembly.Memory};
  readonly counters: MeterCounters;
  /** Packets and captured bytes so far: two of the counters, for whoever asks after each batch. */
  readonly read: Pick<MeterCounters, "packets" | "capturedBytes">;
  /**
   * Gives the meter's memory back, or keeps it for the next meter where all flows were handed out. Nothing may be asked
   * of the meter, of what it handed out and of what reads its payloads afterwards.
   */
  close(): void;
}

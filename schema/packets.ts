/** What a list says of a packet of a flow. */
export interface PacketSummary {
  /** True where the originator sent it; null where its headers were not found (cut short). */
  readonly isFromOriginator: boolean | null;
  /** TCP flags by name, comma-separated in the order of their bits; null without TCP. */
  readonly flags: string | null;
  /** TCP sequence and acknowledgement numbers as on the wire. */
  readonly seq: number | null;
  readonly ack: number | null;
  /** Bytes of the transport's payload by the headers' own lengths; null where unknown. */
  readonly payloadBytes: number | null;
  readonly text: string;
}

/** A packet of a list. */
export interface ListedPacket extends PacketSummary {
  /** Whole µs since 1970. */
  readonly ts: number;
  /** Frame length on the wire, and what was captured of it. */
  readonly bytes: number;
  readonly captured: number;
}

/** What a page shows of a flow's packets. */
export interface PacketList {
  /** The first ones. */
  readonly packets: readonly ListedPacket[];
  /** All that are kept, and all that the flow had. */
  readonly kept: number;
  readonly had: number;
  /** Why there are none; null where there are some. */
  readonly reason: string | null;
}

/** A flow's packets as a report carries them, with their bytes. */
export interface CarriedPackets extends PacketList {
  /** `hex` is all that was captured of a packet, two digits a byte. */
  readonly packets: readonly (ListedPacket & {readonly hex: string})[];
}

/** Summary of a packet in the packet list of a flow. */
export interface PacketSummary {
  /** True where the originator sent it; null where its headers were not found (cut short). */
  readonly isFromOriginator: boolean | null;
  /** TCP flags by name, comma-separated in the order of their bits; null without TCP. */
  readonly flags: string | null;
  /** TCP sequence and acknowledgement numbers as on the wire. */
  readonly seq: number | null;
  readonly ack: number | null;
  /** Transport payload in bytes, computed from the header length fields; null where unknown. */
  readonly payloadBytes: number | null;
  readonly text: string;
}

/** A packet of a packet list. */
export interface ListedPacket extends PacketSummary {
  /** Whole µs since 1970. */
  readonly ts: number;
  /** Frame length on the wire, and the number of bytes captured. */
  readonly bytes: number;
  readonly captured: number;
}

/** The packets of a flow as a page shows them. */
export interface PacketList {
  /** The first ones. */
  readonly packets: readonly ListedPacket[];
  /** Number of packets still stored, and number of packets of the flow. */
  readonly kept: number;
  readonly had: number;
  /** Why there are no packets; null where there are some. */
  readonly reason: string | null;
}

/** A flow's packets as a report carries them, with their bytes. */
export interface CarriedPackets extends PacketList {
  /** `hex` contains the captured bytes, two digits a byte. */
  readonly packets: readonly (ListedPacket & {readonly hex: string})[];
}

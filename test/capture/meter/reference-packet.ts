/** What the reference decoder finds in a frame. */

export interface IpPacket {
  readonly version: 4 | 6;
  /** Addresses as hexadecimal. */
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly ipBytes: number;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly oneWay: boolean;
  readonly payloadBytes: number;
  readonly payload: Uint8Array;
  readonly tcp: {flags: number; seq: number; ack: number; window: number} | null;
}

export interface Decoded {
  readonly outer: IpPacket;
  readonly inner: IpPacket;
  readonly vlans: readonly number[];
  readonly tunnels: readonly string[];
}

export type Outcome = Decoded | "non-ip" | "arp" | "malformed" | "unread";

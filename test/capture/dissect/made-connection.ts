import type {MadePacket} from "../made-capture.ts";
import {tcp} from "../meter/frames.ts";

/** What one side says: 0 the client, 1 the server. */
export type Said = readonly [side: 0 | 1, content: string | Uint8Array];

export interface ConnectionOptions {
  readonly port?: number;
  /** Which of what was said (by its place) was sent and not captured. */
  readonly lost?: readonly number[];
  readonly withoutHandshake?: boolean;
}

const ends = [
  {src: "10.0.0.1", dst: "10.0.0.2"},
  {src: "10.0.0.2", dst: "10.0.0.1"}
] as const;

/** The packets of a TCP connection, 10 ms apart: handshake, what is said with its acknowledgments, and no end. */
export function connection(
  said: readonly Said[],
  {port = 80, lost = [], withoutHandshake}: ConnectionOptions = {}
): MadePacket[] {
  const next: [number, number] = [1001, 5001];
  const packets: MadePacket[] = [];
  const send = (side: 0 | 1, flags: string, seq: number, ack: number, payload: string | Uint8Array = "") => {
    const ports = side === 0 ? {srcPort: 40_000, dstPort: port} : {srcPort: port, dstPort: 40_000};
    const us = 1_700_000_000_000_000 + 10_000 * packets.length;
    packets.push({us, frame: Buffer.from(tcp({...ends[side], ...ports, flags, seq, ack, payload}))});
  };
  if (!withoutHandshake) {
    send(0, "S", 1000, 0);
    send(1, "SA", 5000, 1001);
    send(0, "A", 1001, 5001);
  }
  for (const [i, [side, content]] of said.entries()) {
    if (!lost.includes(i)) send(side, "PA", next[side], next[(1 - side) as 0 | 1], content);
    next[side] += content.length;
  }
  return packets;
}

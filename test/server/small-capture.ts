import {type PcapRecord, pcapFile} from "../capture/sources/packets.ts";

export interface SmallCapture {
  /** Flows, each of one UDP packet out and one back. */
  readonly flows: number;
  /** Port they go to. */
  readonly port: number;
  /** Start, in seconds since 1970; a flow begins each second. */
  readonly start: number;
}

/** A pcap file of UDP exchanges from 10.9.0.x to 10.9.1.1, of our own making. */
export function smallCapture({flows, port, start}: SmallCapture): Buffer {
  const records: PcapRecord[] = [];
  for (let i = 0; i < flows; i++) {
    const client = {address: [10, 9, 0, 1 + (i % 250)], port: 40_000 + i};
    const server = {address: [10, 9, 1, 1], port};
    records.push(
      record(start + i, 0, udpFrame(client, server, 40)),
      record(start + i, 1000, udpFrame(server, client, 80))
    );
  }
  return pcapFile(records);
}

function record(seconds: number, fraction: number, bytes: Uint8Array): PcapRecord {
  return {seconds, fraction, captured: bytes.length, wire: bytes.length, bytes};
}

interface Endpoint {
  readonly address: readonly number[];
  readonly port: number;
}

/** Ethernet, IPv4 (RFC 791) and UDP (RFC 768, no checksum) around a payload of zeros. */
function udpFrame(from: Endpoint, to: Endpoint, payload: number): Uint8Array {
  const frame = Buffer.alloc(14 + 20 + 8 + payload);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
  frame.writeUInt8(0x45, 14);
  frame.writeUInt16BE(20 + 8 + payload, 16);
  frame.writeUInt8(64, 22);
  frame.writeUInt8(17, 23);
  frame.set([...from.address, ...to.address], 26);
  frame.writeUInt16BE(from.port, 34);
  frame.writeUInt16BE(to.port, 36);
  frame.writeUInt16BE(8 + payload, 38);
  return frame;
}

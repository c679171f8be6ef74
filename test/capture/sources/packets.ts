import {writeFileSync} from "node:fs";
import {type OpenOptions, openSource} from "../../../capture/sources/open.ts";
import type {CaptureError, PacketBatch} from "../../../capture/sources/source.ts";

/** A batch in plain memory, as the meter has it in its own. */
export function plainBatch(bytes = 4 << 20, packets = 8192): PacketBatch {
  return {
    bytes: new Uint8Array(bytes),
    offset: new Int32Array(packets),
    captured: new Int32Array(packets),
    wire: new Int32Array(packets),
    ts: new Float64Array(packets),
    link: new Int32Array(packets),
    count: 0
  };
}

export interface Packet {
  readonly ts: number;
  readonly wire: number;
  readonly link: number;
  /** Captured bytes as Latin-1 text, which compares faster. */
  readonly bytes: string;
}

export interface Reading {
  readonly format: string;
  readonly packets: Packet[];
  readonly problem: CaptureError | null;
  readonly kernelDrops: number | null;
  readonly interfaceDrops: number | null;
  readonly snaplen: number;
}

/** Reads a capture to its end. Throws what opening it throws. */
export async function readCapture(path: string, batch = plainBatch(), options?: OpenOptions): Promise<Reading> {
  const source = await openSource(path, options);
  try {
    const packets: Packet[] = [];
    while (await source.next(batch))
      for (let i = 0; i < batch.count; i++) {
        const end = batch.offset[i] + batch.captured[i];
        const bytes = Buffer.from(batch.bytes.buffer).toString("latin1", batch.offset[i], end);
        packets.push({ts: batch.ts[i], wire: batch.wire[i], link: batch.link[i], bytes});
      }
    if (source.packets !== packets.length) throw new Error(`source counts ${source.packets} of ${packets.length}`);
    const {format, problem, kernelDrops, interfaceDrops, snaplen} = source;
    return {format, packets, problem, kernelDrops, interfaceDrops, snaplen};
  } finally {
    await source.close();
  }
}

/** What the header of a pcap file made by `pcapFile` may deviate in. */
export interface PcapOptions {
  littleEndian?: boolean;
  magic?: number;
  major?: number;
  minor?: number;
  snaplen?: number;
  link?: number;
}

export interface PcapRecord {
  readonly seconds: number;
  readonly fraction: number;
  readonly captured: number;
  readonly wire: number;
  readonly bytes: Uint8Array;
}

/** Bytes of a pcap file with these records, well-formed or not. */
export function pcapFile(records: readonly PcapRecord[], options: PcapOptions = {}): Buffer {
  const {littleEndian = true, magic = 0xa1b2c3d4, major = 2, minor = 4, snaplen = 65535, link = 1} = options;
  const head = new DataView(new ArrayBuffer(24));
  head.setUint32(0, magic, littleEndian);
  head.setUint16(4, major, littleEndian);
  head.setUint16(6, minor, littleEndian);
  head.setUint32(16, snaplen, littleEndian);
  head.setUint32(20, link, littleEndian);
  const parts: Uint8Array[] = [new Uint8Array(head.buffer)];
  for (const {seconds, fraction, captured, wire, bytes} of records) {
    const record = new DataView(new ArrayBuffer(magic === 0xa1b2cd34 ? 24 : 16));
    [seconds, fraction, captured, wire].forEach((value, i) => {
      record.setUint32(4 * i, value, littleEndian);
    });
    parts.push(new Uint8Array(record.buffer), bytes);
  }
  return Buffer.concat(parts);
}

/** Writes the bytes and returns the path. */
export function put(path: string, bytes: Uint8Array): string {
  writeFileSync(path, bytes);
  return path;
}

import {
  type CaptureError,
  maxCapturedBytes,
  type PacketBatch,
  type PacketSource
} from "../../capture/sources/source.ts";
import {tcp} from "../capture/meter/frames.ts";

/** Bytes of a SYN's frame without options or padding, and where in it sender and port stand. */
const frame = tcp({dst: "198.51.100.80", dstPort: 80, flags: "S", seq: 1});
const sourceAddressAt = 26;
const sourcePortAt = 34;

/**
 * A SYN flood as a source of packets: each SYN comes from another address and port, all go to one service. Made in
 * memory as they are asked for; packet `n` comes `n / packetsPerSecond` seconds after the first.
 */
export class SynFlood implements PacketSource {
  readonly format = "made";
  readonly snaplen = maxCapturedBytes;
  readonly problem: CaptureError | null = null;
  readonly kernelDrops = null;
  readonly interfaceDrops = null;
  packets = 0;
  readonly #count: number;
  readonly #usPerPacket: number;

  constructor(count: number, packetsPerSecond: number) {
    this.#count = count;
    this.#usPerPacket = 1e6 / packetsPerSecond;
  }

  async next(batch: PacketBatch): Promise<boolean> {
    const {bytes, offset, captured, wire, ts, link} = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const count = Math.min(offset.length, this.#count - this.packets);
    for (let i = 0, at = 0; i < count; i++, at += frame.length) {
      const n = this.packets++;
      bytes.set(frame, at);
      // Times an odd number: no two numbers below 2^32 give the same address.
      view.setUint32(at + sourceAddressAt, Math.imul(n, 0x9e3779b1));
      view.setUint16(at + sourcePortAt, 1024 + (n % 60_000));
      offset[i] = at;
      captured[i] = wire[i] = frame.length;
      ts[i] = 1_700_000_000_000_000 + Math.floor(n * this.#usPerPacket);
      link[i] = 1;
    }
    batch.count = count;
    return count > 0;
  }

  async close(): Promise<void> {}
}

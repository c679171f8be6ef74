import {closeSync, openSync, readSync, writeSync} from "node:fs";

/** A packet of a capture; `frame` is valid until the next one is read. */
export interface Packet {
  /** Where its record begins in the file. */
  readonly position: number;
  /** µs since 1970. */
  readonly ts: number;
  readonly wireLength: number;
  readonly frame: Buffer;
}

const headBytes = 24;
const recordBytes = 16;

/** Reads the lab's own captures: pcap of Ethernet in µs, little endian, as its tcpdump writes them. */
export class PcapFile {
  readonly snapLength: number;
  readonly #descriptor: number;
  readonly #window: Buffer;
  #start = 0;
  #length = 0;

  /** Throws an Error where the file is none of these. */
  constructor(path: string, windowBytes = 1 << 20) {
    this.#descriptor = openSync(path, "r");
    this.#window = Buffer.alloc(windowBytes);
    const head = this.#bytes(0, headBytes);
    if (head?.readUInt32LE(0) !== 0xa1b2c3d4 || head.readUInt32LE(20) !== 1) {
      this.close();
      throw new Error(`${path}: expected a capture of the lab (pcap of Ethernet in µs, little endian)`);
    }
    this.snapLength = head.readUInt32LE(16);
  }

  /** The packet at that position; undefined at the end of the file, or where the rest of it is missing. */
  at(position: number): Packet | undefined {
    const head = this.#bytes(position, recordBytes);
    if (!head) return undefined;
    const [seconds, micros, captured, wireLength] = [0, 4, 8, 12].map((at) => head.readUInt32LE(at));
    const frame = this.#bytes(position + recordBytes, captured);
    return frame && {position, ts: seconds * 1e6 + micros, wireLength, frame};
  }

  *[Symbol.iterator](): Generator<Packet> {
    for (let packet = this.at(headBytes); packet; ) {
      const next = packet.position + recordBytes + packet.frame.length;
      yield packet;
      packet = this.at(next);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #bytes(position: number, length: number): Buffer | undefined {
    if (position < this.#start || position + length > this.#start + this.#length) {
      this.#start = position;
      this.#length = readSync(this.#descriptor, this.#window, 0, this.#window.length, position);
    }
    const at = position - this.#start;
    return at + length <= this.#length ? this.#window.subarray(at, at + length) : undefined;
  }
}

/** Writes a capture of the same kind. */
export class PcapOutput {
  packets = 0;
  readonly #descriptor: number;
  readonly #block = Buffer.alloc(1 << 20);
  #used = 0;

  constructor(path: string, snapLength: number) {
    this.#descriptor = openSync(path, "w");
    for (const [at, value] of [0xa1b2c3d4, 0x00040002, 0, 0, snapLength, 1].entries())
      this.#block.writeUInt32LE(value, at * 4);
    this.#used = headBytes;
  }

  write(ts: number, wireLength: number, frame: Uint8Array): void {
    if (this.#used + recordBytes + frame.length > this.#block.length) this.#flush();
    const values = [Math.floor(ts / 1e6), Math.floor(ts % 1e6), frame.length, wireLength];
    for (const [i, value] of values.entries()) this.#block.writeUInt32LE(value, this.#used + i * 4);
    this.#block.set(frame, this.#used + recordBytes);
    this.#used += recordBytes + frame.length;
    this.packets++;
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    writeSync(this.#descriptor, this.#block, 0, this.#used);
    this.#used = 0;
  }
}

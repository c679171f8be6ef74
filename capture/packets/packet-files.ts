import type {Writable} from "node:stream";
import {pcapHeaderBytes} from "../sources/pcap.ts";
import {maxCapturedBytes} from "../sources/source.ts";
import type {FlowPacket} from "./flow-packets.ts";

/** Bytes that wait to be written together. */
const blockBytes = 1 << 18;

/** Packets that do not fit one file. */
export class PacketsProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PacketsProblem";
  }
}

/** Writes packets as a capture file to a stream, which it does not end. */
export abstract class PacketWriter {
  packets = 0;
  readonly flows = new Set<bigint>();
  readonly #to: Writable;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(to: Writable) {
    this.#to = to;
  }

  async write(packet: FlowPacket): Promise<void> {
    this.encode(packet);
    this.packets++;
    this.flows.add(packet.flow);
    if (this.#waitingBytes >= blockBytes) await this.#flush();
  }

  /** Writes what waits; without packets a file that says it has none, of Ethernet. */
  async end(): Promise<void> {
    if (this.packets === 0) this.begin(1);
    await this.#flush();
  }

  protected abstract encode(packet: FlowPacket): void;
  protected abstract begin(link: number): void;

  protected put(...parts: Uint8Array[]): void {
    for (const part of parts) {
      this.#waiting.push(part);
      this.#waitingBytes += part.length;
    }
  }

  #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return new Promise((done, fail) => this.#to.write(bytes, (error) => (error ? fail(error) : done())));
  }
}

/**
 * A pcap file (draft-ietf-opsawg-pcap), in ns where the first packet's time has them, else in µs, to which later packets
 * are then cut (`cutTimes`). Throws a PacketsProblem where packets have several link types.
 */
export class PcapWriter extends PacketWriter {
  /** Packets whose ns did not fit the file. */
  cutTimes = 0;
  #link: number | null = null;
  #isNano = false;

  protected encode({link, ts, ns, wire, bytes}: FlowPacket): void {
    if (this.#link === null) {
      this.#isNano = ns >= 0;
      this.begin(link);
    }
    if (this.#link !== link)
      throw new PacketsProblem(
        `packets of link types ${this.#link} and ${link} do not fit one pcap file: select flows of one capture`
      );
    const header = Buffer.alloc(16);
    header.writeUInt32LE(Math.max(0, Math.floor(ts / 1e6)) >>> 0, 0);
    const us = ((ts % 1e6) + 1e6) % 1e6;
    header.writeUInt32LE(this.#isNano ? us * 1000 + Math.max(0, ns) : us, 4);
    if (!this.#isNano && ns > 0) this.cutTimes++;
    header.writeUInt32LE(bytes.length, 8);
    header.writeUInt32LE(wire, 12);
    this.put(header, bytes);
  }

  protected begin(link: number): void {
    this.#link = link;
    const header = Buffer.alloc(pcapHeaderBytes);
    header.writeUInt32LE(this.#isNano ? 0xa1b23c4d : 0xa1b2c3d4, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(maxCapturedBytes, 16);
    header.writeUInt32LE(link, 20);
    this.put(header);
  }
}

/** What a pcapng file says beside its packets. */
export interface Annotations {
  /** A comment for a packet; null for none. */
  comment?(packet: FlowPacket): string | null;
  /** Names of addresses, each of 4 or 16 bytes. */
  readonly names?: readonly {readonly address: Uint8Array; readonly names: readonly string[]}[];
}

/**
 * A pcapng file (draft-ietf-opsawg-pcapng): one section, names of addresses, an interface for each link type and resolution
 * (µs or ns), enhanced packet blocks with their comments.
 */
export class PcapngWriter extends PacketWriter {
  readonly #interfaces = new Map<string, number>();
  readonly #annotations: Annotations;

  constructor(to: Writable, annotations: Annotations = {}) {
    super(to);
    this.#annotations = annotations;
  }

  protected encode(packet: FlowPacket): void {
    const {link, ts, ns, wire, bytes} = packet;
    const isNano = ns >= 0;
    if (!this.#interfaces.has(keyOf(link, isNano))) this.begin(link, isNano);
    const body = Buffer.alloc(20);
    const us = BigInt(Math.max(0, ts));
    const units = isNano ? us * 1000n + BigInt(ns) : us;
    body.writeUInt32LE(this.#interfaces.get(keyOf(link, isNano)) as number, 0);
    body.writeUInt32LE(Number(units >> 32n), 4);
    body.writeUInt32LE(Number(units & 0xffffffffn), 8);
    body.writeUInt32LE(bytes.length, 12);
    body.writeUInt32LE(wire, 16);
    const comment = this.#annotations.comment?.(packet) ?? null;
    if (comment === null) this.#block(6, body, bytes);
    else this.#block(6, body, bytes, padding(bytes.length), option(1, Buffer.from(comment)), endOfOptions);
  }

  protected begin(link: number, isNano = false): void {
    if (this.#interfaces.size === 0) {
      const section = Buffer.alloc(16);
      section.writeUInt32LE(0x1a2b3c4d, 0);
      section.writeUInt16LE(1, 4);
      // The section's length is not told.
      section.writeBigInt64LE(-1n, 8);
      this.#block(0x0a0d0d0a, section);
      const {names = []} = this.#annotations;
      if (names.length > 0) this.#block(4, ...names.map(nameRecord), endOfOptions);
    }
    this.#interfaces.set(keyOf(link, isNano), this.#interfaces.size);
    const description = Buffer.alloc(8);
    description.writeUInt16LE(link, 0);
    description.writeUInt32LE(maxCapturedBytes, 4);
    // if_tsresol, and the end of the options.
    this.#block(1, description, isNano ? Buffer.from([9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]) : Buffer.alloc(0));
  }

  #block(type: number, ...parts: Uint8Array[]): void {
    const bytes = parts.reduce((sum, {length}) => sum + length, 0);
    const pad = padding(bytes);
    const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)];
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(12 + bytes + pad.length, 4);
    tail.writeUInt32LE(12 + bytes + pad.length, 0);
    this.put(head, ...parts, pad, tail);
  }
}

const endOfOptions = Buffer.alloc(4);
/** An option or record says its length in 16 bits. */
const longestOption = 65_535;

const padding = (bytes: number) => Buffer.alloc((4 - (bytes % 4)) % 4);

/** An option, or a record of names: code, length, content, padding. */
function option(code: number, content: Uint8Array): Buffer {
  const bytes = content.subarray(0, longestOption);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(bytes.length, 2);
  return Buffer.concat([head, bytes, padding(bytes.length)]);
}

function nameRecord({address, names}: NonNullable<Annotations["names"]>[number]): Buffer {
  return option(
    address.length === 4 ? 1 : 2,
    Buffer.concat([address, Buffer.from(names.map((name) => `${name}\0`).join(""))])
  );
}

function keyOf(link: number, isNano: boolean): string {
  return `${link} ${isNano}`;
}

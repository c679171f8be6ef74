import {existsSync} from "node:fs";
import {type FileHandle, open, readdir, readFile} from "node:fs/promises";
import {join, resolve} from "node:path";
import type {Writable} from "node:stream";
import {indexEntryBytes, packetsFolder} from "./live/packet-ring.ts";
import type {MeterSettings, MeterSink} from "./meter/meter.ts";
import {createMeter, METER_VERSION} from "./meter/wasm-meter.ts";
import {hashFile} from "./sources/hash-file.ts";
import {openSource} from "./sources/open.ts";
import {pcapHeader, pcapHeaderBytes} from "./sources/pcap.ts";
import {maxCapturedBytes} from "./sources/source.ts";

/** Flows of one capture whose packets are wanted. */
export interface WantedFlows {
  readonly capture: string;
  /** `path` and `meter` of the capture's row: where its file was, and the settings that its flows were made with. */
  readonly path: string;
  readonly meter: string;
  readonly flows: ReadonlySet<bigint>;
}

export interface ExportedPackets {
  readonly packets: number;
  /** Flows of which at least one packet was found. */
  readonly flows: number;
  /** Captures without packets at hand, and why. */
  readonly missing: readonly {readonly capture: string; readonly path: string; readonly reason: string}[];
}

/** Packets that do not fit one file. */
export class PacketsProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PacketsProblem";
  }
}

/**
 * Writes the packets of flows as one pcap file, capture after capture: those of a live capture from its ring, those of
 * an imported one from its file, if that is still where it was and has the same hash. Throws a PacketsProblem where
 * the captures have several link types. `to` is not ended.
 */
export async function exportPackets(
  lake: string,
  wanted: readonly WantedFlows[],
  to: Writable
): Promise<ExportedPackets> {
  const writer = new PcapWriter(to);
  const missing: {capture: string; path: string; reason: string}[] = [];
  for (const one of wanted) {
    const folder = join(packetsFolder(lake), one.capture);
    const reason = existsSync(folder) ? await fromRing(folder, one, writer) : await fromFile(one, writer);
    if (reason !== null) missing.push({capture: one.capture, path: one.path, reason});
  }
  await writer.end();
  return {packets: writer.packets, flows: writer.flows.size, missing};
}

/** Copies from the files of a ring; why there was nothing, null where there was. */
async function fromRing(folder: string, {flows}: WantedFlows, writer: PcapWriter): Promise<string | null> {
  const before = writer.packets;
  const names = (await readdir(folder)).filter((name) => name.endsWith(".idx")).sort();
  for (const name of names) {
    const index = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    // Copied, as views on 8 bytes need their place.
    const entries = index.buffer.slice(
      index.byteOffset,
      index.byteOffset + index.length - (index.length % indexEntryBytes)
    );
    const ids = new BigInt64Array(entries);
    const places = new Uint32Array(entries);
    let file: FileHandle | null = null;
    try {
      let header: ReturnType<typeof pcapHeader> | null = null;
      for (let k = 0; k * indexEntryBytes < entries.byteLength; k++) {
        if (!flows.has(ids[2 * k])) continue;
        file ??= await open(join(folder, `${name.slice(0, -".idx".length)}.pcap`), "r");
        header ??= pcapHeader(await bytesAt(file, 0, pcapHeaderBytes));
        const length = places[4 * k + 3];
        const record = await bytesAt(file, places[4 * k + 2], Math.min(length, maxCapturedBytes + 16));
        // The last file of a killed capture may end before its index does.
        if (record.length < length) break;
        await writer.write(header.link, normalized(record, header), ids[2 * k]);
      }
    } catch (error) {
      // The ring removes files while it is read.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    } finally {
      await file?.close();
    }
  }
  return writer.packets > before ? null : "its packets are no longer in the ring";
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const {bytesRead} = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** A record with its header in little-endian order and its time in µs. */
function normalized(record: Buffer, {littleEndian, unitsPerSecond}: ReturnType<typeof pcapHeader>): Buffer {
  if (littleEndian && unitsPerSecond === 1e6) return record;
  const words = [0, 4, 8, 12].map((at) => (littleEndian ? record.readUInt32LE(at) : record.readUInt32BE(at)));
  if (unitsPerSecond === 1e9) words[1] = Math.floor(words[1] / 1000);
  for (const [k, word] of words.entries()) record.writeUInt32LE(word, 4 * k);
  return record;
}

/** Reads the capture's file again and meters it as it was, so that each packet's flow is known. */
async function fromFile({capture, path, meter: text, flows}: WantedFlows, writer: PcapWriter): Promise<string | null> {
  const file = resolve(path);
  if (!existsSync(file)) return `its file is not at ${file}, and no ring holds its packets`;
  if ((await hashFile(file)) !== capture) return `${file} is another file now`;
  const settings = settingsOf(text);
  if (!settings) return "it was metered by another version: import it again";
  const source = await openSource(file);
  const meter = await createMeter({...settings, captureSeed: capture});
  const sink: MeterSink = {onPayload: () => false, onFlow: () => {}, onFlows: () => {}};
  try {
    while (await source.next(meter.batch)) {
      meter.process(sink);
      const {batch, packetFlows} = meter;
      for (let i = 0; i < batch.count; i++) {
        if (packetFlows[i] === 0n || !flows.has(packetFlows[i])) continue;
        const record = Buffer.allocUnsafe(16 + batch.captured[i]);
        record.writeUInt32LE(Math.max(0, Math.floor(batch.ts[i] / 1e6)) >>> 0, 0);
        record.writeUInt32LE(((batch.ts[i] % 1e6) + 1e6) % 1e6, 4);
        record.writeUInt32LE(batch.captured[i], 8);
        record.writeUInt32LE(batch.wire[i], 12);
        record.set(batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.captured[i]), 16);
        await writer.write(batch.link[i], record, packetFlows[i]);
      }
    }
  } finally {
    await source.close();
  }
  return null;
}

function settingsOf(text: string): Omit<MeterSettings, "captureSeed"> | null {
  const {version, idle_timeout_us, active_timeout_us, max_flows} = JSON.parse(text) as Record<string, unknown>;
  if (version !== METER_VERSION) return null;
  const [idleTimeoutUs, activeTimeoutUs, maxFlows] = [idle_timeout_us, active_timeout_us, max_flows].map(Number);
  return {idleTimeoutUs, activeTimeoutUs, maxFlows};
}

/** Bytes that wait to be written together. */
const blockBytes = 1 << 18;

class PcapWriter {
  packets = 0;
  readonly flows = new Set<bigint>();
  readonly #to: Writable;
  #link: number | null = null;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(to: Writable) {
    this.#to = to;
  }

  async write(link: number, record: Buffer, flow: bigint): Promise<void> {
    if (this.#link === null) this.#begin(link);
    else if (this.#link !== link)
      throw new PacketsProblem(
        `packets of link types ${this.#link} and ${link} do not fit one pcap file: select flows of one capture`
      );
    this.packets++;
    this.flows.add(flow);
    this.#waiting.push(record);
    this.#waitingBytes += record.length;
    if (this.#waitingBytes >= blockBytes) await this.#flush();
  }

  async end(): Promise<void> {
    // Without packets: a file that says it has none, of Ethernet.
    if (this.#link === null) this.#begin(1);
    await this.#flush();
  }

  #begin(link: number): void {
    this.#link = link;
    const header = Buffer.alloc(pcapHeaderBytes);
    header.writeUInt32LE(0xa1b2c3d4, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(maxCapturedBytes, 16);
    header.writeUInt32LE(link, 20);
    this.#waiting.push(header);
  }

  #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return new Promise((done, fail) => this.#to.write(bytes, (error) => (error ? fail(error) : done())));
  }
}

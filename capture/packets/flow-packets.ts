import {existsSync, statSync} from "node:fs";
import {type FileHandle, open, readdir, readFile} from "node:fs/promises";
import {join} from "node:path";
import {keptCapture, placesOf} from "../import/kept-captures.ts";
import {indexEntryBytes, packetsFolder} from "../live/packet-ring.ts";
import type {MeterSettings, MeterSink} from "../meter/meter.ts";
import {createMeter, METER_VERSION} from "../meter/wasm-meter.ts";
import {hashFile} from "../sources/hash-file.ts";
import {openSource} from "../sources/open.ts";
import {pcapHeader, pcapHeaderBytes} from "../sources/pcap.ts";
import {CaptureError, maxCapturedBytes, type PacketSource} from "../sources/source.ts";

/** Flows of one capture whose packets are wanted. */
export interface WantedFlows {
  readonly capture: string;
  /** `path`, `format` and `meter` of the capture's row: where its file was, and the settings that its flows were made with. */
  readonly path: string;
  readonly format: string;
  readonly meter: string;
  readonly flows: ReadonlySet<bigint>;
  /** Where known: packet times in µs since 1970 outside which none of them has a packet. */
  readonly span?: {readonly from: number; readonly to: number};
  /** Where known: how many packets they have; a file is read no further than the last of them. */
  readonly packets?: number;
}

/** A packet of a wanted flow. */
export interface FlowPacket {
  readonly flow: bigint;
  /** LINKTYPE_ number. */
  readonly link: number;
  /** Whole µs since 1970. */
  readonly ts: number;
  /** ns behind them (0–999); -1 where its capture has whole µs. */
  readonly ns: number;
  /** Frame length on the wire. */
  readonly wire: number;
  /** What was captured of it; the taker's own. */
  readonly bytes: Uint8Array;
}

export interface ReadingLimits {
  /** Packets handed over at most; of a ring the rest is counted. */
  readonly most?: number;
  /** Capture files larger than this are not read again, in bytes. */
  readonly fileBytes?: number;
  /** Ends the reading: it throws the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ReadPackets {
  /** Packets of the flows that are kept. */
  readonly kept: number;
  /** Why there are none; null where there are some. */
  readonly reason: string | null;
}

/**
 * Hands over the packets of flows in the order in which they came: those of a live capture from its ring, those of an
 * imported one from its file, if the lake kept it or it is still where it was, with the same hash.
 */
export async function readFlowPackets(
  lake: string,
  wanted: WantedFlows,
  take: (packet: FlowPacket) => Promise<void> | void,
  limits: ReadingLimits = {}
): Promise<ReadPackets> {
  // It becomes part of a path.
  if (!/^[0-9a-f]{64}$/.test(wanted.capture)) return {kept: 0, reason: "its capture has no proper hash"};
  const folder = join(packetsFolder(lake), wanted.capture);
  if (existsSync(folder)) return fromRing(folder, wanted, take, limits);
  if (wanted.format.startsWith("live/"))
    return {kept: 0, reason: "the ring of raw packets no longer holds any of its capture, or none were kept"};
  const own = keptCapture(lake, wanted.capture);
  const places = existsSync(own) ? [own] : placesOf(lake, wanted.path);
  return fromFile({...wanted, path: places.find((place) => existsSync(place)) ?? places[0]}, take, limits);
}

type Taker = (packet: FlowPacket) => Promise<void> | void;

/** Packets of a ring are written in the order of arrival, and may be this much out of the order of time, in µs. */
const disorderUs = 2e6;

async function fromRing(
  folder: string,
  {flows, span}: WantedFlows,
  take: Taker,
  {most = Number.POSITIVE_INFINITY, signal}: ReadingLimits
): Promise<ReadPackets> {
  const wantedHalves = halvesOf(flows);
  let kept = 0;
  const names = (await readdir(folder)).filter((name) => name.endsWith(".idx")).sort();
  for (const name of names) {
    signal?.throwIfAborted();
    const path = join(folder, name.slice(0, -".idx".length));
    if (span && (await isElsewhere(path, span))) continue;
    const index = await readFile(`${path}.idx`).catch(() => Buffer.alloc(0));
    // Copied, as views on 4 bytes need their place.
    const entries = new Int32Array(
      index.buffer.slice(index.byteOffset, index.byteOffset + index.length - (index.length % indexEntryBytes))
    );
    let file: FileHandle | null = null;
    try {
      let header: ReturnType<typeof pcapHeader> | null = null;
      let size = 0;
      for (let at = 0; at < entries.length; at += 4) {
        if (!wantedHalves.get(entries[at])?.includes(entries[at + 1])) continue;
        if (!file) {
          file = await open(`${path}.pcap`, "r");
          size = (await file.stat()).size;
        }
        header ??= pcapHeader(await bytesAt(file, 0, pcapHeaderBytes));
        const [offset, length] = [entries[at + 2] >>> 0, entries[at + 3] >>> 0];
        // The last file of a killed capture may end before its index does.
        if (offset + length > size || length < 16 || length > maxCapturedBytes + 16) break;
        if (kept++ >= most) continue;
        signal?.throwIfAborted();
        const flow = (BigInt(entries[at + 1]) << 32n) | BigInt(entries[at] >>> 0);
        await take({flow, link: header.link, ...recordOf(await bytesAt(file, offset, length), header)});
      }
    } catch (error) {
      // The ring removes files while it is read.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    } finally {
      await file?.close();
    }
  }
  return {kept, reason: kept > 0 ? null : "its packets are no longer in the ring"};
}

/** The high halves of the ids by their low ones, both as signed numbers. */
function halvesOf(flows: ReadonlySet<bigint>): Map<number, number[]> {
  const halves = new Map<number, number[]>();
  for (const flow of flows) {
    const [low, high] = [Number(BigInt.asIntN(32, flow)), Number(BigInt.asIntN(32, flow >> 32n))];
    halves.set(low, [...(halves.get(low) ?? []), high]);
  }
  return halves;
}

/** True where a complete file of a ring says that all of its packets are of another time. */
async function isElsewhere(path: string, span: {readonly from: number; readonly to: number}): Promise<boolean> {
  try {
    const {first_ts_us, last_ts_us} = JSON.parse(await readFile(`${path}.json`, "utf8")) as Record<string, unknown>;
    return Number(last_ts_us) + disorderUs < span.from || Number(first_ts_us) - disorderUs > span.to;
  } catch {
    return false;
  }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const {bytesRead} = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

function recordOf(record: Buffer, {littleEndian, unitsPerSecond}: ReturnType<typeof pcapHeader>) {
  const [seconds, fraction, , wire] = [0, 4, 8, 12].map((at) =>
    littleEndian ? record.readUInt32LE(at) : record.readUInt32BE(at)
  );
  const isNano = unitsPerSecond === 1e9;
  const us = isNano ? Math.floor(fraction / 1000) : fraction;
  return {ts: seconds * 1e6 + us, ns: isNano ? fraction % 1000 : -1, wire, bytes: record.subarray(16)};
}

/** The packets of a file that was imported; null where it is no capture, so that its flows came from a log. */
async function sourceOf(file: string): Promise<PacketSource | null> {
  try {
    return await openSource(file);
  } catch (error) {
    if (error instanceof CaptureError) return null;
    throw error;
  }
}

/** Reads the capture's file again and meters it as it was, so that each packet's flow is known. */
async function fromFile(
  {capture, path: file, meter: text, flows, packets = Number.POSITIVE_INFINITY}: WantedFlows,
  take: Taker,
  {most = Number.POSITIVE_INFINITY, fileBytes = Number.POSITIVE_INFINITY, signal}: ReadingLimits
): Promise<ReadPackets> {
  const none = (reason: string) => ({kept: 0, reason});
  const stat = statSync(file, {throwIfNoEntry: false});
  if (!stat) return none(`its file is not at ${file}, and no ring holds its packets`);
  // Of a pipe or a device nobody knows when it ends.
  if (!stat.isFile()) return none(`${file} is no file now`);
  if (stat.size > fileBytes)
    return none(`${file} is too large to be read while a page waits: flowbook export packets takes its time`);
  if ((await hashFile(file)) !== capture) return none(`${file} is another file now`);
  const settings = meterSettingsOf(text);
  if (!settings) return none("it was metered by another version: import it again");
  const source = await sourceOf(file);
  if (!source) return none(`${file} is a log of flows: it has no packets`);
  const meter = await createMeter({...settings, captureSeed: capture});
  const sink: MeterSink = {onFlows: () => {}};
  const ns = new Int16Array(meter.batch.offset.length);
  meter.batch.ns = ns;
  const enough = Math.min(packets, most);
  let taken = 0;
  try {
    while (taken < enough && (await source.next(meter.batch))) {
      signal?.throwIfAborted();
      meter.process(sink);
      const {batch, packetFlows} = meter;
      const {count, ts, wire, link, offset, captured, bytes} = batch;
      for (let i = 0; i < count && taken < enough; i++) {
        if (packetFlows[i] === 0n || !flows.has(packetFlows[i])) continue;
        taken++;
        await take({
          flow: packetFlows[i],
          link: link[i],
          ts: ts[i],
          ns: ns[i],
          wire: wire[i],
          bytes: bytes.slice(offset[i], offset[i] + captured[i])
        });
      }
    }
  } finally {
    await source.close();
  }
  // What was not read is there, too: the same file gives the same flows.
  const kept = taken < enough || !Number.isFinite(packets) ? taken : packets;
  return {kept, reason: null};
}

/** The settings that a capture's flows were made with; null where another version of the meter made them. */
export function meterSettingsOf(text: string): Omit<MeterSettings, "captureSeed"> | null {
  const {version, idle_timeout_us, active_timeout_us, max_flows, dedup} = JSON.parse(text) as Record<string, unknown>;
  if (version !== METER_VERSION) return null;
  const [idleTimeoutUs, activeTimeoutUs, maxFlows] = [idle_timeout_us, active_timeout_us, max_flows].map(Number);
  return {idleTimeoutUs, activeTimeoutUs, maxFlows, ...(dedup === true ? {leavesOutDuplicates: true} : {})};
}

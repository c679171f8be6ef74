import {createHash} from "node:crypto";
import {closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, statSync, writeSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {openSource} from "../../capture/sources/open.ts";
import type {PacketBatch} from "../../capture/sources/source.ts";
import {shiftAddresses} from "./shift-addresses.ts";

export interface MadeCapture {
  readonly path: string;
  /** Where its packets come from. */
  readonly from: string;
}

export interface CaptureKind {
  readonly name: string;
  /** Size to reach, in bytes. */
  readonly bytes: number;
  /** Packets kept of each flow of the originals; 0 for all. Few make a capture of many short flows. */
  readonly packetsPerFlow: number;
}

/** Rises when the same parameters give another capture. */
const version = 1;
const spanUs = 3600e6;
const beginS = 1_735_689_600;
const ethernet = 1;
const headerBytes = 16;
const bufferBytes = 8 << 20;

/**
 * A large capture in the folder for temporary files, made of smaller ones: each copy of each capture begins at a time
 * of its own within an hour and lies in a network of its own. The same parameters and originals give the same bytes;
 * one made before is taken as it is.
 */
export async function makeCapture(kind: CaptureKind): Promise<MadeCapture> {
  const {folder, files} = originals();
  const key = createHash("sha256").update(JSON.stringify([version, kind, files.map((f) => [f, statSync(f).size])]));
  const target = join(tmpdir(), "flowbook-bench", `${kind.name}-${key.digest("hex").slice(0, 16)}.pcap`);
  if (!existsSync(target)) {
    mkdirSync(join(tmpdir(), "flowbook-bench"), {recursive: true});
    const captures = (await Promise.all(files.map((file) => readPackets(file, kind.packetsPerFlow)))).filter(
      ({offset}) => offset.length > 0
    );
    writeReplicas(captures, kind, `${target}.${process.pid}`);
    renameSync(`${target}.${process.pid}`, target);
  }
  return {path: target, from: folder};
}

function originals(): {folder: string; files: string[]} {
  const root = resolve(import.meta.dirname, "../..");
  const folder = [join(root, "../shared/data/pcap"), join(root, "data/demo")].find((path) => existsSync(path));
  if (!folder)
    throw new Error("no captures to make a large one of: neither ../shared/data/pcap nor data/demo is there");
  const files = readdirSync(folder, {recursive: true, encoding: "utf8"})
    .filter((name) => /\.(?:pcap|pcapng|cap)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
  return {folder, files};
}

/** The Ethernet packets of one capture within an hour of its first. */
interface Packets {
  readonly bytes: Buffer;
  readonly offset: number[];
  readonly captured: number[];
  readonly wire: number[];
  /** µs since the capture's first packet. */
  readonly time: number[];
}

async function readPackets(path: string, packetsPerFlow: number): Promise<Packets> {
  const packets: Packets = {bytes: Buffer.alloc(0), offset: [], captured: [], wire: [], time: []};
  const pieces: Buffer[] = [];
  const seen = new Map<string, number>();
  let length = 0;
  let first = Number.NaN;
  const batch = emptyBatch();
  const source = await openSource(path).catch(() => null);
  while (source && (await source.next(batch)))
    for (let i = 0; i < batch.count; i++) {
      if (batch.link[i] !== ethernet || batch.captured[i] < 14) continue;
      if (Number.isNaN(first)) first = batch.ts[i];
      const time = Math.max(0, batch.ts[i] - first);
      const frame = Buffer.from(batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.captured[i]));
      if (time >= spanUs || (packetsPerFlow > 0 && countOf(seen, frame) > packetsPerFlow)) continue;
      packets.offset.push(length);
      packets.captured.push(frame.length);
      packets.wire.push(batch.wire[i]);
      packets.time.push(time);
      pieces.push(frame);
      length += frame.length;
    }
  await source?.close();
  return {...packets, bytes: Buffer.concat(pieces)};
}

/** How many packets of this frame's flow there were, itself included; 1 for what is not IPv4. */
function countOf(seen: Map<string, number>, frame: Buffer): number {
  if (frame.readUInt16BE(12) !== 0x0800 || frame.length < 38) return 1;
  const ports = 14 + (frame[14] & 15) * 4;
  const ends = [frame.toString("latin1", 26, 30) + frame.readUInt16BE(Math.min(ports, frame.length - 2))];
  ends.push(frame.toString("latin1", 30, 34) + frame.readUInt16BE(Math.min(ports + 2, frame.length - 2)));
  const key = `${frame[23]} ${ends.sort().join(" ")}`;
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return count;
}

function emptyBatch(): PacketBatch & {count: number} {
  const packets = 8192;
  return {
    bytes: new Uint8Array(4 << 20),
    offset: new Int32Array(packets),
    captured: new Int32Array(packets),
    wire: new Int32Array(packets),
    ts: new Float64Array(packets),
    link: new Int32Array(packets),
    count: 0
  };
}

function writeReplicas(captures: readonly Packets[], {bytes}: CaptureKind, path: string): void {
  const base = captures.flatMap((capture, c) => capture.offset.map((_, p) => ({c, p})));
  const baseBytes = captures.reduce((sum, c) => sum + c.bytes.length + headerBytes * c.offset.length, 0);
  const replicas = Math.ceil(bytes / baseBytes);
  const random = numbers(12345);
  const begins = Array.from({length: replicas}, () =>
    captures.map((capture) => Math.floor(random() * (spanUs - longest(capture.time))))
  );
  const times = new Float64Array(base.length * replicas);
  for (let r = 0; r < replicas; r++)
    for (const [k, {c, p}] of base.entries()) times[r * base.length + k] = begins[r][c] + captures[c].time[p];
  const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
  const file = openSync(path, "w");
  const buffer = Buffer.alloc(bufferBytes);
  let end = writeFileHeader(buffer);
  for (const index of order) {
    const {c, p} = base[index % base.length];
    const {bytes: from, offset, captured, wire} = captures[c];
    if (end + headerBytes + captured[p] > bufferBytes) {
      writeSync(file, buffer, 0, end);
      end = 0;
    }
    buffer.writeUInt32LE(beginS + Math.floor(times[index] / 1e6), end);
    buffer.writeUInt32LE(times[index] % 1e6, end + 4);
    buffer.writeUInt32LE(captured[p], end + 8);
    buffer.writeUInt32LE(wire[p], end + 12);
    from.copy(buffer, end + headerBytes, offset[p], offset[p] + captured[p]);
    const replica = Math.floor(index / base.length);
    if (replica > 0) shiftAddresses(buffer.subarray(end + headerBytes, end + headerBytes + captured[p]), replica);
    end += headerBytes + captured[p];
  }
  writeSync(file, buffer, 0, end);
  closeSync(file);
}

function writeFileHeader(buffer: Buffer): number {
  buffer.writeUInt32LE(0xa1b2c3d4, 0);
  buffer.writeUInt16LE(2, 4);
  buffer.writeUInt16LE(4, 6);
  buffer.writeUInt32LE(262_144, 16);
  buffer.writeUInt32LE(ethernet, 20);
  return 24;
}

function longest(times: readonly number[]): number {
  return times.reduce((most, time) => Math.max(most, time), 0);
}

/** Numbers from 0 to 1 that the seed determines (a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

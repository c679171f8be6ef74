import {createHash, type Hash} from "node:crypto";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync
} from "node:fs";
import {join} from "node:path";
import {makeFolder} from "../partitions/durable.ts";
import type {PacketBatch} from "../sources/source.ts";

/** How many raw packets are kept, and for how long. */
export interface RingLimits {
  /** Bytes of packets and index in the lake at most. */
  readonly bytes: number;
  /** Files whose last packet came longer ago than this are removed, in s. */
  readonly ageS: number;
}

/** Bytes of an entry of the index: flow_id (8), offset of the packet's record header (4), bytes of the record (4). */
export const indexEntryBytes = 16;

const recordHeaderBytes = 16;
const largestFileBytes = 64 * 2 ** 20;
const filesOfRing = 8;
const fileAgeMs = 60_000;

/** The folder of the lake that holds raw packets: `packets/<capture>/<n>.pcap`, `.idx` and, when complete, `.json`. */
export function packetsFolder(lake: string): string {
  return join(lake, "packets");
}

/**
 * The raw packets of a live capture, newest kept: pcap files that take turns by size and time, each with an index of
 * whose flow each packet is, and when complete with its hash. Readable by the owner alone. Not sealed with the parts:
 * after a kill the last file ends where it ends.
 */
export class PacketRing {
  /** Files removed because of the limits, and their bytes. */
  removedFiles = 0;
  removedBytes = 0;
  readonly #lake: string;
  readonly #folder: string;
  readonly #header: Uint8Array;
  readonly #limits: RingLimits;
  readonly #fileBytes: number;
  #number = 0;
  #file: RingFile | null = null;

  /** `header`: the pcap header that the capture's stream began with. */
  constructor(lake: string, capture: string, header: Uint8Array, limits: RingLimits) {
    this.#lake = lake;
    this.#folder = join(packetsFolder(lake), capture);
    this.#header = header;
    this.#limits = limits;
    this.#fileBytes = Math.min(largestFileBytes, Math.max(1 << 16, limits.bytes / filesOfRing));
    makeFolder(this.#folder);
  }

  /** Writes the packets of a batch as they came, which lie in it one after another. Throws the file system's error. */
  write(batch: PacketBatch, flows: BigInt64Array, nowMs: number): void {
    const {count, offset, captured, ts, bytes} = batch;
    if (count === 0) return;
    if (this.#file && (this.#file.bytes >= this.#fileBytes || nowMs - this.#file.begunMs >= fileAgeMs))
      this.#next(nowMs);
    this.#file ??= new RingFile(join(this.#folder, String(this.#number++).padStart(6, "0")), this.#header, nowMs);
    const start = offset[0] - recordHeaderBytes;
    const end = offset[count - 1] + captured[count - 1];
    const index = new Int32Array(count * (indexEntryBytes / 4));
    const halves = new Int32Array(flows.buffer, flows.byteOffset, count * 2);
    for (let i = 0, at = 0; i < count; i++) {
      index[at++] = halves[2 * i];
      index[at++] = halves[2 * i + 1];
      index[at++] = this.#file.bytes + offset[i] - recordHeaderBytes - start;
      index[at++] = captured[i] + recordHeaderBytes;
    }
    this.#file.write(bytes.subarray(start, end), index, ts[0], ts[count - 1]);
  }

  close(nowMs: number): void {
    this.#next(nowMs);
  }

  #next(nowMs: number): void {
    this.#file?.close();
    this.#file = null;
    const removed = trimPackets(this.#lake, {...this.#limits, bytes: this.#limits.bytes - this.#fileBytes}, nowMs);
    this.removedFiles += removed.files;
    this.removedBytes += removed.bytes;
  }
}

class RingFile {
  readonly begunMs: number;
  bytes = 0;
  #packets = 0;
  #firstTs = Number.NaN;
  #lastTs = Number.NaN;
  readonly #name: string;
  readonly #file: number;
  readonly #index: number;
  readonly #hash: Hash = createHash("sha256");

  constructor(name: string, header: Uint8Array, nowMs: number) {
    this.#name = name;
    this.begunMs = nowMs;
    this.#file = openSync(`${name}.pcap`, "wx", 0o600);
    this.#index = openSync(`${name}.idx`, "wx", 0o600);
    this.#append(header);
  }

  write(records: Uint8Array, index: Int32Array, first: number, last: number): void {
    this.#append(records);
    writeAll(this.#index, new Uint8Array(index.buffer));
    this.#packets += index.length / (indexEntryBytes / 4);
    if (!(this.#firstTs <= first)) this.#firstTs = first;
    if (!(this.#lastTs >= last)) this.#lastTs = last;
  }

  close(): void {
    closeSync(this.#file);
    closeSync(this.#index);
    const about = {
      sha256: this.#hash.digest("hex"),
      packets: this.#packets,
      bytes: this.bytes,
      first_ts_us: this.#firstTs,
      last_ts_us: this.#lastTs
    };
    writeFileSync(`${this.#name}.json`, JSON.stringify(about), {mode: 0o600});
  }

  #append(bytes: Uint8Array): void {
    writeAll(this.#file, bytes);
    this.#hash.update(bytes);
    this.bytes += bytes.length;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
}

/** Removes the oldest packets of a lake, whole files, until the limits hold. `nowMs`: wall clock. */
export function trimPackets(lake: string, {bytes, ageS}: RingLimits, nowMs: number): {files: number; bytes: number} {
  const root = packetsFolder(lake);
  if (!existsSync(root)) return {files: 0, bytes: 0};
  const files = readdirSync(root)
    .flatMap((capture) =>
      readdirSync(join(root, capture))
        .filter((name) => name.endsWith(".pcap"))
        .map((name) => {
          const path = join(root, capture, name.slice(0, -".pcap".length));
          const packets = statSync(`${path}.pcap`, {throwIfNoEntry: false});
          const index = statSync(`${path}.idx`, {throwIfNoEntry: false});
          return {
            path,
            folder: join(root, capture),
            bytes: (packets?.size ?? 0) + (index?.size ?? 0),
            mtimeMs: packets?.mtimeMs ?? 0
          };
        })
    )
    .sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1));
  let total = files.reduce((sum, file) => sum + file.bytes, 0);
  const removed = {files: 0, bytes: 0};
  for (const file of files) {
    if (total <= bytes && nowMs - file.mtimeMs <= ageS * 1000) break;
    // The index first: an index without its packets would be read in vain.
    for (const ending of ["idx", "json", "pcap"]) rmSync(`${file.path}.${ending}`, {force: true});
    total -= file.bytes;
    removed.files++;
    removed.bytes += file.bytes;
    if (readdirSync(file.folder).length === 0) rmdirSync(file.folder);
  }
  return removed;
}

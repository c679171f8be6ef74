import {createHash, type Hash} from "node:crypto";
import {appendFileSync, existsSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {Dissection} from "../dissect/dissection.ts";
import type {MeterSink} from "../meter/meter.ts";
import {createMeter} from "../meter/wasm-meter.ts";
import {type FlowPacket, meterSettingsOf, readFlowPackets, type WantedFlows} from "./flow-packets.ts";

/** A row of the table `files`. */
export interface WantedFile {
  readonly flow: bigint;
  /** µs since 1970. */
  readonly ts: number;
  readonly size: number;
  readonly sha256: string | null;
  /** As a stranger named it. */
  readonly name: string | null;
}

export interface RebuiltFile<F extends WantedFile> {
  readonly row: F;
  /** Name in the folder; the same of files with the same content. */
  readonly file: string;
  /** True where the content has the digest of the row; false where the row has none, then the size alone is the same. */
  readonly isChecked: boolean;
}

export interface RebuiltFiles<F extends WantedFile> {
  readonly rebuilt: readonly RebuiltFile<F>[];
  /** Rows of which the packets gave nothing, or something else. */
  readonly lost: readonly {readonly row: F; readonly reason: string}[];
}

/** Bytes of unfinished files that are held in memory, together. */
const maxHeldBytes = 32 << 20;

/**
 * Writes files into a folder that only its owner reads, from the packets of their flows, which are dissected again as they
 * were when the capture was imported. `flows` may have more flows than the files are of: FTP and TFTP announce in one what
 * another carries. `written`: names in the folder by digest, to which new ones are added. No file may be executed; a name that a stranger gave is reduced to letters, digits and dots.
 */
export async function rebuildFiles<F extends WantedFile>(
  lake: string,
  flows: WantedFlows,
  files: readonly F[],
  folder: string,
  written: Map<string, string> = new Map()
): Promise<RebuiltFiles<F>> {
  const settings = meterSettingsOf(flows.meter);
  if (!settings)
    return {
      rebuilt: [],
      lost: files.map((row) => ({row, reason: "it was metered by another version: import it again"}))
    };
  const meter = await createMeter({...settings, captureSeed: flows.capture});
  const dissection = new Dissection({captureSha256: flows.capture, core: meter.readings});
  const contents = new Contents(files, folder, written, () => meter.batch.bytes);
  const {files: taker} = meter.readings;
  meter.readings.handOverFiles(true);
  Object.assign(taker, {bytes: contents.bytes, end: contents.end});
  const sink: MeterSink = {onFlows: ({rows}) => void dissection.takeColumns(rows)};
  const {batch} = meter;
  batch.count = 0;
  let used = 0;
  // Ids depend on the flows before, which are not all here: this meter's ids, and the lake's by them.
  const flowOf: bigint[] = [];
  const lakeIds = new Map<bigint, bigint>();
  const run = () => {
    meter.process(sink);
    for (const [i, id] of meter.packetFlows.entries()) lakeIds.set(id, flowOf[i]);
    contents.settle(lakeIds);
    dissection.takeRecords();
    batch.count = used = 0;
  };
  const take = ({flow, bytes, ts, wire, link}: FlowPacket) => {
    if (batch.count === batch.offset.length || used + bytes.length > batch.bytes.length) run();
    const at = batch.count++;
    flowOf[at] = flow;
    batch.bytes.set(bytes, used);
    [batch.offset[at], batch.captured[at], batch.wire[at], batch.ts[at], batch.link[at]] = [
      used,
      bytes.length,
      wire,
      ts,
      link
    ];
    used += bytes.length;
  };
  try {
    const {reason} = await readFlowPackets(lake, flows, take);
    run();
    meter.flush(sink);
    contents.settle(lakeIds);
    dissection.takeRecords();
    return contents.result(reason ?? "the packets do not hold it");
  } finally {
    Object.assign(taker, {bytes: () => {}, end: () => {}});
    meter.close();
    contents.drop();
  }
}

/** A file under way. */
interface Part {
  readonly path: string;
  readonly hash: Hash;
  size: number;
  held: Uint8Array[];
  heldBytes: number;
}

class Contents<F extends WantedFile> {
  readonly #folder: string;
  readonly #written: Map<string, string>;
  readonly #memory: () => Uint8Array;
  /** Rows that are still to come, by their flow and time, in the order of the table. */
  readonly #wanted = new Map<string, F[]>();
  readonly #times = new Set<number>();
  readonly #parts = new Map<number, Part>();
  readonly #rebuilt: RebuiltFile<F>[] = [];
  readonly #lost: {row: F; reason: string}[] = [];
  readonly #ended: {part: Part; flow: bigint; ts: number}[] = [];
  #held = 0;
  #number = 0;

  constructor(files: readonly F[], folder: string, written: Map<string, string>, memory: () => Uint8Array) {
    this.#folder = folder;
    this.#written = written;
    this.#memory = memory;
    for (const row of files) {
      const key = `${row.flow} ${row.ts}`;
      this.#wanted.set(key, [...(this.#wanted.get(key) ?? []), row]);
      this.#times.add(row.ts);
    }
  }

  readonly bytes = (transfer: number, ts: number, start: number, end: number) => {
    if (!this.#times.has(Math.floor(ts))) return;
    let part = this.#parts.get(transfer);
    if (!part) {
      const path = join(this.#folder, `.${process.pid}-${this.#number++}.part`);
      this.#parts.set(transfer, (part = {path, hash: createHash("sha256"), size: 0, held: [], heldBytes: 0}));
    }
    const bytes = new Uint8Array(this.#memory().buffer, start, end - start).slice();
    part.hash.update(bytes);
    part.size += bytes.length;
    part.held.push(bytes);
    part.heldBytes += bytes.length;
    this.#held += bytes.length;
    if (this.#held > maxHeldBytes)
      for (const each of [...this.#parts.values(), ...this.#ended.map(({part}) => part)]) this.#spill(each);
  };

  readonly end = (transfer: number, flow: bigint, ts: number) => {
    const part = this.#parts.get(transfer);
    if (!part) return;
    this.#parts.delete(transfer);
    this.#ended.push({part, flow, ts: Math.floor(ts)});
  };

  /** Names the files that have ended, by the ids that their flows have in the lake. */
  settle(lakeIds: ReadonlyMap<bigint, bigint>): void {
    for (const {part, flow, ts} of this.#ended.splice(0)) {
      const rows = this.#wanted.get(`${lakeIds.get(flow)} ${ts}`);
      const row = rows?.shift();
      if (row) this.#keep(part, row);
      else this.#remove(part);
    }
  }

  #keep(part: Part, row: F): void {
    const sha256 = part.hash.digest("hex");
    const isSame = part.size === row.size && (row.sha256 === null || sha256 === row.sha256);
    if (!isSame) {
      this.#remove(part);
      this.#lost.push({row, reason: "its content is not what the lake's digest and size say"});
      return;
    }
    const known = row.sha256 === null ? undefined : this.#written.get(row.sha256);
    const file = known ?? fileNameOf(row);
    if (known) this.#remove(part);
    else {
      this.#spill(part);
      renameSync(part.path, join(this.#folder, file));
      if (row.sha256 !== null) this.#written.set(row.sha256, file);
    }
    this.#rebuilt.push({row, file, isChecked: row.sha256 !== null});
  }

  result(reason: string): RebuiltFiles<F> {
    const never = [...this.#wanted.values()].flat().map((row) => ({row, reason}));
    return {rebuilt: this.#rebuilt, lost: [...this.#lost, ...never]};
  }

  /** Removes what no end was seen of. */
  drop(): void {
    for (const part of [...this.#parts.values(), ...this.#ended.map(({part}) => part)]) this.#remove(part);
  }

  #spill(part: Part): void {
    const content = Buffer.concat(part.held);
    if (existsSync(part.path)) appendFileSync(part.path, content);
    else writeFileSync(part.path, content, {flag: "wx", mode: 0o600});
    this.#held -= part.heldBytes;
    part.held = [];
    part.heldBytes = 0;
  }

  #remove(part: Part): void {
    this.#held -= part.heldBytes;
    rmSync(part.path, {force: true});
  }
}

/**
 * A name that is a path nowhere, hides nothing and starts no program: the digest's first digits (of a file without one, its
 * flow and time), what is harmless of the stranger's name, and an ending of our own.
 */
export function fileNameOf({flow, ts, sha256, name}: WantedFile): string {
  const key = sha256 === null ? `unchecked-${BigInt.asUintN(64, flow).toString(16)}-${ts}` : sha256.slice(0, 16);
  const said = (name ?? "")
    .replace(/[^A-Za-z0-9.]+/g, "_")
    .replace(/\.{2,}/g, ".")
    .replace(/^[._]+|[._]+$/g, "")
    .slice(-60);
  return `${key}${said === "" ? "" : `-${said}`}.bin`;
}

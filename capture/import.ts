import {mkdtempSync, rmSync} from "node:fs";
import {join} from "node:path";
import type {Readable} from "node:stream";
import type {CaptureRow} from "../schema/captures.ts";
import {schemaVersion} from "../schema/tables.ts";
import {captureRow, lossOf} from "./capture-row.ts";
import {type FlowCollector, flowCollectors} from "./flow-collector.ts";
import {type CaptureFile, captureFiles, type FailedPath} from "./import-paths.ts";
import type {MeterCounters, MeterSettings} from "./meter/meter.ts";
import {defaultSettings, METER_VERSION} from "./meter/wasm-meter.ts";
import {makeFolder} from "./partitions/durable.ts";
import {type LakeWriter, openLakeWriter} from "./partitions/writer.ts";
import {readCapture} from "./read-capture.ts";
import {hashFile} from "./sources/hash-file.ts";
import {openSource} from "./sources/open.ts";

/** Flows after which a part is sealed at the end of the capture under way. */
const partFlows = 500_000;

/** Live flows at most: a quarter of a GB of the meter's memory, so that an import stays below one. */
const maxFlows = 1 << 18;

export interface ImportOptions {
  readonly lake: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  /** Import captures again that the lake has; their newer rows then count. */
  readonly force?: boolean;
  /** The name to keep for the capture, where it is a single file stored under another. */
  readonly name?: string;
  readonly settings?: Partial<Omit<MeterSettings, "captureSeed">>;
  readonly stdin?: Readable;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Called when captures have become visible to readers, with their number; they stay whatever happens then. */
  readonly onSealed?: (captures: number) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly file: string;
  /** Bytes of all files, and of those about how many have been read. */
  readonly totalBytes: number;
  readonly readBytes: number;
  readonly packets: number;
}

/** A capture of the lake after an import. */
export interface ImportedCapture {
  readonly row: CaptureRow;
  /** The lake had it already: it was not read again. */
  readonly known: boolean;
}

export interface ImportResult {
  readonly captures: readonly ImportedCapture[];
  /** Paths of which nothing could be read, and why. */
  readonly failed: readonly FailedPath[];
  /** Parts sealed, oldest first. */
  readonly parts: readonly string[];
}

/**
 * Brings captures into the lake: files, folders (all files below) and `-` for standard input. Captures that the lake
 * has are recognised by their hash; metered by another version or with other settings they are read again. A file that
 * cannot be read does not stop the others; one that can be read in part is kept so far, with the reason in its row.
 * Small captures share a part, which readers see at the end of the import or once it is large.
 */
export async function importCaptures(paths: readonly string[], options: ImportOptions): Promise<ImportResult> {
  const {lake, clock} = options;
  makeFolder(lake);
  const spool = mkdtempSync(join(lake, ".spool-"));
  const writer = openLakeWriter(lake, clock());
  try {
    const {files, failed} = await captureFiles(paths, spool, options.stdin);
    const run = new ImportRun(writer, options, files);
    for (const file of files) {
      const problem = await run.take(file);
      if (problem !== null) failed.push({path: file.name, problem});
    }
    await run.seal();
    return {captures: run.captures, failed, parts: run.parts};
  } finally {
    await writer.close();
    rmSync(spool, {recursive: true, force: true});
  }
}

class ImportRun {
  readonly captures: ImportedCapture[] = [];
  readonly parts: string[] = [];
  readonly #writer: LakeWriter;
  readonly #options: ImportOptions;
  readonly #settings: Omit<MeterSettings, "captureSeed">;
  readonly #name: string | undefined;
  readonly #totalBytes: number;
  #doneBytes = 0;
  #packets = 0;
  #known: Map<string, CaptureRow> | null = null;
  #unsealed: CaptureRow[] = [];
  readonly #collectors: readonly FlowCollector[];

  constructor(writer: LakeWriter, options: ImportOptions, files: readonly CaptureFile[]) {
    this.#writer = writer;
    this.#collectors = flowCollectors(writer);
    this.#options = options;
    this.#settings = {...defaultSettings, maxFlows, ...options.settings};
    this.#name = files.length === 1 ? options.name : undefined;
    this.#totalBytes = files.reduce((sum, {bytes}) => sum + bytes, 0);
    writer.describe({"flowbook.schema_version": String(schemaVersion), "flowbook.meter": this.#meter()});
  }

  /** Reads a file unless the lake has it; returns why nothing of it could be read, null where it could. */
  async take(file: CaptureFile): Promise<string | null> {
    try {
      const sha256 = await hashFile(file.path);
      const known = (await this.#knownCaptures()).get(sha256);
      // Metered by another version or with other settings, its flows would not be those that are asked for now.
      if (known?.meter === this.#meter()) this.captures.push({row: known, known: true});
      else await this.#read(file, sha256);
      return null;
    } catch (error) {
      if (!isProblemOfFile(error)) throw error;
      return this.#named(file, (error as Error).message);
    } finally {
      this.#doneBytes += file.bytes;
    }
  }

  async seal(): Promise<void> {
    if (this.#unsealed.length === 0) return;
    for (const collector of this.#collectors) {
      const rows = collector.take();
      if (rows) this.#writer.write(rows);
    }
    this.parts.push(await this.#writer.seal(this.#unsealed));
    this.#options.onSealed?.(this.#unsealed.length);
    this.#unsealed = [];
  }

  async #read(file: CaptureFile, sha256: string): Promise<void> {
    const source = await openSource(file.path);
    try {
      this.#writer.capture(sha256, null);
      const {counters, dissected, problem} = await readCapture(source, this.#writer, {
        settings: this.#settings,
        sha256,
        collectors: this.#collectors,
        onPackets: (now) => this.#tell(file, now),
        signal: this.#options.signal
      });
      const row = captureRow({
        sha256,
        name: this.#name ?? file.name,
        bytes: file.bytes,
        source,
        counters,
        dissected,
        problem: problem && this.#named(file, problem),
        importedAtUs: Math.round(this.#options.clock() * 1000),
        meter: this.#meter()
      });
      this.#writer.capture(sha256, lossOf(row));
      this.#packets += counters.packets;
      this.#unsealed.push(row);
      this.captures.push({row, known: false});
      (await this.#knownCaptures()).set(sha256, row);
    } finally {
      await source.close();
    }
    if (this.#unsealed.reduce((sum, {flows}) => sum + Number(flows), 0) >= partFlows) await this.seal();
  }

  /** By hash: the captures of the lake (none of those before, where they are to be imported again) and of this run. */
  async #knownCaptures(): Promise<Map<string, CaptureRow>> {
    if (!this.#known) {
      const rows = this.#options.force ? [] : await this.#writer.known();
      this.#known = new Map(rows.map((row) => [row.capture_sha256, row]));
    }
    return this.#known;
  }

  #tell(file: CaptureFile, {capturedBytes, packets}: MeterCounters): void {
    this.#options.onProgress?.({
      file: this.#name ?? file.name,
      totalBytes: this.#totalBytes,
      // 16 bytes of header a packet; a compressed file is read sooner than this says.
      readBytes: this.#doneBytes + Math.min(file.bytes, capturedBytes + 16 * packets),
      packets: this.#packets + packets
    });
  }

  /** The message under the name that the capture is known by, where it is stored under another. */
  #named(file: CaptureFile, message: string): string {
    return message.replaceAll(file.path, this.#name ?? file.name);
  }

  #meter(): string {
    const {idleTimeoutUs, activeTimeoutUs, maxFlows} = this.#settings;
    return JSON.stringify({
      version: METER_VERSION,
      idle_timeout_us: idleTimeoutUs,
      active_timeout_us: activeTimeoutUs,
      max_flows: maxFlows
    });
  }
}

/** What the file or its content is to blame for; anything else is ours. */
function isProblemOfFile(error: unknown): boolean {
  const {name, syscall} = error as {name?: string; syscall?: string};
  return name === "CaptureError" || syscall !== undefined;
}

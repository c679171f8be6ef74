import {mkdtempSync, rmSync} from "node:fs";
import {join} from "node:path";
import type {Readable} from "node:stream";
import type {CaptureRow} from "../../schema/captures.ts";
import type {MeterSettings} from "../meter/meter.ts";
import {defaultSettings} from "../meter/wasm-meter.ts";
import {makeFolder} from "../partitions/durable.ts";
import {knownCaptures} from "../partitions/known.ts";
import {openLakeWriter} from "../partitions/writer.ts";
import {CaptureReader, meterOf} from "./capture-reader.ts";
import {ImportLedger} from "./import-ledger.ts";
import {type CaptureFile, captureFiles, type FailedPath} from "./import-paths.ts";
import {importSideBySide} from "./import-threads.ts";
import {workersFor} from "./worker-count.ts";

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
  /**
   * Threads that read captures side by side, each with a part and a writer of its own; 1: this thread does. Without it
   * as many as the machine and the files' sizes suggest.
   */
  readonly workers?: number;
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
  const {lake} = options;
  makeFolder(lake);
  const spool = mkdtempSync(join(lake, ".spool-"));
  try {
    const {files, failed} = await captureFiles(paths, spool, options.stdin);
    const workers = Math.min(options.workers ?? workersFor(files), files.length);
    const ledger = workers > 1 ? await readSideBySide(files, workers, options) : await readInTurn(files, options);
    return ledger.result(failed);
  } finally {
    rmSync(spool, {recursive: true, force: true});
  }
}

/** Reads the files one after another, in this thread. */
async function readInTurn(files: readonly CaptureFile[], options: ImportOptions): Promise<ImportLedger> {
  const {lake, clock, signal} = options;
  const name = files.length === 1 ? options.name : undefined;
  const settings = settingsOf(options);
  const writer = openLakeWriter(lake, clock());
  try {
    const known = async () => (options.force ? [] : await writer.known());
    const ledger = new ImportLedger(files, {...options, name, meter: meterOf(settings), known});
    let at = 0;
    const reader = new CaptureReader(writer, {
      settings,
      name,
      clock,
      signal,
      onPackets: (readBytes, packets) => ledger.packets(at, readBytes, packets),
      onSealed: (part, captures) => ledger.sealed(part, captures)
    });
    for (; at < files.length; at++)
      ledger.settle(at, await reader.take(files[at], (sha256) => ledger.mayRead(at, sha256)));
    await reader.seal();
    return ledger;
  } finally {
    await writer.close();
  }
}

/** Reads the files in several threads, each one after another. */
async function readSideBySide(
  files: readonly CaptureFile[],
  workers: number,
  options: ImportOptions
): Promise<ImportLedger> {
  const {lake, clock, signal} = options;
  const settings = settingsOf(options);
  const known = async () => (options.force ? [] : await knownOf(lake));
  const ledger = new ImportLedger(files, {...options, name: undefined, meter: meterOf(settings), known});
  await importSideBySide(files, ledger, {lake, clock, signal, settings, workers});
  return ledger;
}

/** The captures of the lake; the engine is opened, and loaded, only where there are some. */
async function knownOf(lake: string): Promise<readonly CaptureRow[]> {
  const opened: {closeSync(): void}[] = [];
  try {
    return await knownCaptures(async () => {
      const {openEngine} = await import("../partitions/engine.ts");
      const engine = await openEngine("384MB", "");
      const connection = await engine.connect();
      opened.push(connection, engine);
      return connection;
    }, lake);
  } finally {
    for (const one of opened) one.closeSync();
  }
}

function settingsOf({settings}: ImportOptions): Omit<MeterSettings, "captureSeed"> {
  return {...defaultSettings, maxFlows, ...settings};
}

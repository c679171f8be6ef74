import {createHash} from "node:crypto";
import {symlinkSync} from "node:fs";
import {join} from "node:path";
import type {Readable} from "node:stream";
import type {CaptureRow} from "../../schema/captures.ts";
import type {MeterSettings} from "../meter/meter.ts";
import {defaultSettings} from "../meter/wasm-meter.ts";
import {makeFolder} from "../partitions/durable.ts";
import {finishForgetting} from "../partitions/forgetting.ts";
import {forget} from "../partitions/forgotten.ts";
import {capturesOf} from "../partitions/known.ts";
import {parsePart} from "../partitions/layout.ts";
import {closeRun, openRun, removeLeftovers} from "../partitions/run.ts";
import {openLakeWriter} from "../partitions/writer.ts";
import {beginsAsCapture} from "../sources/open.ts";
import {CaptureReader, isProblemOfFile, meterOf} from "./capture-reader.ts";
import {ImportLedger} from "./import-ledger.ts";
import {type CaptureFile, capturePaths, type FailedPath} from "./import-paths.ts";
import {importSideBySide} from "./import-threads.ts";
import {importPipe} from "./pipe-import.ts";
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
  /** Who imports, as `captures.sensor` keeps it; null where nobody says so. */
  readonly sensor?: string | null;
  readonly stdin?: Readable;
  /** A pipe that goes on for longer is sealed this often, in ms; 5 s without it. */
  readonly sealEveryMs?: number;
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
  /** Files in folders that are no captures, and do not say so by their names. */
  readonly skipped: readonly string[];
  /** Parts sealed, oldest first. */
  readonly parts: readonly string[];
  /** The signal ended a pipe; what came of it is kept. */
  readonly isInterrupted: boolean;
}

/**
 * Brings captures into the lake: files, folders (all files below) and pipes (`-` for standard input). Captures that the
 * lake has are recognised by their hash, or by that of their content where they are compressed otherwise; metered by
 * another version or with other settings they are read again. A file whose beginning is a capture of the same path takes
 * that one's place. What lies beside the captures of a folder is left out. A file that cannot be read does not stop the others; one that can be read in part is kept so far,
 * with the reason in its row. Small captures share a part, which readers see at the end of the import or once it is
 * large. At the signal a pipe is given up and what came stays; while files are read it throws the signal's reason.
 */
export async function importCaptures(paths: readonly string[], options: ImportOptions): Promise<ImportResult> {
  const {lake, clock} = options;
  makeFolder(lake);
  removeLeftovers(lake, clock());
  // Its folder goes with it, or with the next import where this process is killed.
  const run = openRun(lake, clock());
  try {
    const found = capturePaths(paths, (target) => linkIn(run.folder, target));
    const skipped: string[] = [];
    const inFiles: CaptureFile[] = [];
    for (const file of found.files)
      if (await isForeign(file)) skipped.push(file.name);
      else inFiles.push(file);
    const piped = await readPipes(found.pipes, run.folder, options);
    const files = [...inFiles, ...piped.files];
    const isInterrupted = options.signal?.aborted === true && found.pipes.length > 0;
    // What a pipe brought before its end is kept all the same; files that nothing was read of yet are left.
    const read = isInterrupted ? piped.files : files;
    const imported = await readFiles(read, isInterrupted ? {...options, signal: undefined} : options);
    if ([...imported.parts, ...piped.parts].length > 0) await finishForgetting(lake, clock());
    return {
      captures: [...piped.captures, ...imported.captures],
      failed: [...found.failed, ...piped.failed, ...imported.failed],
      skipped,
      parts: [...piped.parts, ...imported.parts],
      isInterrupted
    };
  } finally {
    closeRun(run);
  }
}

const captureName = /\.(pcap|pcapng|cap|ntar)\d*(\.(gz|zst))?$/i;

/** A file beside the captures of a folder. One that is called a capture is read, so that what is wrong with it is told. */
async function isForeign({path, name, isInFolder}: CaptureFile): Promise<boolean> {
  if (!isInFolder || captureName.test(name)) return false;
  try {
    return !(await beginsAsCapture(path));
  } catch {
    return false;
  }
}

/** A name in our folder for a file whose own is no text. */
function linkIn(folder: string, target: Buffer): string {
  const link = join(folder, `link-${createHash("sha256").update(target).digest("hex")}`);
  symlinkSync(target, link);
  return link;
}

/** Takes the pipes in, one after another; those that end soon are files to be read. */
async function readPipes(pipes: readonly string[], spoolFolder: string, options: ImportOptions) {
  const {lake, clock, signal, stdin = process.stdin, sealEveryMs = 5000, onProgress, onSealed} = options;
  const files: CaptureFile[] = [];
  const captures: ImportedCapture[] = [];
  const failed: FailedPath[] = [];
  const parts: string[] = [];
  for (const path of pipes) {
    if (signal?.aborted) break;
    const name = options.name ?? path;
    try {
      const outcome = await importPipe(path, {
        lake,
        clock,
        signal,
        name,
        stdin,
        spoolFolder,
        sealEveryMs,
        settings: settingsOf(options),
        sensor: options.sensor,
        onBytes: (bytes, packets) => onProgress?.({file: name, totalBytes: bytes, readBytes: bytes, packets}),
        onSealed: (part) => {
          parts.push(part);
          onSealed?.(parts.length === 1 ? 1 : 0);
        }
      });
      if (outcome?.kind === "file") files.push(outcome.file);
      if (outcome?.kind === "sealed") captures.push(await onlyOnce(outcome, options));
    } catch (error) {
      if (!isProblemOfFile(error)) throw error;
      failed.push({path: name, problem: (error as Error).message});
    }
  }
  return {files, captures, failed, parts};
}

/** A pipe whose bytes turn out to be those of a capture in the lake does not count a second time. */
async function onlyOnce(
  {row, contentSha256}: {readonly row: CaptureRow; readonly contentSha256: string},
  {lake, force}: ImportOptions
): Promise<ImportedCapture> {
  const known = await capturesOf(lake);
  const own = known.find(({capture_sha256}) => capture_sha256 === row.capture_sha256);
  const same = known.find(
    ({capture_sha256, content_sha256}) => content_sha256 === contentSha256 && capture_sha256 !== row.capture_sha256
  );
  if (!same || !own) return {row, known: false};
  const [gone, stays] = force ? [same, own] : [own, same];
  forget(lake, gone.capture_sha256, {upTo: parsePart(gone.part).run, after: stays.capture_sha256});
  return {row: force ? row : same, known: !force};
}

async function readFiles(files: readonly CaptureFile[], options: ImportOptions): Promise<ImportResult> {
  const workers = Math.min(options.workers ?? workersFor(files), files.length);
  const ledger = workers > 1 ? await readSideBySide(files, workers, options) : await readInTurn(files, options);
  return ledger.result([]);
}

/** Reads the files one after another, in this thread. */
async function readInTurn(files: readonly CaptureFile[], options: ImportOptions): Promise<ImportLedger> {
  const {lake, clock, signal} = options;
  const name = files.length === 1 ? options.name : undefined;
  const settings = settingsOf(options);
  const writer = openLakeWriter(lake, clock());
  try {
    const ledger = new ImportLedger(files, {...ledgerOptions(options), name, known: () => writer.known()});
    let at = 0;
    const reader = new CaptureReader(writer, {
      settings,
      name,
      sensor: options.sensor,
      clock,
      signal,
      onPackets: (readBytes, packets) => ledger.packets(at, readBytes, packets),
      onSealed: (part, captures) => ledger.sealed(part, captures),
      onReplacing: ({sha256, run: upTo}, after) => forget(lake, sha256, {upTo, after})
    });
    for (; at < files.length; at++)
      ledger.settle(at, await reader.take(files[at], (sha256, content) => ledger.mayRead(at, sha256, content)));
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
  const ledger = new ImportLedger(files, {...ledgerOptions(options), name: undefined, known: () => capturesOf(lake)});
  await importSideBySide(files, ledger, {lake, clock, signal, settings, sensor: options.sensor, workers});
  return ledger;
}

function ledgerOptions(options: ImportOptions) {
  return {...options, force: options.force === true, meter: meterOf(settingsOf(options))};
}

function settingsOf({settings}: ImportOptions): Omit<MeterSettings, "captureSeed"> {
  return {...defaultSettings, maxFlows, ...settings};
}

import {createHash} from "node:crypto";
import {join} from "node:path";
import type {Readable} from "node:stream";
import type {CaptureRow} from "../../schema/captures.ts";
import {schemaVersion} from "../../schema/tables.ts";
import {PacketRing, type RingLimits} from "../live/packet-ring.ts";
import {Recorder} from "../live/recorder.ts";
import type {MeterSettings} from "../meter/meter.ts";
import {createMeter} from "../meter/wasm-meter.ts";
import {openLakeWriter} from "../partitions/writer.ts";
import {captureRow} from "../rows/capture-row.ts";
import {openFifo} from "../sources/fifo.ts";
import {sourceOfStream} from "../sources/open.ts";
import {isPcap, pcapHeaderBytes} from "../sources/pcap.ts";
import {PipeBytes} from "../sources/pipe.ts";
import type {PacketSource} from "../sources/source.ts";
import {meterOf} from "./capture-reader.ts";
import type {CaptureFile} from "./import-paths.ts";
import {Drain, PipeSpool, type Spooled} from "./pipe-spool.ts";

export interface PipeOptions {
  readonly lake: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  readonly settings: Omit<MeterSettings, "captureSeed">;
  /** Who imports; null where nobody says so. */
  readonly sensor?: string | null;
  /** What the capture is called. */
  readonly name: string;
  readonly stdin: Readable;
  /** Folder for what is read before it is known whether the pipe ends soon. */
  readonly spoolFolder: string;
  /** A pipe that goes on for longer is sealed this often. */
  readonly sealEveryMs: number;
  readonly onBytes: (bytes: number, packets: number) => void;
  readonly onSealed: (part: string) => void;
  readonly signal?: AbortSignal;
}

/** What came of a pipe: a file to import as any other, or what was sealed while it ran; null where nothing came. */
export type PipeOutcome =
  | {readonly kind: "file"; readonly file: CaptureFile}
  | {readonly kind: "sealed"; readonly row: CaptureRow; readonly contentSha256: string}
  | null;

/** Raw packets of a pipe that are kept: nothing else has them. */
const ringLimits: RingLimits = {bytes: 256e6, ageS: 3600};

/**
 * Takes in a pipe (`-`, or the path of a FIFO). One that ends within `sealEveryMs`, or is compressed, becomes a file,
 * recognised by its hash. Any other is recorded as a live capture is: a part every `sealEveryMs`, the rest at its end or
 * at the signal, and what came stays. Throws what keeps rows from being written.
 */
export async function importPipe(path: string, options: PipeOptions): Promise<PipeOutcome> {
  const {clock, signal, name, spoolFolder, sealEveryMs} = options;
  const stream = path === "-" ? options.stdin : await openFifo(path, signal);
  if (!stream) return null;
  const pipe = new PipeBytes(stream);
  const spool = new PipeSpool(pipe, join(spoolFolder, `pipe-${createHash("sha256").update(path).digest("hex")}`));
  try {
    let spooled = await spool.take({forMs: sealEveryMs, clock, signal});
    const source = spooled.isWhole ? null : begin(name, spooled, spool);
    if (source) return await record(source, spooled, spool, pipe, options);
    if (!spooled.isWhole) spooled = await spool.take({clock, signal});
    return {kind: "file", file: {path: spool.path, name, bytes: spooled.bytes}};
  } finally {
    pipe.close();
  }
}

/** The packets of an uncompressed capture; null where the pipe brings anything else: its end is awaited. */
function begin(name: string, {head}: Spooled, spool: PipeSpool): PacketSource | null {
  try {
    return sourceOfStream(name, head, spool.stream());
  } catch {
    return null;
  }
}

async function record(
  source: PacketSource,
  {head}: Spooled,
  spool: PipeSpool,
  pipe: PipeBytes,
  {lake, clock, settings, sensor, name, sealEveryMs, onBytes, onSealed, signal}: PipeOptions
): Promise<PipeOutcome> {
  const header = {pipe: name, begun_ms: clock(), pid: process.pid, head: Buffer.from(head).toString("hex")};
  const sha256 = createHash("sha256").update(JSON.stringify(header)).digest("hex");
  const meter = await createMeter({...settings, captureSeed: sha256});
  const description = meterOf(settings);
  const writer = openLakeWriter(lake, clock());
  try {
    writer.describe({"flowbook.schema_version": schemaVersion, "flowbook.meter": description});
    const format = `live/pipe ${source.format}`;
    const recorder = new Recorder({
      capture: {sha256, interface: name, format, meter: description, sensor},
      meter,
      writer,
      ring: isPcap(head) ? new PacketRing(lake, sha256, head.subarray(0, pcapHeaderBytes), ringLimits) : null,
      tally: null,
      isJudged: false,
      clock,
      onSealed: ({part}) => onSealed(part),
      // Its flows are what was asked for: they go on without the packets.
      onRingFailure: () => {}
    });
    const state = () => ({
      loss: {
        captured: null,
        kernelDrops: source.kernelDrops,
        interfaceDrops: source.interfaceDrops,
        programDrops: null
      },
      receivedBytes: pipe.receivedBytes
    });
    const drain = new Drain(clock, signal);
    let nextSealMs = clock();
    for (;;) {
      const more = await source.next(meter.batch);
      const isQuiet = meter.batch.count === 0;
      if (!isQuiet) recorder.take();
      if (!more) break;
      await recorder.ready();
      onBytes(spool.bytes, meter.counters.packets);
      if (clock() >= nextSealMs && !recorder.isSealing && meter.counters.packets > 0) {
        recorder.seal(state());
        nextSealMs = clock() + sealEveryMs;
      }
      if (drain.isOver(isQuiet)) break;
    }
    const contentSha256 = spool.digest();
    // A writer that was ended in the middle of a packet is no fault where it was asked to end.
    const problem = signal?.aborted ? null : (source.problem?.message ?? null);
    await recorder.finish(state(), problem, contentSha256);
    const row = captureRow({
      sha256,
      name,
      bytes: pipe.receivedBytes,
      source: {format, kernelDrops: source.kernelDrops, interfaceDrops: source.interfaceDrops},
      counters: {...meter.counters, flows: recorder.flows},
      dissected: recorder.dissected,
      problem,
      importedAtUs: Math.round(clock() * 1000),
      meter: description,
      sensor,
      contentSha256
    });
    return {kind: "sealed", row, contentSha256};
  } finally {
    await writer.close();
    await source.close();
    meter.close();
  }
}

import type {CaptureRow} from "../../schema/captures.ts";
import {schemaVersion} from "../../schema/tables.ts";
import type {MeterSettings} from "../meter/meter.ts";
import {METER_VERSION} from "../meter/wasm-meter.ts";
import type {LakeWriter} from "../partitions/writer.ts";
import {captureRow, lossOf} from "../rows/capture-row.ts";
import {type FlowCollector, flowCollectors} from "../rows/flow-collector.ts";
import {hashFile} from "../sources/hash-file.ts";
import {openSource} from "../sources/open.ts";
import type {CaptureFile} from "./import-paths.ts";
import {type ReadOptions, readCapture} from "./read-capture.ts";

/** Flows after which a part is sealed at the end of the capture under way. */
const partFlows = 500_000;

export interface ReaderOptions {
  readonly settings: Omit<MeterSettings, "captureSeed">;
  /** The name to keep for captures, where it is not that of their file. */
  readonly name?: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  readonly signal?: ReadOptions["signal"];
  /** Called after every batch of packets: about how many bytes of its file were read, and packets. */
  readonly onPackets: (readBytes: number, packets: number) => void;
  readonly onSealed: (part: string, captures: number) => void;
}

/** What came of a file: the row of its capture, or why nothing of it could be read; neither where it was left unread. */
export interface Taken {
  readonly row: CaptureRow | null;
  readonly problem: string | null;
}

/** Reads captures, one after another, into the parts of one run: small ones share a part. */
export class CaptureReader {
  readonly #writer: LakeWriter;
  readonly #options: ReaderOptions;
  readonly #meter: string;
  readonly #collectors: readonly FlowCollector[];
  #unsealed: CaptureRow[] = [];

  constructor(writer: LakeWriter, options: ReaderOptions) {
    this.#writer = writer;
    this.#options = options;
    this.#meter = meterOf(options.settings);
    this.#collectors = flowCollectors(writer);
    writer.describe({"flowbook.schema_version": String(schemaVersion), "flowbook.meter": this.#meter});
  }

  /** Reads a file where `isToRead` says so of its hash. Throws what is no fault of the file. */
  async take(file: CaptureFile, isToRead: (sha256: string) => Promise<boolean>): Promise<Taken> {
    try {
      const sha256 = await hashFile(file.path);
      return {row: (await isToRead(sha256)) ? await this.#read(file, sha256) : null, problem: null};
    } catch (error) {
      if (!isProblemOfFile(error)) throw error;
      return {row: null, problem: this.#named(file, (error as Error).message)};
    }
  }

  /** Makes visible what was read since the last seal. */
  async seal(): Promise<void> {
    if (this.#unsealed.length === 0) return;
    for (const collector of this.#collectors) {
      const rows = collector.take();
      if (rows) this.#writer.write(rows);
    }
    const part = await this.#writer.seal(this.#unsealed);
    this.#options.onSealed(part, this.#unsealed.length);
    this.#unsealed = [];
  }

  async #read(file: CaptureFile, sha256: string): Promise<CaptureRow> {
    const source = await openSource(file.path);
    let row: CaptureRow;
    try {
      this.#writer.capture(sha256, null);
      const {counters, dissected, problem} = await readCapture(source, this.#writer, {
        settings: this.#options.settings,
        sha256,
        collectors: this.#collectors,
        // 16 bytes of header a packet; a compressed file is read sooner than this says.
        onPackets: ({capturedBytes, packets}) =>
          this.#options.onPackets(Math.min(file.bytes, capturedBytes + 16 * packets), packets),
        signal: this.#options.signal
      });
      row = captureRow({
        sha256,
        name: this.#options.name ?? file.name,
        bytes: file.bytes,
        source,
        counters,
        dissected,
        problem: problem && this.#named(file, problem),
        importedAtUs: Math.round(this.#options.clock() * 1000),
        meter: this.#meter
      });
      this.#writer.capture(sha256, lossOf(row));
      this.#unsealed.push(row);
    } finally {
      await source.close();
    }
    if (this.#unsealed.reduce((sum, {flows}) => sum + Number(flows), 0) >= partFlows) await this.seal();
    return row;
  }

  /** The message under the name that the capture is known by, where it is stored under another. */
  #named(file: CaptureFile, message: string): string {
    return message.replaceAll(file.path, this.#options.name ?? file.name);
  }
}

/** What a capture's row says of the meter: another version, or others of these settings, may give other flows. */
export function meterOf({idleTimeoutUs, activeTimeoutUs, maxFlows}: Omit<MeterSettings, "captureSeed">): string {
  return JSON.stringify({
    version: METER_VERSION,
    idle_timeout_us: idleTimeoutUs,
    active_timeout_us: activeTimeoutUs,
    max_flows: maxFlows
  });
}

/** What the file or its content is to blame for; anything else is ours. */
function isProblemOfFile(error: unknown): boolean {
  const {name, syscall} = error as {name?: string; syscall?: string};
  return name === "CaptureError" || syscall !== undefined;
}

import {createHash, type Hash} from "node:crypto";
import type {CaptureRow} from "../../schema/captures.ts";
import {schemaVersion} from "../../schema/tables.ts";
import {logRow} from "../logs/log-row.ts";
import {type OpenLog, openLog} from "../logs/read-log.ts";
import type {MeterSettings} from "../meter/meter.ts";
import {METER_VERSION} from "../meter/wasm-meter.ts";
import type {LakeWriter} from "../partitions/writer.ts";
import {captureRow, lossOf} from "../rows/capture-row.ts";
import {type FlowCollector, flowCollectors} from "../rows/flow-collector.ts";
import {hashFile} from "../sources/hash-file.ts";
import {contentHash, isCompressed, openSource} from "../sources/open.ts";
import {CaptureError, type PacketSource} from "../sources/source.ts";
import type {CaptureFile} from "./import-paths.ts";
import {type ReadOptions, readCapture} from "./read-capture.ts";

/** What a compressed file of at most this size holds is hashed before it is read; of a larger one while it is. */
const hashedFirstBytes = 8 * 2 ** 20;

/** Flows after which a part is sealed at the end of the capture under way. */
const partFlows = 500_000;

export interface ReaderOptions {
  readonly settings: Omit<MeterSettings, "captureSeed">;
  /** The name to keep for captures, where it is not that of their file. */
  readonly name?: string;
  /** Who imports; null where nobody says so. */
  readonly sensor?: string | null;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  readonly signal?: ReadOptions["signal"];
  /** Called after every batch of packets: about how many bytes of its file were read, and packets. */
  readonly onPackets: (readBytes: number, packets: number) => void;
  readonly onSealed: (part: string, captures: number) => void;
  /** Called before a capture becomes visible that stands for an earlier one as well. */
  readonly onReplacing: (earlier: EarlierCapture, sha256: string) => void;
}

/** What came of a file: the row of its capture, or why nothing of it could be read; neither where it was left unread. */
export interface Taken {
  readonly row: CaptureRow | null;
  readonly problem: string | null;
}

/** A capture of the lake: its hash, and the last run that sealed rows of it. */
export interface EarlierCapture {
  readonly sha256: string;
  readonly run: string;
}

/** A file is to be read; `replaces`: captures of the lake that it holds whole. */
export interface ToRead {
  readonly replaces: readonly EarlierCapture[];
}

/** Answers whether a file is to be read, by its hash and, once known, that of its uncompressed content; null: it is not. */
export type AskWhether = (sha256: string, content: string | null) => Promise<ToRead | null>;

interface Reading extends ToRead {
  readonly content?: string | null;
  /** Of a compressed file: is given its content. */
  readonly hash?: Hash;
  /** Asked at the end with the content's hash. */
  readonly isWanted?: (content: string) => Promise<boolean>;
}

/** Reads captures, one after another, into the parts of one run: small ones share a part. */
export class CaptureReader {
  readonly #writer: LakeWriter;
  readonly #options: ReaderOptions;
  readonly #meter: string;
  readonly #collectors: readonly FlowCollector[];
  #unsealed: CaptureRow[] = [];
  /** By the hash of a capture that is not sealed yet: earlier ones that it stands for as well. */
  readonly #replacing = new Map<string, readonly EarlierCapture[]>();

  constructor(writer: LakeWriter, options: ReaderOptions) {
    this.#writer = writer;
    this.#options = options;
    this.#meter = meterOf(options.settings);
    this.#collectors = flowCollectors(writer);
    writer.describe({"flowbook.schema_version": schemaVersion, "flowbook.meter": this.#meter});
  }

  /** Reads a file where `ask` says so of its hash and content. Throws what is no fault of the file. */
  async take(file: CaptureFile, ask: AskWhether): Promise<Taken> {
    try {
      const sha256 = await hashFile(file.path);
      const compressed = isCompressed(file.path);
      const isLarge = file.bytes > hashedFirstBytes;
      const content = !compressed ? sha256 : isLarge ? null : await contentHash(file.path);
      const answer = await ask(sha256, content);
      if (!answer) return {row: null, problem: null};
      const row = await (compressed && isLarge
        ? this.#readAlone(file, sha256, answer, ask)
        : this.#read(file, sha256, {...answer, content}));
      return {row, problem: null};
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
    for (const [sha256, earlier] of this.#replacing) for (const one of earlier) this.#options.onReplacing(one, sha256);
    const part = await this.#writer.seal(this.#unsealed);
    this.#options.onSealed(part, this.#unsealed.length);
    this.#unsealed = [];
    this.#replacing.clear();
  }

  /** Reads a file in a part of its own, which is given up where its content turns out to be known. */
  async #readAlone(file: CaptureFile, sha256: string, answer: ToRead, ask: AskWhether): Promise<CaptureRow | null> {
    await this.seal();
    const hash = createHash("sha256");
    let isWanted = true;
    const row = await this.#read(file, sha256, {
      ...answer,
      hash,
      isWanted: async (content) => (isWanted = (await ask(sha256, content)) !== null)
    });
    if (isWanted) return row;
    for (const collector of this.#collectors) collector.take();
    await this.#writer.discard();
    return null;
  }

  async #read(
    file: CaptureFile,
    sha256: string,
    {content = null, hash, isWanted, replaces}: Reading
  ): Promise<CaptureRow> {
    const source = await openAny(file.path, hash);
    if ("read" in source) return this.#readLog(source, file, sha256, {content, replaces});
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
        name: this.#options.name ?? file.place ?? file.name,
        bytes: file.bytes,
        source,
        counters,
        dissected,
        problem: problem && this.#named(file, problem),
        contentSha256: hash ? (problem === null ? hash.digest("hex") : null) : content,
        importedAtUs: Math.round(this.#options.clock() * 1000),
        meter: this.#meter,
        sensor: this.#options.sensor,
        leftOut: this.#options.settings.leavesOutDuplicates
      });
      this.#writer.capture(sha256, lossOf(row));
      if (isWanted && row.content_sha256 !== null && !(await isWanted(row.content_sha256))) return row;
      this.#unsealed.push(row);
      if (replaces.length > 0) this.#replacing.set(sha256, replaces);
    } finally {
      await source.close();
    }
    if (this.#unsealed.reduce((sum, {flows}) => sum + Number(flows), 0) >= partFlows) await this.seal();
    return row;
  }

  /** Reads a log of flows: rows of `flows` and nothing else, since a log has no packets. */
  async #readLog(
    log: OpenLog,
    file: CaptureFile,
    sha256: string,
    {content, replaces}: Pick<Reading, "content" | "replaces">
  ): Promise<CaptureRow> {
    try {
      this.#writer.capture(sha256, null);
      const read = await log.read({
        sha256,
        writer: this.#writer,
        signal: this.#options.signal,
        onPackets: (bytes, packets) => this.#options.onPackets(Math.min(file.bytes, bytes), packets)
      });
      const row = logRow(read, {
        sha256,
        name: this.#options.name ?? file.place ?? file.name,
        bytes: file.bytes,
        problem: read.problem && this.#named(file, read.problem),
        contentSha256: content ?? null,
        importedAtUs: Math.round(this.#options.clock() * 1000),
        meter: this.#meter,
        sensor: this.#options.sensor
      });
      this.#writer.capture(sha256, lossOf(row));
      this.#unsealed.push(row);
      if (replaces.length > 0) this.#replacing.set(sha256, replaces);
      return row;
    } finally {
      log.close();
    }
  }

  /** The message under the name that the capture is known by, where it is stored under another. */
  #named(file: CaptureFile, message: string): string {
    return message.replaceAll(file.path, this.#options.name ?? file.name);
  }
}

/** A capture, or where the file is none, a log of flows; throws as `openSource` does where it is neither. */
async function openAny(path: string, hash: Hash | undefined): Promise<PacketSource | OpenLog> {
  try {
    return await openSource(path, {hash});
  } catch (error) {
    const log = error instanceof CaptureError ? await openLog(path) : null;
    if (!log) throw error;
    return log;
  }
}

/** What a capture's row says of the meter: another version, or others of these settings, may give other flows. */
export function meterOf({
  idleTimeoutUs,
  activeTimeoutUs,
  maxFlows,
  leavesOutDuplicates
}: Omit<MeterSettings, "captureSeed">): string {
  return JSON.stringify({
    version: METER_VERSION,
    idle_timeout_us: idleTimeoutUs,
    active_timeout_us: activeTimeoutUs,
    max_flows: maxFlows,
    ...(leavesOutDuplicates ? {dedup: true} : {})
  });
}

/** What the file or its content is to blame for; anything else is ours. */
export function isProblemOfFile(error: unknown): boolean {
  const {name, syscall, code} = error as {name?: string; syscall?: string; code?: string};
  // A disk without room is the lake's.
  return name === "CaptureError" || (syscall !== undefined && code !== "ENOSPC" && code !== "EDQUOT");
}

import type {LiveBatch} from "../../schema/live/batch.ts";
import type {Meter} from "../meter/meter.ts";
import type {LakeWriter} from "../partitions/writer.ts";
import {captureRow, lossOf} from "../rows/capture-row.ts";
import {RowSink} from "../rows/row-sink.ts";
import {LiveRows, mostRows} from "./live-rows.ts";
import type {LiveTally} from "./live-tally.ts";
import type {PacketRing} from "./packet-ring.ts";
import {PartCounts} from "./part-counts.ts";
import type {ToldLoss} from "./programs.ts";

/** What stays the same in all rows of a live capture. */
export interface RecordedCapture {
  readonly sha256: string;
  readonly interface: string;
  /** `live/` and the program's name. */
  readonly format: string;
  /** Meter version and settings as JSON. */
  readonly meter: string;
  /** Who captures; null where nobody says so. */
  readonly sensor?: string | null;
}

/** A part that readers see now. */
export interface SealedPart {
  readonly part: string;
  readonly packets: number;
  readonly flows: number;
  /** Wall clock, in ms since 1970, when it was sealed. */
  readonly sealedAtMs: number;
}

/** What is so far known of lost packets, and how many bytes came. */
export interface SourceState {
  readonly loss: ToldLoss;
  readonly receivedBytes: number;
}

/** Gaps that are kept in words at most, the newest. */
const mostGaps = 20;

/** Brings the packets of a live capture into the lake, in parts. */
export class Recorder {
  flows = 0;
  parts = 0;
  readonly #capture: RecordedCapture;
  readonly #meter: Meter;
  readonly #writer: LakeWriter;
  readonly #ring: PacketRing | null;
  readonly #tally: LiveTally | null;
  readonly #sink: RowSink;
  readonly #clock: () => number;
  readonly #onSealed: (part: SealedPart) => void;
  readonly #onRingFailure: (error: Error) => void;
  readonly #counts = new PartCounts();
  readonly #rows: LiveRows | null;
  #sealing: Promise<void> | null = null;
  #failure: unknown = null;
  #ringFailed = false;
  /** Gaps since the last part, and those that parts told of: the last part speaks for the whole capture. */
  #gaps: string[] = [];
  readonly #told: string[] = [];
  #toldPackets = 0;
  #sealedPackets = 0;
  #sealedLoss = 0;

  constructor(options: {
    capture: RecordedCapture;
    meter: Meter;
    writer: LakeWriter;
    ring: PacketRing | null;
    tally: LiveTally | null;
    /** True where somebody judges the flows while they go on (`told`). */
    isJudged: boolean;
    clock: () => number;
    onSealed: (part: SealedPart) => void;
    onRingFailure: (error: Error) => void;
  }) {
    this.#capture = options.capture;
    this.#meter = options.meter;
    this.#writer = options.writer;
    this.#ring = options.ring;
    this.#tally = options.tally;
    this.#clock = options.clock;
    this.#onSealed = options.onSealed;
    this.#onRingFailure = options.onRingFailure;
    this.#sink = new RowSink(options.writer, options.meter, options.capture.sha256);
    const rows = options.isJudged ? new LiveRows() : null;
    this.#rows = rows;
    if (options.tally || rows)
      this.#sink.onRows = (flows, known) => {
        options.tally?.ended(flows, known);
        rows?.ended(flows, known);
      };
    if (rows) this.#sink.onRecords = (records) => rows.records(records);
    this.#writer.capture(this.#capture.sha256, null);
  }

  /** Meters the packets now in the meter's batch and keeps them in the ring. */
  take(): void {
    const {batch} = this.#meter;
    this.#meter.process(this.#sink);
    this.#sink.sendFullRecords();
    this.#counts.note(batch);
    this.#tally?.take(batch, this.#meter.packetFlows);
    if (!this.#ring || this.#ringFailed) return;
    try {
      this.#ring.write(batch, this.#meter.packetFlows, this.#clock());
    } catch (error) {
      // The rows matter more: they go on without the packets.
      this.#ringFailed = true;
      this.#onRingFailure(error as Error);
    }
  }

  /** Lets time pass without packets: none of an earlier time than `ts` may come afterwards. */
  advance(ts: number): void {
    this.#meter.advance(this.#sink, ts);
  }

  /**
   * The flows that ended since the last call, and those under way that changed since. `nowUs`: time by which all earlier
   * packets have come. Throws where nobody judges.
   */
  told(nowUs: number): LiveBatch {
    const rows = this.#rows;
    if (!rows) throw new Error("nobody judges this capture while it runs");
    this.#meter.advance(this.#sink);
    this.#sink.sendRecords();
    const {packets, lastTs} = this.#meter.counters;
    const left =
      packets === this.#toldPackets
        ? 0
        : this.#meter.snapshot(rows.sinceUs, mostRows.open, (flows, slots) =>
            rows.open(flows, this.#sink.openColumns(flows, slots))
          );
    this.#toldPackets = packets;
    return rows.take(lastTs, nowUs, left);
  }

  /** True while a part is being sealed. */
  get isSealing(): boolean {
    return this.#sealing !== null;
  }

  /** Throws what kept rows from being written. */
  async ready(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await this.#writer.ready();
  }

  /** Keeps in words, with the part that is sealed next, that nothing could be captured for a while. */
  noteGap(words: string): void {
    this.#gaps.push(words);
  }

  /** Begins to seal what was finished since the last part; unless it is the last one, not when there is nothing to say. */
  seal(state: SourceState, problem: string | null = null, isLast = false, contentSha256: string | null = null): void {
    this.#meter.advance(this.#sink);
    this.#sink.send();
    const counters = this.#meter.counters;
    const flows = this.#sink.flows;
    const {kernelDrops, interfaceDrops, programDrops} = state.loss;
    const isNew = counters.packets > this.#sealedPackets || flows > this.flows;
    const lost = (kernelDrops ?? 0) + (interfaceDrops ?? 0) + (programDrops ?? 0);
    if (!isLast && !isNew && lost === this.#sealedLoss && this.#gaps.length === 0) return;
    this.#sealedPackets = counters.packets;
    this.#sealedLoss = lost;
    this.flows = flows;
    const part = this.#counts.take(counters, flows);
    const row = {
      ...captureRow({
        sha256: this.#capture.sha256,
        name: this.#capture.interface,
        bytes: state.receivedBytes,
        source: {format: this.#capture.format, ...this.#counts.takeLoss(state.loss)},
        counters: part,
        dissected: this.#counts.takeDissected(this.#sink.dissected),
        problem: [...this.#takeGaps(), ...(problem === null ? [] : [problem])].join("; ") || null,
        contentSha256,
        importedAtUs: Math.round(this.#clock() * 1000),
        meter: this.#capture.meter,
        sensor: this.#capture.sensor
      }),
      unread: JSON.stringify(counters.unread)
    };
    this.#writer.capture(this.#capture.sha256, lossOf(row));
    this.#sealing = this.#writer.seal([row]).then(
      (name) => {
        this.parts++;
        this.#sealing = null;
        this.#onSealed({part: name, packets: part.packets, flows: part.flows, sealedAtMs: this.#clock()});
      },
      (error: unknown) => {
        this.#failure = error;
        this.#sealing = null;
      }
    );
    this.#writer.capture(this.#capture.sha256, null);
  }

  #takeGaps(): readonly string[] {
    this.#told.push(...this.#gaps.splice(0));
    return this.#told.slice(-mostGaps);
  }

  /** What the dissection counted so far. */
  get dissected(): RowSink["dissected"] {
    return this.#sink.dissected;
  }

  /** Ends all flows and seals the last part. `contentSha256`: hash of all bytes, where they had an end. */
  async finish(state: SourceState, problem: string | null, contentSha256: string | null = null): Promise<void> {
    this.#meter.flush(this.#sink);
    if (this.#sealing) await this.#sealing;
    this.seal(state, problem, true, contentSha256);
    if (this.#sealing) await this.#sealing;
    if (!this.#ringFailed) this.#ring?.close(this.#clock());
    if (this.#failure) throw this.#failure;
  }
}

import type {CodedTextColumn, RowBatch, TextColumn} from "../../schema/rows.ts";
import {Dissection, type DissectionCounters} from "../dissect/dissection.ts";
import type {ArpPacket, FinishedFlows, Meter, MeterSink} from "../meter/meter.ts";
import type {LakeWriter} from "../partitions/writer.ts";
import {ArpRows} from "./arp-rows.ts";
import {type FlowCollector, flowCollectors} from "./flow-collector.ts";

/** Records of one table that wait between two batches of flows at most. */
const recordsWaiting = 20_000;

/** Columns of text by name, beside the meter's own. */
type Known = Readonly<Record<string, CodedTextColumn>>;

/** Makes rows of what the meter finds in one capture and sends them to the lake's writer. */
export class RowSink implements MeterSink {
  /** Flows handed on so far. */
  flows = 0;
  readonly #writer: LakeWriter;
  /** The capture's hash as a column's only value. */
  readonly #sha256: readonly string[];
  #zeros = new Int32Array(0);
  readonly #dissection: Dissection;
  readonly #collectors: readonly FlowCollector[];
  readonly #areShared: boolean;
  /** Sees each batch of finished flows with the columns that dissection adds, before it is sent. */
  onRows: ((flows: FinishedFlows, known: Known) => void) | null = null;

  readonly #arp: ArpRows;
  /** Sees each batch of application records before it is sent. */
  onRecords: ((records: RowBatch) => void) | null = null;

  /** `shared`: collectors of several captures, which whoever seals the part empties; without it the sink has its own. */
  constructor(writer: LakeWriter, meter: Meter, sha256: string, shared?: readonly FlowCollector[]) {
    this.#areShared = shared !== undefined;
    this.#collectors = shared ?? flowCollectors(writer);
    this.#writer = writer;
    this.#arp = new ArpRows(sha256);
    this.#sha256 = [sha256];
    this.#dissection = new Dissection({captureSha256: sha256, core: meter.readings});
  }

  /** What dissection met and gave up so far. */
  get dissected(): DissectionCounters {
    return this.#dissection.counters;
  }

  onArp(packet: ArpPacket): void {
    this.#arp.add(packet);
  }

  onFlows(flows: FinishedFlows): void {
    this.flows += flows.rows;
    const dissected = this.#dissection.takeColumns(flows.rows);
    const inferred = this.#dissection.inferredColumns(flows, dissected.service);
    const known = {capture_sha256: this.#capture(flows.rows), ...dissected, ...inferred};
    this.onRows?.(flows, known);
    for (const collector of this.#collectors) this.#write(collector.add(flows, known));
    this.sendFullRecords();
  }

  /** Sends the records of application protocols where many wait. */
  sendFullRecords(): void {
    if (this.#dissection.waitingRows + this.#arp.rows > recordsWaiting) this.sendRecords();
  }

  /** Sends all that was collected, except flows in shared collectors. */
  send(): void {
    if (!this.#areShared) for (const collector of this.#collectors) this.#write(collector.take());
    this.sendRecords();
  }

  #capture(rows: number): TextColumn {
    if (this.#zeros.length < rows) this.#zeros = new Int32Array(rows);
    return {codes: this.#zeros.subarray(0, rows), values: this.#sha256};
  }

  /** Sends the records of application protocols. */
  sendRecords(): void {
    const arp = this.#arp.take();
    for (const batch of [...this.#dissection.takeRecords(), ...(arp ? [arp] : [])]) {
      this.onRecords?.(batch);
      this.#write(batch);
    }
  }

  /** What is known so far of flows under way, by their slots, beside the meter's columns. */
  openColumns(flows: FinishedFlows, slots: Int32Array): Known {
    const dissected = this.#dissection.openColumns(slots.length);
    const inferred = this.#dissection.inferredColumns(flows, dissected.service);
    return {capture_sha256: this.#capture(slots.length), ...dissected, ...inferred};
  }

  #write(batch: RowBatch | null): void {
    if (batch) this.#writer.write(batch);
  }
}

import type {EncodedTextColumn, RowBatch, TextColumn} from "../../schema/rows.ts";
import type {FinishedFlows, Payload} from "../meter/meter.ts";
import {releaseView} from "./ascii.ts";
import {
  droppedCoreRows,
  nameColumn,
  nameColumns,
  type Readings,
  serviceColumn,
  serviceNames,
  takeCoreRecords,
  waitingCoreRows
} from "./core-rows.ts";
import {type Addresses, putEnd, putPayload} from "./offered-event.ts";
import {Pool} from "./pool.ts";
import {guessedServices} from "./port-guess.ts";
import {
  Budget,
  type DissectedFlow,
  type DissectionCounters,
  type Output,
  type Parser,
  type Protocol
} from "./protocol.ts";
import {protocols} from "./protocols/index.ts";
import {RowBuffer} from "./row-buffer.ts";

export interface DissectionOptions {
  readonly captureSha256: string;
  /** The dissectors in the meter's core (`Meter.readings`), which are opened for this capture. */
  readonly core: Readings;
  /** Flows read at the same time at most, here and in the core each; more are recognised but not read. */
  readonly maxFlows?: number;
  /** Bytes that flows together may hold while they wait for more. */
  readonly maxHeldBytes?: number;
  /** Rows of one table that may wait to be taken. */
  readonly maxRows?: number;
  /** Pairs of client and address of which the name is remembered that DNS answered for. */
  readonly maxNames?: number;
}

/** The columns of `flows` that dissection fills, for the rows of one batch of finished flows. */
export interface DissectedColumns {
  readonly service: TextColumn;
  readonly server_name: EncodedTextColumn;
  readonly ja4: EncodedTextColumn;
}

/** The columns of `flows` that dissection infers, without the flow itself having told. */
export interface InferredColumns {
  readonly dns_name: EncodedTextColumn;
  readonly service_guess: TextColumn;
}

/** The tables that records of the parsers here go to. */
const recordTables = ["ssh", "ftp", "smb"] as const;

/** Answers of the core: more payloads are wanted. */
const wanted = 1;

/** Flows, and parsers of each protocol, that wait for their next use. */
const maxSpare = 16_384;

/**
 * Reads application protocols, which the meter's core recognises by content. Those that most flows are of (DNS, HTTP, TLS
 * and QUIC) are read there; what comes here are the payloads of the others that have records. It answers for `onPayload`
 * and `onFlow` of a meter's sink; after `onFlows`, `takeColumns` gives the batch's columns and `takeRecords` the records
 * read so far.
 */
export class Dissection {
  readonly #core: Readings;
  readonly #captureSha256: string;
  /** What the parsers here met. */
  readonly #counters: DissectionCounters = {
    malformed: 0,
    givenUp: 0,
    droppedRows: 0,
    unreadFlows: 0,
    forgottenNames: 0
  };
  readonly #output: Output;
  /** The flows that are read here, by slot. */
  #flows: (Flow | undefined)[] = new Array(1024).fill(undefined);
  /** What `flows.service` may say, by the core's numbers; and by the same what reads the flows that are read here. */
  readonly services: readonly string[];
  readonly #protocols: readonly (Protocol | undefined)[];
  readonly #maxFlows: number;
  #reading = 0;
  readonly #spareFlows = new Pool<Flow>(maxSpare);
  readonly #spareParsers = new Map<Protocol, Pool<Parser>>();
  readonly #tables: readonly RowBuffer[];

  constructor(options: DissectionOptions) {
    const {captureSha256, core, maxFlows = 200_000} = options;
    const {maxHeldBytes = 64 << 20, maxRows = 500_000, maxNames = 1 << 17} = options;
    core.openReadings(maxFlows, maxHeldBytes, maxRows, maxNames);
    this.#core = core;
    this.#captureSha256 = captureSha256;
    const buffer = (name: (typeof recordTables)[number]) => new RowBuffer(name, captureSha256, maxRows);
    const tables = {ssh: buffer("ssh"), ftp: buffer("ftp"), smb: buffer("smb")};
    this.#tables = Object.values(tables);
    this.#output = {...tables, counters: this.#counters, budget: new Budget(core)};
    this.#maxFlows = maxFlows;
    this.services = serviceNames(core);
    this.#protocols = this.services.map((name) => protocols.find((protocol) => protocol.name === name));
    for (const protocol of protocols) this.#spareParsers.set(protocol, new Pool(maxSpare));
  }

  /** What dissection met and gave up so far. */
  get counters(): DissectionCounters {
    const own = this.#counters;
    const core = (number: number) => this.#core.readingsCounter(number);
    return {
      malformed: own.malformed + core(0),
      givenUp: own.givenUp + core(1),
      unreadFlows: own.unreadFlows + core(2),
      forgottenNames: core(3),
      droppedRows: this.#tables.reduce((sum, {droppedRows}) => sum + droppedRows, droppedCoreRows(this.#core))
    };
  }

  /** Reads a payload that the core has left; false where no more of its flow are wanted. */
  onPayload(payload: Payload): boolean {
    const flow = this.#flows[payload.slot];
    return flow !== undefined ? this.#read(flow, payload) : this.#begin(payload);
  }

  /**
   * The flow in `slot` has ended, which is read here; the event under way in the core says its row and the flow that goes
   * on with the same conversation.
   */
  onFlow(slot: number): void {
    const flow = this.#flows[slot];
    if (flow !== undefined) {
      this.#endReading(flow);
      this.#tell(flow);
      this.#forget(flow);
    }
    this.#core.endFlow();
  }

  /** As `onPayload`, for a payload that was not in the meter's log: the core is asked first. */
  offer(payload: Payload, addresses: Addresses): boolean {
    const core = this.#core;
    if (!putPayload(core, payload, addresses)) return false;
    const answer = core.offer(payload.end - payload.start);
    if (answer !== 0) return answer === wanted;
    const bytes = new Uint8Array(core.memory.buffer);
    const place = {bytes, start: core.payloadStart(), end: core.payloadEnd(), streamOffset: core.payloadOffset()};
    return this.onPayload({...payload, ...place});
  }

  /** The end of a flow that was not in the meter's log: it is row `row` of the batch, and goes on in slot `continuedIn` (-1: not). */
  offerEnd(payload: Payload, row: number, continuedIn: number, addresses: Addresses): void {
    putEnd(this.#core, payload, row, continuedIn, addresses);
    if (this.#core.offerEnd() === 0) this.onFlow(payload.slot);
  }

  /** Columns of the finished batch of `rows` flows; the next batch begins. */
  takeColumns(rows: number): DissectedColumns {
    releaseView();
    return this.#namesOf(rows);
  }

  /** What is known so far of flows under way: the columns of the first `rows` rows of the meter's snapshot. */
  openColumns(rows: number): DissectedColumns {
    this.#core.nameOpenRows(rows);
    return this.#namesOf(rows);
  }

  #namesOf(rows: number): DissectedColumns {
    const core = this.#core;
    const columns = {
      service: serviceColumn(core, rows, this.services),
      server_name: nameColumn(core, nameColumns.server_name, rows),
      ja4: nameColumn(core, nameColumns.ja4, rows)
    };
    core.clearColumns();
    return columns;
  }

  /**
   * What follows from the addresses, ports and times of the batch (or snapshot), given the services known of it by
   * content.
   */
  inferredColumns(flows: FinishedFlows, service: TextColumn): InferredColumns {
    this.#core.nameByDns(flows.rows);
    return {
      dns_name: nameColumn(this.#core, nameColumns.dns_name, flows.rows),
      service_guess: guessedServices(flows, service)
    };
  }

  /** Rows of application records that wait; a good moment to take them is after each batch of flows. */
  get waitingRows(): number {
    return this.#tables.reduce((sum, {rows}) => sum + rows, waitingCoreRows(this.#core));
  }

  /** Bytes that flows hold now while they wait for more. */
  get heldBytes(): number {
    return this.#core.readingsCounter(4);
  }

  /** The records read so far, a batch per table that has any. */
  takeRecords(): RowBatch[] {
    const own = this.#tables.map((rows) => rows.take()).filter((batch) => batch !== null);
    return [...takeCoreRecords(this.#core, this.#captureSha256), ...own];
  }

  #begin(payload: Payload): boolean {
    const protocol = this.#protocols[this.#core.recognised()]!;
    if (this.#reading >= this.#maxFlows) {
      this.#counters.unreadFlows++;
      return this.#core.leftByHost(false) !== 0;
    }
    const flow = this.#newFlow(payload);
    flow.service = flow.told = protocol.isTentative ? null : protocol.name;
    this.#keep(flow);
    this.#reading++;
    flow.spareParsers = this.#spareParsers.get(protocol)!;
    flow.parser = flow.spareParsers.take() ?? protocol.begin();
    return this.#read(flow, payload);
  }

  #read(flow: Flow, payload: Payload): boolean {
    const parser = flow.parser!;
    const isMore = parser.take(payload, flow);
    this.#tell(flow);
    if (isMore) return true;
    const mayTurnTls = parser.isTunnel ?? false;
    // Most flows stay long after all was read of them; what read them need not.
    this.#endReading(flow);
    this.#tell(flow);
    this.#forget(flow);
    return (flow.service === null ? this.#core.mistaken() : this.#core.leftByHost(mayTurnTls)) !== 0;
  }

  #endReading(flow: Flow): void {
    const {parser} = flow;
    if (parser === null) return;
    parser.end?.(flow);
    flow.parser = null;
    this.#reading--;
    if (parser.renew === undefined) return;
    parser.renew();
    flow.spareParsers?.give(parser);
  }

  /** Tells the core of which service the flow is, where a parser has found another. */
  #tell(flow: Flow): void {
    if (flow.told === flow.service || flow.service === null) return;
    flow.told = flow.service;
    this.#core.nameService(this.services.indexOf(flow.service));
  }

  #newFlow(payload: Payload): Flow {
    const flow = this.#spareFlows.take();
    if (flow === undefined) return new Flow(payload, this.#output);
    flow.begin(payload);
    return flow;
  }

  #forget(flow: Flow): void {
    this.#flows[flow.slot] = undefined;
    this.#spareFlows.give(flow);
  }

  #keep(flow: Flow): void {
    // Filled ahead, so that the array stays dense.
    while (flow.slot >= this.#flows.length)
      this.#flows = this.#flows.concat(new Array(this.#flows.length).fill(undefined));
    this.#flows[flow.slot] = flow;
  }
}

/** A flow that is read here. */
class Flow implements DissectedFlow {
  slot: number;
  flowHi: number;
  flowLo: number;
  readonly output: Output;
  service: string | null = null;
  /** The service that the core knows. */
  told: string | null = null;
  parser: Parser | null = null;
  /** Where its parser goes when all was read. */
  spareParsers: Pool<Parser> | null = null;

  constructor({slot, flowHi, flowLo}: Payload, output: Output) {
    this.slot = slot;
    this.flowHi = flowHi;
    this.flowLo = flowLo;
    this.output = output;
  }

  /** As new, for another flow; what read it is gone. */
  begin({slot, flowHi, flowLo}: Payload): void {
    this.slot = slot;
    this.flowHi = flowHi;
    this.flowLo = flowLo;
    this.service = null;
    this.told = null;
    this.spareParsers = null;
  }
}

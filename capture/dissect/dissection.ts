import type {RowBatch, TextColumn} from "../../schema/rows.ts";
import type {AddressPlace, FinishedFlows, Payload} from "../meter/meter.ts";
import {releaseView} from "./ascii.ts";
import {LookedUpNames} from "./looked-up-names.ts";
import {Pool} from "./pool.ts";
import {guessedServices} from "./port-guess.ts";
import {
  Budget,
  type DissectedFlow,
  type DissectionCounters,
  type Output,
  type Parser,
  type Protocol,
  transport
} from "./protocol.ts";
import {protocols as allProtocols} from "./protocols/index.ts";
import {tls} from "./protocols/tls.ts";
import {RowBuffer, TextBuilder} from "./row-buffer.ts";

export interface DissectionOptions {
  readonly captureSha256: string;
  /** Address of the live flow in `slot`: 0 the originator's, 1 the responder's (`Meter.addressPlace`). */
  readonly address: (slot: number, side: 0 | 1) => AddressPlace;
  readonly protocols?: readonly Protocol[];
  /** Flows read at the same time at most; more are recognised but not read. */
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
  readonly server_name: TextColumn;
  readonly ja4: TextColumn;
}

/** The columns of `flows` that dissection infers, without the flow itself having told. */
export interface InferredColumns {
  readonly dns_name: TextColumn;
  readonly service_guess: TextColumn;
}

/** The tables that records go to. */
const recordTables = ["dns", "http", "tls", "ssh", "ftp", "smb"] as const;

/** Payloads of a flow that are looked at before it is taken for unknown. */
const maxTries = 8;

/** Payloads of a recognised flow within which its turn to TLS is waited for. */
const maxTriesForTls = 40;

/** Flows, and parsers of each protocol, that wait for their next use. */
const maxSpare = 16_384;

/** A first payload shorter than this may be the beginning of a signature cut by segments. */
const signatureBytes = 16;

/**
 * Recognises application protocols by content and reads their records. It answers for `onPayload` and `onFlow` of a
 * meter's sink; after `onFlows`, `takeColumns` gives the batch's columns and `takeRecords` the records read so far.
 */
export class Dissection {
  readonly counters: DissectionCounters = {malformed: 0, givenUp: 0, droppedRows: 0, unreadFlows: 0, forgottenNames: 0};
  readonly #output: Output;
  #flows: (Flow | undefined)[] = new Array(1024).fill(undefined);
  /** By slot: payloads looked at without success. */
  #tries = new Uint8Array(1024);
  /** By slot: names of flows that continue others; at most one per live flow. */
  readonly #inherited = new Map<number, Pick<DissectedFlow, "service" | "serverName" | "ja4">>();
  readonly #candidates: Record<number, readonly Candidates[]>;
  readonly #maxFlows: number;
  #reading = 0;
  readonly #spareFlows = new Pool<Flow>(maxSpare);
  readonly #spareParsers = new Map<Protocol, Pool<Parser>>();
  readonly #service = new TextBuilder();
  readonly #serverName = new TextBuilder();
  readonly #ja4 = new TextBuilder();
  readonly #tables: readonly RowBuffer[];
  readonly #names: LookedUpNames;

  constructor(options: DissectionOptions) {
    const {captureSha256, address, protocols = allProtocols, maxFlows = 200_000} = options;
    const {maxHeldBytes = 64 << 20, maxRows = 500_000, maxNames = 1 << 17} = options;
    const buffer = (name: (typeof recordTables)[number]) => new RowBuffer(name, captureSha256, maxRows);
    const tables = {
      dns: buffer("dns"),
      http: buffer("http"),
      tls: buffer("tls"),
      ssh: buffer("ssh"),
      ftp: buffer("ftp"),
      smb: buffer("smb")
    };
    this.#tables = Object.values(tables);
    this.#names = new LookedUpNames(maxNames);
    this.#output = {...tables, address, names: this.#names, counters: this.counters, budget: new Budget(maxHeldBytes)};
    this.#maxFlows = maxFlows;
    for (const protocol of protocols) if (protocol.begin) this.#spareParsers.set(protocol, new Pool(maxSpare));
    this.#candidates = {[transport.tcp]: candidates(protocols, 6), [transport.udp]: candidates(protocols, 17)};
  }

  /** Looks at a payload; false where no more of its flow are wanted. */
  onPayload(payload: Payload): boolean {
    const flow = this.#flows[payload.slot];
    if (flow !== undefined) return this.#read(flow, payload);
    const table = this.#candidates[payload.proto];
    if (table === undefined || payload.end <= payload.start) return table !== undefined;
    // Only the beginning of a direction says what a TCP connection is.
    if (payload.proto === transport.udp || payload.streamOffset === 0) {
      const protocol = find(table, payload);
      if (protocol !== null) return this.#begin(protocol, payload);
      const mayGoOn = payload.proto === transport.tcp && payload.cut === 0;
      if (mayGoOn && payload.end - payload.start < signatureBytes) return this.#await(payload);
    }
    return this.#tryAgain(payload.slot);
  }

  /**
   * The flow in `slot` has ended and is row `row` of the batch of finished flows under way. The one in `continuedIn`
   * (-1: none) goes on with the same conversation and keeps its names, as its payloads may say nothing any more.
   */
  onFlow(slot: number, row: number, continuedIn = -1): void {
    if (slot < this.#tries.length) this.#tries[slot] = 0;
    const flow = this.#flows[slot];
    if (flow !== undefined) {
      this.#flows[slot] = undefined;
      this.#endReading(flow);
    }
    let names: Pick<DissectedFlow, "service" | "serverName" | "ja4"> | undefined = flow;
    if (this.#inherited.size > 0) {
      names = this.#inherited.get(slot) ?? flow;
      this.#inherited.delete(slot);
    }
    if (names === undefined) return;
    const {service, serverName, ja4} = names;
    if (flow !== undefined) this.#spareFlows.give(flow);
    if (service !== null) this.#service.set(row, service);
    if (serverName !== null) this.#serverName.set(row, serverName);
    if (ja4 !== null) this.#ja4.set(row, ja4);
    if (continuedIn >= 0 && service !== null) this.#inherited.set(continuedIn, {service, serverName, ja4});
  }

  /** Columns of the finished batch of `rows` flows; the next batch begins. */
  takeColumns(rows: number): DissectedColumns {
    releaseView();
    return {service: this.#service.take(rows), server_name: this.#serverName.take(rows), ja4: this.#ja4.take(rows)};
  }

  /** What is known so far of flows under way, by their slots: the columns of as many rows, beside those of finished flows. */
  openColumns(slots: Int32Array): DissectedColumns {
    const [service, serverName, ja4] = [new TextBuilder(), new TextBuilder(), new TextBuilder()];
    for (let row = 0; row < slots.length; row++) {
      const names = this.#inherited.get(slots[row]) ?? this.#flows[slots[row]];
      if (names === undefined) continue;
      service.set(row, names.service);
      serverName.set(row, names.serverName);
      ja4.set(row, names.ja4);
    }
    const rows = slots.length;
    return {service: service.take(rows), server_name: serverName.take(rows), ja4: ja4.take(rows)};
  }

  /** What follows from a batch's addresses, ports and times, given the services known of it by content. */
  inferredColumns(flows: FinishedFlows, service: TextColumn): InferredColumns {
    return {dns_name: this.#names.column(flows), service_guess: guessedServices(flows, service)};
  }

  /** Rows of application records that wait; a good moment to take them is after each batch of flows. */
  get waitingRows(): number {
    return this.#tables.reduce((sum, {rows}) => sum + rows, 0);
  }

  /** Bytes that flows hold now while they wait for more. */
  get heldBytes(): number {
    return this.#output.budget.used;
  }

  /** The records read so far, a batch per table that has any. */
  takeRecords(): RowBatch[] {
    this.counters.forgottenNames = this.#names.forgotten;
    this.counters.droppedRows = this.#tables.reduce((sum, {droppedRows}) => sum + droppedRows, 0);
    return this.#tables.map((rows) => rows.take()).filter((batch) => batch !== null);
  }

  #begin(protocol: Protocol, payload: Payload): boolean {
    const flow = this.#newFlow(payload);
    flow.service = protocol.isTentative ? null : protocol.name;
    flow.mayTurnTls = protocol.mayTurnTls ?? false;
    this.#keep(flow);
    if (!protocol.begin) return flow.mayTurnTls;
    if (this.#reading >= this.#maxFlows) {
      this.counters.unreadFlows++;
      return false;
    }
    this.#reading++;
    flow.spareParsers = this.#spareParsers.get(protocol) ?? null;
    flow.parser = flow.spareParsers?.take() ?? protocol.begin();
    return this.#read(flow, payload);
  }

  #read(flow: Flow, payload: Payload): boolean {
    if (flow.prefix) return this.#continue(flow, payload);
    if (flow.parser) {
      if (flow.parser.take(payload, flow)) return true;
      flow.mayTurnTls = flow.parser.isTunnel ?? false;
      // Most flows stay long after all was read of them; what read them need not.
      this.#endReading(flow);
      if (flow.service === null) return this.#mistaken(flow);
      return flow.mayTurnTls;
    }
    if (!flow.mayTurnTls || ++flow.triesForTls > maxTriesForTls) return false;
    if (payload.end - payload.start < 6 || !tls.recognise(payload) || this.#reading >= this.#maxFlows) return true;
    const {service, serverName} = flow;
    flow.mayTurnTls = false;
    flow.spareParsers = null;
    flow.parser = tls.begin(null);
    this.#reading++;
    const wanted = flow.parser.take(payload, flow);
    flow.service = service;
    flow.serverName = serverName ?? flow.serverName;
    if (!wanted) this.#endReading(flow);
    return wanted;
  }

  /** What seemed to begin a protocol did not: the flow is unknown as before. */
  #mistaken(flow: Flow): boolean {
    this.#flows[flow.slot] = undefined;
    this.#spareFlows.give(flow);
    if (!this.#tryAgain(flow.slot)) return false;
    // Several payloads were looked at: it may be mistaken three times at most.
    this.#tries[flow.slot] += 2;
    return this.#tries[flow.slot] < maxTries;
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

  #newFlow(payload: Payload): Flow {
    const flow = this.#spareFlows.take();
    if (flow === undefined) return new Flow(payload, this.#output);
    flow.begin(payload);
    return flow;
  }

  /** Keeps a short first payload until the bytes behind it say what it begins. */
  #await(payload: Payload): boolean {
    if (!this.#tryAgain(payload.slot)) return false;
    const flow = new Flow(payload, this.#output);
    flow.prefix = {
      ...payload,
      bytes: payload.bytes.slice(payload.start, payload.end),
      start: 0,
      end: payload.end - payload.start
    };
    this.#keep(flow);
    return true;
  }

  #continue(flow: Flow, payload: Payload): boolean {
    const prefix = flow.prefix!;
    const sameSide = payload.direction === prefix.direction;
    if (sameSide && payload.streamOffset < prefix.end) return this.#tryAgain(payload.slot);
    this.#flows[payload.slot] = undefined;
    if (!sameSide || payload.streamOffset !== prefix.end) return this.onPayload(payload);
    const length = payload.end - payload.start;
    const bytes = new Uint8Array(prefix.end + length);
    bytes.set(prefix.bytes);
    bytes.set(payload.bytes.subarray(payload.start, payload.end), prefix.end);
    return this.onPayload({...prefix, ts: payload.ts, bytes, end: bytes.length, cut: payload.cut});
  }

  #keep(flow: Flow): void {
    // Filled ahead, so that the array stays dense.
    while (flow.slot >= this.#flows.length)
      this.#flows = this.#flows.concat(new Array(this.#flows.length).fill(undefined));
    this.#flows[flow.slot] = flow;
  }

  #tryAgain(slot: number): boolean {
    if (slot >= this.#tries.length) {
      const larger = new Uint8Array(Math.max(slot + 1, this.#tries.length * 2));
      larger.set(this.#tries);
      this.#tries = larger;
    }
    return ++this.#tries[slot] < maxTries;
  }
}

/** A flow of a recognised protocol, or one whose first bytes await the next. */
class Flow implements DissectedFlow {
  slot: number;
  flowHi: number;
  flowLo: number;
  readonly output: Output;
  service: string | null = null;
  serverName: string | null = null;
  ja4: string | null = null;
  parser: Parser | null = null;
  /** Where its parser goes when all was read. */
  spareParsers: Pool<Parser> | null = null;
  prefix: Payload | null = null;
  mayTurnTls = false;
  triesForTls = 0;

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
    this.serverName = null;
    this.ja4 = null;
    this.spareParsers = null;
    this.prefix = null;
    this.mayTurnTls = false;
    this.triesForTls = 0;
  }
}

/** Protocols that may begin with some byte, in the order of the list, and how they are recognised. */
interface Candidates {
  readonly protocols: readonly Protocol[];
  /** The protocols' own functions: calling them on protocols of forty shapes costs more than most of them. */
  readonly recognise: readonly Protocol["recognise"][];
}

/** By first byte. */
function candidates(protocols: readonly Protocol[], proto: 6 | 17): readonly Candidates[] {
  const own = protocols.filter(({transports}) => transports.includes(proto));
  return Array.from({length: 256}, (_, byte) => {
    const possible = own.filter((protocol) => protocol.firstByte?.(byte) ?? true);
    return {protocols: possible, recognise: possible.map((protocol) => protocol.recognise.bind(protocol))};
  });
}

function find(table: readonly Candidates[], payload: Payload): Protocol | null {
  const {protocols, recognise} = table[payload.bytes[payload.start]];
  for (let i = 0; i < recognise.length; i++) if (recognise[i](payload)) return protocols[i];
  return null;
}

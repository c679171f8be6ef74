import type {EncodedTextColumn, RowBatch, TextColumn} from "../../schema/rows.ts";
import type {FinishedFlows, Payload} from "../meter/meter.ts";
import {releaseView} from "./ascii.ts";
import {
  droppedCoreRows,
  nameColumn,
  nameColumns,
  type Readings,
  serviceColumn,
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
  type Protocol,
  transport
} from "./protocol.ts";
import {protocols as allProtocols, coreServices} from "./protocols/index.ts";
import {RowBuffer} from "./row-buffer.ts";

export interface DissectionOptions {
  readonly captureSha256: string;
  /** The dissectors in the meter's core (`Meter.readings`), which are opened for this capture. */
  readonly core: Readings;
  readonly protocols?: readonly Protocol[];
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

/** A first payload shorter than this may be the beginning of a signature cut by segments. */
const signatureBytes = 16;

/**
 * Recognises application protocols by content and reads their records. Those that most flows are of (DNS, HTTP, TLS and
 * QUIC) are read in the meter's core, before the payloads come here; the others here. It answers for `onPayload` and
 * `onFlow` of a meter's sink; after `onFlows`, `takeColumns` gives the batch's columns and `takeRecords` the records read
 * so far.
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
  /** Names of services; the core knows them by their places plus one. */
  readonly #services: string[] = [...coreServices];
  readonly #codeOf = new Map(coreServices.map((name, i) => [name, i + 1]));
  readonly #candidates: Record<number, readonly Candidates[]>;
  readonly #maxFlows: number;
  #reading = 0;
  readonly #spareFlows = new Pool<Flow>(maxSpare);
  readonly #spareParsers = new Map<Protocol, Pool<Parser>>();
  readonly #tables: readonly RowBuffer[];

  constructor(options: DissectionOptions) {
    const {captureSha256, core, protocols = allProtocols, maxFlows = 200_000} = options;
    const {maxHeldBytes = 64 << 20, maxRows = 500_000, maxNames = 1 << 17} = options;
    core.openReadings(maxFlows, maxHeldBytes, maxRows, maxNames);
    this.#core = core;
    this.#captureSha256 = captureSha256;
    const buffer = (name: (typeof recordTables)[number]) => new RowBuffer(name, captureSha256, maxRows);
    const tables = {ssh: buffer("ssh"), ftp: buffer("ftp"), smb: buffer("smb")};
    this.#tables = Object.values(tables);
    this.#output = {...tables, counters: this.#counters, budget: new Budget(core)};
    this.#maxFlows = maxFlows;
    for (const protocol of protocols) if (protocol.begin) this.#spareParsers.set(protocol, new Pool(maxSpare));
    this.#candidates = {
      [transport.tcp]: candidates(protocols, 6, core),
      [transport.udp]: candidates(protocols, 17, core)
    };
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

  /** Looks at a payload that the core has left; false where no more of its flow are wanted. */
  onPayload(payload: Payload): boolean {
    const flow = this.#flows[payload.slot];
    if (flow !== undefined) return this.#read(flow, payload);
    const protocol = find(this.#candidates[payload.proto], payload);
    if (protocol !== null) return this.#begin(protocol, payload);
    const mayGoOn = payload.proto === transport.tcp && payload.cut === 0;
    if (mayGoOn && payload.end - payload.start < signatureBytes) return this.#await(payload);
    return this.#core.tryAgain(false) !== 0;
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
  offer(payload: Payload, addresses: Addresses | null = null): boolean {
    if (!putPayload(this.#core, payload, addresses)) return false;
    const answer = this.#core.offer(payload.end - payload.start);
    return answer === 0 ? this.onPayload(payload) : answer === wanted;
  }

  /** The end of a flow that was not in the meter's log: it is row `row` of the batch, and goes on in slot `continuedIn` (-1: not). */
  offerEnd(payload: Payload, row: number, continuedIn = -1, addresses: Addresses | null = null): void {
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
      service: serviceColumn(core, rows, this.#services),
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

  #begin(protocol: Protocol, payload: Payload): boolean {
    if (protocol.core !== undefined) return this.#core.beginPayload(protocol.core) === wanted;
    const mayTurnTls = protocol.mayTurnTls ?? false;
    const service = protocol.isTentative ? null : protocol.name;
    const mayRead = this.#reading < this.#maxFlows;
    if (!protocol.begin || !mayRead) {
      if (protocol.begin) this.#counters.unreadFlows++;
      this.#core.adoptByHost(this.#serviceCode(service));
      return this.#core.leftByHost(mayTurnTls && !protocol.begin) !== 0;
    }
    const flow = this.#newFlow(payload);
    flow.service = service;
    this.#keep(flow);
    this.#tell(flow);
    this.#reading++;
    flow.spareParsers = this.#spareParsers.get(protocol) ?? null;
    flow.parser = flow.spareParsers?.take() ?? protocol.begin();
    return this.#read(flow, payload);
  }

  #read(flow: Flow, payload: Payload): boolean {
    if (flow.prefix) return this.#continue(flow, payload);
    const {parser} = flow;
    const isMore = parser!.take(payload, flow);
    this.#tell(flow);
    if (isMore) return true;
    const mayTurnTls = parser!.isTunnel ?? false;
    // Most flows stay long after all was read of them; what read them need not.
    this.#endReading(flow);
    this.#tell(flow);
    this.#forget(flow);
    if (flow.service === null) return this.#core.tryAgain(true) !== 0;
    return this.#core.leftByHost(mayTurnTls) !== 0;
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

  /** Tells the core that the flow is read here, and of which service it is. */
  #tell(flow: Flow): void {
    if (flow.told === flow.service) return;
    flow.told = flow.service;
    this.#core.adoptByHost(this.#serviceCode(flow.service));
  }

  #serviceCode(name: string | null): number {
    if (name === null) return 0;
    let code = this.#codeOf.get(name);
    if (code === undefined) {
      code = this.#services.push(name);
      this.#codeOf.set(name, code);
    }
    return code;
  }

  #newFlow(payload: Payload): Flow {
    const flow = this.#spareFlows.take();
    if (flow === undefined) return new Flow(payload, this.#output);
    flow.begin(payload);
    return flow;
  }

  #forget(flow: Flow): void {
    this.#flows[flow.slot] = undefined;
    if (flow.prefix === null) this.#spareFlows.give(flow);
  }

  /** Keeps a short first payload until the bytes behind it say what it begins. */
  #await(payload: Payload): boolean {
    if (this.#core.tryAgain(false) === 0) return false;
    const flow = new Flow(payload, this.#output);
    flow.prefix = {
      ...payload,
      bytes: payload.bytes.slice(payload.start, payload.end),
      start: 0,
      end: payload.end - payload.start
    };
    this.#keep(flow);
    this.#tell(flow);
    return true;
  }

  #continue(flow: Flow, payload: Payload): boolean {
    const prefix = flow.prefix!;
    const sameSide = payload.direction === prefix.direction;
    if (sameSide && payload.streamOffset < prefix.end) {
      if (this.#core.tryAgain(false) === 0) {
        this.#forget(flow);
        return false;
      }
      this.#core.adoptByHost(0);
      return true;
    }
    this.#forget(flow);
    this.#core.leftAlone();
    if (!sameSide || payload.streamOffset !== prefix.end) return this.offer(payload);
    const length = payload.end - payload.start;
    const bytes = new Uint8Array(prefix.end + length);
    bytes.set(prefix.bytes);
    bytes.set(payload.bytes.subarray(payload.start, payload.end), prefix.end);
    return this.offer({...prefix, ts: payload.ts, bytes, end: bytes.length, cut: payload.cut});
  }

  #keep(flow: Flow): void {
    // Filled ahead, so that the array stays dense.
    while (flow.slot >= this.#flows.length)
      this.#flows = this.#flows.concat(new Array(this.#flows.length).fill(undefined));
    this.#flows[flow.slot] = flow;
  }
}

/** A flow that is read here, or one whose first bytes await the next. */
class Flow implements DissectedFlow {
  slot: number;
  flowHi: number;
  flowLo: number;
  readonly output: Output;
  service: string | null = null;
  /** The service that the core was told; undefined before it was told that the flow is read here. */
  told: string | null | undefined = undefined;
  parser: Parser | null = null;
  /** Where its parser goes when all was read. */
  spareParsers: Pool<Parser> | null = null;
  prefix: Payload | null = null;

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
    this.told = undefined;
    this.spareParsers = null;
  }
}

/** Protocols that may begin with some byte, in the order of the list, and how they are recognised. */
interface Candidates {
  readonly protocols: readonly Protocol[];
  /** The protocols' own functions: calling them on protocols of forty shapes costs more than most of them. */
  readonly recognise: readonly ((payload: Payload) => boolean)[];
}

/** By first byte. */
function candidates(protocols: readonly Protocol[], proto: 6 | 17, core: Readings): readonly Candidates[] {
  const own = protocols.filter(({transports}) => transports.includes(proto));
  const recognise = new Map(
    own.map((protocol) => [
      protocol,
      protocol.core === undefined ? protocol.recognise.bind(protocol) : () => core.isPayloadOf(protocol.core!) !== 0
    ])
  );
  return Array.from({length: 256}, (_, byte) => {
    const possible = own.filter((protocol) => protocol.firstByte?.(byte) ?? true);
    return {protocols: possible, recognise: possible.map((protocol) => recognise.get(protocol)!)};
  });
}

function find(table: readonly Candidates[], payload: Payload): Protocol | null {
  const {protocols, recognise} = table[payload.bytes[payload.start]];
  for (let i = 0; i < recognise.length; i++) if (recognise[i](payload)) return protocols[i];
  return null;
}

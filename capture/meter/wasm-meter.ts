import {fb1Columns} from "../../schema/features.ts";
import type {PacketBatch} from "../sources/source.ts";
import {type Core, coreModule, newCore, type ReadingCore, regions} from "./core.ts";
import {eventFields as field} from "./event-fields.ts";
import {CoreFinishedFlows} from "./finished-flows.ts";
import type {ArpPacket, FinishedFlows, Meter, MeterCounters, MeterSettings, MeterSink, Payload} from "./meter.ts";
import {numberNames} from "./number-names.ts";

/** Rises when the same packets may give other flows or features. */
export const METER_VERSION = "4";

/** Timeouts as nProbe and NFStream have them; at most 2^19 live flows (436 MB of rows). */
export const defaultSettings = {idleTimeoutUs: 120e6, activeTimeoutUs: 1800e6, maxFlows: 1 << 19} as const;

const batchPackets = 8192;
const largestTable = 1 << 20;

/**
 * A meter for one capture. Throws where a setting is out of range; compiles the core first where that was not done.
 * Its memory grows with the live flows and is given back with the meter.
 */
export async function createMeter(settings: MeterSettings): Promise<Meter> {
  const {idleTimeoutUs, activeTimeoutUs, maxFlows, captureSeed} = settings;
  if (!Number.isInteger(maxFlows) || maxFlows < 2 || maxFlows > largestTable)
    throw new RangeError(`maxFlows: expected a whole number from 2 to ${largestTable}, found ${maxFlows}`);
  for (const [name, value] of Object.entries({idleTimeoutUs, activeTimeoutUs}))
    if (!(value > 0)) throw new RangeError(`${name}: expected a time above 0 µs, found ${value}`);
  if (!/^[0-9a-f]{16,}$/.test(captureSeed))
    throw new RangeError(`captureSeed: expected at least 16 hexadecimal digits, found ${JSON.stringify(captureSeed)}`);
  const core = spareCore(maxFlows) ?? newCore(await coreModule());
  if (core.featureCount() !== fb1Columns.length || core.numberCount() !== numberNames.length)
    throw new Error(`the core has ${core.featureCount()} features, schema/features.ts ${fb1Columns.length}`);
  const seed = BigInt(`0x${captureSeed.slice(0, 16)}`);
  core.initialize(
    maxFlows,
    idleTimeoutUs,
    activeTimeoutUs,
    seed,
    settings.verifiesChecksums === true,
    settings.leavesOutDuplicates === true
  );
  core.closeReadings();
  return new WasmMeter(core, maxFlows);
}

/**
 * Cores whose captures are over, for the next ones: making one costs more than metering a small capture, and its memory,
 * though hardly used, makes the garbage collector run.
 */
const spare: {core: Core; maxFlows: number}[] = [];
const maxSpare = 2;
/** Rows of a core that is kept at most, in bytes: they alone were touched throughout. */
const maxSpareBytes = 96 << 20;

function spareCore(maxFlows: number): Core | null {
  const fitting = spare.findIndex((kept) => kept.maxFlows === maxFlows);
  return fitting < 0 ? null : spare.splice(fitting, 1)[0].core;
}

class WasmMeter implements Meter {
  readonly batch: CoreBatch;
  readonly readings: ReadingCore & {readonly memory: WebAssembly.Memory};
  readonly #core: Core;
  readonly #flows: CoreFinishedFlows;
  readonly #events: EventLog;
  /** 1 for slots whose payload in the log the sink no longer wants (of later packets the core logs none), and which these are. */
  readonly #muted: Uint8Array;
  readonly #mutedNow: number[] = [];
  #isClosed = false;
  readonly #payload: Payload = {
    slot: 0,
    flowHi: 0,
    flowLo: 0,
    direction: 0,
    proto: 0,
    ts: 0,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    cut: 0,
    streamOffset: 0,
    srcPort: 0,
    dstPort: 0
  };
  /** What the sink is being told about: an event of the log, or a finished row. */
  #current = {slot: -1, event: -1, row: -1};

  constructor(core: Core, maxFlows: number) {
    this.#core = core;
    this.readings = core;
    this.batch = new CoreBatch(core);
    this.#flows = new CoreFinishedFlows(core);
    this.#events = new EventLog(core);
    this.#muted = new Uint8Array(maxFlows);
  }

  process(sink: MeterSink): void {
    this.#checkOpen();
    const {count} = this.batch;
    this.#core.ask(sink.onPayload ? 1 : 0);
    for (let from = 0; from < count; ) {
      from = this.#core.run(from, count);
      this.#drain(sink);
    }
  }

  flush(sink: MeterSink): void {
    this.#checkOpen();
    while (!this.#core.finish()) this.#drain(sink);
    this.#drain(sink);
    if (this.#core.rows() > 0) this.#deliver(sink);
  }

  advance(sink: MeterSink, ts = Number.NEGATIVE_INFINITY): void {
    while (!this.#core.advance(ts)) this.#drain(sink);
    this.#drain(sink);
    if (this.#core.rows() > 0) this.#deliver(sink);
  }

  snapshot(since: number, most: number, take: (flows: FinishedFlows, slots: Int32Array) => void): number {
    if (this.#core.rows() > 0) throw new Error("a snapshot was asked for before the finished flows were handed out");
    this.#core.snapshotFrom(since, most);
    for (let more = true; more; ) {
      more = this.#core.snapshot() !== 0;
      const rows = this.#core.rows();
      if (rows === 0) break;
      this.#flows.rows = rows;
      take(this.#flows, new Int32Array(this.#core.memory.buffer, this.#core.region(regions.openSlots), rows));
      this.#core.rowsDone();
    }
    return this.#core.snapshotLeft();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const core = this.#core;
    const isDone = core.live() === 0 && core.rows() === 0 && core.events() === 0;
    if (isDone && spare.length < maxSpare && core.rowCapacity() * core.rowBytes() <= maxSpareBytes)
      spare.push({core, maxFlows: this.#muted.length});
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error("the meter is closed");
  }

  get packetFlows(): BigInt64Array {
    return new BigInt64Array(this.#core.memory.buffer, this.#core.region(regions.flowIds), this.batch.count);
  }

  get liveFlows(): number {
    return this.#core.live();
  }

  address(slot: number, side: 0 | 1): string {
    const {slot: current, event, row} = this.#current;
    if (slot !== current) throw new Error(`address of slot ${slot} asked for outside its own callback`);
    if (row >= 0) return this.#flows.address(row, side);
    const log = this.#events;
    return this.#flows.addressAt(log.bytes, log.address(event, side), log.words[log.word(event, field.version)]);
  }

  get read(): Pick<MeterCounters, "packets" | "capturedBytes"> {
    this.#checkOpen();
    const [packets, , capturedBytes] = new Float64Array(
      this.#core.memory.buffer,
      this.#core.region(regions.counters),
      3
    );
    return {packets, capturedBytes};
  }

  get counters(): MeterCounters {
    this.#checkOpen();
    const buffer = this.#core.memory.buffer;
    const counters = new Float64Array(buffer, this.#core.region(regions.counters), 15);
    const [packets, wireBytes, capturedBytes, cutPackets, nonIpPackets, arpPackets, malformed] = counters;
    const [flows, evictedFlows, firstTs, lastTs, linkCount, corruptPackets, duplicates, misdated] =
      counters.subarray(7);
    const links = new Float64Array(buffer, this.#core.region(regions.links), linkCount * 2);
    const unread: Record<number, number> = {};
    for (let i = 0; i < linkCount; i++) unread[links[2 * i]] = links[2 * i + 1];
    return {
      packets,
      wireBytes,
      capturedBytes,
      cutPackets,
      nonIpPackets,
      arpPackets,
      malformed,
      corruptPackets,
      duplicates,
      misdated,
      unread,
      flows,
      evictedFlows,
      firstTs,
      lastTs,
      fragmentsForgotten: this.#core.lost(0),
      contextStartsDropped: this.#core.lost(1),
      contextPairsEvicted: this.#core.lost(2),
      contextHostsEvicted: this.#core.lost(3)
    };
  }

  /** Hands the log to who reads it, and the rows to the sink when they are nearly full. */
  #drain(sink: MeterSink): void {
    const core = this.#core;
    if (core.readEvents() === 0 && (sink.onPayload || sink.onFlow)) this.#tellEvents(sink);
    core.eventsDone();
    if (core.arp() > 0) this.#tellArp(sink);
    if (core.rows() > core.outputRows() - rowsNeeded) this.#deliver(sink);
  }

  #tellEvents(sink: MeterSink): void {
    const count = this.#core.events();
    if (count === 0) return;
    const log = this.#events;
    log.refresh();
    const {words} = log;
    for (let event = 0; event < count; event++) {
      const at = log.word(event, 0);
      const slot = words[at + field.slot];
      // Frames without IP have no flow.
      if (words[at + field.kind] > 1) continue;
      this.#current.slot = slot;
      if (words[at + field.kind] === 0) {
        if (this.#muted[slot] === 0) this.#tellPayload(sink, event, at);
      } else {
        this.#muted[slot] = 0;
        this.#current.row = words[at + field.row];
        sink.onFlow?.(slot, this.#current.row, words[at + field.continuedIn]);
        this.#current.row = -1;
      }
    }
    this.#current.slot = -1;
    for (const slot of this.#mutedNow.splice(0)) this.#muted[slot] = 0;
  }

  #tellArp(sink: MeterSink): void {
    const count = this.#core.arp();
    if (sink.onArp) {
      const {buffer} = this.#core.memory;
      const first = this.#core.region(regions.arp);
      const bytes = new Uint8Array(buffer);
      const view = new DataView(buffer);
      const packet: ArpPacket = {ts: 0, vlan: -1, operation: 0, bytes, at: 0};
      for (let at = first; at < first + count * arpBytes; at += arpBytes) {
        packet.ts = view.getFloat64(at, true);
        packet.vlan = view.getInt32(at + 8, true);
        packet.operation = view.getUint32(at + 12, true);
        packet.at = at + 16;
        sink.onArp(packet);
      }
    }
    this.#core.arpDone();
  }

  #tellPayload(sink: MeterSink, event: number, at: number): void {
    const {words, times} = this.#events;
    const payload = this.#payload;
    payload.slot = words[at + field.slot];
    payload.flowHi = words[at + field.flowHigh];
    payload.flowLo = words[at + field.flowLow];
    payload.direction = words[at + field.direction] as 0 | 1;
    payload.proto = words[at + field.proto];
    payload.ts = times[(at + field.time) >> 1];
    payload.bytes = this.batch.bytes;
    payload.start = words[at + field.start];
    payload.end = words[at + field.end];
    payload.streamOffset = words[at + field.streamOffset];
    payload.cut = words[at + field.cut];
    payload.srcPort = words[at + field.sourcePort];
    payload.dstPort = words[at + field.destinationPort];
    this.#current.event = event;
    if (sink.onPayload?.(payload)) return;
    this.#muted[payload.slot] = 1;
    this.#mutedNow.push(payload.slot);
    this.#core.mute(payload.slot, words[at + field.flowHigh], words[at + field.flowLow]);
  }

  #deliver(sink: MeterSink): void {
    this.#flows.rows = this.#core.rows();
    sink.onFlows(this.#flows);
    this.#core.rowsDone();
  }
}

/** Rows that one packet may need (core/index.ts): with fewer free the batch is handed out. */
const rowsNeeded = 2;

/** Bytes of a record of an ARP packet (core/arp.ts). */
const arpBytes = 40;

/** Views on the core's log, renewed when its memory has grown. */
class EventLog {
  words = new Int32Array(0);
  times = new Float64Array(0);
  bytes = new Uint8Array(0);
  readonly #core: Core;
  readonly #wordsPerEvent: number;
  readonly #first: number;

  constructor(core: Core) {
    this.#core = core;
    this.#wordsPerEvent = core.eventBytes() / 4;
    this.#first = core.region(regions.events) / 4;
  }

  refresh(): void {
    const {buffer} = this.#core.memory;
    if (this.words.buffer === buffer) return;
    this.words = new Int32Array(buffer);
    this.times = new Float64Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  word(event: number, index: number): number {
    return this.#first + event * this.#wordsPerEvent + index;
  }

  address(event: number, side: 0 | 1): number {
    return this.word(event, field.addresses + 4 * side) * 4;
  }
}

/** The batch a source fills: views on the core's memory, renewed when it has grown (never while a source fills it). */
class CoreBatch implements PacketBatch {
  count = 0;
  ns?: Int16Array;
  readonly #core: Core;
  #buffer: ArrayBuffer | null = null;
  #bytes!: Uint8Array;
  #offset!: Int32Array;
  #captured!: Int32Array;
  #wire!: Int32Array;
  #ts!: Float64Array;
  #link!: Int32Array;

  constructor(core: Core) {
    this.#core = core;
  }

  get bytes(): Uint8Array {
    return this.#fresh().#bytes;
  }
  get offset(): Int32Array {
    return this.#fresh().#offset;
  }
  get captured(): Int32Array {
    return this.#fresh().#captured;
  }
  get wire(): Int32Array {
    return this.#fresh().#wire;
  }
  get ts(): Float64Array {
    return this.#fresh().#ts;
  }
  get link(): Int32Array {
    return this.#fresh().#link;
  }

  #fresh(): this {
    const {buffer} = this.#core.memory;
    if (buffer === this.#buffer) return this;
    const at = (region: number) => this.#core.region(region);
    this.#buffer = buffer;
    this.#bytes = new Uint8Array(buffer, at(regions.bytes), this.#core.bytesCapacity());
    this.#offset = new Int32Array(buffer, at(regions.offset), batchPackets);
    this.#captured = new Int32Array(buffer, at(regions.captured), batchPackets);
    this.#wire = new Int32Array(buffer, at(regions.wire), batchPackets);
    this.#ts = new Float64Array(buffer, at(regions.ts), batchPackets);
    this.#link = new Int32Array(buffer, at(regions.link), batchPackets);
    return this;
  }
}

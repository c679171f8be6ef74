import {Dissection} from "../../capture/dissect/dissection.ts";
import type {Core} from "../../capture/meter/core.ts";
import type {FinishedFlows, Meter, MeterSettings, MeterSink} from "../../capture/meter/meter.ts";
import {createMeter} from "../../capture/meter/wasm-meter.ts";
import type {CodedTextColumn} from "../../schema/rows.ts";
import {meteredColumns} from "../capture/meter/metered.ts";
import {Digest} from "./digest.ts";
import {checkFlows, checkRecords} from "./row-checks.ts";

/** Bounds small enough that fuzzing meets them. */
const maxHeldBytes = 1 << 20;
const maxRows = 20_000;
const maxNames = 16;
/** Memory of the core for one live flow at most, and for what grows by whole pages. */
const bytesPerFlow = 2048;
const page = 65_536;

/** A meter and a dissection, and what must hold of them after every batch, whatever the packets are. */
export class FuzzedMeter implements MeterSink {
  readonly meter: Meter;
  readonly digest = new Digest();
  flows = 0;
  records = 0;
  mostHeldBytes = 0;
  readonly #dissection: Dissection;
  readonly #gap: Uint8Array;
  readonly #checksRows: boolean;
  readonly #mostMemory: number;
  #at = 0;
  /** Packets and their bytes on the wire: handed in, told to be of a flow, and of the flows finished. */
  #packets = 0;
  #ofFlows = 0;
  #wireOfFlows = 0;
  #inFlows = 0;
  #wireInFlows = 0;

  /** `gap`: bytes put between packets, which are of none; `checksRows`: looks at every value found. */
  static async make(settings: MeterSettings, gap: Uint8Array, checksRows: boolean): Promise<FuzzedMeter> {
    return new FuzzedMeter(await createMeter(settings), settings.maxFlows, gap, checksRows);
  }

  private constructor(meter: Meter, maxFlows: number, gap: Uint8Array, checksRows: boolean) {
    this.meter = meter;
    this.#gap = gap;
    this.#checksRows = checksRows;
    this.#mostMemory = this.memoryBytes + maxFlows * bytesPerFlow + page;
    this.#dissection = new Dissection({
      captureSha256: "f022",
      core: meter.readings,
      maxHeldBytes,
      maxRows,
      maxNames,
      maxFlows: 1000
    });
  }

  /** Bytes of the core's memory. */
  get memoryBytes(): number {
    return this.meter.batch.bytes.buffer.byteLength;
  }

  get dissectionCounters(): Readonly<Dissection["counters"]> {
    return this.#dissection.counters;
  }

  /** Puts a packet into the batch; false where it has no room left. */
  add(packet: Uint8Array, link: number, wireBytes: number, time: number): boolean {
    const {batch} = this.meter;
    const {bytes, offset, captured, wire, ts} = batch;
    const i = batch.count;
    if (i === offset.length || this.#at + packet.length + this.#gap.length > bytes.length) return false;
    bytes.set(packet, this.#at);
    offset[i] = this.#at;
    captured[i] = packet.length;
    wire[i] = wireBytes;
    ts[i] = time;
    batch.link[i] = link;
    this.#at += packet.length;
    bytes.set(this.#gap, this.#at);
    this.#at += this.#gap.length;
    batch.count++;
    return true;
  }

  /** Meters the batch and throws where something does not hold. */
  process(): void {
    const {meter} = this;
    const {count} = meter.batch;
    this.#packets += count;
    meter.process(this);
    const {packetFlows, counters} = meter;
    const {wire} = meter.batch;
    for (let i = 0; i < count; i++) {
      this.digest.number(Number(packetFlows[i] & 0xffff_ffffn));
      if (packetFlows[i] === 0n) continue;
      this.#ofFlows++;
      this.#wireOfFlows += wire[i];
    }
    meter.batch.count = 0;
    this.#at = 0;
    for (const count of [counters.nonIpPackets, counters.arpPackets, counters.malformed]) this.digest.number(count);
    const counted = this.#ofFlows + counters.nonIpPackets + counters.malformed + sum(Object.values(counters.unread));
    expectEqual("packets in flows, non-IP, malformed and unread", counted, counters.packets);
    expectEqual("packets", counters.packets, this.#packets);
    expectEqual("flows, live and finished", this.flows + this.#waiting() + meter.liveFlows, counters.flows);
    this.#checkBounds();
  }

  /** Ends all flows; every packet must then be in one, and nothing be held. */
  finish(): void {
    this.meter.flush(this);
    this.#takeRecords();
    expectEqual("flows", this.flows, this.meter.counters.flows);
    expectEqual("packets in finished flows", this.#inFlows, this.#ofFlows);
    expectEqual("bytes on the wire in finished flows", this.#wireInFlows, this.#wireOfFlows);
    expectEqual("live flows at the end", this.meter.liveFlows, 0);
    expectEqual("bytes held at the end", this.#dissection.heldBytes, 0);
  }

  onFlows(flows: FinishedFlows): void {
    this.flows += flows.rows;
    const dissected = this.#dissection.takeColumns(flows.rows);
    const known = {...dissected, ...this.#dissection.inferredColumns(flows, dissected.service)};
    const number = (name: string) => sum(flows.column(name) as Float64Array);
    this.#inFlows += number("src_pkts") + number("dst_pkts");
    this.#wireInFlows += number("src_wire_bytes") + number("dst_wire_bytes");
    for (const name of meteredColumns) this.digest.column(flows.column(name), flows.rows);
    for (const column of Object.values<CodedTextColumn>(known)) this.digest.column(column, flows.rows);
    if (this.#checksRows) checkFlows(flows, known);
    this.#takeRecords();
  }

  /** Flows that have ended and whose rows were not handed out yet. */
  #waiting(): number {
    return (this.meter.readings as Core).rows();
  }

  #takeRecords(): void {
    for (const batch of this.#dissection.takeRecords()) {
      this.records += batch.rows;
      this.digest.records(batch);
      if (this.#checksRows) checkRecords(batch);
    }
  }

  #checkBounds(): void {
    const {heldBytes, waitingRows} = this.#dissection;
    this.mostHeldBytes = Math.max(this.mostHeldBytes, heldBytes);
    if (heldBytes < 0 || heldBytes > maxHeldBytes)
      throw new Error(`${heldBytes} bytes are held of ${maxHeldBytes} at most`);
    if (waitingRows > 4 * maxRows) throw new Error(`${waitingRows} records wait of ${4 * maxRows} at most`);
    if (this.memoryBytes > this.#mostMemory)
      throw new Error(`the core has ${this.memoryBytes} bytes of memory of ${this.#mostMemory} at most`);
    this.#takeRecords();
  }
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, found ${found}`);
}

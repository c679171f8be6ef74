import {
  directionNames,
  kindNames,
  type LiveExamples,
  type LiveSecond,
  type RecentPacket,
  type Volume
} from "../../schema/live/seconds.ts";
import type {CodedTextColumn} from "../../schema/rows.ts";
import {ipv4Text, ipv6Text} from "../meter/address-text.ts";
import type {FinishedFlows} from "../meter/meter.ts";
import type {PacketBatch} from "../sources/source.ts";
import {FrameEnds} from "./frame-ends.ts";
import {isToMany, type LocalNets} from "./local-nets.ts";
import {flowText, RecentFlows} from "./recent-flows.ts";

const tableBits = 16;
const tableSlots = 1 << tableBits;
const probes = 8;
const mostDestinations = 12;
const mostAddresses = 4096;
const mostPackets = 12;
/** A hole in packet time is filled with empty seconds up to so many between two calls of `takeSeconds`. */
const mostEmptyS = 900;

/**
 * Adds up a live capture's packets by the second of their time, for charts that are drawn while it runs. All of it is
 * bounded: flows are known by a table of 65,536 that forgets the ones longest unseen (their bytes of the second then
 * count as other destinations'), and lists hold a few examples.
 */
export class LiveTally {
  readonly recent = new RecentFlows();
  readonly #nets: LocalNets;
  readonly #ends = new FrameEnds();
  readonly #closed: LiveSecond[] = [];
  #packets: RecentPacket[] = [];
  #second: number;
  #directions = new Float64Array(directionNames.length * 2);
  #kinds = new Float64Array(kindNames.length * 2);
  #newFlows = 0;
  // The table of flows, by a hash of their id.
  readonly #ids = new Int32Array(tableSlots * 2);
  readonly #seen = new Float64Array(tableSlots);
  readonly #flowPackets = new Float64Array(tableSlots);
  readonly #flowBytes = new Float64Array(tableSlots);
  readonly #responder: string[] = new Array(tableSlots).fill("");
  readonly #example = new Int32Array(tableSlots).fill(-1);
  /** Slots with packets in this second. */
  readonly #touched = new Int32Array(tableSlots);
  #touchedCount = 0;

  /** `nowMs`: wall clock at the beginning; seconds without packets count from there. */
  constructor(nets: LocalNets, nowMs: number) {
    this.#nets = nets;
    this.#second = Math.floor(nowMs / 1000);
  }

  /** Takes the packets in; `flows` has the `flow_id` of each, 0 for none. */
  take(batch: PacketBatch, flows: BigInt64Array): void {
    // Views are asked for once: each asking looks at the meter's memory.
    const {count, ts, wire, bytes, offset, captured, link} = batch;
    const ids = new Int32Array(flows.buffer, flows.byteOffset, count * 2);
    for (let i = 0; i < count; i++) {
      const second = Math.floor(ts[i] / 1e6);
      // A packet that comes late counts in the second that is open: none is lost from the sums.
      if (second > this.#second) this.#advance(second);
      this.#ends.read(bytes, offset[i], captured[i], link[i]);
      this.#packet(bytes, ts[i], wire[i], ids[2 * i], ids[2 * i + 1]);
    }
    this.#keepPackets(batch, ids);
  }

  /** Takes in how flows ended; to be called before `take` of the packets that ended them. */
  ended(flows: FinishedFlows, known: Readonly<Record<string, CodedTextColumn>>): void {
    this.recent.ended(flows, known);
  }

  /** Closes the seconds before `second`: no packet of an earlier time is expected. */
  closeBefore(second: number): void {
    if (second > this.#second) this.#advance(second);
  }

  /** Goes on with an earlier second, since the clock was set back; what came so far stays in the seconds it was in. */
  setBack(second: number): void {
    if (second >= this.#second) return;
    this.#close();
    this.#second = second;
  }

  /** Seconds closed since the last call. */
  takeSeconds(): LiveSecond[] {
    return this.#closed.splice(0);
  }

  /** Examples since the last call. */
  takeExamples(): LiveExamples {
    const packets = this.#packets;
    this.#packets = [];
    return {flows: this.recent.takeChanged(), packets};
  }

  #advance(second: number): void {
    this.#close();
    const hole = second - this.#second - 1;
    if (this.#closed.length + hole <= mostEmptyS)
      for (let s = this.#second + 1; s < second; s++) this.#closed.push(empty(s));
    this.#second = second;
  }

  #packet(bytes: Uint8Array, ts: number, wire: number, low: number, high: number): void {
    const ends = this.#ends;
    const kind = kindOf(ends);
    this.#kinds[2 * kind]++;
    this.#kinds[2 * kind + 1] += wire;
    if (ends.version !== 0) {
      const direction = this.#direction(bytes);
      this.#directions[2 * direction]++;
      this.#directions[2 * direction + 1] += wire;
    }
    if ((low | high) === 0) return;
    const slot = this.#slotOf(bytes, low, high, ts);
    if (this.#flowPackets[slot] === 0) this.#touched[this.#touchedCount++] = slot;
    this.#flowPackets[slot]++;
    this.#flowBytes[slot] += wire;
    const example = this.#example[slot];
    if (example >= 0 && !this.recent.count(example, low, high, ts, wire)) this.#example[slot] = -1;
  }

  #direction(bytes: Uint8Array): number {
    const {version, srcAt, dstAt} = this.#ends;
    if (version === 0) return 3;
    const from = this.#nets.has(bytes, srcAt, version);
    const to = this.#nets.has(bytes, dstAt, version);
    if (from === to) return from ? 2 : isToMany(bytes, dstAt, version) ? 2 : 3;
    return from ? (isToMany(bytes, dstAt, version) ? 2 : 0) : 1;
  }

  /** The flow's place in the table; where it has none it takes the place of the one longest unseen among its neighbours. */
  #slotOf(bytes: Uint8Array, low: number, high: number, ts: number): number {
    const ids = this.#ids;
    const seen = this.#seen;
    const hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> (32 - tableBits);
    let oldest = hash;
    for (let n = 0; n < probes; n++) {
      const slot = (hash + n) & (tableSlots - 1);
      if (ids[2 * slot] === low && ids[2 * slot + 1] === high) {
        seen[slot] = ts;
        return slot;
      }
      if (seen[slot] < seen[oldest]) oldest = slot;
    }
    if (this.#flowPackets[oldest] > 0) {
      // Its bytes of this second stay in the sums, and are named no more.
      this.#responder[oldest] = "";
      return this.#replace(oldest, bytes, low, high, ts, true);
    }
    return this.#replace(oldest, bytes, low, high, ts, false);
  }

  #replace(slot: number, bytes: Uint8Array, low: number, high: number, ts: number, wasTouched: boolean): number {
    const {version, dstAt} = this.#ends;
    this.#ids[2 * slot] = low;
    this.#ids[2 * slot + 1] = high;
    this.#seen[slot] = ts;
    // What it replaces had bytes in this second: giving them to this one's host would be wrong.
    if (wasTouched) {
      this.#flowPackets[slot] = 0;
      this.#flowBytes[slot] = 0;
      this.#touchedCount = without(this.#touched, this.#touchedCount, slot);
    }
    this.#responder[slot] = version === 0 ? "" : textOf(bytes, dstAt, version);
    this.#newFlows++;
    this.#example[slot] = this.recent.begin(this.#second, low, high, ts, () => this.#describe(bytes));
    return slot;
  }

  #describe(bytes: Uint8Array) {
    const {version, proto, srcAt, dstAt, srcPort, dstPort} = this.#ends;
    const text = (at: number) => (version === 0 ? null : textOf(bytes, at, version));
    return {proto: version === 0 ? null : proto, src: text(srcAt), srcPort, dst: text(dstAt), dstPort};
  }

  /** The last packets of a batch, as text. */
  #keepPackets(batch: PacketBatch, ids: Int32Array): void {
    const {count, bytes, offset, captured, link, ts, wire} = batch;
    for (let i = Math.max(0, count - mostPackets); i < count; i++) {
      this.#ends.read(bytes, offset[i], captured[i], link[i]);
      const [low, high] = [ids[2 * i], ids[2 * i + 1]];
      const flow = (low | high) === 0 ? null : flowText(low, high);
      this.#packets.push({
        ts: ts[i],
        flow,
        kind: kindNames[kindOf(this.#ends)],
        ...this.#describe(bytes),
        bytes: wire[i]
      });
    }
    if (this.#packets.length > mostPackets) this.#packets = this.#packets.slice(-mostPackets);
  }

  #close(): void {
    const kinds = pairs(this.#kinds);
    this.#closed.push({
      second: this.#second,
      volume: [sum(kinds, 0), sum(kinds, 1)],
      directions: pairs(this.#directions),
      kinds,
      newFlows: this.#newFlows,
      destinations: this.#takeDestinations()
    });
    this.#directions.fill(0);
    this.#kinds.fill(0);
    this.#newFlows = 0;
  }

  #takeDestinations(): LiveSecond["destinations"] {
    const byAddress = new Map<string, {packets: number; bytes: number}>();
    for (let k = 0; k < this.#touchedCount; k++) {
      const slot = this.#touched[k];
      const address = this.#responder[slot];
      const known = byAddress.get(address);
      if (known) {
        known.packets += this.#flowPackets[slot];
        known.bytes += this.#flowBytes[slot];
      } else if (address !== "" && byAddress.size < mostAddresses)
        byAddress.set(address, {packets: this.#flowPackets[slot], bytes: this.#flowBytes[slot]});
      this.#flowPackets[slot] = 0;
      this.#flowBytes[slot] = 0;
    }
    this.#touchedCount = 0;
    return [...byAddress]
      .sort(([, a], [, b]) => b.bytes - a.bytes)
      .slice(0, mostDestinations)
      .map(([address, {packets, bytes}]) => [address, packets, bytes] as const);
  }
}

function empty(second: number): LiveSecond {
  const none = (names: readonly string[]): Volume[] => names.map(() => [0, 0]);
  return {
    second,
    volume: [0, 0],
    directions: none(directionNames),
    kinds: none(kindNames),
    newFlows: 0,
    destinations: []
  };
}

function kindOf({version, proto, isArp}: FrameEnds): number {
  if (version === 0) return isArp ? 5 : 6;
  return proto === 6 ? 0 : proto === 17 ? 1 : proto === 1 ? 2 : proto === 58 ? 3 : 4;
}

function textOf(bytes: Uint8Array, at: number, version: 4 | 6): string {
  return version === 4 ? ipv4Text(bytes, at) : ipv6Text(bytes, at);
}

function pairs(values: Float64Array): Volume[] {
  return Array.from({length: values.length / 2}, (_, k) => [values[2 * k], values[2 * k + 1]] as const);
}

function sum(volumes: readonly Volume[], k: 0 | 1): number {
  return volumes.reduce((total, volume) => total + volume[k], 0);
}

/** Takes a value out of the first `count` of a list whose order does not matter; returns how many are left. */
function without(list: Int32Array, count: number, value: number): number {
  const at = list.subarray(0, count).indexOf(value);
  if (at < 0) return count;
  list[at] = list[count - 1];
  return count - 1;
}

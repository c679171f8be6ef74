import {
  captureInterface,
  type Interface,
  microseconds,
  nanoseconds,
  type StatisticsOptions,
  statistics
} from "./pcapng-interface.ts";
import {RecordSource} from "./record-source.ts";
import {maxCapturedBytes, type PacketBatch} from "./source.ts";

/** Block types (draft-ietf-opsawg-pcapng §11.1). */
const block = {
  section: 0x0a0d0d0a,
  interface: 1,
  oldPacket: 2,
  simplePacket: 3,
  statistics: 5,
  enhancedPacket: 6
} as const;

const byteOrderMagic = 0x1a2b3c4d;

/** Shortest and longest block that is believed; blocks that are passed over may be longer. */
const minBlockBytes = 12;

/** Bytes of a section header block up to its version. */
export const pcapngHeadBytes = 16;

/** True where the bytes begin a pcapng file. */
export function isPcapng(head: Uint8Array): boolean {
  return head.length >= 4 && head[0] === 0x0a && head[1] === 0x0d && head[2] === 0x0d && head[3] === 0x0a;
}

/** The byte order of a section from its header's first 16 bytes. Throws an Error where it is no section of version 1. */
export function sectionIsLittleEndian(head: Uint8Array): boolean {
  if (head.length < pcapngHeadBytes)
    throw new Error(`expected a section header block of at least 28 bytes, found ${head.length}`);
  const view = new DataView(head.buffer, head.byteOffset);
  const littleEndian = view.getUint32(8, true) === byteOrderMagic;
  if (!littleEndian && view.getUint32(8, false) !== byteOrderMagic)
    throw new Error(
      `expected the byte-order magic 0x1a2b3c4d, found 0x${view.getUint32(8).toString(16).padStart(8, "0")}`
    );
  const major = view.getUint16(12, littleEndian);
  // Minor 2 exists in the wild and is read as 0, as libpcap does.
  if (major !== 1) throw new Error(`expected pcapng version 1, found ${major}.${view.getUint16(14, littleEndian)}`);
  return littleEndian;
}

/**
 * Packets of a pcapng file: enhanced, simple and obsolete packet blocks of all sections. A simple packet block has
 * no time, so its packet is given the time of the packet before it (0 where there is none).
 */
export class PcapngSource extends RecordSource {
  protected record = "a block";
  #littleEndian = true;
  #interfaces: Interface[] = [];
  #lastTs = 0;
  #snaplen = 0;
  /** Drops of the sections that have ended; null until a statistics block tells of some. */
  readonly #dropped: StatisticsOptions = {interfaceDrops: null, kernelDrops: null};

  /** The largest of the interfaces seen so far; where one is unlimited, the longest packet that is believed. */
  get snaplen(): number {
    return this.#snaplen || maxCapturedBytes;
  }

  get kernelDrops(): number | null {
    return this.#sum("kernelDrops");
  }

  get interfaceDrops(): number | null {
    return this.#sum("interfaceDrops");
  }

  /** Statistics blocks count from the start of the capture: an interface's last one holds. */
  #sum(name: keyof StatisticsOptions): number | null {
    return this.#interfaces.reduce<number | null>((sum, {drops}) => add(sum, drops[name]), this.#dropped[name]);
  }

  protected parse(batch: PacketBatch): number {
    const {bytes, offset} = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const capacity = offset.length;
    let needed = 0;
    while (batch.count < capacity && !this.problem) {
      const left = this.end - this.at;
      if ((needed = minBlockBytes) > left) break;
      // The section header's type reads the same in both byte orders; its own magic says which one follows.
      const type = view.getUint32(this.at, this.#littleEndian);
      if (type === block.section) {
        if ((needed = pcapngHeadBytes) > left) break;
        if (!this.#beginSection(bytes)) break;
      }
      const length = view.getUint32(this.at + 4, this.#littleEndian);
      if (length < minBlockBytes || length % 4 !== 0) {
        this.fault(
          `expected a block length of at least 12 and a multiple of 4, found ${length.toLocaleString("en")}`,
          4
        );
        break;
      }
      const known = type === block.section || (type >= 1 && type <= 6 && type !== 4);
      if (!known && length > left) {
        this.skip = length;
        return 0;
      }
      if ((needed = length) > left) break;
      const trailer = view.getUint32(this.at + length - 4, this.#littleEndian);
      // A block that is passed over may lie beyond the buffer: what its end says must not depend on that.
      if (known && trailer !== length) {
        this.fault(
          `expected the block's length ${length.toLocaleString("en")} again, found ${trailer.toLocaleString("en")}`,
          length - 4
        );
        break;
      }
      this.#block(type, view, length, batch);
      if (this.problem) break;
      this.at += length;
    }
    return needed;
  }

  #beginSection(bytes: Uint8Array): boolean {
    try {
      this.#littleEndian = sectionIsLittleEndian(bytes.subarray(this.at, this.at + pcapngHeadBytes));
    } catch (error) {
      this.fault((error as Error).message);
      return false;
    }
    this.#dropped.kernelDrops = this.kernelDrops;
    this.#dropped.interfaceDrops = this.interfaceDrops;
    this.#interfaces = [];
    return true;
  }

  #block(type: number, view: DataView, length: number, batch: PacketBatch): void {
    const at = this.at;
    const little = this.#littleEndian;
    if (type === block.enhancedPacket || type === block.oldPacket) {
      if (!this.#holds(length, 32, "packet block")) return;
      const id = type === block.enhancedPacket ? view.getUint32(at + 8, little) : view.getUint16(at + 8, little);
      const owner = this.#interface(id);
      if (!owner) return;
      const [high, low] = [view.getUint32(at + 12, little), view.getUint32(at + 16, little)];
      const ts = microseconds(owner, high, low);
      if (batch.ns) batch.ns[batch.count] = nanoseconds(owner, high, low);
      this.#packet(
        batch,
        owner,
        ts,
        at + 28,
        view.getUint32(at + 20, little),
        view.getUint32(at + 24, little),
        length - 32
      );
    } else if (type === block.simplePacket) {
      if (!this.#holds(length, 16, "simple packet block")) return;
      const owner = this.#interface(0);
      if (!owner) return;
      const wire = view.getUint32(at + 8, little);
      const captured = Math.min(wire, owner.snaplen || wire, length - 16);
      if (batch.ns) batch.ns[batch.count] = -1;
      this.#packet(batch, owner, this.#lastTs, at + 12, captured, wire, length - 16);
    } else if (type === block.interface) {
      if (!this.#holds(length, 20, "interface description block")) return;
      const described = captureInterface(view, at + 8, at + length - 4, little);
      this.#interfaces.push(described);
      this.#snaplen = Math.max(this.#snaplen, described.snaplen || maxCapturedBytes);
    } else if (type === block.statistics) {
      if (!this.#holds(length, 24, "interface statistics block")) return;
      const owner = this.#interface(view.getUint32(at + 8, little));
      if (owner) owner.drops = statistics(view, at + 20, at + length - 4, little);
    }
  }

  #packet(
    batch: PacketBatch,
    from: Interface,
    ts: number,
    start: number,
    captured: number,
    wire: number,
    room: number
  ): void {
    const most = Math.min(room, maxCapturedBytes);
    if (captured > most || wire > 0x7fffffff) {
      const [name, value, limit] = captured > most ? ["captured", captured, most] : ["wire", wire, 0x7fffffff];
      this.fault(
        `packet ${(this.packets + batch.count + 1).toLocaleString("en")}: expected a ${name} length of at most ${limit.toLocaleString("en")}, found ${value.toLocaleString("en")}`
      );
      return;
    }
    const i = batch.count++;
    batch.offset[i] = start;
    batch.captured[i] = captured;
    batch.wire[i] = wire;
    batch.ts[i] = this.#lastTs = ts;
    batch.link[i] = from.link;
  }

  #interface(id: number): Interface | null {
    const found = this.#interfaces[id];
    if (!found) this.fault(`expected an interface below ${this.#interfaces.length}, found ${id}`, 8);
    return found ?? null;
  }

  #holds(length: number, least: number, name: string): boolean {
    if (length < least) this.fault(`expected ${least} bytes or more of ${name}, found ${length}`, 4);
    return length >= least;
  }
}

function add(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}

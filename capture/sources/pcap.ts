import type {ByteStream} from "./bytes.ts";
import {RecordSource} from "./record-source.ts";
import {maxCapturedBytes, type PacketBatch} from "./source.ts";

/** Bytes of a pcap file's header. */
export const pcapHeaderBytes = 24;

/** What the header of a pcap file says (draft-ietf-opsawg-pcap §4). */
export interface PcapHeader {
  readonly littleEndian: boolean;
  /** Fractions of a second in a time stamp: 1e6 or 1e9. */
  readonly unitsPerSecond: number;
  readonly recordHeaderBytes: number;
  /** Captured and wire length have changed places: always, or wherever captured exceeds wire. */
  readonly swapped: "never" | "maybe" | "always";
  /** 0 is replaced by the longest packet that is believed. */
  readonly snaplen: number;
  readonly link: number;
}

const magics = new Map([
  [0xa1b2c3d4, {unitsPerSecond: 1e6, recordHeaderBytes: 16}],
  [0xa1b23c4d, {unitsPerSecond: 1e9, recordHeaderBytes: 16}],
  // Kuznetzov's Linux patches: interface, protocol and packet type follow the lengths.
  [0xa1b2cd34, {unitsPerSecond: 1e6, recordHeaderBytes: 24}]
]);

/** True where the four bytes begin a pcap file of either byte order. */
export function isPcap(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const view = new DataView(head.buffer, head.byteOffset);
  return magics.has(view.getUint32(0, true)) || magics.has(view.getUint32(0, false));
}

/** Reads a header of which `isPcap` is true. Throws an Error saying what is wrong where libpcap refuses it too. */
export function pcapHeader(head: Uint8Array): PcapHeader {
  if (head.length < pcapHeaderBytes)
    throw new Error(`expected a file header of ${pcapHeaderBytes} bytes, found ${head.length}`);
  const view = new DataView(head.buffer, head.byteOffset);
  const littleEndian = magics.has(view.getUint32(0, true));
  const magic = magics.get(view.getUint32(0, littleEndian))!;
  const major = view.getUint16(4, littleEndian);
  const minor = view.getUint16(6, littleEndian);
  // DG/UX wrote 543.0.
  if (!(major === 2 || (major === 543 && minor === 0)))
    throw new Error(`expected pcap version 2, found ${major}.${minor}`);
  const link = view.getUint32(20, littleEndian);
  if (link & 0x03ff0000)
    throw new Error(`expected zero in the link type's reserved bits, found 0x${link.toString(16)}`);
  return {
    ...magic,
    littleEndian,
    swapped: major === 543 || minor < 3 ? "always" : minor === 3 ? "maybe" : "never",
    snaplen: view.getUint32(16, littleEndian) || maxCapturedBytes,
    link: link & 0xffff
  };
}

/**
 * Whether another file's header stands where a record's would (as `cat a.pcap b.pcap` makes it): read as a record, it were
 * a packet of 2055 without bytes.
 */
function isSection(view: DataView, at: number): boolean {
  return (
    view.getUint32(at + 8) === 0 &&
    view.getUint32(at + 12) === 0 &&
    (magics.has(view.getUint32(at, true)) || magics.has(view.getUint32(at, false)))
  );
}

/** That header; null where it is none after all. */
function sectionHeader(bytes: Uint8Array): PcapHeader | null {
  try {
    return pcapHeader(bytes);
  } catch {
    return null;
  }
}

/** Packets of a pcap file whose header has been read; the stream begins with that header. */
export class PcapSource extends RecordSource {
  readonly kernelDrops = null;
  readonly interfaceDrops = null;
  snaplen: number;
  protected readonly record = "a packet record";
  #header: PcapHeader;

  constructor(path: string, bytes: ByteStream, header: PcapHeader, format: string, compressed: boolean) {
    super(path, bytes, format, compressed);
    this.#header = header;
    this.snaplen = header.snaplen;
    this.skip = pcapHeaderBytes;
  }

  protected parse(batch: PacketBatch): number {
    const {littleEndian, unitsPerSecond, recordHeaderBytes, swapped, link} = this.#header;
    const {bytes, offset, captured, wire, ts} = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const capacity = offset.length;
    const end = this.end;
    const isNano = unitsPerSecond === 1e9;
    let at = this.at;
    let count = 0;
    let needed = 0;
    while (count < capacity) {
      if (end - at < recordHeaderBytes) {
        needed = recordHeaderBytes;
        break;
      }
      if (isSection(view, at)) {
        // What comes before it is handed out with its own header.
        needed = pcapHeaderBytes;
        if (count > 0 || end - at < pcapHeaderBytes) break;
        const header = sectionHeader(bytes.subarray(at, at + pcapHeaderBytes));
        if (header) {
          this.at = at + pcapHeaderBytes;
          this.#header = header;
          this.snaplen = Math.max(this.snaplen, header.snaplen);
          return this.parse(batch);
        }
      }
      let length = view.getUint32(at + 8, littleEndian);
      let wireLength = view.getUint32(at + 12, littleEndian);
      if (swapped !== "never" && (swapped === "always" || length > wireLength))
        [length, wireLength] = [wireLength, length];
      if (length > maxCapturedBytes || wireLength > 0x7fffffff) {
        this.at = at;
        const [name, value, most] =
          length > maxCapturedBytes ? ["captured", length, maxCapturedBytes] : ["wire", wireLength, 0x7fffffff];
        this.fault(
          `packet ${(this.packets + count + 1).toLocaleString("en")}: expected a ${name} length of at most ${most.toLocaleString("en")} (the file's snapshot length is ${this.snaplen.toLocaleString("en")}), found ${value.toLocaleString("en")}`
        );
        break;
      }
      needed = recordHeaderBytes + length;
      if (end - at < needed) break;
      const fraction = view.getUint32(at + 4, littleEndian);
      offset[count] = at + recordHeaderBytes;
      captured[count] = length;
      wire[count] = wireLength;
      ts[count] = view.getUint32(at, littleEndian) * 1e6 + (isNano ? Math.floor(fraction / 1000) : fraction);
      at += needed;
      count++;
    }
    this.at = at;
    batch.link.fill(link, 0, count);
    batch.count = count;
    if (batch.ns) this.#readNs(view, batch, batch.ns);
    return needed;
  }

  #readNs(view: DataView, {count, offset}: PacketBatch, ns: Int16Array): void {
    const {littleEndian, unitsPerSecond, recordHeaderBytes} = this.#header;
    if (unitsPerSecond !== 1e9) ns.fill(-1, 0, count);
    else for (let i = 0; i < count; i++) ns[i] = view.getUint32(offset[i] - recordHeaderBytes + 4, littleEndian) % 1000;
  }
}

/**
 * What every source of packets (pcap, pcapng, later live pipes) gives the meter: batches written straight into the
 * meter's memory, so that no packet is copied twice.
 */

/** Views on the meter's memory that a source fills. A packet's bytes are `bytes[offset[i] .. offset[i] + captured[i])`. */
export interface PacketBatch {
  /** File blocks are read into this buffer; a packet never spans two fills. */
  readonly bytes: Uint8Array;
  readonly offset: Int32Array;
  /** Bytes captured of each packet. */
  readonly captured: Int32Array;
  /** Frame length on the wire. */
  readonly wire: Int32Array;
  /** Whole µs since 1970 (UTC). */
  readonly ts: Float64Array;
  /** LINKTYPE_ number of each packet (interfaces of a pcapng may differ). */
  readonly link: Int32Array;
  /**
   * ns of each packet behind its µs, -1 where the source tells none; filled only where the batch has the array, which
   * those need who write packets again.
   */
  ns?: Int16Array;
  /** Packets in the batch now; at most `offset.length`. */
  count: number;
}

/** Longest packet that is believed (libpcap's MAXIMUM_SNAPLEN); a longer captured length is a damaged file. */
export const maxCapturedBytes = 262_144;

/** What could not be read: where (byte of the uncompressed stream), what was expected, what was found. */
export class CaptureError extends Error {
  readonly path: string;
  readonly byte: number;
  constructor(path: string, byte: number, message: string, options?: ErrorOptions) {
    super(`${path}: byte ${byte.toLocaleString("en")}: ${message}`, options);
    this.name = "CaptureError";
    this.path = path;
    this.byte = byte;
  }
}

export interface PacketSource {
  /** `pcap`, `pcapng`, with `.gz` or `.zst` where compressed. */
  readonly format: string;
  readonly snaplen: number;
  /** Packets handed out so far. */
  readonly packets: number;
  /** Set once a fault was met: what came before it has been handed out. */
  readonly problem: CaptureError | null;
  /** Packets dropped by kernel and interface as the file itself says (pcapng statistics); null where it does not. */
  readonly kernelDrops: number | null;
  readonly interfaceDrops: number | null;
  /**
   * Fills the batch from its beginning; false (and count 0) at the end or at a fault. True with count 0 where a live
   * stream has nothing for now. Pass the same batch every time
   * and leave `bytes` as it is: packets read but not yet handed out wait there (views may be renewed over the same
   * memory). At most `maxCapturedBytes` and a record's header fit a packet; a smaller `bytes` makes it a fault.
   */
  next(batch: PacketBatch): Promise<boolean>;
  close(): Promise<void>;
}

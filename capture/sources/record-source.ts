import type {ByteStream} from "./bytes.ts";
import {CaptureError, type PacketBatch, type PacketSource} from "./source.ts";

/** How much of a buffer is read at once: small enough to stay in the processor's cache until it is metered. */
const readBytes = 1 << 18;
/** A packet so far from the one before it (µs; FAR of the meter) waits for the next one, in buffers at least so large. */
const far = 120_000_000;
const roomyBytes = 1 << 20;

/** A packet that waits. */
interface Held {
  readonly bytes: Uint8Array;
  readonly wire: number;
  readonly ts: number;
  readonly link: number;
  readonly ns: number;
}

/** What reading the records of a capture has in common: the buffer of the batch, faults, the end. */
export abstract class RecordSource implements PacketSource {
  readonly format: string;
  packets = 0;
  problem: CaptureError | null = null;
  abstract readonly snaplen: number;
  abstract readonly kernelDrops: number | null;
  abstract readonly interfaceDrops: number | null;

  /** Unread bytes are `batch.bytes[at .. end]`. */
  protected at = 0;
  protected end = 0;
  /** Bytes still to be passed over, which may be more than the buffer holds. */
  protected skip = 0;

  readonly #path: string;
  readonly #bytes: ByteStream;
  readonly #compressed: boolean;
  /** Offset in the uncompressed stream of the buffer's first byte. */
  #base = 0;
  #ended = false;
  #held: Held | null = null;
  /** Time of the last packet handed out. */
  #before = Number.NaN;

  constructor(path: string, bytes: ByteStream, format: string, compressed: boolean) {
    this.#path = path;
    this.#bytes = bytes;
    this.#compressed = compressed;
    this.format = format;
  }

  /**
   * Hands out whole records from `at` on until the batch is full, the bytes end or a fault is met. Returns the bytes
   * of the record at `at`, as far as known, and 0 where nothing stands in the way.
   */
  protected abstract parse(batch: PacketBatch): number;

  /** What the record at `at` is called in a message about its truncation. */
  protected abstract readonly record: string;

  /**
   * The last packet of a batch that lies far from the one before it comes with the next batch: whether its time is a mistake
   * is told by the packet behind it (`capture/core/meter/path.ts`).
   */
  async next(batch: PacketBatch): Promise<boolean> {
    const held = this.#held;
    const behind = held ? behindFirst(batch) : batch;
    const goesOn = await this.#read(behind);
    if (held) this.#putFirst(batch, held, behind.count);
    const {count, ts} = batch;
    if (count === 0) return goesOn;
    const [last, before, earlier] = [0, 1, 2].map((n) => ts[count - 1 - n] ?? this.#before);
    // One that is near the last but one tells that the one between them is off.
    const isFar = Math.abs(last - before) > far && !(Math.abs(last - earlier) <= far);
    const isAlone = held !== null && count === 1;
    if (goesOn && !isAlone && isFar && batch.bytes.length >= roomyBytes) {
      this.#holdLast(batch);
      batch.count--;
      if (count === 1) return this.next(batch);
    }
    this.#before = ts[batch.count - 1];
    return true;
  }

  #holdLast({bytes, offset, captured, wire, ts, link, ns, count}: PacketBatch, i = count - 1): void {
    const kept = bytes.slice(offset[i], offset[i] + captured[i]);
    this.#held = {bytes: kept, wire: wire[i], ts: ts[i], link: link[i], ns: ns?.[i] ?? -1};
  }

  /** Puts the packet that waited before the others, of which there are so many; its bytes lie at the buffer's end. */
  #putFirst(batch: PacketBatch, held: Held, others: number): void {
    this.#held = null;
    batch.offset[0] = batch.bytes.length - held.bytes.length;
    batch.bytes.set(held.bytes, batch.offset[0]);
    batch.captured[0] = held.bytes.length;
    batch.wire[0] = held.wire;
    batch.ts[0] = held.ts;
    batch.link[0] = held.link;
    if (batch.ns) batch.ns[0] = held.ns;
    batch.count = others + 1;
  }

  async #read(batch: PacketBatch): Promise<boolean> {
    batch.count = 0;
    while (!this.problem) {
      this.#passOver();
      const needed = this.skip > 0 ? 0 : this.parse(batch);
      this.packets += batch.count;
      if (batch.count > 0) return true;
      if (this.problem) break;
      if (needed > batch.bytes.length)
        this.fault(
          `${this.record} of ${needed.toLocaleString("en")} bytes exceeds the buffer of ${batch.bytes.length.toLocaleString("en")}`
        );
      else if (this.#ended) {
        this.#truncated(needed);
        break;
      } else if (!(await this.#fill(batch.bytes))) return true;
    }
    return false;
  }

  async close(): Promise<void> {
    this.#bytes.close();
  }

  /** Ends reading at a fault of the record at `at` (or of the byte given, counted from `at`). */
  protected fault(message: string, byte = 0, options?: ErrorOptions): void {
    const where = this.#compressed ? `${message} (bytes of the uncompressed stream)` : message;
    this.problem ??= new CaptureError(this.#path, this.#base + this.at + byte, where, options);
  }

  #passOver(): void {
    const n = Math.min(this.skip, this.end - this.at);
    this.at += n;
    this.skip -= n;
  }

  #truncated(needed: number): void {
    const left = this.end - this.at;
    if (this.skip > 0)
      this.fault(`expected ${this.skip.toLocaleString("en")} more bytes of a block, found the end of the file`);
    else if (left > 0)
      this.fault(
        `expected ${this.record} of ${needed.toLocaleString("en")} bytes, found ${left.toLocaleString("en")} before the end of the file`
      );
  }

  /** Reads on; false where a live stream has nothing for now. */
  async #fill(buffer: Uint8Array): Promise<boolean> {
    if (this.at > 0) {
      buffer.copyWithin(0, this.at, this.end);
      this.#base += this.at;
      this.end -= this.at;
      this.at = 0;
    }
    try {
      const length = Math.min(readBytes, buffer.length - this.end - (this.#held?.bytes.length ?? 0));
      const read = this.#bytes.read(buffer, this.end, length);
      const n = typeof read === "number" ? read : await read;
      if (n < 0) return false;
      if (n === 0) this.#ended = true;
      this.end += n;
    } catch (error) {
      this.fault((error as Error).message, this.end - this.at, {cause: error});
    }
    return true;
  }
}

/** The places of a batch but for the first. */
function behindFirst({bytes, offset, captured, wire, ts, link, ns}: PacketBatch): PacketBatch {
  return {
    bytes,
    offset: offset.subarray(1),
    captured: captured.subarray(1),
    wire: wire.subarray(1),
    ts: ts.subarray(1),
    link: link.subarray(1),
    ns: ns?.subarray(1),
    count: 0
  };
}

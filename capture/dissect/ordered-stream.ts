import type {Payload} from "../meter/meter.ts";
import type {Output} from "./protocol.ts";

/** Takes a direction's bytes in order. */
export interface StreamConsumer {
  /** Valid during the call only. */
  bytes(bytes: Uint8Array, start: number, end: number, ts: number): void;
  /** So many bytes were never seen and will not come: lost, or cut off by the snapshot length. */
  gap(missing: number): void;
}

/** Segments and bytes of one direction that wait for an earlier segment. */
const maxWaiting = 16;
const maxWaitingBytes = 32_768;

/** No segments; never written to. */
const none: Segment[] = [];

interface Segment {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Bytes behind them that were not captured. */
  readonly cut: number;
  readonly ts: number;
}

/**
 * Puts the payloads of one direction of a TCP connection in order: repeated bytes are passed over, segments that come
 * early wait, and where too many wait the hole before them is given up.
 */
export class OrderedStream {
  /** Offset of the next byte, modulo 2^32 as sequence numbers are; null until the first payload says it. */
  #next: number | null;
  /** In order of their offsets; made when the first segment comes early, which is seldom. */
  #waiting: Segment[] = none;
  #waitingBytes = 0;

  constructor(next: number | null = 0) {
    this.#next = next;
  }

  push(payload: Payload, to: StreamConsumer, output: Output): void {
    const {bytes, start, end, cut, streamOffset, ts} = payload;
    this.#next ??= streamOffset | 0;
    const ahead = (streamOffset - this.#next) | 0;
    if (ahead > 0) {
      this.#wait(payload, to, output);
      return;
    }
    const fresh = start - ahead;
    if (fresh >= end + cut) return;
    this.#next = (this.#next + end + cut - fresh) | 0;
    if (fresh < end) to.bytes(bytes, fresh, end, ts);
    if (cut > 0) to.gap(Math.min(cut, end + cut - fresh));
    if (this.#waiting.length > 0) this.#drain(to, output);
  }

  /** Lets go of what waits. */
  close(output: Output): void {
    output.budget.release(this.#waitingBytes);
    this.#waiting = none;
    this.#waitingBytes = 0;
  }

  /** As new, for another connection met at its beginning; it has been closed. */
  renew(): void {
    this.#next = 0;
  }

  #wait({bytes, start, end, cut, streamOffset, ts}: Payload, to: StreamConsumer, output: Output): void {
    const length = end - start;
    const fits =
      this.#waiting.length < maxWaiting &&
      this.#waitingBytes + length <= maxWaitingBytes &&
      output.budget.reserve(length);
    if (this.#waiting === none) this.#waiting = [];
    const segment = {offset: streamOffset | 0, bytes: bytes.slice(start, end), cut, ts};
    if (fits) this.#waitingBytes += length;
    else output.counters.givenUp++;
    const at = this.#waiting.findIndex(({offset}) => ((offset - segment.offset) | 0) > 0);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, segment);
    if (fits) return;
    // The hole will not be filled: go on behind it, with everything that waits.
    const held = this.#waitingBytes;
    while (this.#waiting.length > 0) {
      const hole = (this.#waiting[0].offset - this.#next!) | 0;
      if (hole > 0) {
        to.gap(hole);
        this.#next = (this.#next! + hole) | 0;
      }
      this.#deliver(this.#waiting.shift()!, to);
    }
    output.budget.release(held);
    this.#waitingBytes = 0;
  }

  #drain(to: StreamConsumer, output: Output): void {
    while (this.#waiting.length > 0 && ((this.#waiting[0].offset - this.#next!) | 0) <= 0) {
      const segment = this.#waiting.shift()!;
      this.#waitingBytes -= segment.bytes.length;
      output.budget.release(segment.bytes.length);
      this.#deliver(segment, to);
    }
  }

  #deliver({offset, bytes, cut, ts}: Segment, to: StreamConsumer): void {
    const known = (this.#next! - offset) | 0;
    const length = bytes.length + cut;
    if (known >= length) return;
    this.#next = (this.#next! + length - known) | 0;
    if (known < bytes.length) to.bytes(bytes, known, bytes.length, ts);
    if (cut > 0) to.gap(Math.min(cut, length - known));
  }
}

import type {Payload} from "../meter/meter.ts";
import {joined, kept, noBytes} from "./ascii.ts";
import {OrderedStream, type StreamConsumer} from "./ordered-stream.ts";
import type {Output} from "./protocol.ts";

/**
 * Bytes of one direction, whole as far as they came: what a reader cannot use yet is held for the next segment.
 */
export abstract class HeldStream implements StreamConsumer {
  /** Nothing can be read any more: bytes are missing, or too many would have to be held. */
  isLost = false;
  readonly #output: Output;
  readonly #limit: number;
  readonly #stream: OrderedStream;
  #held: Uint8Array = noBytes;

  /** `limit`: bytes held at most. `first`: as `OrderedStream`'s. */
  constructor(output: Output, limit: number, first: number | null = 0) {
    this.#output = output;
    this.#limit = limit;
    this.#stream = new OrderedStream(first);
  }

  /** Reads what it can of the bytes; where it went on to, at most `end`. The rest comes again with what follows it. */
  protected abstract read(bytes: Uint8Array, start: number, end: number, ts: number): number;

  /** What waits for its end. */
  protected get held(): Uint8Array {
    return this.#held;
  }

  push(payload: Payload): void {
    if (!this.isLost) this.#stream.push(payload, this, this.#output);
  }

  bytes(bytes: Uint8Array, start: number, end: number, ts: number): void {
    if (this.isLost) return;
    if (this.#held.length > 0) {
      bytes = joined(this.#held, bytes, start, end);
      start = 0;
      end = bytes.length;
    }
    const at = this.read(bytes, start, end, ts);
    this.#hold(this.isLost ? noBytes : kept(bytes, at, end));
  }

  gap(_missing: number): void {
    this.lose();
  }

  close(): void {
    this.#stream.close(this.#output);
    this.#hold(noBytes);
  }

  protected lose(): void {
    this.isLost = true;
    this.#hold(noBytes);
  }

  #hold(bytes: Uint8Array): void {
    const {budget, counters} = this.#output;
    budget.release(this.#held.length);
    this.#held = noBytes;
    if (bytes.length === 0) return;
    if (bytes.length <= this.#limit && budget.reserve(bytes.length)) this.#held = bytes;
    else {
      this.isLost = true;
      counters.givenUp++;
    }
  }
}

import {isText, joined, kept, noBytes} from "../ascii.ts";
import type {StreamConsumer} from "../ordered-stream.ts";
import type {Output} from "../protocol.ts";
import {type HttpHead, headEnd, httpHead, isRequestLine} from "./http-message.ts";

/** Bytes of a head that are waited for; servers commonly refuse more than 8 to 64 KiB. */
const maxHeadBytes = 65_536;

/** Characters of a chunk's size line. */
const maxSizeLine = 1024;

/** Who is told of messages. */
export interface HeadTaker {
  /** Takes a head; false where no body follows whatever it says. */
  head(head: HttpHead, ts: number): boolean;
}

type State =
  /** A head begins, or goes on. */
  | "head"
  /** `remaining` bytes of a body, or of a chunk with its line end. */
  | "body"
  | "chunk size"
  | "chunk"
  /** The trailer section behind the last chunk. */
  | "trailer"
  /** A body that ends with the connection, or something that is not understood: until a head begins a payload. */
  | "lost";

/** Reads the messages of one direction: heads are handed on, bodies passed over (RFC 9112 §6). */
export class HttpReader implements StreamConsumer {
  #state: State = "head";
  #remaining = 0;
  #held: Uint8Array = noBytes;
  #heldTs = Number.NaN;
  /** Size line of a chunk so far. */
  #line = "";
  readonly #to: HeadTaker;
  readonly #output: Output;

  constructor(to: HeadTaker, output: Output) {
    this.#to = to;
    this.#output = output;
  }

  bytes(bytes: Uint8Array, start: number, end: number, ts: number): void {
    if (this.#state === "lost") {
      if (!isText(bytes, start, end, "HTTP/1.") && !isRequestLine(bytes, start, end)) return;
      this.#state = "head";
    }
    for (let at = start; at < end; ) {
      if (this.#state === "head") at = this.#head(bytes, at, end, ts);
      else if (this.#state === "body" || this.#state === "chunk") at = this.#pass(at, end);
      else if (this.#state === "chunk size" || this.#state === "trailer") at = this.#readLine(bytes, at, end);
      else return;
    }
  }

  gap(missing: number): void {
    if ((this.#state === "body" || this.#state === "chunk") && missing <= this.#remaining) this.#pass(0, missing);
    else {
      this.#giveUpHead();
      this.#state = "lost";
    }
  }

  /** The direction has ended: of a head that has not, what there is is handed on. */
  close(): void {
    this.#giveUpHead();
    this.#output.budget.release(this.#held.length);
    this.#held = noBytes;
    this.#state = "lost";
  }

  /** As new, for the beginning of another connection of the same output; it has been closed. */
  renew(): void {
    this.#state = "head";
    this.#remaining = 0;
    this.#line = "";
  }

  #head(bytes: Uint8Array, start: number, end: number, ts: number): number {
    if (this.#held.length === 0) {
      // RFC 9112 §2.2: empty lines before a request are passed over.
      while (start < end && (bytes[start] === 13 || bytes[start] === 10)) start++;
      if (start === end) return end;
      this.#heldTs = ts;
      const stop = headEnd(bytes, start, end);
      if (stop < 0) {
        this.#hold(kept(bytes, start, end));
        return end;
      }
      this.#finish(bytes, start, stop);
      return stop;
    }
    const before = this.#held.length;
    const both = joined(this.#held, bytes, start, end);
    // The empty line may have begun in what was held.
    const stop = headEnd(both, Math.max(0, before - 3), both.length);
    if (stop < 0) {
      this.#hold(both);
      return end;
    }
    this.#hold(noBytes);
    this.#finish(both, 0, stop);
    return start + stop - before;
  }

  #finish(bytes: Uint8Array, start: number, end: number): void {
    const head = httpHead(bytes, start, end, true);
    if (head === null) {
      this.#state = "lost";
      this.#output.counters.malformed++;
      return;
    }
    const mayHaveBody = this.#to.head(head, this.#heldTs);
    if (!mayHaveBody) this.#state = "head";
    else if (head.isChunked) this.#state = "chunk size";
    else if (head.contentLength === null) this.#state = head.method === null ? "lost" : "head";
    else if (Number.isNaN(head.contentLength)) this.#state = "lost";
    else {
      this.#remaining = head.contentLength;
      this.#state = head.contentLength > 0 ? "body" : "head";
    }
  }

  /** Hands on what is there of a head that will not come to its end. */
  #giveUpHead(): void {
    const held = this.#held;
    this.#hold(noBytes);
    const head = held.length > 0 ? httpHead(held, 0, held.length, false) : null;
    if (head !== null) this.#to.head(head, this.#heldTs);
  }

  #pass(at: number, end: number): number {
    const n = Math.min(this.#remaining, end - at);
    this.#remaining -= n;
    if (this.#remaining === 0) this.#state = this.#state === "body" ? "head" : "chunk size";
    return at + n;
  }

  /** A chunk's size (RFC 9112 §7.1) or a line of the trailer section, which an empty one ends. */
  #readLine(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && bytes[at] !== 10 && this.#line.length < maxSizeLine)
      this.#line += String.fromCharCode(bytes[at++]);
    if (this.#line.length >= maxSizeLine) {
      this.#line = "";
      this.#state = "lost";
      return end;
    }
    if (at === end) return end;
    const line = this.#line.trim();
    this.#line = "";
    if (this.#state === "trailer") {
      if (line === "") this.#state = "head";
      return at + 1;
    }
    const [digits] = line.split(";");
    if (!/^[0-9a-fA-F]{1,13}\s*$/.test(digits)) {
      this.#state = "lost";
      this.#output.counters.malformed++;
      return end;
    }
    const size = Number.parseInt(digits, 16);
    // A chunk's data end with a line end.
    this.#remaining = size + 2;
    this.#state = size === 0 ? "trailer" : "chunk";
    return at + 1;
  }

  #hold(bytes: Uint8Array): void {
    const {budget, counters} = this.#output;
    budget.release(this.#held.length);
    const fits = bytes.length <= maxHeadBytes && budget.reserve(bytes.length);
    this.#held = fits ? bytes : noBytes;
    if (fits) return;
    this.#state = "lost";
    counters.givenUp++;
  }
}

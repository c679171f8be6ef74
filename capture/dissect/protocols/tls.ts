import type {Payload} from "../../meter/meter.ts";
import {joined, kept, noBytes, uint16} from "../ascii.ts";
import {OrderedStream, type StreamConsumer} from "../ordered-stream.ts";
import {type DissectedFlow, type Parser, type Protocol, transport} from "../protocol.ts";
import {type ServerHello, serverHello} from "./client-hello.ts";
import {type Offer, offerOf, writeHello} from "./hello-row.ts";

/** RFC 8446 §5.1, with the 2,048 bytes that older versions allow on top. */
const maxRecordBytes = 16_384 + 2_048;

/** Bytes of a direction within which its hello is looked for. */
const maxHelloBytes = 65_536;

/** Payloads within which both hellos are looked for. */
const maxPayloads = 64;

const content = {handshake: 22} as const;
const handshake = {clientHello: 1, serverHello: 2} as const;

/**
 * TLS by its record header: a handshake, or another record where the capture began in the middle. `begin(null)` reads
 * a session that starts anywhere within a connection.
 */
export const tls = {
  name: "tls",
  transports: [transport.tcp],
  firstByte: (byte) => byte >= 20 && byte <= 23,
  recognise({bytes, start, end}) {
    if (end - start < 6 || bytes[start + 1] !== 3 || bytes[start + 2] > 4) return false;
    const length = uint16(bytes, start + 3);
    if (length === 0 || length > maxRecordBytes) return false;
    if (bytes[start] === content.handshake)
      return [0, 1, 2, 4, 11, 12, 13, 14, 16, 20, 22].includes(bytes[start + 5]) || length >= 40;
    // What else a connection may be met in the middle of: the record's length must fit the payload.
    const next = start + 5 + length;
    return next >= end || (bytes[next] >= 20 && bytes[next] <= 23 && (next + 1 >= end || bytes[next + 1] === 3));
  },
  begin: (from: number | null = 0) => new TlsParser(from)
} satisfies Protocol & {begin(from?: number | null): Parser};

class TlsParser implements Parser {
  /** Made when their first payload comes: many flows have one side only. */
  readonly #sides: [HelloReader | null, HelloReader | null] = [null, null];
  #from: number | null;
  /** A ClientHello that awaits the ServerHello. */
  #offer: Offer | null = null;
  isDone = false;
  #payloads = 0;

  constructor(from: number | null) {
    this.#from = from;
  }

  take(payload: Payload, flow: DissectedFlow): boolean {
    const side = (this.#sides[payload.direction] ??= new HelloReader(this, this.#from));
    side.push(payload, flow);
    // A server's hello without the client's, which was not captured: nothing to tell.
    const isOver =
      this.isDone || ++this.#payloads >= maxPayloads || (this.#sides[0]?.isClosed && this.#sides[1]?.isClosed);
    if (isOver) this.end(flow);
    return !isOver;
  }

  end(flow: DissectedFlow): void {
    this.#write(null, flow);
    this.isDone = true;
    for (const side of this.#sides) side?.close(flow);
  }

  renew(): void {
    this.#from = 0;
    this.isDone = false;
    this.#payloads = 0;
    for (const side of this.#sides) side?.renew();
  }

  /** A ClientHello was found; what is behind the last one is passed over. */
  client(offer: Offer, flow: DissectedFlow): void {
    this.#write(null, flow);
    this.#offer = offer;
  }

  server(hello: ServerHello, flow: DissectedFlow): void {
    if (!this.#offer) return;
    this.#write(hello, flow);
    if (!hello.isRetry) this.isDone = true;
  }

  #write(server: ServerHello | null, flow: DissectedFlow): void {
    if (this.#offer) writeHello(this.#offer, server, flow);
    this.#offer = null;
  }
}

/** Finds the hello at the beginning of one direction, over as many records and segments as it takes. */
class HelloReader implements StreamConsumer {
  /** True once nothing more is looked for in this direction. */
  isClosed = false;
  readonly #to: TlsParser;
  readonly #stream: OrderedStream;
  #flow: DissectedFlow | null = null;
  /** Records' bytes from the first not yet read one on, and their time. */
  #held: Uint8Array = noBytes;
  #heldTs = Number.NaN;

  constructor(to: TlsParser, from: number | null) {
    this.#to = to;
    this.#stream = new OrderedStream(from);
  }

  /** As new, for the beginning of another connection; it has been closed. */
  renew(): void {
    this.isClosed = false;
    this.#flow = null;
    this.#stream.renew();
  }

  push(payload: Payload, flow: DissectedFlow): void {
    if (this.isClosed) return;
    this.#flow = flow;
    this.#stream.push(payload, this, flow.output);
  }

  bytes(bytes: Uint8Array, start: number, end: number, ts: number): void {
    if (this.isClosed) return;
    const isFresh = this.#held.length === 0;
    if (isFresh) this.#heldTs = ts;
    else {
      bytes = joined(this.#held, bytes, start, end);
      start = 0;
      end = bytes.length;
    }
    const rest = this.#read(bytes, start, end);
    this.#hold(this.#to.isDone ? noBytes : kept(bytes, rest, end));
  }

  gap(): void {
    this.isClosed = true;
    this.#hold(noBytes);
  }

  close({output}: DissectedFlow): void {
    this.isClosed = true;
    this.#stream.close(output);
    output.budget.release(this.#held.length);
    this.#held = noBytes;
  }

  /** Where the bytes that still wait for more begin. */
  #read(bytes: Uint8Array, start: number, end: number): number {
    while (!this.isClosed && start + 5 <= end) {
      const length = uint16(bytes, start + 3);
      if (bytes[start + 1] !== 3 || bytes[start] < 20 || bytes[start] > 24 || length > maxRecordBytes) {
        this.isClosed = true;
        return end;
      }
      if (bytes[start] !== content.handshake) {
        // ChangeCipherSpec may stand between two ClientHellos; alerts and data end the search.
        if (bytes[start] !== 20) {
          this.isClosed = true;
          return end;
        }
        if (start + 5 + length > end) return start;
        start += 5 + length;
        continue;
      }
      const message = handshakeMessage(bytes, start, end);
      if (message === null) return start;
      start = message.next;
      this.#take(message.bytes, message.start, message.end);
    }
    return this.isClosed ? end : start;
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    const type = bytes[start];
    const ts = this.#heldTs;
    const flow = this.#flow!;
    // What follows the hello that the search ends with is not read.
    if (this.#to.isDone) {
      this.isClosed = true;
      return;
    }
    const offer = type === handshake.clientHello ? offerOf(bytes, start + 4, end, "t", ts, flow) : null;
    const hello = type === handshake.serverHello ? serverHello(bytes, start + 4, end) : null;
    if (offer) this.#to.client(offer, flow);
    else if (hello) this.#to.server(hello, flow);
    else {
      this.isClosed = true;
      if (type === handshake.clientHello || type === handshake.serverHello) flow.output.counters.malformed++;
    }
  }

  #hold(bytes: Uint8Array): void {
    const {budget, counters} = this.#flow!.output;
    budget.release(this.#held.length);
    const fits = bytes.length <= maxHelloBytes && budget.reserve(bytes.length);
    this.#held = fits ? bytes : noBytes;
    if (fits) return;
    this.isClosed = true;
    counters.givenUp++;
  }
}

interface Message {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where the record after the message's last one begins. */
  readonly next: number;
}

/** The handshake message that begins in the record at `at`, its records' headers taken out; null where it goes on. */
function handshakeMessage(bytes: Uint8Array, at: number, end: number): Message | null {
  const first = at + 5;
  const firstLength = uint16(bytes, at + 3);
  if (first + 4 > end) return null;
  if (firstLength >= 4) {
    const length = 4 + uint24(bytes, first + 1);
    // Nearly always the whole message is in one record.
    if (length <= firstLength)
      return first + length <= end
        ? {bytes, start: first, end: first + length, next: Math.min(end, first + firstLength)}
        : null;
  }
  const parts: Uint8Array[] = [];
  let total = 0;
  while (at + 5 <= end && bytes[at] === content.handshake) {
    const length = uint16(bytes, at + 3);
    if (length === 0 || at + 5 + length > end) return null;
    parts.push(bytes.subarray(at + 5, at + 5 + length));
    total += length;
    at += 5 + length;
    if (total < 4) continue;
    const message = Buffer.concat(parts);
    const needed = 4 + uint24(message, 1);
    if (total >= needed) return {bytes: message, start: 0, end: needed, next: at};
  }
  return null;
}

const uint24 = (bytes: Uint8Array, at: number) => (bytes[at] << 16) | uint16(bytes, at + 1);

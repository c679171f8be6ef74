import type {Payload} from "../../meter/meter.ts";
import {joined, kept, noBytes, uint16} from "../ascii.ts";
import {OrderedStream, type StreamConsumer} from "../ordered-stream.ts";
import {type DissectedFlow, type Parser, type Protocol, transport} from "../protocol.ts";
import {type DnsMessage, dnsMessage, isDnsMessage} from "./dns-message.ts";
import {dnsTypeName} from "./dns-names.ts";

const port = {dns: 53, mdns: 5353, llmnr: 5355} as const;

/** Queries of one flow that wait for their answer; beyond, the oldest is written without one. */
const maxPending = 32;

/** Longest message over TCP that is put together; the length field allows 65,535. */
const maxMessageBytes = 65_537;

const has = ({srcPort, dstPort}: Payload, number: number) => srcPort === number || dstPort === number;

/** DNS over UDP and TCP (RFC 1035), Multicast DNS (`mdns`, RFC 6762) and LLMNR (`llmnr`, RFC 4795). */
export const dns: Protocol = {
  name: "dns",
  transports: [transport.udp, transport.tcp],
  recognise(payload) {
    const {bytes, start, end, proto} = payload;
    const isDnsPort = has(payload, port.dns) || has(payload, port.mdns) || has(payload, port.llmnr);
    if (proto === transport.udp) return isDnsMessage(bytes, start, end, isDnsPort);
    // Over TCP a length comes first; the message may go on in the next segment.
    const length = end - start > 2 ? uint16(bytes, start) : 0;
    return length >= 17 && isDnsMessage(bytes, start + 2, Math.min(end, start + 2 + length), isDnsPort);
  },
  begin: () => new DnsParser()
};

interface Query {
  readonly message: DnsMessage;
  readonly ts: number;
  readonly side: 0 | 1;
}

class DnsParser implements Parser {
  #pending: Query[] = [];
  #streams: [MessageStream, MessageStream] | null = null;

  take(payload: Payload, flow: DissectedFlow): boolean {
    const {bytes, start, end, proto, direction, ts} = payload;
    if (proto === transport.udp) {
      if (has(payload, port.mdns)) flow.service = "mdns";
      else if (has(payload, port.llmnr)) flow.service = "llmnr";
      this.message(dnsMessage(bytes, start, end), ts, direction, flow);
      return true;
    }
    this.#streams ??= [new MessageStream(this, flow, 0), new MessageStream(this, flow, 1)];
    this.#streams[direction].push(payload);
    return !this.#streams[0].isLost || !this.#streams[1].isLost;
  }

  message(message: DnsMessage | null, ts: number, side: 0 | 1, flow: DissectedFlow): void {
    if (message === null || message.isMalformed) flow.output.counters.malformed++;
    if (message === null) return;
    if (message.isResponse) this.#answer(message, ts, side, flow);
    else if (flow.service === "dns") {
      this.#pending.push({message, ts, side});
      if (this.#pending.length > maxPending) write(this.#pending.shift()!, null, 0, flow);
    }
    // Answers to multicast queries come in other flows, if at all.
    else write({message, ts, side}, null, 0, flow);
  }

  #answer(message: DnsMessage, ts: number, side: 0 | 1, flow: DissectedFlow): void {
    // As Zeek: the oldest open query of that id.
    const found = this.#pending.findIndex((query) => query.message.id === message.id && query.side !== side);
    if (found < 0) write({message, ts, side: side === 0 ? 1 : 0}, message, Number.NaN, flow);
    else {
      const [query] = this.#pending.splice(found, 1);
      write(query, message, ts - query.ts, flow);
    }
  }

  end(flow: DissectedFlow): void {
    for (const query of this.#pending) write(query, null, 0, flow);
    this.#pending = [];
    for (const stream of this.#streams ?? []) stream.close();
  }
}

function write(
  {message, ts, side}: Query,
  answer: DnsMessage | null,
  rtt: number,
  {slot, flowHi, flowLo, output}: DissectedFlow
): void {
  output.dns.add(flowHi, flowLo, ts, [
    output.address(slot, side),
    output.address(slot, side === 0 ? 1 : 0),
    message.id,
    message.query,
    message.qtype,
    message.qtype === null ? null : dnsTypeName(message.qtype),
    answer === null ? null : answer.rcode,
    answer === null ? null : JSON.stringify(answer.answers),
    answer === null ? null : rtt
  ]);
}

/** One direction of DNS over TCP: messages with their length before them (RFC 1035 §4.2.2). */
class MessageStream implements StreamConsumer {
  isLost = false;
  readonly #parser: DnsParser;
  readonly #flow: DissectedFlow;
  readonly #side: 0 | 1;
  readonly #stream = new OrderedStream();
  /** A message that is not whole yet, its length before it. */
  #held: Uint8Array = noBytes;

  constructor(parser: DnsParser, flow: DissectedFlow, side: 0 | 1) {
    this.#parser = parser;
    this.#flow = flow;
    this.#side = side;
  }

  push(payload: Payload): void {
    if (!this.isLost) this.#stream.push(payload, this, this.#flow.output);
  }

  bytes(bytes: Uint8Array, start: number, end: number, ts: number): void {
    if (this.isLost) return;
    if (this.#held.length > 0) {
      bytes = joined(this.#held, bytes, start, end);
      start = 0;
      end = bytes.length;
    }
    while (end - start >= 2 && end - start >= 2 + uint16(bytes, start)) {
      const last = start + 2 + uint16(bytes, start);
      this.#parser.message(dnsMessage(bytes, start + 2, last), ts, this.#side, this.#flow);
      start = last;
    }
    this.#hold(kept(bytes, start, end));
  }

  gap(): void {
    this.isLost = true;
    this.#hold(noBytes);
  }

  close(): void {
    this.#stream.close(this.#flow.output);
    this.#hold(noBytes);
  }

  #hold(bytes: Uint8Array): void {
    const {budget, counters} = this.#flow.output;
    budget.release(this.#held.length);
    const fits = bytes.length <= maxMessageBytes && budget.reserve(bytes.length);
    this.#held = fits ? bytes : noBytes;
    if (fits) return;
    this.isLost = true;
    counters.givenUp++;
  }
}

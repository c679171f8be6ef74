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

/** Places in the list of columns of `dns`. */
const column = {
  client: 3,
  server: 4,
  id: 5,
  query: 6,
  qtype: 7,
  qtypeName: 8,
  rcode: 9,
  answers: 10,
  rtt: 11
} as const;

/** A query that may await its answer; the object is used again. */
interface Query {
  id: number;
  message: DnsMessage;
  ts: number;
  side: 0 | 1;
}

class DnsParser implements Parser {
  /** The first `#open` await their answers, oldest first; the others are used for the next ones. */
  readonly #pending: Query[] = [];
  #open = 0;
  #streams: [MessageStream, MessageStream] | null = null;

  take(payload: Payload, flow: DissectedFlow): boolean {
    const {bytes, start, end, proto, direction, ts} = payload;
    if (proto === transport.udp) {
      if (has(payload, port.mdns)) flow.service = "mdns";
      else if (has(payload, port.llmnr)) flow.service = "llmnr";
      this.message(bytes, start, end, ts, direction, flow);
      return true;
    }
    this.#streams ??= [new MessageStream(this, flow, 0), new MessageStream(this, flow, 1)];
    this.#streams[direction].push(payload);
    return !this.#streams[0].isLost || !this.#streams[1].isLost;
  }

  message(bytes: Uint8Array, start: number, end: number, ts: number, side: 0 | 1, flow: DissectedFlow): void {
    const message = dnsMessage(bytes, start, end);
    if (message === null || message.isMalformed) flow.output.counters.malformed++;
    if (message === null) return;
    const id = uint16(bytes, start);
    if (message.isResponse) this.#answer(id, message, ts, side, flow);
    else if (flow.service === "dns") this.#ask(id, message, ts, side, flow);
    // Answers to multicast queries come in other flows, if at all.
    else write(id, message, ts, side, null, 0, flow);
  }

  #ask(id: number, message: DnsMessage, ts: number, side: 0 | 1, flow: DissectedFlow): void {
    if (this.#open === maxPending) writeQuery(this.#close(0), null, 0, flow);
    if (this.#open === this.#pending.length) this.#pending.push({id, message, ts, side});
    else {
      const query = this.#pending[this.#open];
      query.id = id;
      query.message = message;
      query.ts = ts;
      query.side = side;
    }
    this.#open++;
  }

  #answer(id: number, message: DnsMessage, ts: number, side: 0 | 1, flow: DissectedFlow): void {
    for (let i = 0; i < this.#open; i++) {
      const query = this.#pending[i];
      // As Zeek: the oldest open query of that id.
      if (query.id !== id || query.side === side) continue;
      this.#close(i);
      writeQuery(query, message, ts - query.ts, flow);
      return;
    }
    write(id, message, ts, side === 0 ? 1 : 0, message, Number.NaN, flow);
  }

  /** Takes a query from those that await their answer; it is valid until the next one comes. */
  #close(index: number): Query {
    const pending = this.#pending;
    const query = pending[index];
    this.#open--;
    for (let i = index; i < this.#open; i++) pending[i] = pending[i + 1];
    pending[this.#open] = query;
    return query;
  }

  end(flow: DissectedFlow): void {
    for (let i = 0; i < this.#open; i++) writeQuery(this.#pending[i], null, 0, flow);
    this.#open = 0;
    if (this.#streams === null) return;
    for (const stream of this.#streams) stream.close();
  }

  renew(): void {
    this.#streams = null;
  }
}

function writeQuery({id, message, ts, side}: Query, answer: DnsMessage | null, rtt: number, flow: DissectedFlow): void {
  write(id, message, ts, side, answer, rtt, flow);
}

/** Writes the row of a query that `side` asked, its answer null where none was seen. */
function write(
  id: number,
  {query, qtype}: DnsMessage,
  ts: number,
  side: 0 | 1,
  answer: DnsMessage | null,
  rtt: number,
  {slot, flowHi, flowLo, service, output}: DissectedFlow
): void {
  const client = output.address(slot, side);
  if (answer !== null && query !== null && answer.addresses.length > 0 && service === "dns")
    output.names.note(client, query.value, answer.addresses, rtt > 0 ? ts + rtt : ts, answer.addressTtl);
  const rows = output.dns;
  const row = rows.add(flowHi, flowLo, ts);
  if (row < 0) return;
  rows.address(row, column.client, client);
  rows.address(row, column.server, output.address(slot, side === 0 ? 1 : 0));
  rows.number(row, column.id, id);
  rows.codedText(row, column.query, query);
  rows.number(row, column.qtype, qtype);
  rows.text(row, column.qtypeName, qtype === null ? null : dnsTypeName(qtype));
  rows.number(row, column.rcode, answer === null ? null : answer.rcode);
  rows.codedText(row, column.answers, answer === null ? null : answer.answers);
  rows.number(row, column.rtt, answer === null ? null : rtt);
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
      this.#parser.message(bytes, start + 2, last, ts, this.#side, this.#flow);
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

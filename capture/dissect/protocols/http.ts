import type {Payload} from "../../meter/meter.ts";
import {OrderedStream} from "../ordered-stream.ts";
import {type DissectedFlow, type Output, type Parser, type Protocol, transport} from "../protocol.ts";
import {type HttpHead, isRequestLine, isStatusLine} from "./http-message.ts";
import {type HeadTaker, HttpReader} from "./http-reader.ts";

/** Requests of one connection that wait for their response; beyond, the oldest is written without one. */
const maxPending = 32;

/** Payloads of one connection that are read, bodies and all: about 30 MB, or some ten thousand requests. */
const maxPayloads = 20_000;

/** HTTP/1 (RFC 9112), requests and responses matched in order; what a CONNECT opens is read on as TLS. */
export const http: Protocol = {
  name: "http",
  transports: [transport.tcp],
  firstByte: (byte) => byte >= 0x41 && byte <= 0x5a,
  recognise: ({bytes, start, end}) => isStatusLine(bytes, start, end) || isRequestLine(bytes, start, end),
  begin: () => new HttpParser()
};

/** Places in the list of columns of `http`. */
const column = {method: 3, host: 4, uri: 5, userAgent: 6, status: 7, contentType: 8, server: 9} as const;

interface Request {
  readonly head: HttpHead;
  readonly ts: number;
}

/** One direction of a connection. */
class Side {
  readonly stream = new OrderedStream();
  readonly reader: HttpReader;

  constructor(to: HeadTaker, output: Output) {
    this.reader = new HttpReader(to, output);
  }

  renew(): void {
    this.stream.renew();
    this.reader.renew();
  }
}

class HttpParser implements Parser, HeadTaker {
  isTunnel = false;
  #pending: Request[] = [];
  #isUpgraded = false;
  #payloads = 0;
  #flow: DissectedFlow | null = null;
  /** Made when their first payload comes. */
  readonly #sides: [Side | null, Side | null] = [null, null];

  take(payload: Payload, flow: DissectedFlow): boolean {
    this.#flow = flow;
    const side = (this.#sides[payload.direction] ??= new Side(this, flow.output));
    side.stream.push(payload, side.reader, flow.output);
    if (this.#isUpgraded || this.isTunnel) return false;
    if (++this.#payloads < maxPayloads) return true;
    flow.output.counters.givenUp++;
    return false;
  }

  end(flow: DissectedFlow): void {
    this.#flow = flow;
    for (const side of this.#sides) {
      side?.stream.close(flow.output);
      side?.reader.close();
    }
    for (const request of this.#pending) write(request, null, Number.NaN, flow);
    if (this.#pending.length > 0) this.#pending = [];
  }

  renew(): void {
    this.isTunnel = false;
    this.#isUpgraded = false;
    this.#payloads = 0;
    this.#flow = null;
    for (const side of this.#sides) side?.renew();
  }

  head(head: HttpHead, ts: number): boolean {
    const flow = this.#flow!;
    if (head.method !== null) {
      flow.serverName ??= head.host === null ? null : hostName(head.host);
      this.#pending.push({head, ts});
      if (this.#pending.length > maxPending) write(this.#pending.shift()!, null, ts, flow);
      return true;
    }
    const status = head.status ?? 0;
    // Interim responses come before the real one; 101 is the last word of HTTP.
    if (status >= 100 && status < 200 && status !== 101) return false;
    const request = this.#pending.shift() ?? null;
    write(request, head, ts, flow);
    this.#isUpgraded = status === 101;
    this.isTunnel = request?.head.method === "CONNECT" && status >= 200 && status < 300;
    return !(request?.head.method === "HEAD" || status === 204 || status === 304 || this.#isUpgraded || this.isTunnel);
  }
}

function write(
  request: Request | null,
  response: HttpHead | null,
  ts: number,
  {flowHi, flowLo, output}: DissectedFlow
): void {
  const {http: rows} = output;
  const row = rows.add(flowHi, flowLo, request?.ts ?? ts);
  if (row < 0) return;
  rows.text(row, column.method, request === null ? null : request.head.method);
  rows.text(row, column.host, request === null ? null : request.head.host);
  rows.text(row, column.uri, request === null ? null : request.head.uri);
  rows.text(row, column.userAgent, request === null ? null : request.head.userAgent);
  rows.number(row, column.status, response === null ? null : response.status);
  rows.text(row, column.contentType, response === null ? null : response.contentType);
  rows.text(row, column.server, response === null ? null : response.server);
}

/** A Host header without its port; null where it is empty. */
const hostName = (host: string) => host.replace(/:\d+$/, "") || null;

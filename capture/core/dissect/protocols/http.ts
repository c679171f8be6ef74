import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countGivenUp} from "../streams/held";
import {flowIdOf, HTTP2, nameInside, Reading} from "../streams/reading";
import {openBody} from "../parsers/http/http-body";
import {BY_HTTP, closeTransfer} from "../parsers/files/transfer";
import {openKnownTunnel, openTunnel} from "../parsers/tunnel";
import {costOf, FULL_COST, openStream, passAllHoles, passHoles, push} from "../streams/stream";
import {isText} from "../text";
import {makeRequest, nameHost, Request, textsOf, writeExchange} from "../parsers/http/http-exchange";
import {headRead, HttpHead} from "../parsers/http/http-message";
import {closeHttpNtlm, takeHttpNtlm} from "../parsers/http/http-ntlm";
import {closeReader, readBytes, Reader, readGap} from "../parsers/http/http-reader";
import {isStatusLine, requestMethodEnd} from "../parsers/http/http-start-line";
import {adoptRequest, beginHttp2, endHttp2} from "./http2";

/** HTTP/1 (RFC 9112), requests and responses matched in order; what a CONNECT opens is read on as TLS. */

/** Requests of one connection that wait for their response; beyond, the oldest is written without one. */
const MAX_PENDING: u8 = 32;

/** Of one connection 20,000 full payloads are read, bodies and all: about 30 MB, or more than ten thousand requests. */
const MAX_COST: u32 = 20_000 * FULL_COST;

/** A connection; the `Reader`s of its two directions follow it. */
@unmanaged
class Connection {
  /** What was read so far. */
  cost: u32 = 0;
  pending: u8 = 0;
  isTunnel: u8 = 0;
  isUpgraded: u8 = 0;
  reserved: u8 = 0;
  /** The oldest and the newest request that wait for their response. */
  oldest: u32 = 0;
  newest: u32 = 0;
  /** What is known of its authentication by NTLM; 0 without. */
  ntlm: u32 = 0;
  /** The connection of HTTP/2 that it turns into; 0 without. */
  http2: u32 = 0;
}

const CONNECTION_BYTES: usize = offsetof<Connection>() + 2 * offsetof<Reader>();

/** What is read just now. */
let connection: Connection = changetype<Connection>(0);
let reading: Reading = changetype<Reading>(0);
let event: Event = changetype<Event>(0);

/** Methods and `HTTP` are in upper case. */
export function beginsHttp(byte: u8): bool {
  return byte >= 0x41 && byte <= 0x5a;
}

/** HTTP/1 (RFC 9112) by its first line. A method alone may be another protocol's (RTSP, ICAP). */
export function recogniseHttp(event: Event, start: usize, end: usize): bool {
  if (isStatusLine(start, end)) return true;
  const method = requestMethodEnd(start, end);
  return method !== 0 && (method + 1 < end || event.cut > 0);
}

/** State of a connection; 0 where memory is out. */
export function beginHttp(): usize {
  const state = allocate(CONNECTION_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, CONNECTION_BYTES);
  openStream(readerOf(state, 0), true);
  openStream(readerOf(state, 1), true);
  readerOf(state, 1).direction = 1;
  return state;
}

/** Takes the next payload of the connection; false: no more wanted. */
export function takeHttp(state: usize, flow: Reading, payload: Event, start: usize, end: usize): bool {
  enter(state, flow, payload);
  const other = readerOf(state, 1 - payload.direction);
  if (other.first !== 0) passHoles(other, payload.acknowledged, changetype<usize>(other), readBytes, readGap);
  const reader = readerOf(state, payload.direction);
  push(reader, start, end, payload.cut, payload.streamOffset, payload.time, changetype<usize>(reader), readBytes, readGap);
  const own = changetype<Connection>(state);
  if (own.isUpgraded !== 0 || own.isTunnel !== 0) return false;
  own.cost += costOf(start, end);
  if (own.cost < MAX_COST) return true;
  countGivenUp();
  return false;
}

/** A body has ended. */
export function endBody(file: usize, whole: i32): void {
  closeTransfer(file, flowIdOf(event), BY_HTTP, whole);
}

/** Whether the connection goes on as another protocol's. */
export function isOver(): bool {
  return connection.isUpgraded !== 0 || connection.isTunnel !== 0;
}

/** What follows within the same connection behind CONNECT, or its turn to HTTP/2; 0 where nothing does. */
export function httpTunnel(state: usize): usize {
  const own = changetype<Connection>(state);
  if (own.isTunnel === 0 && own.http2 === 0) return 0;
  if (own.http2 === 0) return openTunnel(readerOf(state, 0).messageEnd, readerOf(state, 1).messageEnd);
  const tunnel = openKnownTunnel(readerOf(state, 0).messageEnd, readerOf(state, 1).messageEnd, HTTP2, own.http2);
  if (tunnel !== 0) own.http2 = 0;
  return tunnel;
}

/** The connection has ended: what is still open is written, and its state freed. */
export function endHttp(state: usize, flow: Reading, end: Event): void {
  enter(state, flow, end);
  for (let i = 0; i < 2; i++) {
    const reader = readerOf(state, i);
    passAllHoles(reader, changetype<usize>(reader), readBytes, readGap);
  }
  closeReader(readerOf(state, 0));
  closeReader(readerOf(state, 1));
  while (connection.oldest !== 0) writeUnanswered();
  closeHttpNtlm(connection.ntlm, flowIdOf(end));
  if (connection.http2 !== 0) endHttp2(connection.http2, flow, end);
  release(state, CONNECTION_BYTES);
}

function enter(state: usize, flow: Reading, by: Event): void {
  connection = changetype<Connection>(state);
  reading = flow;
  event = by;
}

// @ts-ignore: decorator
@inline
function readerOf(state: usize, direction: i32): Reader {
  return changetype<Reader>(state + offsetof<Connection>() + <usize>direction * offsetof<Reader>());
}

/**
 * Takes the head last read (`headRead`), which began at `ts`; false where no body follows whatever it says. `isAfterHole`:
 * messages of its direction may be missing before it, so that a response need not be the oldest request's.
 */
export function takeHead(reader: Reader, ts: f64, isAfterHole: bool): bool {
  const head = headRead();
  if (connection.ntlm !== 0 || head.authorization !== 0 || head.proxyAuthorization !== 0)
    connection.ntlm = <u32>takeHttpNtlm(connection.ntlm, head, ts, flowIdOf(event));
  if (head.isRequest !== 0) {
    const made = takeRequest(reader, head, ts);
    if (head.hasLength !== 0 || head.isChunked !== 0) reader.file = <u32>openBody(head, made, ts, <u8>reader.direction);
    return true;
  }
  const status = head.status;
  // Interim responses come before the real one; 101 is the last word of HTTP.
  if (status >= 100 && status < 200 && status !== 101) return false;
  if (isAfterHole) passUnanswered(reader);
  const request = shift();
  if (head.isHttp2 !== 0 && status === 101 && turnToHttp2(request)) return false;
  write(request, head, ts);
  const file = openBody(head, request, ts, <u8>reader.direction);
  let isHead = false;
  let isConnect = false;
  if (request !== 0) {
    const at = textsOf(changetype<Request>(request));
    const methodEnd = at + changetype<Request>(request).method;
    isHead = methodEnd === at + 4 && isText(at, methodEnd, "HEAD");
    isConnect = methodEnd === at + 7 && isText(at, methodEnd, "CONNECT");
    release(request, changetype<Request>(request).bytes);
  }
  connection.isUpgraded = u8(status === 101);
  connection.isTunnel = u8(isConnect && status >= 200 && status < 300);
  reader.file = <u32>file;
  return !(isHead || status === 204 || status === 304 || isOver());
}

/** The request's response comes by HTTP/2, as that of stream 1; false where memory is out. */
function turnToHttp2(request: usize): bool {
  const state = beginHttp2();
  if (state === 0) return false;
  if (request !== 0) adoptRequest(state, request, event);
  connection.http2 = <u32>state;
  connection.isUpgraded = 1;
  nameInside(reading, HTTP2 + 1);
  return true;
}

/** The request, as long as the next one is not made. */
function takeRequest(reader: Reader, head: HttpHead, ts: f64): usize {
  const made = makeRequest(head, ts);
  made.seen = seenBy(reader);
  if (reading.serverName === 0) nameHost(reading, made);
  const request = allocate(made.bytes);
  if (request === 0) {
    countGivenUp();
    write(changetype<usize>(made), null, ts);
    return changetype<usize>(made);
  }
  memory.copy(request, changetype<usize>(made), made.bytes);
  if (connection.oldest === 0) connection.oldest = <u32>request;
  else changetype<Request>(<usize>connection.newest).next = <u32>request;
  connection.newest = <u32>request;
  if (++connection.pending > MAX_PENDING) writeUnanswered();
  return changetype<usize>(made);
}

/** How much of the other direction the sender of what is read now had: as it says, or as far as that was read. */
function seenBy(reader: Reader): i32 {
  if (event.acknowledged !== 0 && reader === readerOf(changetype<usize>(connection), event.direction)) return event.acknowledged;
  const first = readerOf(changetype<usize>(connection), 0);
  return reader === first ? readerOf(changetype<usize>(connection), 1).next : first.next;
}

/**
 * Responses were lost before the one now read: it is not of a request after which its client had seen some of what came
 * before it and asked anew. Of requests sent at once the one whose response is missing is taken for the oldest.
 */
function passUnanswered(reader: Reader): void {
  let isPassed = false;
  while (connection.pending > 1) {
    const oldest = changetype<Request>(<usize>connection.oldest);
    const next = changetype<Request>(<usize>oldest.next);
    if (next.seen - oldest.seen <= 0 || next.seen - reader.next >= 0) break;
    writeUnanswered();
    isPassed = true;
  }
  if (!isPassed && reader.hasLostHead !== 0 && connection.pending > 1) writeUnanswered();
}

function write(request: usize, response: HttpHead | null, ts: f64): void {
  writeExchange(flowIdOf(event), request, response, ts);
}

/** The oldest request, which is the caller's now; 0 where none waits. */
function shift(): usize {
  const request = <usize>connection.oldest;
  if (request === 0) return 0;
  connection.oldest = changetype<Request>(request).next;
  connection.pending--;
  return request;
}

function writeUnanswered(): void {
  const request = shift();
  write(request, null, NaN);
  release(request, changetype<Request>(request).bytes);
}

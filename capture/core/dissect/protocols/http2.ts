import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {addContent, missContent, PARTLY, WHOLE} from "../parsers/files/transfer";
import {openBody} from "../parsers/http/http-body";
import {makeRequest, nameHost, Request, writeExchange} from "../parsers/http/http-exchange";
import {HttpHead, headRead} from "../parsers/http/http-message";
import {addExchange, endExchange, endFile, Exchange, Exchanges, fileOf, findExchange, missFiles, setFile} from "../parsers/http2/exchanges";
import {CONTINUATION, DATA, END_HEADERS, END_STREAM, findFrame, FRAME_HEAD, frameLength, frameStream, GOAWAY, HEADERS, isFrame, isPreface, isServerPreface, PADDED, PREFACE_BYTES, PRIORITY, PUSH_PROMISE, RST_STREAM} from "../parsers/http2/frames";
import {hasUnknown, MAX_BLOCK, readBlock} from "../parsers/http2/header-block";
import {beginHead, isRequestHead, isResponseHead, takeField} from "../parsers/http2/http2-head";
import {addFragment, closeHttp2Side, dropBlock, Http2Side, loseTable, openHttp2Side} from "../parsers/http2/http2-side";
import {countGivenUp, countMalformed} from "../streams/held";
import {loseBytes} from "../streams/held-stream";
import {takeMessageBytes} from "../streams/messages";
import {flowIdOf, nameInside, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {costOf, FULL_COST} from "../streams/stream";
import {isText, isTextAnyCase} from "../text";

/** HTTP/2 in the clear (RFC 9113), with prior knowledge or after an upgrade from HTTP/1.1 (RFC 7540 §3.2); gRPC within it. */

/** As much of a connection is read as of HTTP/1. */
const MAX_COST: u32 = 20_000 * FULL_COST;

/** A connection; what is known of its two directions follows it. */
@unmanaged
class Connection extends Exchanges {
  sides: u32 = 0;
  /** What was read so far. */
  cost: u32 = 0;
  /** Which direction is the client's: 0 the originator's, unless the preface or a request comes from the other. */
  client: u8 = 0;
  reserved: u8 = 0;
  reserved2: u16 = 0;
}

const CONNECTION_BYTES: usize = offsetof<Connection>() + 2 * offsetof<Http2Side>();

/** What is read just now. */
let connection: Connection = changetype<Connection>(0);
let reading: Reading = changetype<Reading>(0);
let event: Event = changetype<Event>(0);

/** Code of gRPC's name. */
let grpc: u16 = 0;

export function setGrpc(number: u16): void {
  grpc = number + 1;
}

/** A client's preface, or the settings that a server begins with. */
export function recogniseHttp2(event: Event, start: usize, end: usize): bool {
  return isPreface(start, end) || (event.direction === 1 && event.streamOffset === 0 && isServerPreface(start, end));
}

export function beginsHttp2(byte: u8): bool {
  return byte === 0x50 || byte === 0;
}

/** State of a connection; 0 where memory is out. */
export function beginHttp2(): usize {
  const state = allocate(CONNECTION_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, CONNECTION_BYTES);
  const sides = openSides(state);
  if (sides === 0) {
    release(state, CONNECTION_BYTES);
    return 0;
  }
  changetype<Connection>(state).sides = <u32>sides;
  openHttp2Side(sideState(state, 0));
  openHttp2Side(sideState(state, 1));
  return state;
}

/** The request that was sent by HTTP/1.1 with the upgrade is that of stream 1; it is the connection's from now on. */
export function adoptRequest(state: usize, request: usize, by: Event): void {
  const at = addExchange(changetype<Connection>(state), 1, flowIdOf(by));
  if (at === 0) {
    writeExchange(flowIdOf(by), request, null, NaN);
    release(request, changetype<Request>(request).bytes);
    return;
  }
  const exchange = changetype<Exchange>(at);
  exchange.request = <u32>request;
  exchange.hasRequest = exchange.isAsked = 1;
}

// @ts-ignore: decorator
@inline
function sideState(state: usize, direction: i32): Http2Side {
  return changetype<Http2Side>(state + offsetof<Connection>() + <usize>direction * offsetof<Http2Side>());
}

/** Takes the next payload of the connection; false: no more wanted. */
export function takeHttp2(state: usize, flow: Reading, payload: Event, start: usize, end: usize): bool {
  enter(state, flow, payload);
  const isReadable = takeSegment(connection.sides, payload, start, end, takeBytes, missBytes);
  connection.cost += costOf(start, end);
  if (isReadable && connection.cost < MAX_COST) return true;
  if (isReadable) countGivenUp();
  return false;
}

/** The connection has ended: what is still open is written, and its state freed. */
export function endHttp2(state: usize, flow: Reading, end: Event): void {
  enter(state, flow, end);
  finishSides(connection.sides, takeBytes, missBytes);
  closeSides(connection.sides);
  const id = flowIdOf(end);
  for (let at = oldest(); at !== 0; at = oldest()) endExchange(connection, at, id, PARTLY);
  closeHttp2Side(sideState(state, 0));
  closeHttp2Side(sideState(state, 1));
  release(state, CONNECTION_BYTES);
}

function oldest(): usize {
  let at = <usize>connection.first;
  while (at !== 0 && changetype<Exchange>(at).next !== 0) at = <usize>changetype<Exchange>(at).next;
  return at;
}

function enter(state: usize, flow: Reading, by: Event): void {
  connection = changetype<Connection>(state);
  reading = flow;
  event = by;
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findFrame, takeFrames, <u32>FRAME_HEAD + MAX_BLOCK);
}

/** Bytes will not come. Within a frame of data they are some of its body's; else header blocks may be among them. */
function missBytes(at: usize, missing: i32): void {
  const side = changetype<Side>(at);
  const own = sideState(side.parser, side.direction);
  if (<u32>missing <= side.skip && side.heldLength === 0) {
    side.skip -= missing;
    if (own.dataStream === 0) return;
    const file = dataFile(own, side.direction);
    if (file !== 0 && own.content > 0) missContent(file);
    own.content -= min(own.content, <u32>missing);
    if (side.skip === 0) endData(own, side.direction);
    return;
  }
  loseFrames(side, own);
  loseBytes(at, missing);
}

/** Frames were not seen: any body may have gone on in them. */
function loseFrames(side: Side, own: Http2Side): void {
  side.skip = 0;
  own.dataStream = 0;
  loseTable(own);
  missFiles(connection, side.direction === connection.client);
}

/** Takes the frames of which enough is there. */
function takeFrames(side: Side, start: usize, end: usize, ts: f64): usize {
  const own = sideState(side.parser, side.direction);
  let at = start;
  while (at < end) {
    if (side.skip > 0) {
      at = passData(side, own, at, end);
      continue;
    }
    if (end - at < FRAME_HEAD) return at;
    if (end - at < PREFACE_BYTES && isText(at, end, "PRI * ")) return at;
    if (isPreface(at, end)) {
      connection.client = side.direction;
      at += PREFACE_BYTES;
      continue;
    }
    if (!isFrame(at)) {
      countMalformed();
      side.isAstray = 1;
      loseFrames(side, own);
      return end;
    }
    const next = takeFrame(side, own, at, end, ts);
    if (next === at) return at;
    at = next;
  }
  return at;
}

/** Takes the frame at `at`; where its bytes, as far as they are to be held, end: at `at` itself where more have to come. */
function takeFrame(side: Side, own: Http2Side, at: usize, end: usize, ts: f64): usize {
  const length = frameLength(at);
  const type = load<u8>(at, 3);
  const flags = load<u8>(at, 4);
  const stream = frameStream(at);
  const body = at + FRAME_HEAD;
  if (type === DATA) {
    const isPadded = (flags & PADDED) !== 0 && length > 0;
    if (isPadded && body >= end) return at;
    const padding = isPadded ? min<u32>(load<u8>(body) + 1, length) : 0;
    own.dataStream = stream;
    own.dataFlags = flags;
    own.content = length - padding;
    side.skip = isPadded ? length - 1 : length;
    if (side.skip === 0) endData(own, side.direction);
    return isPadded ? body + 1 : body;
  }
  if (type === HEADERS || type === CONTINUATION || type === PUSH_PROMISE || type === RST_STREAM || type === GOAWAY) {
    if (length <= MAX_BLOCK) {
      if (end - body < <usize>length) return at;
      if (type === RST_STREAM) resetStream(stream, u32At(body));
      else if (type === GOAWAY) endConnection(side.direction, u32At(body) & 0x7fffffff, u32At(body + 4));
      else takeFragment(own, side.direction, type, flags, stream, body, body + <usize>length, ts);
      return body + <usize>length;
    }
    countGivenUp();
    loseTable(own);
  }
  own.dataStream = 0;
  side.skip = length;
  return body;
}

/** Hands on what is there of a frame of data, or passes over another one that is not wanted. */
function passData(side: Side, own: Http2Side, at: usize, end: usize): usize {
  const passed = min(side.skip, <u32>(end - at));
  side.skip -= passed;
  if (own.dataStream !== 0) {
    const content = min(own.content, passed);
    const file = content > 0 ? dataFile(own, side.direction) : 0;
    if (file !== 0) addContent(file, at, at + <usize>content);
    own.content -= content;
    if (side.skip === 0) endData(own, side.direction);
  }
  return at + <usize>passed;
}

/** The body that the frame of data under way belongs to; 0 where its head was not seen. */
function dataFile(own: Http2Side, direction: u8): usize {
  const exchange = findExchange(connection, own.dataStream);
  return exchange === 0 ? 0 : fileOf(exchange, direction === connection.client);
}

function endData(own: Http2Side, direction: u8): void {
  const stream = own.dataStream;
  own.dataStream = 0;
  if ((own.dataFlags & END_STREAM) !== 0) endDirection(stream, direction === connection.client);
}

/** One direction of a stream has ended; both ends are the exchange's. */
function endDirection(stream: u32, isClient: bool): void {
  const at = findExchange(connection, stream);
  if (at === 0) return;
  const exchange = changetype<Exchange>(at);
  endFile(at, isClient, flowIdOf(event), WHOLE);
  if (isClient) exchange.isAsked = 1;
  else exchange.isAnswered = 1;
  if (exchange.isAsked !== 0 && exchange.isAnswered !== 0) endExchange(connection, at, flowIdOf(event), WHOLE);
}

/** Nothing more is sent in the stream (RFC 9113 §6.4), but for what was before the other side knew. */
function resetStream(stream: u32, error: u32): void {
  const at = findExchange(connection, stream);
  if (at === 0) return;
  const exchange = changetype<Exchange>(at);
  const id = flowIdOf(event);
  if (exchange.hasResponse !== 0 || exchange.request === 0) return endExchange(connection, at, id, PARTLY);
  endFile(at, true, id, PARTLY);
  exchange.isAsked = exchange.isReset = 1;
  if (exchange.error === 0) exchange.error = oneMore(error);
}

/** A side will do no more than is under way, or less (§6.8): the server says up to which of the client's streams. */
function endConnection(direction: u8, last: u32, error: u32): void {
  connection.ended = oneMore(error);
  // A client's word is of what the server sends of itself.
  connection.lastDone = direction === connection.client ? u32.MAX_VALUE : last;
}

// @ts-ignore: decorator
@inline
function oneMore(error: u32): u32 {
  return error === u32.MAX_VALUE ? error : error + 1;
}

/** Takes a frame with a header block, or a part of one. */
function takeFragment(own: Http2Side, direction: u8, type: u8, flags: u8, stream: u32, start: usize, end: usize, ts: f64): void {
  let from = start;
  let to = end;
  if (type === CONTINUATION) {
    // Its beginning was lost, or it belongs to another stream: the fields in it are not known either way.
    if (own.blockStream !== stream) return loseTable(own);
  } else {
    if ((flags & PADDED) !== 0) {
      const padding = from < to ? <usize>load<u8>(from) : 0;
      from++;
      to = to >= from + padding ? to - padding : 0;
    }
    if (type === HEADERS && (flags & PRIORITY) !== 0) from += 5;
    if (type === PUSH_PROMISE) {
      if (from + 4 <= to) stream = u32At(from) & 0x7fffffff;
      from += 4;
    }
    if (from > to) {
      countMalformed();
      return loseTable(own);
    }
    dropBlock(own);
    own.blockStream = stream;
    own.blockTime = ts;
    own.blockFlags = type === HEADERS ? flags & END_STREAM : 0;
    if ((flags & END_HEADERS) !== 0) {
      takeBlock(own, direction, stream, from, to);
      own.blockStream = 0;
      return;
    }
  }
  if (from < to && !addFragment(own, from, to)) return loseTable(own);
  if ((flags & END_HEADERS) === 0) return;
  takeBlock(own, direction, stream, own.block, <usize>own.block + <usize>own.blockLength);
  dropBlock(own);
}

/** Takes a whole header block: a request's, a server's promise of one, a response's, or trailers. */
function takeBlock(own: Http2Side, direction: u8, stream: u32, start: usize, end: usize): void {
  beginHead();
  const isWhole = readBlock(own, start, end, takeField);
  if (!isWhole || (hasUnknown && own.hasLostTable === 0)) countMalformed();
  if (!isWhole) own.hasLostTable = 1;
  // Requests of clients have odd numbers, promised ones even ones.
  if (isRequestHead && stream % 2 === 1) connection.client = direction;
  const isClient = direction === connection.client;
  const head = headRead();
  if (isRequestHead || (isClient && !isResponseHead)) takeRequest(head, stream, own.blockTime, isClient);
  else takeResponse(head, stream, own.blockTime);
  if ((own.blockFlags & END_STREAM) !== 0) endDirection(stream, isClient);
}

function takeRequest(head: HttpHead, stream: u32, ts: f64, hasBody: bool): void {
  let at = findExchange(connection, stream);
  // Trailers have nothing that is read.
  if (at !== 0 && changetype<Exchange>(at).hasRequest !== 0) return;
  head.isRequest = 1;
  const made = makeRequest(head, ts);
  made.stream = stream;
  if (reading.serverName === 0) nameHost(reading, made);
  if (at === 0) at = addExchange(connection, stream, flowIdOf(event));
  const request = at === 0 ? 0 : allocate(made.bytes);
  if (request === 0) {
    countGivenUp();
    writeExchange(flowIdOf(event), changetype<usize>(made), null, ts);
    return;
  }
  memory.copy(request, changetype<usize>(made), made.bytes);
  const exchange = changetype<Exchange>(at);
  exchange.hasRequest = 1;
  exchange.request = <u32>request;
  if (!hasBody) {
    exchange.isAsked = 1;
    return;
  }
  nameGrpc(head);
  const own = sideState(changetype<usize>(connection), connection.client);
  if ((own.blockFlags & END_STREAM) === 0) setFile(at, true, openBody(head, request, ts, connection.client));
}

function takeResponse(head: HttpHead, stream: u32, ts: f64): void {
  // Interim responses come before the real one.
  if (head.status < 200) return;
  let at = findExchange(connection, stream);
  if (at !== 0 && changetype<Exchange>(at).hasResponse !== 0) return;
  if (at === 0) {
    // Behind missing bytes these may be trailers of a response that was not seen.
    if (!isResponseHead) return;
    at = addExchange(connection, stream, flowIdOf(event));
    if (at === 0) {
      writeExchange(flowIdOf(event), 0, head, ts);
      return;
    }
  }
  const exchange = changetype<Exchange>(at);
  exchange.hasResponse = 1;
  const request = <usize>exchange.request;
  writeExchange(flowIdOf(event), request, head, ts);
  const direction = <u8>(1 - connection.client);
  if ((sideState(changetype<usize>(connection), direction).blockFlags & END_STREAM) === 0)
    setFile(at, false, openBody(head, request, ts, direction));
  nameGrpc(head);
  if (request === 0) return;
  exchange.request = 0;
  release(request, changetype<Request>(request).bytes);
}

/** gRPC is told by the type of its messages. */
function nameGrpc(head: HttpHead): void {
  if (head.contentType !== 0 && isTextAnyCase(head.contentType, head.contentTypeEnd, "APPLICATION/GRPC")) nameInside(reading, grpc);
}

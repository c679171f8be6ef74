import {allocate, release} from "../../heap";
import {countGivenUp} from "../../streams/held";
import {closeTransfer, BY_HTTP, missContent} from "../files/transfer";
import {Request, writeExchange} from "../http/http-exchange";

/** Streams of a connection that are under way (RFC 9113 §5), the newest first: a request, its response, and their bodies. */
@unmanaged
export class Exchange {
  next: u32 = 0;
  /** Number of the stream. */
  stream: u32 = 0;
  /** The request while it waits for its response; 0 where none was seen. */
  request: u32 = 0;
  /** Bodies under way (a `Transfer`, or 0): the request's and the response's. */
  requestFile: u32 = 0;
  responseFile: u32 = 0;
  hasRequest: u8 = 0;
  hasResponse: u8 = 0;
  /** Whether the directions have ended. */
  isAsked: u8 = 0;
  isAnswered: u8 = 0;
  /** Whether one side gave it up; a response that was under way may come nevertheless. */
  isReset: u8 = 0;
  reserved: u8 = 0;
  reserved2: u16 = 0;
  /** One more than the error by which the stream was given up; 0 without. */
  error: u32 = 0;
}

/** Where the list begins. */
@unmanaged
export class Exchanges {
  first: u32 = 0;
  count: u32 = 0;
  /** One more than the error with which the connection is ended, 0 until then, and the last of the client's streams that is done. */
  ended: u32 = 0;
  lastDone: u32 = 0;
}

/** Streams that are kept; servers commonly allow 100 to 250. Beyond, the oldest is written as far as it is known. */
const MAX_STREAMS: u32 = 256;

/** The exchange of the stream; 0 where it is not under way. */
export function findExchange(list: Exchanges, stream: u32): usize {
  for (let at = <usize>list.first; at !== 0; at = <usize>changetype<Exchange>(at).next)
    if (changetype<Exchange>(at).stream === stream) return at;
  return 0;
}

/** A new exchange; 0 where memory is out. `id`: the flow's, for what has to give way. */
export function addExchange(list: Exchanges, stream: u32, id: u64): usize {
  if (list.count >= MAX_STREAMS) {
    let oldest = <usize>list.first;
    while (changetype<Exchange>(oldest).next !== 0) oldest = <usize>changetype<Exchange>(oldest).next;
    if (changetype<Exchange>(oldest).isReset === 0) countGivenUp();
    endExchange(list, oldest, id, 0);
  }
  const at = allocate(offsetof<Exchange>());
  if (at === 0) return 0;
  memory.fill(at, 0, offsetof<Exchange>());
  const exchange = changetype<Exchange>(at);
  exchange.stream = stream;
  exchange.next = list.first;
  list.first = <u32>at;
  list.count++;
  return at;
}

/** The exchange has ended: what is still open is written, and its memory given back. `whole`: of the bodies still open. */
export function endExchange(list: Exchanges, at: usize, id: u64, whole: i32): void {
  const exchange = changetype<Exchange>(at);
  let link = changetype<usize>(list) + offsetof<Exchanges>("first");
  while (<usize>load<u32>(link) !== at) link = <usize>load<u32>(link) + offsetof<Exchange>("next");
  store<u32>(link, exchange.next);
  list.count--;
  dropRequest(list, exchange, id);
  endFile(at, true, id, whole);
  endFile(at, false, id, whole);
  release(at, offsetof<Exchange>());
}

/** One more than the error that a request was given up for: its stream's, or the connection's; 0 without. */
function errorOf(list: Exchanges, exchange: Exchange): u32 {
  if (exchange.error !== 0) return exchange.error;
  // A connection that ends in peace is done with the streams up to the last one.
  return list.ended > 1 || exchange.stream > list.lastDone ? list.ended : 0;
}

/** Writes a request whose response did not come. */
function dropRequest(list: Exchanges, exchange: Exchange, id: u64): void {
  const request = <usize>exchange.request;
  if (request === 0) return;
  writeExchange(id, request, null, NaN, errorOf(list, exchange));
  release(request, changetype<Request>(request).bytes);
}

// @ts-ignore: decorator
@inline
function filePlace(at: usize, isRequest: bool): usize {
  return at + (isRequest ? offsetof<Exchange>("requestFile") : offsetof<Exchange>("responseFile"));
}

/** The body under way in a direction; 0 without. */
export function fileOf(at: usize, isRequest: bool): usize {
  return <usize>load<u32>(filePlace(at, isRequest));
}

export function setFile(at: usize, isRequest: bool, file: usize): void {
  store<u32>(filePlace(at, isRequest), <u32>file);
}

/** The body of a direction has ended, or no more of it will come. */
export function endFile(at: usize, isRequest: bool, id: u64, whole: i32): void {
  const file = fileOf(at, isRequest);
  if (file === 0) return;
  setFile(at, isRequest, 0);
  closeTransfer(file, id, BY_HTTP, whole);
}

/** Any body of a direction may have gone on in what is missing. */
export function missFiles(list: Exchanges, isRequest: bool): void {
  for (let at = <usize>list.first; at !== 0; at = <usize>changetype<Exchange>(at).next) {
    const file = fileOf(at, isRequest);
    if (file !== 0) missContent(file);
  }
}

import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {RADIUS_ANSWER, RADIUS_NAS, RADIUS_REQUEST, RADIUS_RTT_US, RADIUS_STATION, RADIUS_TABLE, RADIUS_USER} from "../columns";
import {allocate, dropText, keepText, release} from "../heap";
import {keptText, setWord} from "../parsers/kept";
import {addRow, setKept, setNull, setNumber, tableAt} from "../rows";
import {countGivenUp, countMalformed} from "../streams/held";
import {flowIdOf, Reading} from "../streams/reading";
import {appendNumber} from "../text";

/**
 * RADIUS by its code and a length that its attributes fill (RFC 2865 §3). At its ports a message may have none of them,
 * as some answers do, and its last ones may be damaged.
 */
export function recogniseRadius(event: Event, start: usize, end: usize): bool {
  if (start + 20 > end) return false;
  const last = start + u16At(start + 2);
  if (last > end || last < start + 20) return false;
  const isPort = isRadius(event.sourcePort) !== isRadius(event.destinationPort);
  if (last === start + 20) return isPort && end === last;
  let at = start + 20;
  while (at + 2 <= last && load<u8>(at) > 0 && load<u8>(at, 1) >= 2 && at + load<u8>(at, 1) <= last) at += load<u8>(at, 1);
  return isPort ? at > start + 20 : at === last && end - last < 4;
}

/** Authentication, accounting, changes of authorisation, and the first two as they were before (RFC 2865 §3, RFC 5176 §2.3). */
function isRadius(port: i32): bool {
  return port === 1812 || port === 1813 || port === 3799 || port === 1645 || port === 1646;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRadius(byte: u8): bool {
  return (byte >= 1 && byte <= 5) || (byte >= 11 && byte <= 13) || (byte >= 40 && byte <= 45);
}

/** Requests of a flow that wait for their answer; beyond, the oldest is written without one. */
const MAX_PENDING: i32 = 64;

@unmanaged
class Request {
  ts: f64 = 0;
  next: u32 = 0;
  user: u32 = 0;
  nas: u32 = 0;
  station: u32 = 0;
  code: u8 = 0;
  number: u8 = 0;
  reserved: u16 = 0;
}

@unmanaged
class Flow {
  oldest: u32 = 0;
  pending: i32 = 0;
}

const nasText = memory.data(64);

/** State of a new flow; 0 where memory is out. */
export function beginRadius(): usize {
  const state = allocate(offsetof<Flow>());
  if (state !== 0) memory.fill(state, 0, offsetof<Flow>());
  return state;
}

/** Takes a datagram. */
export function takeRadius(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  if (start + 20 > end || start + <usize>u16At(start + 2) > end) {
    countMalformed();
    return true;
  }
  const flow = changetype<Flow>(state);
  const code = load<u8>(start);
  const last = start + <usize>u16At(start + 2);
  const link = linkTo(flow, load<u8>(start, 1));
  if (requestName(code).length === 0) {
    if (answerName(code).length === 0) return true;
    if (link !== 0) finish(flow, link, code, event.time, flowIdOf(event));
    else writeAlone(code, event);
    return true;
  }
  // Sent again.
  if (link !== 0) return true;
  if (flow.pending === MAX_PENDING) finish(flow, changetype<usize>(flow), 0, NaN, flowIdOf(event));
  const block = allocate(offsetof<Request>());
  if (block === 0) {
    countGivenUp();
    return true;
  }
  memory.fill(block, 0, offsetof<Request>());
  const request = changetype<Request>(block);
  request.ts = event.time;
  request.code = code;
  request.number = load<u8>(start, 1);
  readAttributes(request, start + 20, last);
  let to = changetype<usize>(flow);
  while (load<u32>(to) !== 0) to = <usize>load<u32>(to) + offsetof<Request>("next");
  store<u32>(to, <u32>block);
  flow.pending++;
  return true;
}

export function endRadius(state: usize, _reading: Reading, event: Event): void {
  const flow = changetype<Flow>(state);
  while (flow.oldest !== 0) finish(flow, state, 0, NaN, flowIdOf(event));
  release(state, offsetof<Flow>());
}

/** User-Name, NAS-IP-Address, NAS-Identifier, Calling-Station-Id (RFC 2865 §5). */
function readAttributes(request: Request, at: usize, end: usize): void {
  while (at + 2 <= end && load<u8>(at, 1) >= 2 && at + <usize>load<u8>(at, 1) <= end) {
    const next = at + <usize>load<u8>(at, 1);
    const type = load<u8>(at);
    if (type === 1 && request.user === 0) request.user = <u32>keptText(at + 2, next);
    else if (type === 31 && request.station === 0) request.station = <u32>keptText(at + 2, next);
    else if (type === 32 || (type === 4 && next === at + 6 && request.nas === 0)) {
      dropText(<usize>request.nas);
      request.nas = <u32>(type === 32 ? keptText(at + 2, next) : keepText(nasText, <u32>(appendAddress(at + 2, nasText) - nasText)));
    }
    at = next;
  }
}

function appendAddress(at: usize, to: usize): usize {
  for (let i: usize = 0; i < 4; i++) {
    if (i > 0) store<u8>(to++, 0x2e);
    to = appendNumber(load<u8>(at + i), to);
  }
  return to;
}

function linkTo(flow: Flow, number: u8): usize {
  for (let link = changetype<usize>(flow); load<u32>(link) !== 0; link = <usize>load<u32>(link) + offsetof<Request>("next"))
    if (changetype<Request>(<usize>load<u32>(link)).number === number) return link;
  return 0;
}

/** Writes the request behind the link, with the answer of that code (0: none), and lets go of it. */
function finish(flow: Flow, link: usize, code: u8, ts: f64, id: u64): void {
  const request = changetype<Request>(<usize>load<u32>(link));
  store<u32>(link, request.next);
  flow.pending--;
  write(request.ts, id, request, code, ts);
  dropText(<usize>request.user);
  dropText(<usize>request.nas);
  dropText(<usize>request.station);
  release(changetype<usize>(request), offsetof<Request>());
}

function writeAlone(code: u8, event: Event): void {
  write(event.time, flowIdOf(event), null, code, NaN);
}

function write(ts: f64, id: u64, request: Request | null, code: u8, answered: f64): void {
  const rows = tableAt(RADIUS_TABLE);
  const row = addRow(rows, id, ts);
  if (row < 0) return;
  if (request === null) setNull(rows, row, RADIUS_REQUEST);
  else setWord(rows, row, RADIUS_REQUEST, requestName(request.code));
  setKept(rows, row, RADIUS_USER, request === null ? 0 : <usize>request.user);
  setKept(rows, row, RADIUS_NAS, request === null ? 0 : <usize>request.nas);
  setKept(rows, row, RADIUS_STATION, request === null ? 0 : <usize>request.station);
  if (code === 0) setNull(rows, row, RADIUS_ANSWER);
  else setWord(rows, row, RADIUS_ANSWER, answerName(code));
  setNumber(rows, row, RADIUS_RTT_US, answered - ts);
}

function requestName(code: u8): string {
  switch (code) {
    case 1: return "access";
    case 4: return "accounting";
    case 12: return "status";
    case 40: return "disconnect";
    case 43: return "coa";
  }
  return "";
}

function answerName(code: u8): string {
  switch (code) {
    case 2: return "accept";
    case 3: return "reject";
    case 5: return "response";
    case 11: return "challenge";
    case 13: return "response";
    case 41:
    case 44: return "ack";
    case 42:
    case 45: return "nak";
  }
  return "";
}

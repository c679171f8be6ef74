import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countGivenUp} from "../streams/held";
import {loseBytes} from "../streams/held-stream";
import {takeMessageBytes} from "../streams/messages";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {isText, lineEnd} from "../text";
import {isSameTransaction, makeSipRequest, readSip, sipLength, SipRequest, sipStatus, writeSip, writeSipAlone} from "../parsers/sip/sip-message";

/** SIP by its request or status line (RFC 3261 §7). */
export function recogniseSip(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "SIP/2.0 ")) return true;
  const line = lineEnd(start, end);
  return line > start + 14 && isText(line - 9, line, " SIP/2.0\r");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSip(byte: u8): bool {
  return byte >= 0x41 && byte <= 0x5a;
}

/** Requests of a flow that wait for their response; beyond, the oldest is written without one. */
const MAX_PENDING: i32 = 64;
/** Longest message over TCP of which the head is waited for. */
const MAX_MESSAGE: u32 = 16_384;

@unmanaged
class Flow {
  oldest: u32 = 0;
  pending: i32 = 0;
  sides: u32 = 0;
}

/** The flow under way. */
let id: u64 = 0;

/** State of a new flow; 0 where memory is out. */
export function beginSip(): usize {
  const state = allocate(offsetof<Flow>());
  if (state !== 0) memory.fill(state, 0, offsetof<Flow>());
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeSip(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const flow = changetype<Flow>(state);
  id = flowIdOf(event);
  if (event.proto === UDP) {
    if (recogniseSip(event, start, end)) takeMessage(flow, start, end, event.time);
    return true;
  }
  if (flow.sides === 0) flow.sides = <u32>openSides(state);
  return flow.sides !== 0 && takeSegment(<usize>flow.sides, event, start, end, takeBytes, loseBytes);
}

/** The flow has ended: requests without a response are written. */
export function endSip(state: usize, _reading: Reading, event: Event): void {
  const flow = changetype<Flow>(state);
  id = flowIdOf(event);
  if (flow.sides !== 0) {
    finishSides(<usize>flow.sides, takeBytes, loseBytes);
    closeSides(<usize>flow.sides);
  }
  while (flow.oldest !== 0) finish(flow, state, NaN, NaN);
  release(state, offsetof<Flow>());
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, MAX_MESSAGE);
}

function findMessage(start: usize, end: usize): usize {
  return isText(start, end, "SIP/2.0 ") || lineEnd(start, end) > start + 14 ? start : 0;
}

function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  let at = start;
  while (at < end) {
    // Empty lines between messages keep a connection open (RFC 5626 §3.5.1).
    if (load<u8>(at) === 13 || load<u8>(at) === 10) {
      at++;
      continue;
    }
    const length = sipLength(at, end);
    if (length === 0 || at + length > end) return at;
    takeMessage(changetype<Flow>(<usize>side.parser), at, at + length, ts);
    at += length;
  }
  return at;
}

function takeMessage(flow: Flow, start: usize, end: usize, ts: f64): void {
  readSip(start, end);
  let link = changetype<usize>(flow);
  while (load<u32>(link) !== 0 && !isSameTransaction(changetype<SipRequest>(<usize>load<u32>(link)))) link = <usize>load<u32>(link) + offsetof<SipRequest>("next");
  const isKnown = load<u32>(link) !== 0;
  if (sipStatus >= 200) {
    if (isKnown) finish(flow, link, <f64>sipStatus, ts);
    else writeSipAlone(ts, id);
    return;
  }
  // Sent again, or not final.
  if (isKnown || sipStatus > 0) return;
  const request = makeSipRequest(ts);
  if (request === 0) return countGivenUp();
  store<u32>(link, <u32>request);
  flow.pending++;
  if (isText(start, end, "ACK ")) finish(flow, link, NaN, NaN);
  else if (flow.pending > MAX_PENDING) finish(flow, changetype<usize>(flow), NaN, NaN);
}

/** Writes the request behind the link, and lets go of it. */
function finish(flow: Flow, link: usize, status: f64, ts: f64): void {
  const request = changetype<SipRequest>(<usize>load<u32>(link));
  store<u32>(link, request.next);
  flow.pending--;
  writeSip(request, status, ts, id);
}

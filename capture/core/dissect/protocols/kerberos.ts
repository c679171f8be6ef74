import {u32At} from "../../meter/bytes";
import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {append, firstLink, linkTo, List, takeOut} from "../list";
import {countGivenUp, countMalformed} from "../streams/held";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, openSides} from "../streams/sides";
import {berContent} from "../text";
import {AS_REPLY, AS_REQUEST, ERROR, readKerberos, tag, TGS_REPLY, TGS_REQUEST} from "../parsers/kerberos/kerberos-message";
import {dropTicketRequest, makeTicketRequest, TicketRequest, writeTicket} from "../parsers/kerberos/kerberos-row";
import {finishKerberosSegments, takeKerberosSegment} from "../parsers/kerberos/kerberos-stream";

/** Kerberos 5 over UDP and TCP (RFC 4120): requests for tickets and their answers, matched in order. */

const TCP = 6;
/** Requests of one flow that wait for their answer; beyond, the oldest is written without one. */
const MAX_PENDING: i32 = 32;

/** The list of its requests, and what else is known of a flow. */
@unmanaged
class Parser extends List {
  /** Both directions of a flow over TCP; 0 of UDP. */
  sides: u32 = 0;
}

/** The flow under way. */
let id: u64 = 0;

/** Kerberos 5 by the tag of its message and its protocol version (RFC 4120 §5.4). */
export function recogniseKerberos(event: Event, start: usize, end: usize): bool {
  const isTcp = event.proto === TCP;
  const at = isTcp ? start + 4 : start;
  return at + 12 <= end && !(isTcp && <usize>u32At(start) < end - at) && isTicketMessage(at, end);
}

/** Whether a message begins there, of which twelve bytes are. */
export function isTicketMessage(at: usize, end: usize): bool {
  if (at + 12 > end || !isTag(load<u8>(at))) return false;
  const sequence = berContent(at, end);
  if (sequence === 0 || load<u8>(sequence) !== 0x30) return false;
  const field = berContent(sequence, end);
  // pvno is field 1 of a request, field 0 of everything else.
  return (
    field !== 0 &&
    (load<u8>(field) === 0xa1 || load<u8>(field) === 0xa0) &&
    load<u8>(field, 1) === 3 &&
    load<u8>(field, 2) === 2 &&
    load<u8>(field, 4) === 5
  );
}

/** Whether it may begin with that byte; over TCP a length comes first. */
export function beginsKerberos(byte: u8): bool {
  return byte === 0 || isTag(byte);
}

/** AS, TGS and AP requests and replies, KRB-ERROR. */
// @ts-ignore: decorator
@inline
function isTag(byte: u8): bool {
  return (byte >= 0x6a && byte <= 0x6f) || byte === 0x7e;
}

/** State of a new flow; 0 where memory is out. */
export function beginKerberos(): usize {
  const state = allocate(offsetof<Parser>());
  if (state !== 0) memory.fill(state, 0, offsetof<Parser>());
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeKerberos(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  id = flowIdOf(event);
  const parser = changetype<Parser>(state);
  if (event.proto === UDP) {
    takeTickets(state, start, end, event.time);
    return true;
  }
  if (parser.sides === 0) parser.sides = <u32>openSides(state);
  return parser.sides !== 0 && takeKerberosSegment(<usize>parser.sides, event, start, end);
}

/** The flow has ended: what is still open is written, and all let go of. */
export function endKerberos(state: usize, _reading: Reading, event: Event): void {
  id = flowIdOf(event);
  const parser = changetype<Parser>(state);
  if (parser.sides !== 0) finishKerberosSegments(<usize>parser.sides);
  while (parser.count > 0) finish(parser, firstLink(parser), false, NaN);
  if (parser.sides !== 0) closeSides(<usize>parser.sides);
  release(state, offsetof<Parser>());
}

/** Takes a message, of the flow under way. */
export function takeTickets(state: usize, start: usize, end: usize, ts: f64): void {
  const parser = changetype<Parser>(state);
  if (!isTicketMessage(start, end)) return;
  if (!readKerberos(start, end)) {
    // Requests to services and their answers (AP) are others' business.
    if (tag !== 0x6e && tag !== 0x6f) countMalformed();
    return;
  }
  if (tag === AS_REQUEST || tag === TGS_REQUEST) return ask(parser, ts);
  const link = linkTo<TicketRequest>(parser, tag === AS_REPLY ? AS_REQUEST : tag === TGS_REPLY ? TGS_REQUEST : ERROR);
  if (link === 0) writeTicket(null, true, ts, id);
  else finish(parser, link, true, ts);
}

function ask(parser: Parser, ts: f64): void {
  if (parser.count === MAX_PENDING) finish(parser, firstLink(parser), false, NaN);
  const request = makeTicketRequest(ts);
  if (request === null) return countGivenUp();
  append(parser, changetype<usize>(request));
}

/** The request behind the link is written, and waits no more. */
function finish(parser: Parser, link: usize, isAnswered: bool, ts: f64): void {
  const request = changetype<TicketRequest>(takeOut(parser, link));
  writeTicket(request, isAnswered, ts, id);
  dropTicketRequest(request);
}

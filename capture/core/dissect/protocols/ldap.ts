import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {append, firstLink, linkTo, List, takeOut} from "../list";
import {countGivenUp, countMalformed} from "../streams/held";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, openSides} from "../streams/sides";
import {berContent, isText} from "../text";
import {answeredBy, answerTo, BASE, ENTRY, EXTENDED, messageId, NO_RESULT, operation, operationName, readLdap, result, tokenAt, tokenEnd} from "../parsers/ldap/ldap-message";
import {dropLdapRequest, LdapRequest, makeLdapRequest, requestText, writeLdap} from "../parsers/ldap/ldap-request";
import {behindMessage, finishLdapSegments, takeLdapSegment} from "../parsers/ldap/ldap-stream";
import {closeNtlm, FAILED, finishNtlm, GRANTED, NtlmExchange, takeNtlm} from "../parsers/ntlm/ntlm-exchange";

/** LDAP (RFC 4511) and, over UDP, CLDAP: requests with their results. */

/** Requests of one flow that wait for their result; beyond, the oldest is written without one. */
const MAX_PENDING: i32 = 64;
/** A bind goes on (saslBindInProgress). */
const IN_PROGRESS = 14;
const START_TLS = "1.3.6.1.4.1.1466.20037";

@unmanaged
class Parser extends NtlmExchange {
  requests: List = changetype<List>(0);
  /** Both directions of a flow over TCP; 0 of UDP. */
  sides: u32 = 0;
  /** Whether TLS follows. */
  isTls: u32 = 0;
  /** The message of which entries came without its request, and how many. */
  aloneId: i32 = 0;
  aloneEntries: u32 = 0;
}

const STATE_BYTES: usize = offsetof<Parser>() + offsetof<List>();

/** The flow under way. */
let id: u64 = 0;

/** LDAP by its message envelope and operation (RFC 4511 §4.1.1); TLS may follow. */
export function recogniseLdap(_event: Event, start: usize, end: usize): bool {
  return isLdapMessage(start, end);
}

/** Whether a message begins there, as far as its first bytes say. */
export function isLdapMessage(start: usize, end: usize): bool {
  const at = berContent(start, end);
  if (at === 0 || at + 2 > end || load<u8>(at) !== 2) return false;
  const length = load<u8>(at, 1);
  if (length < 1 || length > 4) return false;
  const its = at + 2 + length;
  return its + 2 <= end && isOperation(load<u8>(its));
}

/** Whether it may begin with that byte. */
export function beginsLdap(byte: u8): bool {
  return byte === 0x30;
}

/**
 * Bind, unbind, search, modify, add, delete, rename, compare, abandon and extended, and their responses: 0x60, 0x61,
 * 0x42, 0x63 to 0x69, 0x4a, 0x6b to 0x6f, 0x50, 0x73, 0x77 and 0x78, as bits from 0x40 on.
 */
const OPERATIONS: u64 = 0x0188fbfb00010404;

// @ts-ignore: decorator
@inline
function isOperation(tag: u8): bool {
  return tag >> 6 === 1 && ((OPERATIONS >> (tag & 0x3f)) & 1) !== 0;
}

/** State of a new flow; 0 where memory is out. */
export function beginLdap(): usize {
  const state = allocate(STATE_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, STATE_BYTES);
  changetype<Parser>(state).requests = changetype<List>(state + offsetof<Parser>());
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeLdap(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  id = flowIdOf(event);
  const parser = changetype<Parser>(state);
  if (event.proto === UDP) {
    for (let at = start; at < end; at = behindMessage(at, end)) takeLdapMessage(state, at, end, event.time);
    return true;
  }
  if (parser.sides === 0) parser.sides = <u32>openSides(state);
  return parser.sides !== 0 && takeLdapSegment(<usize>parser.sides, event, start, end) && parser.isTls === 0;
}

/** Whether nothing more was wanted as TLS follows within the same connection. */
export function isLdapTls(state: usize): bool {
  return changetype<Parser>(state).isTls !== 0;
}

/** The flow has ended: what is still open is written, and all let go of. */
export function endLdap(state: usize, _reading: Reading, event: Event): void {
  id = flowIdOf(event);
  const parser = changetype<Parser>(state);
  if (parser.sides !== 0) finishLdapSegments(<usize>parser.sides);
  while (parser.requests.count > 0) finish(parser, firstLink(parser.requests), NaN, NaN);
  closeNtlm(parser, id, "ldap");
  if (parser.sides !== 0) closeSides(<usize>parser.sides);
  release(state, STATE_BYTES);
}

/** Takes a message, of the flow under way; false where TLS follows it. */
export function takeLdapMessage(state: usize, start: usize, end: usize, ts: f64): bool {
  const parser = changetype<Parser>(state);
  if (!readLdap(start, end)) {
    countMalformed();
    return true;
  }
  if (operationName(operation).length > 0) ask(parser, ts);
  else answer(parser, ts);
  return parser.isTls === 0;
}

function ask(parser: Parser, ts: f64): void {
  if (parser.requests.count === MAX_PENDING) finish(parser, firstLink(parser.requests), NaN, NaN);
  if (tokenAt !== 0) takeNtlm(parser, tokenAt, tokenEnd, ts, id, "ldap");
  const request = makeLdapRequest(ts);
  if (request === null) return countGivenUp();
  const base = requestText(request, BASE);
  request.isStartTls = u8(operation === EXTENDED && base !== 0 && isText(base + 4, base + 4 + <usize>load<u32>(base), START_TLS));
  const link = append(parser.requests, changetype<usize>(request));
  if (answerTo(operation) === 0) finish(parser, link, NaN, NaN);
}

function answer(parser: Parser, ts: f64): void {
  const link = linkTo<LdapRequest>(parser.requests, messageId);
  if (link === 0) {
    if (operation === ENTRY) countAlone(parser);
    else if (result !== NO_RESULT) writeAlone(parser, ts);
    return;
  }
  const request = changetype<LdapRequest>(<usize>load<u32>(link));
  if (operation === ENTRY) {
    request.entries++;
    return;
  }
  if (result === NO_RESULT || operation !== answerTo(request.operation)) return;
  if (tokenAt !== 0) takeNtlm(parser, tokenAt, tokenEnd, ts, id, "ldap");
  if (result !== IN_PROGRESS && request.operation === 0x60) finishNtlm(parser, id, "ldap", result === 0 ? GRANTED : FAILED, <f64>result);
  if (request.isStartTls !== 0 && result === 0) parser.isTls = 1;
  finish(parser, link, <f64>result, ts - request.ts);
}

/** An entry of which the request was not seen. */
function countAlone(parser: Parser): void {
  if (parser.aloneId !== messageId) parser.aloneEntries = 0;
  parser.aloneId = messageId;
  parser.aloneEntries++;
}

/** A result of which the request was not seen. */
function writeAlone(parser: Parser, ts: f64): void {
  const its = answeredBy(operation);
  if (its === 0) return;
  const request = makeLdapRequest(ts);
  if (request === null) return;
  request.operation = its;
  if (parser.aloneId === messageId) request.entries = parser.aloneEntries;
  writeLdap(request, <f64>result, NaN, id);
  dropLdapRequest(request);
}

/** The request behind the link is written, and waits no more. */
function finish(parser: Parser, link: usize, code: f64, rtt: f64): void {
  const request = changetype<LdapRequest>(takeOut(parser.requests, link));
  writeLdap(request, code, rtt, id);
  dropLdapRequest(request);
}

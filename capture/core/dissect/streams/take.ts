import {SCTP, TCP, UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {flowAt} from "../../meter/table";
import {nameRow} from "../flow-names";
import {allocate, dropText, keepText, release} from "../heap";
import {announced, expectedAt, findExpected} from "./expected";
import {countUnread} from "./held";
import {flagsOf, IS_READ, IS_TENTATIVE, MAY_TURN_TLS, recognise} from "../protocols/registry";
import {beginParser, endParser, mayBecomeTls, mayTurnTls, takeByParser, tunnelBehind} from "../parsers/index";
import {TUNNEL} from "../parsers/tunnel";
import {beginFtpData} from "../protocols/ftp-data";
import {recogniseSctp} from "../protocols/sctp";
import {beginTftpData} from "../protocols/tftp";
import {HANDSHAKE} from "../parsers/tls/handshake-reader";
import {beginTls, recogniseTls} from "../protocols/tls";
import {AWAITING, clearReading, Continued, continuedOf, flowIdOf, FTP_DATA, LDAP, MUTED, NOBODY, PARSER, POSTGRESQL, Reading, readingOf, TLS, UNTIL_TLS} from "./reading";

/** Takes payloads and ends of flows, one after another: recognises what begins, and hands on what is read already. */

/** Payloads of a flow that are looked at before it is taken for unknown. */
const MAX_TRIES: u8 = 8;
/** Payloads of a recognised flow within which its turn to TLS is waited for. */
const MAX_TRIES_FOR_TLS: u8 = 40;
/** User data of SCTP that no protocol is known of. */
const NOT_KNOWN: i32 = -1;
/** A first payload shorter than this may be the beginning of a signature cut by segments. */
const SIGNATURE_BYTES: usize = 16;

/** Flows read at the same time at most, and now. */
let maxReading: i32 = 0;
let reading: i32 = 0;
/** Slots below this may have been used. */
export let usedSlots: i32 = 0;

/** The payload or end that is under way, and where the payload is. */
let current: Event = changetype<Event>(0);
let start: usize = 0;
let end: usize = 0;

/** A payload that was put together: its event, and room for its bytes. */
const joinedEvent = memory.data(128);
let room: usize = 0;
let roomBytes: usize = 0;

/** Begins anew; to be called where the heap does. */
export function openTaking(maxFlows: i32): void {
  maxReading = maxFlows;
  reading = 0;
  usedSlots = 0;
  room = roomBytes = 0;
}

/** Takes the payload in `from .. to` of an event; false: no more of its flow are wanted. */
// @ts-ignore: decorator
@inline
export function takePayload(event: Event, from: usize, to: usize): bool {
  current = event;
  const own = readingOf(event.slot);
  if (own.owner === MUTED) return false;
  start = from;
  end = to;
  return take(own);
}

function take(own: Reading): bool {
  if (current.slot >= usedSlots) usedSlots = current.slot + 1;
  switch (own.owner) {
    case PARSER:
      return readOn(own);
    case UNTIL_TLS:
      return awaitTls(own);
    case AWAITING:
      return goOn(own);
  }
  return recogniseNew(own);
}

/** A payload of a flow of which nothing is known. */
function recogniseNew(own: Reading): bool {
  const proto = current.proto;
  if (current.streamOffset === 0) own.begun |= 1 << <u8>current.direction;
  if (proto !== TCP && proto !== UDP) return proto === SCTP ? recogniseInSctp(own) : muted(own);
  if (end <= start) return true;
  if (announced > 0 && own.tries === 0) {
    const place = findExpected(current);
    if (place >= 0) return beginExpected(place, own);
  }
  // Only the beginning of a direction says what a TCP connection is, or what was captured first of it.
  if (proto === TCP && current.streamOffset !== 0 && !isFirstSeen(own)) return again(own);
  const protocol = recognise(current, start, end);
  if (protocol >= 0) return begin(<u16>protocol, own);
  if (proto !== TCP || current.cut !== 0 || end - start >= SIGNATURE_BYTES) return again(own);
  if (!again(own)) return false;
  keepPrefix(own);
  return true;
}

/** Whether the bytes before a payload within its direction were not captured: it is then read as in a connection met midway. */
function isFirstSeen(own: Reading): bool {
  return current.streamOffset > 0 && (own.begun >> <u8>current.direction & 1) === 0;
}

/** A packet of an SCTP association: chunks. What they carry gives a name. */
function recogniseInSctp(own: Reading): bool {
  const protocol = recogniseSctp(current, start, end);
  if (protocol >= 0) {
    own.service = <u16>(protocol + 1);
    return muted(own);
  }
  return protocol !== NOT_KNOWN || again(own);
}

/** Keeps a short first payload until the bytes behind it say what it begins. */
function keepPrefix(own: Reading): void {
  const prefix = keepText(start, <u32>(end - start));
  if (prefix === 0) return;
  own.parser = <u32>prefix;
  own.protocol = <u16>current.direction;
  own.owner = AWAITING;
}

/** The payload behind a short first one, or another of its flow. */
function goOn(own: Reading): bool {
  const prefix = <usize>own.parser;
  const length = load<u32>(prefix);
  const isSameSide = current.direction === <i32>own.protocol;
  if (isSameSide && current.streamOffset < <i32>length) {
    const isMore = again(own);
    if (!isMore) dropText(prefix);
    return isMore;
  }
  if (isSameSide && current.streamOffset === <i32>length) {
    // A byte alone that the next ones do not go on with is a keep-alive's, of bytes before those captured.
    if (length === 1 && !goesOn(prefix) && recognise(current, start, end) >= 0) own.begun &= ~(1 << <u8>current.direction);
    else join(prefix + 4, length);
  }
  dropPrefix(own);
  return recogniseNew(own);
}

/** Whether the kept bytes and the payload behind them begin a protocol. */
function goesOn(prefix: usize): bool {
  const alone = current;
  const from = start;
  const to = end;
  join(prefix + 4, load<u32>(prefix));
  const begins = recognise(current, start, end) >= 0;
  current = alone;
  start = from;
  end = to;
  return begins;
}

/** Puts the bytes before the payload under way, which then is one from its stream's beginning. */
function join(prefix: usize, length: u32): void {
  const bytes = <usize>length + (end - start);
  const joined = roomFor(bytes);
  if (joined === 0) return;
  memory.copy(joined, prefix, length);
  memory.copy(joined + length, start, end - start);
  if (changetype<usize>(current) !== joinedEvent) memory.copy(joinedEvent, changetype<usize>(current), offsetof<Event>());
  current = changetype<Event>(joinedEvent);
  current.streamOffset = 0;
  start = joined;
  end = joined + bytes;
}

/** Room for a payload that is none of a packet, so many bytes; 0 where memory is out. What was there is gone. */
function roomFor(bytes: usize): usize {
  if (bytes > roomBytes) {
    if (room !== 0) release(room, roomBytes);
    room = allocate(bytes);
    roomBytes = room === 0 ? 0 : bytes;
  }
  return room;
}

function dropPrefix(own: Reading): void {
  dropText(<usize>own.parser);
  own.parser = 0;
  own.owner = NOBODY;
}

function begin(protocol: u16, own: Reading): bool {
  const flags = flagsOf(protocol);
  own.service = (flags & IS_TENTATIVE) !== 0 ? 0 : protocol + 1;
  if ((flags & IS_READ) === 0) {
    if ((flags & MAY_TURN_TLS) === 0) return muted(own);
    own.owner = UNTIL_TLS;
    return true;
  }
  if (reading >= maxReading) {
    countUnread();
    return muted(own);
  }
  const state = beginParser(protocol);
  if (state === 0) {
    countUnread();
    return muted(own);
  }
  return adopt(protocol, state, own);
}

/** A flow that another one has announced. */
function beginExpected(place: i32, own: Reading): bool {
  const protocol = expectedAt(place).by;
  own.service = protocol + 1;
  if (reading >= maxReading) {
    countUnread();
    return muted(own);
  }
  const state = protocol === FTP_DATA ? beginFtpData(place) : beginTftpData(place);
  if (state !== 0) return adopt(protocol, state, own);
  countUnread();
  return muted(own);
}

/** The parser in `state` reads the flow from the payload under way on. */
function adopt(protocol: u16, state: usize, own: Reading): bool {
  own.owner = PARSER;
  own.protocol = protocol;
  own.parser = <u32>state;
  reading++;
  return readOn(own);
}

function readOn(own: Reading): bool {
  const state = <usize>own.parser;
  if (end > start && load<u8>(start) === HANDSHAKE && isCaughtTls(own)) {
    // The words that agreed to it were not captured.
    endReading(own);
    own.owner = UNTIL_TLS;
    return awaitTls(own);
  }
  if (takeByParser(own.protocol, state, own, current, start, end)) return true;
  const turnsToTls = mayTurnTls(own.protocol, state);
  const tunnel = tunnelBehind(own.protocol, state);
  // Most flows stay long after all was read of them; what read them need not.
  endReading(own);
  // The payload under way may hold the first bytes of what is inside.
  if (tunnel !== 0) return adopt(TUNNEL, tunnel, own);
  if (own.service === 0) return mistook(own);
  if (!turnsToTls) return muted(own);
  own.owner = UNTIL_TLS;
  return awaitTls(own);
}

/** Whether TLS begins within a protocol that it may follow: a whole beginning of a ClientHello, which none of them sends. */
function isCaughtTls(own: Reading): bool {
  if (!mayBecomeTls(own.protocol) || current.direction !== 0 || end < start + 44) return false;
  // A record of a handshake, a ClientHello that is four bytes shorter or goes on in the next, its version.
  return recogniseTls(current, start, end) && load<u8>(start, 5) === 1 && load<u8>(start, 6) === 0 && load<u8>(start, 9) === 3;
}

/** The parser never was sure of its protocol: nothing is known of the flow then. */
function mistook(own: Reading): bool {
  if (!again(own)) return false;
  // Several payloads were looked at: three parsers at most may be mistaken in a flow.
  own.tries += 2;
  return own.tries < MAX_TRIES || muted(own);
}

function endReading(own: Reading): void {
  endParser(own.protocol, <usize>own.parser, own, current);
  own.parser = 0;
  own.owner = NOBODY;
  reading--;
}

/** Whether a client goes on as before where TLS was agreed to: what a proxy opened was captured behind it. */
function goesOnInClear(own: Reading): bool {
  if (own.triesForTls > 1 || current.direction !== 0 || end - start < 6 || !mayBecomeTls(own.protocol)) return false;
  const first = load<u8>(start);
  return isLetter(first) || (own.protocol === LDAP && first === 0x30) || (own.protocol === POSTGRESQL && first === 0);
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u8): bool {
  return <u32>(byte | 0x20) - 0x61 < 26;
}

function awaitTls(own: Reading): bool {
  if (goesOnInClear(own) && reading < maxReading) {
    own.triesForTls++;
    const state = beginParser(own.protocol);
    return state === 0 ? muted(own) : adopt(own.protocol, state, own);
  }
  if (++own.triesForTls > MAX_TRIES_FOR_TLS) return muted(own);
  if (end - start < 6 || !recogniseTls(current, start, end) || reading >= maxReading) return true;
  const state = beginTls(false);
  return state === 0 || adopt(TLS, state, own);
}

/** No more payloads of the flow are asked for. */
function muted(own: Reading): bool {
  own.owner = MUTED;
  const flow = flowAt(current.slot);
  if (flow.live !== 0 && flow.id === flowIdOf(current)) flow.wantsPayload = 0;
  return false;
}

/** Nothing was found in the payload: no more are wanted where enough of the flow's were looked at. */
function again(own: Reading): bool {
  return ++own.tries < MAX_TRIES || muted(own);
}

/** Takes the end of a flow: its names go to its row, and to the flow that continues it. */
export function takeEnd(event: Event): void {
  current = event;
  const own = readingOf(event.slot);
  if (own.owner === PARSER) endReading(own);
  else if (own.owner === AWAITING) dropPrefix(own);
  if (own.owner === NOBODY && own.service === 0 && own.continued === 0) {
    own.tries = 0;
    return;
  }
  const row = <usize>current.row;
  const next = current.continuedIn;
  let names = own.continued;
  if (names !== 0) {
    const before = continuedOf(own);
    nameRow(row, before.service, before.inside, before.serverName, before.ja4, before.proxiedIp);
  } else {
    nameRow(row, own.service, own.inside, own.serverName, own.ja4, own.proxiedIp);
    if (next >= 0 && own.service !== 0) names = keepNames(own);
  }
  if (next < 0) return clearReading(own);
  // The names are the next flow's now.
  own.continued = 0;
  clearReading(own);
  readingOf(next).continued = names;
  if (next >= usedSlots) usedSlots = next + 1;
}

/** Puts the flow's names aside for the one that continues it; 0, and they are lost, where memory is out. */
function keepNames(own: Reading): u32 {
  const block = allocate(offsetof<Continued>());
  if (block === 0) return 0;
  const names = changetype<Continued>(block);
  names.service = own.service;
  names.inside = own.inside;
  names.serverName = own.serverName;
  names.ja4 = own.ja4;
  names.proxiedIp = own.proxiedIp;
  own.serverName = own.ja4 = own.proxiedIp = 0;
  return <u32>block;
}

import {SCTP, TCP, UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {flowAt} from "../../meter/table";
import {nameRow} from "../flow-names";
import {allocate, release} from "../heap";
import {announced, expectedAt, findExpected} from "./expected";
import {countUnread} from "./held";
import {flagsOf, IS_READ, IS_TENTATIVE, MAY_TURN_TLS, recognise} from "../protocols/registry";
import {beginParser, endParser, mayTurnTls, takeByParser, tunnelBehind} from "../parsers/index";
import {isRouters, takeRouterPacket} from "../neighbours/routers";
import {TUNNEL} from "../parsers/tunnel";
import {beginDcc, beginFtpData} from "../protocols/ftp-data";
import {recogniseSctp} from "../protocols/sctp";
import {beginTftpData} from "../protocols/tftp";
import {HANDSHAKE} from "../parsers/tls/handshake-reader";
import {beginTlsAt} from "../protocols/tls";
import {BEGINNING_BYTES, bytesOf, dropBeginning, dropEarly, dropOpening, eventOf, join, joinedBytes, keepBeginning, keepEarly, newOpening, Opening, shiftEarly} from "./opening";
import {AWAITING, clearReading, Continued, continuedOf, DCC, flowIdOf, FTP_DATA, MUTED, NOBODY, PARSER, Reading, readingOf, TLS, UNTIL_TLS} from "./reading";
import {costOf, FULL_COST} from "./stream";
import {dropKept, goesOnInClear, isCaughtTls, keepForTls, mayBeginTls} from "./turn-to-tls";

/** Takes payloads and ends of flows, one after another: recognises what begins, and hands on what is read already. */

/** Payloads of a flow that are looked at before it is taken for unknown. */
const MAX_TRIES: u8 = 8;
/** The turn of a recognised flow to TLS is waited for within 40 full payloads. */
const MAX_COST_FOR_TLS: u32 = 40 * FULL_COST;
/** User data of SCTP that no protocol is known of. */
const NOT_KNOWN: i32 = -1;

/** Flows read at the same time at most, and now. */
let maxReading: i32 = 0;
let reading: i32 = 0;
/** Slots below this may have been used. */
export let usedSlots: i32 = 0;

/** The payload or end that is under way, and where the payload is. */
let current: Event = changetype<Event>(0);
let start: usize = 0;
let end: usize = 0;

/** The event of a payload that was put together. */
const joinedEvent = memory.data(128);

/** Begins anew; to be called where the heap does. */
export function openTaking(maxFlows: i32): void {
  maxReading = maxFlows;
  reading = 0;
  usedSlots = 0;
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
function recogniseNew(own: Reading, isLonger: bool = false): bool {
  const proto = current.proto;
  if (current.streamOffset === 0) own.begun |= 1 << <u8>current.direction;
  if (proto !== TCP && proto !== UDP) return proto === SCTP ? recogniseInSctp(own) : isRouters(proto) ? takeRouters() : muted(own);
  if (end <= start) return true;
  if (announced > 0 && own.tries === 0) {
    const place = findExpected(current);
    if (place >= 0) {
      if (own.owner === AWAITING) forgetOpening(own);
      return beginExpected(place, own);
    }
  }
  // Only the beginning of a direction says what a TCP connection is, or what was captured first of it.
  if (proto === TCP && current.streamOffset !== 0 && !isFirstSeen(own)) return again(own);
  const protocol = recognise(current, start, end);
  if (protocol >= 0) return own.owner === AWAITING ? beginOpened(<u16>protocol, own) : begin(<u16>protocol, own);
  if (proto === TCP && current.streamOffset !== 0 && isKeptEarly(own)) return true;
  // Bytes that follow a beginning are no try of their own.
  if (!isLonger && !again(own)) return false;
  if (proto === TCP && current.streamOffset === 0) keepBeginningOf(own);
  return true;
}

/** Keeps a short beginning, of which the bytes behind it may say what it begins. */
function keepBeginningOf(own: Reading): void {
  const isShort = current.cut === 0 && end - start < BEGINNING_BYTES;
  if (!isShort && own.owner !== AWAITING) return;
  const opening = openingOf(own);
  if (opening === 0) return;
  if (isShort) keepBeginning(changetype<Opening>(opening), <u8>current.direction, start, end);
  else dropBeginning(changetype<Opening>(opening));
}

/** Keeps a payload that came before its direction's beginning; false where that is not known, or too many wait. */
function isKeptEarly(own: Reading): bool {
  if (current.cut !== 0 || current.continuedIn !== 1) return false;
  const opening = openingOf(own);
  return opening !== 0 && keepEarly(changetype<Opening>(opening), current, start, end);
}

/** Whether the bytes before a payload within its direction were not captured: it is then read as in a connection met midway. */
function isFirstSeen(own: Reading): bool {
  return current.streamOffset > 0 && (own.begun >> <u8>current.direction & 1) === 0;
}

/** A packet of routers' own protocols; all of them are wanted. */
function takeRouters(): bool {
  takeRouterPacket(current, start, end);
  return true;
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

/** What is kept of an unknown connection; 0 where memory is out. */
function openingOf(own: Reading): usize {
  if (own.owner === AWAITING) return <usize>own.parser;
  const opening = newOpening();
  if (opening === 0) return 0;
  own.parser = <u32>opening;
  own.owner = AWAITING;
  return opening;
}

/** Lets go of what is kept of one that waits. */
function forgetOpening(own: Reading): void {
  dropOpening(changetype<Opening>(<usize>own.parser));
  own.parser = 0;
  own.owner = NOBODY;
}

/** A payload of a connection of which something is kept. */
function goOn(own: Reading): bool {
  const opening = changetype<Opening>(<usize>own.parser);
  if (opening.prefix !== 0) {
    const length = load<i32>(<usize>opening.prefix);
    if (current.direction !== <i32>opening.direction) dropBeginning(opening);
    else if (current.streamOffset !== length) return (current.streamOffset > length && isKeptEarly(own)) || again(own);
  }
  if (opening.prefix !== 0 && load<u32>(<usize>opening.prefix) === 1 && recognise(current, start, end) >= 0 && !goesOn(opening)) {
    // A byte alone that the next ones do not go on with is a keep-alive's, of bytes before those captured.
    own.begun &= ~(1 << <u8>current.direction);
    dropBeginning(opening);
  }
  const isLonger = opening.prefix !== 0;
  const block = join(opening, current.direction, current.streamOffset, start, end);
  if (block === 0) return recogniseNew(own);
  const bytes = joinedBytes;
  memory.copy(joinedEvent, changetype<usize>(current), offsetof<Event>());
  current = changetype<Event>(joinedEvent);
  current.streamOffset = 0;
  start = block;
  end = block + bytes;
  const isMore = recogniseNew(own, isLonger);
  release(block, bytes);
  return isMore;
}

/** Whether the kept bytes and the payload behind them begin a protocol. */
function goesOn(opening: Opening): bool {
  const block = join(opening, current.direction, current.streamOffset, start, end);
  if (block === 0) return true;
  const bytes = joinedBytes;
  memory.copy(joinedEvent, changetype<usize>(current), offsetof<Event>());
  const event = changetype<Event>(joinedEvent);
  event.streamOffset = 0;
  const begins = recognise(event, block, block + bytes) >= 0;
  release(block, bytes);
  return begins;
}

/** A protocol is recognised in the payload under way: it is read, then what came before it, if it is a beginning. */
function beginOpened(protocol: u16, own: Reading): bool {
  const opening = changetype<Opening>(<usize>own.parser);
  const isFirst = current.streamOffset === 0;
  own.parser = 0;
  own.owner = NOBODY;
  const isMore = begin(protocol, own);
  return takeEarly(own, opening, isMore && isFirst) || (isMore && !isFirst);
}

/** Hands on segments that came early, if they are wanted, and lets go of what was kept. */
function takeEarly(own: Reading, opening: Opening, isMore: bool): bool {
  for (let early = shiftEarly(opening); early !== null; early = shiftEarly(opening)) {
    if (isMore) {
      current = eventOf(early);
      start = bytesOf(early);
      end = start + early.length;
      isMore = take(own);
    }
    dropEarly(early);
  }
  dropOpening(opening);
  return isMore;
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
  const state = protocol === FTP_DATA ? beginFtpData(place) : protocol === DCC ? beginDcc(place, current) : beginTftpData(place);
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
  if (end > start && load<u8>(start) === HANDSHAKE && isCaughtTls(own, current, start, end)) {
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

function awaitTls(own: Reading): bool {
  if (goesOnInClear(own, current, start, end) && reading < maxReading) {
    own.waited++;
    dropKept(own);
    const state = beginParser(own.protocol);
    return state === 0 ? muted(own) : adopt(own.protocol, state, own);
  }
  const cost = own.costForTls + costOf(start, end);
  if (cost > MAX_COST_FOR_TLS) return muted(own);
  if (own.waited < 2) own.waited++;
  own.costForTls = <u16>cost;
  const begins = mayBeginTls(current, start, end);
  if (!begins && current.direction === 0) keepForTls(own, current, start, end);
  if (!begins || reading >= maxReading) return true;
  const state = beginTlsAt(current);
  if (state === 0) return true;
  const opening = changetype<Opening>(<usize>own.parser);
  own.parser = 0;
  const isMore = adopt(TLS, state, own);
  return changetype<usize>(opening) === 0 ? isMore : takeEarly(own, opening, isMore);
}

/** No more payloads of the flow are asked for. */
function muted(own: Reading): bool {
  if (own.owner === AWAITING) forgetOpening(own);
  else if (own.owner === UNTIL_TLS) dropKept(own);
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
  else if (own.owner === AWAITING) forgetOpening(own);
  else if (own.owner === UNTIL_TLS) dropKept(own);
  if (own.owner === NOBODY && own.service === 0 && own.continued === 0) {
    own.tries = 0;
    own.begun = 0;
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

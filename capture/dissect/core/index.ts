import {Event} from "../../meter/core/layout";
import {eventCount, eventsAddress, PAYLOAD} from "../../meter/core/events";
import {region} from "../../meter/core/index";
import {READING_BYTES, readings} from "../../meter/core/memory";
import {OUTPUT_ROWS} from "../../meter/core/output";
import {openSlots} from "../../meter/core/snapshot";
import {flowAt} from "../../meter/core/table";
import {clearDictionary, Dictionary, intern, openDictionary} from "./dictionary";
import {allocate, dropText, keepText, openHeap, release} from "./heap";
import {counter, countUnread, heldBytes, openHeld, releaseHeld, reserveHeld} from "./held";
import {forgottenNames, lookUpNames, openNames} from "./names";
import {beginDns, endDns, takeDns} from "./protocols/dns";
import {openDnsMessages} from "./protocols/dns-message";
import {openHellos} from "./protocols/hello-row";
import {beginHttp, endHttp, isTunnel, takeHttp} from "./protocols/http";
import {defineProtocols, flagsOf, IS_TENTATIVE, MAY_TURN_TLS, READ_BY_HOST, READ_HERE, recognise} from "./protocols/index";
import {beginQuic, endQuic, takeQuic} from "./protocols/quic";
import {beginTls, endTls, recogniseTls, takeTls} from "./protocols/tls";
import {AWAITING, clearReading, DNS, flowIdOf, HOST, HTTP, MUTED, NOBODY, PARSER, QUIC, Reading, readingOf, TLS, UNTIL_TLS} from "./reading";
import {besidesOf, clearTable, openTables, tableAt, valuesOf} from "./rows";

/**
 * Reads the payloads in the meter's log: those of the protocols that most flows are of are read here, the others are left
 * to the host, event by event, in packet order.
 */

/** The region of the batch's bytes. */
const BYTES = 0;
const TCP = 6;
const UDP = 17;

/** Payloads of a flow that are looked at before it is taken for unknown. */
const MAX_TRIES: u8 = 8;
/** Payloads of a recognised flow within which its turn to TLS is waited for. */
const MAX_TRIES_FOR_TLS: u8 = 40;

/** A first payload shorter than this may be the beginning of a signature cut by segments. */
const SIGNATURE_BYTES: usize = 16;

/** What became of a payload: the host is to look at it; more are wanted, or none. */
const DECLINED = 0;
const WANTED = 1;
const UNWANTED = 2;

/** Which of a batch's columns of texts. */
const SERVER_NAME = 0;
const JA4 = 1;
const DNS_NAME = 2;
const TEXTS = 3;

let isOpen: bool = false;
/** Slots below this may have been used. */
let used: i32 = 0;
let batch: usize = 0;
/** Flows read at the same time at most, and now. */
let maxReading: i32 = 0;
let reading: i32 = 0;

/** Columns of the finished flows in the output: codes by row, and what they stand for. */
let services: usize = 0;
let codes: usize = 0;
const dictionaries = memory.data(108);

/** The payload or end that is under way, and where the payload is. */
let current: Event = changetype<Event>(0);
let start: usize = 0;
let end: usize = 0;

/** An event of the host's own, and room for its payload. */
const offered = memory.data(128);
let offerAt: usize = 0;
let offerBytes: usize = 0;
/** Room for payloads that were put together. */
let room: usize = 0;
let roomBytes: usize = 0;

/**
 * Begins to read payloads, from nothing. `maxFlows`: flows read at the same time at most; `maxHeldBytes`: bytes that flows
 * together may hold; `maxRows`: rows of a table that may wait; `maxNames`: pairs of client and address of which the name
 * is remembered.
 */
export function openReadings(maxFlows: i32, maxHeldBytes: i32, maxRows: i32, maxNames: i32): void {
  memory.fill(readings, 0, <usize>used * READING_BYTES);
  used = 0;
  isOpen = true;
  batch = region(BYTES);
  maxReading = maxFlows;
  reading = 0;
  room = roomBytes = offerAt = offerBytes = 0;
  openHeap();
  openHeld(maxHeldBytes);
  openTables(maxRows);
  openNames(maxNames);
  openDnsMessages();
  openHellos();
  defineProtocols();
  services = allocate(OUTPUT_ROWS * 4);
  codes = allocate(TEXTS * OUTPUT_ROWS * 4);
  for (let text = 0; text < TEXTS; text++) openDictionary(dictionaryOf(text));
  clearColumns();
}

// @ts-ignore: decorator
@inline
function dictionaryOf(text: i32): Dictionary {
  return changetype<Dictionary>(dictionaries + <usize>text * offsetof<Dictionary>());
}

/** Whether payloads are read. */
export function isReading(): bool {
  return isOpen;
}

/** Reads no more: all payloads are the host's. */
export function closeReadings(): void {
  isOpen = false;
}

/** Reads the log from event `from` on; the first one that is the host's, or the number of events. */
export function readEvents(from: i32): i32 {
  if (!isOpen) return from;
  let event = eventsAddress() + <usize>from * offsetof<Event>();
  for (let i = from; i < eventCount; i++, event += offsetof<Event>()) {
    current = changetype<Event>(event);
    const own = readingOf(current.slot);
    if (current.kind !== PAYLOAD) {
      if (own.owner === HOST) return i;
      endFlow();
    } else if (own.owner !== MUTED) {
      start = batch + <usize>current.start;
      end = batch + <usize>current.end;
      if (take(own) === DECLINED) return i;
    }
  }
  return eventCount;
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

/** Where the host puts the payload of an event of its own; 0 where memory is out. */
export function offerRoom(bytes: i32): usize {
  if (<usize>bytes <= offerBytes) return offerAt;
  if (offerAt !== 0) release(offerAt, offerBytes);
  offerAt = allocate(<usize>bytes);
  offerBytes = offerAt === 0 ? 0 : <usize>bytes;
  return offerAt;
}

/** Where it puts the event itself. */
export function offeredEvent(): usize {
  return offered;
}

/** Takes that event's payload: 0 it is the host's, 1 more are wanted, 2 no more. */
export function offer(bytes: i32): i32 {
  current = changetype<Event>(offered);
  start = offerAt;
  end = offerAt + <usize>bytes;
  return take(readingOf(current.slot));
}

/** Takes that event as the end of a flow; false where it is the host's. */
export function offerEnd(): bool {
  current = changetype<Event>(offered);
  if (readingOf(current.slot).owner === HOST) return false;
  endFlow();
  return true;
}

function take(own: Reading): i32 {
  if (current.slot >= used) used = current.slot + 1;
  switch (own.owner) {
    case PARSER:
      return readOn(own);
    case HOST:
      return DECLINED;
    case MUTED:
      return UNWANTED;
    case UNTIL_TLS:
      return awaitTls(own);
    case AWAITING:
      return goOn(own);
  }
  return recogniseNew(own);
}

/** A payload of a flow of which nothing is known. */
function recogniseNew(own: Reading): i32 {
  const proto = current.proto;
  if (proto !== TCP && proto !== UDP) return muted(own);
  if (end <= start) return WANTED;
  // Only the beginning of a direction says what a TCP connection is.
  if (proto === TCP && current.streamOffset !== 0) return again(own);
  const protocol = recognise(current, start, end);
  if (protocol >= 0) return begin(<u8>protocol, own);
  if (proto !== TCP || current.cut !== 0 || end - start >= SIGNATURE_BYTES) return again(own);
  const answer = again(own);
  if (answer === WANTED) keepPrefix(own);
  return answer;
}

/** Keeps a short first payload until the bytes behind it say what it begins. */
function keepPrefix(own: Reading): void {
  const prefix = keepText(start, <u32>(end - start));
  if (prefix === 0) return;
  own.parser = <u32>prefix;
  own.protocol = <u8>current.direction;
  own.owner = AWAITING;
}

/** The payload behind a short first one, or another of its flow. */
function goOn(own: Reading): i32 {
  const prefix = <usize>own.parser;
  const length = load<u32>(prefix);
  const isSameSide = current.direction === <i32>own.protocol;
  if (isSameSide && current.streamOffset < <i32>length) {
    const answer = again(own);
    if (answer === UNWANTED) dropText(prefix);
    return answer;
  }
  if (isSameSide && current.streamOffset === <i32>length) join(prefix + 4, length);
  dropPrefix(own);
  return recogniseNew(own);
}

/** Puts the bytes before the payload under way, which then is one from its stream's beginning. */
function join(prefix: usize, length: u32): void {
  const bytes = <usize>length + (end - start);
  const joined = roomFor(bytes);
  if (joined === 0) return;
  memory.copy(joined, prefix, length);
  memory.copy(joined + length, start, end - start);
  if (changetype<usize>(current) !== offered) memory.copy(offered, changetype<usize>(current), offsetof<Event>());
  current = changetype<Event>(offered);
  current.streamOffset = 0;
  start = joined;
  end = joined + bytes;
}

function dropPrefix(own: Reading): void {
  dropText(<usize>own.parser);
  own.parser = 0;
  own.owner = NOBODY;
}

function begin(protocol: u8, own: Reading): i32 {
  const flags = flagsOf(protocol);
  own.service = (flags & IS_TENTATIVE) !== 0 ? 0 : protocol + 1;
  if ((flags & READ_BY_HOST) !== 0) {
    own.protocol = protocol;
    own.owner = HOST;
    return DECLINED;
  }
  if ((flags & READ_HERE) === 0) {
    if ((flags & MAY_TURN_TLS) === 0) return muted(own);
    own.owner = UNTIL_TLS;
    return WANTED;
  }
  if (reading >= maxReading) {
    countUnread();
    return muted(own);
  }
  const state = protocol === DNS ? beginDns() : protocol === TLS ? beginTls(true) : protocol === HTTP ? beginHttp() : beginQuic();
  if (state === 0) {
    countUnread();
    return muted(own);
  }
  return adopt(protocol, state, own);
}

/** The parser in `state` reads the flow from the payload under way on. */
function adopt(protocol: u8, state: usize, own: Reading): i32 {
  own.owner = PARSER;
  own.protocol = protocol;
  own.parser = <u32>state;
  reading++;
  return readOn(own);
}

function readOn(own: Reading): i32 {
  const state = <usize>own.parser;
  let wanted: bool;
  switch (own.protocol) {
    case DNS:
      wanted = takeDns(state, own, current, start, end);
      break;
    case TLS:
      wanted = takeTls(state, own, current, start, end);
      break;
    case HTTP:
      wanted = takeHttp(state, own, current, start, end);
      break;
    default:
      wanted = takeQuic(state, own, current, start, end);
  }
  if (wanted) return WANTED;
  const turnsToTls = own.protocol === HTTP && isTunnel(state);
  // Most flows stay long after all was read of them; what read them need not.
  endReading(own);
  if (!turnsToTls) return muted(own);
  own.owner = UNTIL_TLS;
  return WANTED;
}

function endReading(own: Reading): void {
  const state = <usize>own.parser;
  switch (own.protocol) {
    case DNS:
      endDns(state, own, current);
      break;
    case TLS:
      endTls(state, own, current);
      break;
    case HTTP:
      endHttp(state, own, current);
      break;
    default:
      endQuic(state, own, current);
  }
  own.parser = 0;
  own.owner = NOBODY;
  reading--;
}

function awaitTls(own: Reading): i32 {
  if (++own.triesForTls > MAX_TRIES_FOR_TLS) return muted(own);
  if (end - start < 6 || !recogniseTls(current, start, end) || reading >= maxReading) return WANTED;
  const state = beginTls(false);
  return state === 0 ? WANTED : adopt(TLS, state, own);
}

/** No more payloads of the flow are asked for. */
function muted(own: Reading): i32 {
  own.owner = MUTED;
  const flow = flowAt(current.slot);
  if (flow.live !== 0 && flow.id === flowIdOf(current)) flow.wantsPayload = 0;
  return UNWANTED;
}

/** Nothing was found in the payload: no more are wanted where enough of the flow's were looked at. */
function again(own: Reading): i32 {
  return ++own.tries < MAX_TRIES ? WANTED : muted(own);
}

/** The protocol that the host is to read the flow of the payload under way by, which the core recognised. */
export function recognised(): i32 {
  return readingOf(current.slot).protocol;
}

/** Where that payload is: it may have been put together. */
export function payloadStart(): usize {
  return start;
}
export function payloadEnd(): usize {
  return end;
}
export function payloadOffset(): i32 {
  return current.streamOffset;
}

/** The host was mistaken in the flow, of which nothing is known then; false: no more are wanted. */
export function mistaken(): bool {
  const own = readingOf(current.slot);
  own.owner = NOBODY;
  own.service = 0;
  if (again(own) === UNWANTED) return false;
  // Several payloads were looked at: it may be mistaken three times at most.
  own.tries += 2;
  return own.tries < MAX_TRIES || muted(own) === WANTED;
}

/** The host has found the flow's service, by its number. */
export function nameService(protocol: i32): void {
  readingOf(current.slot).service = <u8>(protocol + 1);
}

/** The host has read all it wanted of the flow; where `mayTurnTls` is true, TLS may follow. Whether more is wanted. */
export function leftByHost(mayTurnTls: bool): bool {
  const own = readingOf(current.slot);
  if (!mayTurnTls) return muted(own) === WANTED;
  own.owner = UNTIL_TLS;
  return true;
}

/** Ends the flow of the event under way: its names go to its row, or to the flow that continues it. */
export function endFlow(): void {
  const own = readingOf(current.slot);
  if (own.owner === PARSER) endReading(own);
  else if (own.owner === AWAITING) dropPrefix(own);
  if (own.owner === NOBODY && own.service === 0 && own.isContinued === 0) {
    own.tries = 0;
    return;
  }
  const row = <usize>current.row;
  const isContinued = own.isContinued !== 0;
  const service = isContinued ? own.continuedService : own.service;
  const serverName = <usize>(isContinued ? own.continuedServerName : own.serverName);
  const ja4 = <usize>(isContinued ? own.continuedJa4 : own.ja4);
  nameRow(row, service, serverName, ja4);
  const next = current.continuedIn;
  if (next >= 0 && service !== 0) {
    // The names go over to it; they are not this flow's to drop any more.
    if (isContinued) own.continuedServerName = own.continuedJa4 = 0;
    else own.serverName = own.ja4 = 0;
    clearReading(own);
    const continued = readingOf(next);
    if (next >= used) used = next + 1;
    continued.isContinued = 1;
    continued.continuedService = service;
    continued.continuedServerName = <u32>serverName;
    continued.continuedJa4 = <u32>ja4;
  } else clearReading(own);
}

function nameRow(row: usize, service: u8, serverName: usize, ja4: usize): void {
  store<i32>(services + (row << 2), <i32>service - 1);
  if (serverName !== 0) setText(SERVER_NAME, row, serverName);
  if (ja4 !== 0) setText(JA4, row, ja4);
}

function setText(text: i32, row: usize, kept: usize): void {
  store<i32>(codesOf(text) + (row << 2), intern(dictionaryOf(text), kept + 4, load<u32>(kept)));
}

// @ts-ignore: decorator
@inline
function codesOf(text: i32): usize {
  return codes + <usize>text * OUTPUT_ROWS * 4;
}

/** Names the rows of a snapshot as far as their flows are known by now. */
export function nameOpenRows(rows: i32): void {
  for (let row: usize = 0; row < <usize>rows; row++) {
    const own = readingOf(load<i32>(openSlots + (row << 2)));
    if (own.isContinued !== 0) nameRow(row, own.continuedService, own.continuedServerName, own.continuedJa4);
    else nameRow(row, own.service, own.serverName, own.ja4);
  }
}

/** Looks up the names of the output's first rows (`dns_name`). */
export function nameByDns(rows: i32): void {
  clearDictionary(dictionaryOf(DNS_NAME));
  lookUpNames(rows, codesOf(DNS_NAME), dictionaryOf(DNS_NAME));
}

/** The batch's columns: 0 where codes of services are; of text `n`: 3n + 1 where its codes, 3n + 2 where its texts are, 3n + 3 bytes of those. */
export function namesColumn(number: i32): usize {
  if (number === 0) return services;
  const text = (number - 1) / 3;
  const kind = (number - 1) % 3;
  const dictionary = dictionaryOf(text);
  return kind === 0 ? codesOf(text) : kind === 1 ? <usize>dictionary.bytes : <usize>dictionary.used;
}

/** Distinct texts of column `text` of the batch. */
export function namesCount(text: i32): i32 {
  return dictionaryOf(text).count;
}

/** Begins the next batch, with all rows NULL. */
export function clearColumns(): void {
  memory.fill(services, 0xff, OUTPUT_ROWS * 4);
  memory.fill(codes, 0xff, DNS_NAME * OUTPUT_ROWS * 4);
  for (let text = 0; text < DNS_NAME; text++) clearDictionary(dictionaryOf(text));
}

/**
 * Rows of table `number` that wait, and where column `column` of them is: 0 its values, 1 the
 * versions of its addresses, 2 its texts; 3 is how many bytes those are, and 4 how many texts.
 */
export function recordRows(number: i32): i32 {
  return tableAt(number).rows;
}

export function recordColumn(number: i32, column: i32, part: i32): usize {
  const table = tableAt(number);
  if (part === 0) return valuesOf(table, column);
  const besides = besidesOf(table, column);
  if (part === 1) return besides;
  const dictionary = changetype<Dictionary>(besides);
  return part === 2 ? <usize>dictionary.bytes : part === 3 ? <usize>dictionary.used : <usize>dictionary.count;
}

export function recordsDone(number: i32): void {
  clearTable(tableAt(number));
}

/** Counters: 0 malformed, 1 given up, 2 unread flows, 3 forgotten names, 4 bytes held, 5 + n dropped rows of table n. */
export function readingsCounter(number: i32): f64 {
  if (number < 3) return counter(number);
  return number === 3 ? forgottenNames() : number === 4 ? <f64>heldBytes() : <f64>tableAt(number - 5).dropped;
}

/** Bytes that the host's parsers hold count with those held here; false beyond the limit. */
export function hostHolds(bytes: i32): bool {
  if (bytes >= 0) return reserveHeld(bytes);
  releaseHeld(-bytes);
  return true;
}

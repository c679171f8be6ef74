import {awaitLinkEnd} from "../../meter/link-frames";
import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {beginAnnouncement, DEVICE, endText, ERROR, said, sentInFlow, setAddressText, textPlace} from "../neighbours/announcement";
import {noteAnnouncement} from "../neighbours/neighbours";
import {countPrefixes, prefixesFound, withdrawnFound} from "../neighbours/prefixes";
import {pass, passGap, takeMessageBytes} from "../streams/messages";
import {Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {appendNumber, appendText} from "../text";

/** BGP (RFC 4271): rows of `neighbours` for openings, updates and notifications. */

const HEADER: usize = 19;
/** Longest message (RFC 8654 allows 65,535 bytes, which hardly any session agrees on). */
const MAX_MESSAGE: u32 = 4096;
const OPEN: u8 = 1;
const UPDATE: u8 = 2;
const NOTIFICATION: u8 = 3;
const KINDS: u8 = 5;
/** An AS of two bytes that stands for one of four, which a capability tells (RFC 6793). */
const AS_TRANS: u32 = 23456;
const CEASE: u8 = 6;

@unmanaged
class Session {
  sides: u32 = 0;
}

let current: Event = changetype<Event>(0);

/** BGP by its marker of all ones, a length and a type (RFC 4271 §4.1). */
export function recogniseBgp(_event: Event, start: usize, end: usize): bool {
  return start + HEADER <= end && isMessage(start);
}

/** Whether it may begin with that byte. */
export function beginsBgp(byte: u8): bool {
  return byte === 0xff;
}

function isMessage(at: usize): bool {
  if (load<u64>(at) !== 0xffffffffffffffff || load<u64>(at, 8) !== 0xffffffffffffffff) return false;
  const length = u16At(at + 16);
  const type = load<u8>(at, 18);
  return length >= <u32>HEADER && length <= MAX_MESSAGE && type >= OPEN && type <= KINDS;
}

/** State of a new flow; 0 where memory is out. */
export function beginBgp(): usize {
  const state = allocate(offsetof<Session>());
  if (state === 0) return 0;
  const sides = openSides(state);
  if (sides === 0) {
    release(state, offsetof<Session>());
    return 0;
  }
  changetype<Session>(state).sides = <u32>sides;
  // What the end of the flow brings is told, too.
  awaitLinkEnd();
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeBgp(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  current = event;
  return takeSegment(<usize>changetype<Session>(state).sides, event, start, end, takeBytes, passGap);
}

/** The flow has ended: what waits behind holes is read, and all let go of. */
export function endBgp(state: usize, _reading: Reading, event: Event): void {
  current = event;
  const sides = <usize>changetype<Session>(state).sides;
  finishSides(sides, takeBytes, passGap);
  closeSides(sides);
  release(state, offsetof<Session>());
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, MAX_MESSAGE);
}

/** Where a message begins, behind a hole; 0 without. */
function findMessage(start: usize, end: usize): usize {
  for (let at = start; at + HEADER <= end; at++) if (load<u8>(at) === 0xff && isMessage(at)) return at;
  return 0;
}

function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  let at = pass(side, start, end);
  while (side.skip === 0 && end - at >= HEADER) {
    if (!isMessage(at)) {
      side.isAstray = 1;
      return end;
    }
    const next = at + <usize>u16At(at + 16);
    if (next > end) return at;
    takeMessage(side, at, next, ts);
    at = next;
  }
  return at;
}

function takeMessage(side: Side, at: usize, end: usize, ts: f64): void {
  const type = load<u8>(at, 18);
  const content = at + HEADER;
  let isRead = false;
  if (type === OPEN) isRead = readOpen(content, end);
  else if (type === UPDATE) isRead = readUpdate(content, end);
  else if (type === NOTIFICATION) isRead = readNotification(content, end);
  if (!isRead) return;
  // The event under way may be the other side's, which acknowledges what waited.
  const direction = current.direction;
  current.direction = side.direction;
  sentInFlow(current);
  current.direction = direction;
  noteAnnouncement(ts);
}

/** Version, AS, hold time, router, options (§4.2). */
function readOpen(at: usize, end: usize): bool {
  if (at + 10 > end) return false;
  beginAnnouncement("bgp", "open");
  const as = u16At(at + 1);
  said.group = as === AS_TRANS ? longAs(at + 10, min(end, at + 10 + <usize>load<u8>(at, 9))) : as;
  said.hold = u16At(at + 3);
  setAddressText(DEVICE, at + 5, 4, true);
  return true;
}

/** The AS of four bytes among the capabilities, which are options of type 2 (RFC 5492 §4, RFC 6793 §3). */
function longAs(at: usize, end: usize): u32 {
  for (let next = at; at + 2 <= end; at = next) {
    next = at + 2 + <usize>load<u8>(at, 1);
    if (next > end) break;
    if (load<u8>(at) !== 2) continue;
    for (let one = at + 2; one + 2 <= next; one += 2 + <usize>load<u8>(one, 1))
      if (load<u8>(one) === 65 && load<u8>(one, 1) === 4 && one + 6 <= next) return u32At(one + 2);
  }
  return AS_TRANS;
}

function readUpdate(at: usize, end: usize): bool {
  beginAnnouncement("bgp", "update");
  if (!countPrefixes(at, end)) return false;
  said.prefixes = prefixesFound;
  said.withdrawn = withdrawnFound;
  return true;
}

/** Code and subcode (§4.5). */
function readNotification(at: usize, end: usize): bool {
  if (at + 2 > end) return false;
  beginAnnouncement("bgp", "notification");
  const code = load<u8>(at);
  const sub = load<u8>(at, 1);
  const cause = code === CEASE ? ceaseName(sub) : "";
  let to = appendText(errorName(code), textPlace(said, ERROR));
  if (errorName(code) === "error") {
    store<u8>(to++, 0x20);
    to = appendNumber(code, to);
  }
  if (sub !== 0) to = appendText(": ", to);
  if (cause.length > 0) to = appendText(cause, to);
  else if (sub !== 0) to = appendNumber(sub, to);
  endText(ERROR, to);
  return true;
}

function errorName(code: u8): string {
  switch (code) {
    case 1: return "message header";
    case 2: return "open message";
    case 3: return "update message";
    case 4: return "hold timer expired";
    case 5: return "finite state machine";
    case CEASE: return "cease";
    case 7: return "route refresh message";
  }
  return "error";
}

/** Why a session is ended (RFC 4486, RFC 8538, RFC 9384). */
function ceaseName(sub: u8): string {
  switch (sub) {
    case 1: return "maximum number of prefixes reached";
    case 2: return "administrative shutdown";
    case 3: return "peer de-configured";
    case 4: return "administrative reset";
    case 5: return "connection rejected";
    case 6: return "other configuration change";
    case 7: return "connection collision resolution";
    case 8: return "out of resources";
    case 9: return "hard reset";
    case 10: return "BFD down";
  }
  return "";
}

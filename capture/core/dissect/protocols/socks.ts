import {Event} from "../../meter/layout";
import {allocate, dropText, release} from "../heap";
import {keptText} from "../parsers/kept";
import {writeLogin} from "../parsers/login-row";
import {openTunnel} from "../parsers/tunnel";
import {from, gather, keepRest, loseBytes, to} from "../streams/held-stream";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {find} from "../text";

/** SOCKS 4 and 5 (RFC 1928, RFC 1929): the way is asked for and opened; what it carries is read by parsers/tunnel.ts. */

/** Bytes of a message that are waited for: the longest is a name and a password. */
const MAX_MESSAGE: u32 = 1024;

/** Status of the way: asked for, open, refused or not understood. */
const ASKING: u8 = 0;
const OPEN: u8 = 1;
const REFUSED: u8 = 2;

@unmanaged
class Handshake {
  id: u64 = 0;
  /** When a name and password were sent. */
  asked: f64 = 0;
  /** That name, kept. */
  user: u32 = 0;
  sides: u32 = 0;
  /** Where each side's own words end, once they do. */
  clientEnd: i32 = 0;
  serverEnd: i32 = 0;
  status: u8 = 0;
  version: u8 = 0;
  isGreeted: u8 = 0;
  isChosen: u8 = 0;
  isAsked: u8 = 0;
  isAnswered: u8 = 0;
  /** A name and password wait for their answer. */
  isLogin: u8 = 0;
  reserved: u8 = 0;
}

/** State of a new connection; 0 where memory is out. */
export function beginSocks(): usize {
  const state = allocate(offsetof<Handshake>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Handshake>());
  const sides = openSides(state);
  if (sides === 0) {
    release(state, offsetof<Handshake>());
    return 0;
  }
  changetype<Handshake>(state).sides = <u32>sides;
  return state;
}

/** Takes the next payload; false: no more wanted, as the way is open or will not be. */
export function takeSocks(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const own = changetype<Handshake>(state);
  acknowledged = event.acknowledged;
  own.id = flowIdOf(event);
  return takeSegment(<usize>own.sides, event, start, end, readWords, loseBytes) && own.status === ASKING;
}

export function endSocks(state: usize, _reading: Reading, _event: Event): void {
  const own = changetype<Handshake>(state);
  finishSides(<usize>own.sides, readWords, loseBytes);
  closeSides(<usize>own.sides);
  if (own.isLogin !== 0) finishLogin(own, NaN);
  dropText(<usize>own.user);
  release(state, offsetof<Handshake>());
}

/** What the way carries, once it is open; else 0. */
export function socksTunnel(state: usize): usize {
  const own = changetype<Handshake>(state);
  return own.status === OPEN ? openTunnel(own.clientEnd, own.serverEnd) : 0;
}

/** Offset within the other direction that the payload under way acknowledges. */
let acknowledged: i32 = 0;

function readWords(address: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<Side>(address);
  const own = changetype<Handshake>(<usize>side.parser);
  if (own.status !== ASKING) return;
  if (side.isAstray !== 0) {
    // Behind a hole the next word is looked for: not the first one.
    side.isAstray = 0;
    if (side.direction === 0) own.isGreeted = 1;
    else own.isChosen = 1;
  }
  if (!gather(side, start, end)) return;
  let at = from;
  while (at < to && own.status === ASKING && !(side.direction === 0 ? own.isAsked : own.isAnswered)) {
    const length = side.direction === 0 ? takeClientWord(own, at, to, ts) : takeServerWord(own, at, to, ts);
    if (length === 0) break;
    at += length;
  }
  const stop = side.next - <i32>(to - at);
  if (side.direction === 0) own.clientEnd = stop;
  else own.serverEnd = stop;
  if (side.direction === 1 && own.isAnswered !== 0 && own.isAsked === 0) {
    // The request was not captured: the answer acknowledges it.
    if (acknowledged <= 0) own.status = REFUSED;
    own.isAsked = 1;
    own.clientEnd = acknowledged;
  }
  if (own.isAsked !== 0 && own.isAnswered !== 0 && own.status === ASKING) own.status = OPEN;
  // Inner bytes that are here already come again.
  keepRest(side, side.direction === 0 && own.isAsked === 0 ? at : side.direction === 1 && own.isAnswered === 0 ? at : to, MAX_MESSAGE);
}

/** Bytes of the client's message at `at`, 0 where it goes on. */
function takeClientWord(own: Handshake, at: usize, end: usize, ts: f64): usize {
  if (own.version === 0) own.version = load<u8>(at);
  const length = end - at;
  if (own.version === 4) {
    if (length < 9) return 0;
    let stop = textEndOf(at + 8, end);
    const hasName = load<u16>(at, 4) === 0 && load<u8>(at, 6) === 0 && load<u8>(at, 7) !== 0;
    if (stop !== 0 && hasName) stop = textEndOf(stop, end);
    if (stop === 0) return 0;
    own.isAsked = 1;
    return stop - at;
  }
  if (length < 2) return 0;
  if (own.isGreeted === 0) {
    const methods: usize = 2 + <usize>load<u8>(at, 1);
    if (isRequest(at, end)) own.isGreeted = 1;
    else if (length < methods) return 0;
    if (own.isGreeted === 0) {
      own.isGreeted = 1;
      return methods;
    }
  }
  if (load<u8>(at) === 1) {
    // A name and a password (RFC 1929), which is not kept.
    const name: usize = 2 + <usize>load<u8>(at, 1);
    if (length <= name) return 0;
    const both = name + 1 + <usize>load<u8>(at + name);
    if (length < both) return 0;
    dropText(<usize>own.user);
    own.user = <u32>keptText(at + 2, at + name);
    own.asked = ts;
    own.isLogin = 1;
    return both;
  }
  const bytes = addressedLength(own, at, end);
  if (bytes > 0) own.isAsked = 1;
  return bytes;
}

/** Bytes of the server's message at `at`, 0 where it goes on. */
function takeServerWord(own: Handshake, at: usize, end: usize, ts: f64): usize {
  const length = end - at;
  if (own.version === 4) {
    if (length < 8) return 0;
    own.isAnswered = 1;
    if (load<u8>(at, 1) !== 0x5a) own.status = REFUSED;
    return 8;
  }
  if (length < 2) return 0;
  if (own.isChosen === 0 && !(own.isAsked !== 0 && length >= 10 && load<u8>(at, 2) === 0)) {
    own.isChosen = 1;
    const method = load<u8>(at, 1);
    if (load<u8>(at) !== 5 || method === 0xff) own.status = REFUSED;
    if (load<u8>(at) === 5 && (method === 0 || method === 0xff)) writeLogin(own.id, ts, "socks", 0, method === 0 ? "none" : "", method === 0 ? 1 : 0);
    return 2;
  }
  if (load<u8>(at) === 1) {
    if (load<u8>(at, 1) !== 0) own.status = REFUSED;
    if (own.isLogin !== 0) finishLogin(own, load<u8>(at, 1) === 0 ? 1 : 0);
    return 2;
  }
  const bytes = addressedLength(own, at, end);
  if (bytes === 0) return 0;
  own.isAnswered = 1;
  if (load<u8>(at, 1) !== 0) own.status = REFUSED;
  return bytes;
}

function finishLogin(own: Handshake, success: f64): void {
  writeLogin(own.id, own.asked, "socks", <usize>own.user, "password", success);
  own.isLogin = 0;
}

/** Bytes of a request or reply (RFC 1928 §4, §6), 0 where it goes on. */
function addressedLength(own: Handshake, at: usize, end: usize): usize {
  const length = end - at;
  if (length < 5) return 0;
  const type = load<u8>(at, 3);
  const bytes: usize = type === 1 ? 10 : type === 4 ? 22 : type === 3 ? 7 + <usize>load<u8>(at, 4) : 0;
  if (load<u8>(at) !== 5 || bytes === 0) {
    own.status = REFUSED;
    return 0;
  }
  return length < bytes ? 0 : bytes;
}

/** Whether the client's bytes are a request of version 5, and nothing else. */
function isRequest(at: usize, end: usize): bool {
  if (end < at + 10 || load<u8>(at) !== 5 || load<u8>(at, 1) - 1 > 2 || load<u8>(at, 2) !== 0) return false;
  const type = load<u8>(at, 3);
  return at + (type === 1 ? 10 : type === 4 ? 22 : type === 3 ? 7 + <usize>load<u8>(at, 4) : 0) === end;
}

/** Behind the zero that ends a text; 0 where it goes on. */
function textEndOf(at: usize, end: usize): usize {
  const zero = find(0, at, end);
  return zero === 0 ? 0 : zero + 1;
}

/** SOCKS 4 (with 4a) and 5 (RFC 1928 §3) by the client's first message. */
export function recogniseSocks(event: Event, start: usize, end: usize): bool {
  if (event.direction !== 0) return false;
  const second = load<u8>(start, 1);
  if (load<u8>(start) === 5) {
    // The greeting before it was not captured.
    if (event.streamOffset > 0 && isRequest(start, end)) return true;
    if (second === 0 || start + 2 + second !== end) return false;
    for (let at = start + 2; at < end; at++) if (load<u8>(at) > 9 && load<u8>(at) < 0x80) return false;
    return true;
  }
  const length = end - start;
  if (length < 9 || length >= 600 || (second !== 1 && second !== 2)) return false;
  const user = textEnd(start + 8, end);
  if (user === 0 || user === end) return user === end;
  // Version 4a: an address of 0.0.0.x says that a name follows.
  return load<u16>(start, 4) === 0 && load<u8>(start, 6) === 0 && load<u8>(start, 7) !== 0 && textEnd(user, end) === end;
}

/** Behind the zero that ends a text of printable characters; 0 where there is none. */
function textEnd(at: usize, end: usize): usize {
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte === 0) return at + 1;
    if (byte < 0x20 || byte === 0x7f) return 0;
  }
  return 0;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSocks(byte: u8): bool {
  return byte === 4 || byte === 5;
}

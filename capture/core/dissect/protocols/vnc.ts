import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {writeLogin} from "../parsers/login-row";
import {from, gather, keepRest, loseBytes, to} from "../streams/held-stream";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {isText} from "../text";

/** VNC (RFC 6143): how the server asks who somebody is, and whether it lets them in. Nothing behind that is read. */

const VERSION_BYTES: usize = 12;
const CHALLENGE_BYTES: usize = 16;
const MAX_MESSAGE: u32 = 512;
/** Kinds of security (§7.1.2). */
const NONE: u32 = 1;
const CHALLENGE: u32 = 2;
/** What is next of a side; 3 of the server while the client chooses. */
const VERSION: u8 = 0;
const KINDS: u8 = 1;
const PROOF: u8 = 2;
const CHOICE: u8 = 3;
const RESULT: u8 = 4;
const DONE: u8 = 5;

@unmanaged
class Handshake {
  id: u64 = 0;
  ts: f64 = 0;
  sides: u32 = 0;
  /** The kind chosen; 0: none so far. */
  kind: u32 = 0;
  server: u8 = VERSION;
  client: u8 = VERSION;
  /** Version 3.x that the client takes; from 4 on 255. */
  minor: u8 = 0;
  reserved: u8 = 0;
}

/** VNC by the version that both sides begin with: `RFB 003.008` (RFC 6143 §7.1.1). */
export function recogniseVnc(_event: Event, start: usize, end: usize): bool {
  return start + 12 <= end && isText(start, end, "RFB 00") && load<u8>(start, 7) === 0x2e && load<u8>(start, 11) === 10;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsVnc(byte: u8): bool {
  return byte === 0x52;
}

/** State of a new connection; 0 where memory is out. */
export function beginVnc(): usize {
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

/** Takes the next payload; false: no more wanted. */
export function takeVnc(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const own = changetype<Handshake>(state);
  own.id = flowIdOf(event);
  return takeSegment(<usize>own.sides, event, start, end, readBytes, loseBytes) && own.server !== DONE;
}

export function endVnc(state: usize, _reading: Reading, _event: Event): void {
  const own = changetype<Handshake>(state);
  finishSides(<usize>own.sides, readBytes, loseBytes);
  // A challenge whose outcome was not captured.
  if (own.server === PROOF || own.server === RESULT) finish(own, NaN);
  closeSides(<usize>own.sides);
  release(state, offsetof<Handshake>());
}

function readBytes(address: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<Side>(address);
  const own = changetype<Handshake>(<usize>side.parser);
  if (own.server === DONE || side.isAstray !== 0 || !gather(side, start, end)) return;
  let at = from;
  while (at < to && own.server !== DONE) {
    const length = side.direction === 0 ? takeClient(own, at, to) : takeServer(own, at, to, ts);
    if (length === 0) break;
    at += length;
  }
  // Of what the client says behind its choice nothing is read.
  keepRest(side, own.server === DONE || (side.direction === 0 && own.client === DONE) ? to : at, MAX_MESSAGE);
}

/** Bytes of the client's message at `at`; 0 where it goes on, or none is wanted. */
function takeClient(own: Handshake, at: usize, end: usize): usize {
  if (own.client === VERSION) {
    if (at + VERSION_BYTES > end) return 0;
    own.minor = minorOf(at);
    own.client = own.minor < 7 ? DONE : CHOICE;
    return VERSION_BYTES;
  }
  if (own.client === DONE) return 0;
  choose(own, load<u8>(at));
  own.client = DONE;
  return 1;
}

/** Bytes of the server's message at `at`; 0 where it goes on, or waits for the client's choice. */
function takeServer(own: Handshake, at: usize, end: usize, ts: f64): usize {
  const length = end - at;
  switch (own.server) {
    case VERSION:
      if (length < VERSION_BYTES) return 0;
      own.server = KINDS;
      return VERSION_BYTES;
    case KINDS: {
      // Without the client's version its kind of answer is not known.
      if (own.client === VERSION) return 0;
      own.ts = ts;
      if (own.minor < 7) {
        if (length < 4) return 0;
        choose(own, u32At(at));
        return 4;
      }
      const count = <usize>load<u8>(at);
      if (length < 1 + count) return 0;
      if (count === 0) finish(own, 0);
      else if (own.kind === 0) own.server = CHOICE;
      return 1 + count;
    }
    case PROOF:
      if (length < CHALLENGE_BYTES) return 0;
      own.server = RESULT;
      return CHALLENGE_BYTES;
    case RESULT:
      if (length < 4) return 0;
      finish(own, u32At(at) === 0 ? 1 : 0);
      return 4;
  }
  return 0;
}

/** The kind of security is known: by 3.8 the server says, also of none, that somebody is in. */
function choose(own: Handshake, kind: u32): void {
  own.kind = kind;
  if (kind === CHALLENGE) own.server = PROOF;
  else if (kind !== NONE) finish(own, kind === 0 ? 0 : NaN);
  else if (own.minor >= 8) own.server = RESULT;
  else finish(own, 1);
}

function finish(own: Handshake, success: f64): void {
  writeLogin(own.id, own.ts, "vnc", 0, kindName(own.kind), success);
  own.server = DONE;
}

/** By the registry of RFC 6143 §7.1.2 and its successors. */
function kindName(kind: u32): string {
  switch (kind) {
    case 0: return "";
    case NONE: return "none";
    case CHALLENGE: return "challenge";
    case 5: return "ra2";
    case 16: return "tight";
    case 18: return "tls";
    case 19: return "vencrypt";
    case 30: return "apple";
  }
  return "other";
}

/** `RFB 003.008`: the digits behind the dot, of versions above 3 the most. */
function minorOf(at: usize): u8 {
  if (load<u8>(at, 6) !== 0x33) return 255;
  const number = 100 * <u32>(load<u8>(at, 8) & 15) + 10 * <u32>(load<u8>(at, 9) & 15) + <u32>(load<u8>(at, 10) & 15);
  return <u8>min(number, 255);
}

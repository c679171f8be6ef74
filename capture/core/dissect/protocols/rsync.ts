import {Event} from "../../meter/layout";
import {allocate, dropText, release} from "../heap";
import {keptText} from "../parsers/kept";
import {writeLogin} from "../parsers/login-row";
import {from, gatherLines, keepRest, loseBytes, to} from "../streams/held-stream";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {find, isText, lineEnd} from "../text";

/** The rsync daemon: which module a client asks for, and whether it gets it. Nothing behind that is read. */

const MAX_LINE: u32 = 4096;
/** What is next of the client; nothing is, also where some of its lines are missing. */
const GREETING: u8 = 0;
const MODULE: u8 = 1;
const PROOF: u8 = 2;
const DONE: u8 = 3;

@unmanaged
class Handshake {
  id: u64 = 0;
  ts: f64 = 0;
  sides: u32 = 0;
  /** Kept texts, 0 without: the server's version, the module, the user. */
  version: u32 = 0;
  module: u32 = 0;
  user: u32 = 0;
  client: u8 = GREETING;
  /** The server asks who the user is. */
  isChallenged: u8 = 0;
  /** The module was granted or refused. */
  isDone: u8 = 0;
  reserved: u8 = 0;
}

/** The rsync daemon by the greeting of both sides. */
export function recogniseRsync(_event: Event, start: usize, end: usize): bool {
  return isText(start, end, "@RSYNCD: ");
}

/** Whether it may begin with that byte. */
export function beginsRsync(byte: u8): bool {
  return byte === 0x40;
}

/** State of a new connection; 0 where memory is out. */
export function beginRsync(): usize {
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
export function takeRsync(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const own = changetype<Handshake>(state);
  own.id = flowIdOf(event);
  return takeSegment(<usize>own.sides, event, start, end, readLines, loseBytes) && own.isDone === 0;
}

export function endRsync(state: usize, _reading: Reading, _event: Event): void {
  const own = changetype<Handshake>(state);
  finishSides(<usize>own.sides, readLines, loseBytes);
  if (own.isDone === 0 && (own.module !== 0 || own.isChallenged !== 0)) finish(own, NaN);
  closeSides(<usize>own.sides);
  dropText(<usize>own.version);
  dropText(<usize>own.module);
  dropText(<usize>own.user);
  release(state, offsetof<Handshake>());
}

function readLines(address: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<Side>(address);
  const own = changetype<Handshake>(<usize>side.parser);
  if (own.isDone !== 0) return;
  // Behind missing bytes it is not known which of the client's lines comes.
  if (side.direction === 0 && side.isAstray !== 0) own.client = DONE;
  if (side.direction === 0 && own.client === DONE) return;
  if (!gatherLines(side, start, end)) return;
  let at = from;
  while (at < to && own.isDone === 0) {
    const line = lineEnd(at, to);
    if (line === 0) break;
    const stop = line > at && load<u8>(line - 1) === 13 ? line - 1 : line;
    if (side.direction === 0) takeClientLine(own, at, stop, ts);
    else takeServerLine(own, at, stop, ts);
    at = line + 1;
  }
  keepRest(side, own.isDone !== 0 || (side.direction === 0 && own.client === DONE) ? to : at, MAX_LINE);
}

function takeClientLine(own: Handshake, at: usize, end: usize, ts: f64): void {
  switch (own.client) {
    case GREETING:
      own.client = MODULE;
      break;
    case MODULE:
      own.client = PROOF;
      own.ts = ts;
      // An empty name asks for the list of modules, as `#list` does.
      if (end > at) own.module = <u32>keptText(at, end);
      break;
    case PROOF: {
      // The name, and an answer to the challenge, which is not kept.
      own.client = DONE;
      const space = find(0x20, at, end);
      if (space > at) own.user = <u32>keptText(at, space);
    }
  }
}

/** Other lines are a message of the day, or the list of modules. */
function takeServerLine(own: Handshake, at: usize, end: usize, ts: f64): void {
  if (isText(at, end, "@ERROR")) return finish(own, 0, ts);
  if (!isText(at, end, "@RSYNCD: ")) return;
  const word = at + 9;
  if (isText(word, end, "AUTHREQD")) {
    own.isChallenged = 1;
    if (own.ts === 0) own.ts = ts;
  } else if (isText(word, end, "OK") || isText(word, end, "EXIT")) finish(own, 1, ts);
  else if (own.version === 0) {
    const space = find(0x20, word, end);
    own.version = <u32>keptText(word, space === 0 ? end : space, 16);
  }
}

/** The outcome was told at `ts`, which stands for when the module was asked for where that was not captured. */
function finish(own: Handshake, success: f64, ts: f64 = 0): void {
  if (own.ts === 0) own.ts = ts;
  const auth = own.isChallenged !== 0 ? "challenge" : success === 1 ? "none" : "";
  writeLogin(own.id, own.ts, "rsync", <usize>own.user, auth, success, <usize>own.module, <usize>own.version);
  own.isDone = 1;
}

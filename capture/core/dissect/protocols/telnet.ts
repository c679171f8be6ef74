import {Event} from "../../meter/layout";
import {allocate, dropText, release} from "../heap";
import {keptText} from "../parsers/kept";
import {writeLogin} from "../parsers/login-row";
import {asksForPassword, asksForUser, isPrompt, refuses} from "../parsers/terminal-text";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";

/**
 * Telnet (RFC 854): logins by the words of the server. What a user types is kept for the name alone; of a password nothing
 * but that it was sent. Behind a login that succeeded nothing is read.
 */

const LINE_BYTES: u32 = 96;
const WORD_BYTES: u32 = 64;
/** Of a server that lets nobody in, so many bytes are read. */
const MOST_BYTES: u32 = 262_144;

/** Where somebody is on the way in. */
const IDLE: u8 = 0;
const USER: u8 = 1;
const NAMED: u8 = 2;
const PASSWORD: u8 = 3;
const SENT: u8 = 4;
const INSIDE: u8 = 5;

/** What the next byte of a direction is: text, or part of a command (IAC) or of a sequence for the screen. */
const TEXT: u8 = 0;
const COMMAND: u8 = 1;
const OPTION: u8 = 2;
const NEGOTIATION: u8 = 3;
const NEGOTIATED: u8 = 4;
const ESCAPE: u8 = 5;

@unmanaged
class Talk {
  id: u64 = 0;
  ts: f64 = 0;
  sides: u32 = 0;
  /** Name of the login under way, kept. */
  user: u32 = 0;
  lineLength: u32 = 0;
  wordLength: u32 = 0;
  bytes: u32 = 0;
  phase: u8 = 0;
  clientMode: u8 = 0;
  serverMode: u8 = 0;
  /** The server's line has grown since it was looked at. */
  isFresh: u8 = 0;
}

const TALK_BYTES: usize = offsetof<Talk>() + <usize>(LINE_BYTES + WORD_BYTES);

/** Telnet by an option negotiation (RFC 854). */
export function recogniseTelnet(_event: Event, start: usize, end: usize): bool {
  const command = load<u8>(start, 1);
  const option = load<u8>(start, 2);
  return start + 3 <= end && command >= 0xfa && command <= 0xfe && (option <= 49 || option === 255);
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsTelnet(byte: u8): bool {
  return byte === 0xff;
}

/** State of a new connection; 0 where memory is out. */
export function beginTelnet(): usize {
  const state = allocate(TALK_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, TALK_BYTES);
  const sides = openSides(state);
  if (sides === 0) {
    release(state, TALK_BYTES);
    return 0;
  }
  changetype<Talk>(state).sides = <u32>sides;
  return state;
}

/** Takes the next payload; false: no more wanted. */
export function takeTelnet(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const talk = changetype<Talk>(state);
  talk.id = flowIdOf(event);
  return takeSegment(<usize>talk.sides, event, start, end, readBytes, lose) && talk.phase !== INSIDE && talk.bytes < MOST_BYTES;
}

export function endTelnet(state: usize, _reading: Reading, _event: Event): void {
  const talk = changetype<Talk>(state);
  finishSides(<usize>talk.sides, readBytes, lose);
  if (talk.phase === SENT) finish(talk, "password", NaN);
  closeSides(<usize>talk.sides);
  dropText(<usize>talk.user);
  release(state, TALK_BYTES);
}

function readBytes(address: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<Side>(address);
  const talk = changetype<Talk>(<usize>side.parser);
  const isServer = side.direction === 1;
  talk.bytes += <u32>(end - start);
  let mode = isServer ? talk.serverMode : talk.clientMode;
  for (let at = start; at < end && talk.phase !== INSIDE; at++) {
    const byte = load<u8>(at);
    if (mode !== TEXT) mode = following(mode, byte);
    else if (byte === 0xff) mode = COMMAND;
    else if (byte === 0x1b) mode = ESCAPE;
    else if (isServer) takeShown(talk, byte);
    else takeTyped(talk, byte, ts);
  }
  if (isServer) {
    talk.serverMode = mode;
    if (talk.isFresh !== 0 && talk.phase !== INSIDE) lookAtPrompt(talk);
  } else talk.clientMode = mode;
}

/** The mode behind a byte that is no text. */
function following(mode: u8, byte: u8): u8 {
  switch (mode) {
    case COMMAND: return byte === 0xfa ? NEGOTIATION : byte >= 0xfb && byte <= 0xfe ? OPTION : TEXT;
    case NEGOTIATION: return byte === 0xff ? NEGOTIATED : NEGOTIATION;
    case NEGOTIATED: return byte === 0xf0 ? TEXT : NEGOTIATION;
    // A sequence for the screen ends with a letter.
    case ESCAPE: return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a ? TEXT : ESCAPE;
  }
  return TEXT;
}

/** Bytes are missing: what they began is forgotten. */
function lose(address: usize, _missing: i32): void {
  const talk = changetype<Talk>(<usize>changetype<Side>(address).parser);
  talk.clientMode = talk.serverMode = TEXT;
  talk.lineLength = talk.wordLength = 0;
}

// @ts-ignore: decorator
@inline
function lineOf(talk: Talk): usize {
  return changetype<usize>(talk) + offsetof<Talk>();
}

// @ts-ignore: decorator
@inline
function wordOf(talk: Talk): usize {
  return lineOf(talk) + <usize>LINE_BYTES;
}

/** A byte on the screen. Of a long line its end is kept. */
function takeShown(talk: Talk, byte: u8): void {
  if (byte === 10 || byte === 13) {
    if (talk.lineLength > 0) endLine(talk);
    talk.lineLength = 0;
    return;
  }
  if (byte < 0x20 || byte > 0x7e) return;
  const line = lineOf(talk);
  if (talk.lineLength === LINE_BYTES) {
    memory.copy(line, line + <usize>(LINE_BYTES / 2), <usize>(LINE_BYTES / 2));
    talk.lineLength = LINE_BYTES / 2;
  }
  store<u8>(line + <usize>talk.lineLength, byte);
  talk.lineLength++;
  talk.isFresh = 1;
}

function endLine(talk: Talk): void {
  if ((talk.phase === SENT || talk.phase === NAMED) && refuses(lineOf(talk), lineOf(talk) + <usize>talk.lineLength)) finish(talk, talk.phase === SENT ? "password" : "", 0);
}

/** What stands on the server's last line as it stops to speak: a question, or a shell. */
function lookAtPrompt(talk: Talk): void {
  talk.isFresh = 0;
  const start = lineOf(talk);
  const end = start + <usize>talk.lineLength;
  if (asksForPassword(start, end)) {
    if (talk.phase === SENT) finish(talk, "password", 0);
    talk.phase = PASSWORD;
  } else if (asksForUser(start, end)) {
    if (talk.phase === SENT) finish(talk, "password", 0);
    talk.phase = USER;
  } else if ((talk.phase === SENT || talk.phase === NAMED) && isPrompt(start, end)) finish(talk, talk.phase === SENT ? "password" : "none", 1);
  else return;
  talk.wordLength = 0;
}

/** A byte that the user types: of a password it is forgotten at once. */
function takeTyped(talk: Talk, byte: u8, ts: f64): void {
  if (talk.phase === PASSWORD) {
    if (byte !== 13 && byte !== 10) {
      talk.wordLength = 1;
      return;
    }
    // A line feed alone ends what came before.
    if (byte === 10 && talk.wordLength === 0) return;
    talk.phase = SENT;
    talk.ts = ts;
    talk.lineLength = 0;
    return;
  }
  if (talk.phase !== USER) return;
  if (byte === 13 || byte === 10) {
    if (talk.wordLength === 0) return;
    dropText(<usize>talk.user);
    talk.user = <u32>keptText(wordOf(talk), wordOf(talk) + <usize>talk.wordLength);
    talk.phase = NAMED;
    talk.ts = ts;
    talk.lineLength = 0;
  } else if (byte === 8 || byte === 0x7f) {
    if (talk.wordLength > 0) talk.wordLength--;
  } else if (byte >= 0x20 && talk.wordLength < WORD_BYTES) {
    store<u8>(wordOf(talk) + <usize>talk.wordLength, byte);
    talk.wordLength++;
  }
}

function finish(talk: Talk, auth: string, success: f64): void {
  writeLogin(talk.id, talk.ts, "telnet", <usize>talk.user, auth, success);
  talk.phase = success === 1 ? INSIDE : IDLE;
}

import {Event} from "../../meter/layout";
import {keepText} from "../heap";
import {answer, askKept, Database, endDatabase, finish, LOGIN, openDatabase, PLAIN, REDIS_SYSTEM, setAuth, setClient, setUser, setVersion, takeDatabase, USE, waiting} from "../parsers/databases/database";
import {isDigit} from "../parsers/http/http-values";
import {keptText, keptWord} from "../parsers/kept";
import {pass, passGap, takeMessageBytes} from "../streams/messages";
import {Reading} from "../streams/reading";
import {Side} from "../streams/sides";
import {find, isTextAnyCase, lineEnd} from "../text";

/** Redis (RESP 2 and 3): commands with their answers, in order. Neither keys nor values are kept. */

/** Longest line, and bytes of a text that are looked at. */
const MAX_LINE: u32 = 1024;

/** Redis by a command as an array of bulk strings (RESP). */
export function recogniseRedis(_event: Event, start: usize, end: usize): bool {
  const line = lineEnd(start, min(end, start + 12));
  if (line < start + 3 || load<u8>(line - 1) !== 13 || load<u8>(line, 1) !== 0x24) return false;
  for (let at = start + 1; at < line - 1; at++) if (!isDigit(load<u8>(at))) return false;
  return true;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRedis(byte: u8): bool {
  return byte === 0x2a;
}

export function beginRedis(): usize {
  return openDatabase(REDIS_SYSTEM);
}

export function takeRedis(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  return takeDatabase(state, event, false, start, end, takeBytes, passGap);
}

export function endRedis(state: usize, _reading: Reading, event: Event): void {
  endDatabase(state, event, takeBytes, passGap);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, MAX_LINE + 2);
}

/** After a hole: a segment that begins as a message; the answer under way has no end. */
function findMessage(start: usize, end: usize): usize {
  const line = lineEnd(start, min(end, start + MAX_LINE));
  return line > start + 1 && load<u8>(line - 1) === 13 && isType(load<u8>(start)) ? start : 0;
}

/** `+ - : $ *` and those of RESP 3: `_ # , ( ! = % ~ > |`. */
function isType(byte: u8): bool {
  switch (byte) {
    case 0x2b:
    case 0x2d:
    case 0x3a:
    case 0x24:
    case 0x2a:
    case 0x5f:
    case 0x23:
    case 0x2c:
    case 0x28:
    case 0x21:
    case 0x3d:
    case 0x25:
    case 0x7e:
    case 0x3e:
    case 0x7c: return true;
  }
  return false;
}

/** Of an answer `db.first` values are still to come; `db.second`: 1 it is one, 2 it answers nothing. `db.third`: arguments still to come. */
function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  const db = changetype<Database>(<usize>side.parser);
  let at = pass(side, start, end);
  while (side.skip === 0 && at < end) {
    const line = lineEnd(at, end);
    if (line === 0) return at;
    const next = side.direction === db.server ? takeValue(db, at, line, end, ts) : db.third > 0 ? behindArgument(db, at, line) : takeCommand(db, at, line, end, ts);
    if (next === 0) return at;
    if (next > end) {
      side.skip = <u32>(next - end);
      return end;
    }
    at = next;
  }
  return at;
}

/** Arguments of a command that are looked at, and bytes of one: where they begin and end. */
const ARGUMENTS: i32 = 6;
const MAX_ARGUMENT: i32 = 128;
const places = memory.data(48);
const name = memory.data(64);

// @ts-ignore: decorator
@inline
function argumentAt(place: i32): usize {
  return <usize>load<u32>(places + (<usize>place << 3));
}

// @ts-ignore: decorator
@inline
function argumentEnd(place: i32): usize {
  return <usize>load<u32>(places + (<usize>place << 3), 4);
}

/** Behind the first arguments of a command, up to a long one; 0 where they are not all there. */
function takeCommand(db: Database, at: usize, line: usize, end: usize, ts: f64): usize {
  if (load<u8>(at) !== 0x2a) return line + 1;
  const count = numberAt(at + 1, line);
  let from = line + 1;
  let read = 0;
  for (const most = min(count, ARGUMENTS); read < most; read++) {
    const its = lineEnd(from, end);
    if (its === 0) return 0;
    const length = numberAt(from + 1, its);
    if (load<u8>(from) !== 0x24 || length < 0 || length > MAX_ARGUMENT) break;
    const text = its + 1;
    if (text + <usize>length + 2 > end) return 0;
    store<u32>(places + (<usize>read << 3), <u32>text);
    store<u32>(places + (<usize>read << 3), <u32>text + length, 4);
    from = text + <usize>length + 2;
  }
  if (read > 0) ask(db, read, ts);
  db.third = <u32>max(count - read, 0);
  return from;
}

/** Behind an argument that is not looked at. */
function behindArgument(db: Database, at: usize, line: usize): usize {
  const isArgument = load<u8>(at) === 0x24;
  db.third = isArgument ? db.third - 1 : 0;
  return isArgument ? line + 3 + <usize>max(numberAt(at + 1, line), 0) : at;
}

function ask(db: Database, read: i32, ts: f64): void {
  const last = appendName(0, name);
  if (last === name) return;
  const isClient = isArgument(0, "CLIENT");
  let what = PLAIN;
  let user = -1;
  if (isArgument(0, "AUTH")) {
    what = LOGIN;
    if (read > 2) user = 1;
  } else if (isArgument(0, "HELLO") && read > 4 && isArgument(2, "AUTH")) {
    what = LOGIN;
    user = 3;
  } else if (isArgument(0, "SELECT") && read > 1) what = USE;
  if (what === LOGIN) {
    setUser(db, user < 0 ? 0 : keptText(argumentAt(user), argumentEnd(user)));
    setAuth(db, keptWord("password"));
  } else if (isClient && read > 2 && isArgument(1, "SETNAME")) setClient(db, keptText(argumentAt(2), argumentEnd(2)));
  else if (isClient && read > 3 && db.client === 0 && isArgument(2, "LIB-NAME")) setClient(db, keptText(argumentAt(3), argumentEnd(3)));
  let end = last;
  if (read > 1 && hasSubcommands()) {
    store<u8>(last, 0x20);
    end = appendName(1, last + 1);
    if (end === last + 1) end = last;
  }
  const request = askKept(db, what === LOGIN ? keptWord("login") : keepText(name, <u32>(end - name)), what, ts);
  if (request !== null && what === USE) request.object = <u32>keptText(argumentAt(1), argumentEnd(1), 16);
}

/** Writes an argument in upper case as far as it may be a command's name; where it ends. */
function appendName(place: i32, to: usize): usize {
  for (let at = argumentAt(place); at < min(argumentEnd(place), argumentAt(place) + 24); at++) {
    const byte = load<u8>(at);
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    if (!isLetter && !isDigit(byte) && byte !== 0x2d && byte !== 0x5f && byte !== 0x2e) break;
    store<u8>(to++, isLetter ? byte & 0xdf : byte);
  }
  return to;
}

function isArgument(place: i32, word: string): bool {
  return argumentEnd(place) - argumentAt(place) === word.length && isTextAnyCase(argumentAt(place), argumentEnd(place), word);
}

/** Commands of which the second word is part of the command. */
function hasSubcommands(): bool {
  return (
    isArgument(0, "CONFIG") ||
    isArgument(0, "CLIENT") ||
    isArgument(0, "ACL") ||
    isArgument(0, "CLUSTER") ||
    isArgument(0, "SCRIPT") ||
    isArgument(0, "MODULE") ||
    isArgument(0, "FUNCTION") ||
    isArgument(0, "DEBUG") ||
    isArgument(0, "COMMAND") ||
    isArgument(0, "PUBSUB") ||
    isArgument(0, "SLOWLOG") ||
    isArgument(0, "LATENCY") ||
    isArgument(0, "MEMORY") ||
    isArgument(0, "OBJECT") ||
    isArgument(0, "XGROUP") ||
    isArgument(0, "XINFO") ||
    isArgument(0, "SENTINEL")
  );
}

/** Behind a value of the server's, which may be a part of an answer. */
function takeValue(db: Database, at: usize, line: usize, end: usize, ts: f64): usize {
  const type = load<u8>(at);
  const isAnswer = db.first === 0;
  if (isAnswer) {
    db.first = 1;
    db.second = type === 0x3e ? 2 : 1;
  }
  const number = numberAt(at + 1, line);
  let next = line + 1;
  let parts: i32 = 0;
  switch (type) {
    case 0x2a:
    case 0x7e:
    case 0x3e:
      parts = number;
      break;
    case 0x25:
      parts = 2 * number;
      break;
    // Attributes go before what they are of.
    case 0x7c:
      parts = 2 * number + 1;
      break;
    case 0x24:
    case 0x3d:
    case 0x21:
      if (number >= 0) next += <usize>number + 2;
  }
  const request = waiting(db);
  if (request !== null && db.second === 1) {
    if (isAnswer) {
      const isError = type === 0x2d || type === 0x21;
      answer(request, !isError, type === 0x2d ? errorWord(at + 1, line) : 0, ts);
      if (type === 0x2a || type === 0x25 || type === 0x7e) request.rows = <f64>max(number, 0);
    }
    if (type === 0x24 && db.version === 0) findVersion(db, line + 1, min(next, end));
  }
  db.first = parts > 1_000_000 ? 0 : db.first - 1 + <u32>max(parts, 0);
  if (db.first === 0 && request !== null && db.second === 1) finish(db, request);
  return next;
}

function errorWord(at: usize, line: usize): usize {
  const space = find(0x20, at, line);
  return keptText(at, space !== 0 ? space : load<u8>(line - 1) === 13 ? line - 1 : line, 64);
}

/** As INFO has it. */
function findVersion(db: Database, at: usize, end: usize): void {
  const text = at + 10;
  if (end < at + 30 || load<u8>(at) !== 0x23 || !isTextAnyCase(text, end, "REDIS_VERSION:")) return;
  const line = lineEnd(text, end);
  if (line !== 0) setVersion(db, keptText(text + 14, load<u8>(line - 1) === 13 ? line - 1 : line, 64));
}

/** A whole number up to the line's end; -1 where there is none, or it is too large. */
function numberAt(at: usize, line: usize): i32 {
  let number: i32 = 0;
  const first = at;
  for (; at < line && isDigit(load<u8>(at)); at++) {
    if (number > 100_000_000) return -1;
    number = 10 * number + <i32>(load<u8>(at) - 0x30);
  }
  return at > first ? number : -1;
}

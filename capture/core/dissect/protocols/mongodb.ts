import {Event} from "../../meter/layout";
import {ARRAY, BINARY, DOCUMENT, element, elementsOf, findElement, isNamed, nameAt, nameEnd, numberOf, TEXT, type, valueAt, valueEnd} from "../parsers/databases/bson";
import {answer, ask, askKept, Database, endDatabase, finish, keptNumber, LOGIN, MONGODB_SYSTEM, openDatabase, PLAIN, Request, requestOf, requestThatIs, setAuth, setClient, setDatabase, setUser, setVersion, takeDatabase} from "../parsers/databases/database";
import {keptText, keptWord} from "../parsers/kept";
import {pass, passGap, takeMessageBytes} from "../streams/messages";
import {Reading} from "../streams/reading";
import {Side} from "../streams/sides";
import {find, isText} from "../text";

/** MongoDB (Wire Protocol): commands with their answers. Of documents the names of commands, databases and collections alone are kept. */

/** Bytes of a message that are looked at; the rest is passed over. */
const MAX_READ: u32 = 16_384;

/** Longest message (maxMessageSizeBytes), and the least that a segment carries of one in several. */
const MAX_MESSAGE: u32 = 48_000_000;
const MIN_SEGMENT: u32 = 536;

/** MongoDB by its message header: a length and one of the operations in use (MongoDB Wire Protocol, Standard Message Header). */
export function recogniseMongodb(event: Event, start: usize, end: usize): bool {
  const present = <u32>(end - start);
  if (present < 21 || !isOperation(event, start)) return false;
  const length = load<u32>(start);
  // A request in one segment, or the beginning of one in several.
  return length === present + event.cut || (length > present && length <= MAX_MESSAGE && present >= MIN_SEGMENT);
}

/** OP_REPLY, OP_QUERY, OP_COMPRESSED, OP_MSG, each with the flags that it has; only replies answer a request. */
function isOperation(event: Event, start: usize): bool {
  const answered = load<i32>(start, 8);
  // Old drivers say -1 where there is nothing to answer.
  const answers = answered !== 0 && answered !== -1;
  const flags = load<u32>(start, 16);
  if (answers !== (event.direction === 1)) return false;
  switch (load<u32>(start, 12)) {
    case 1:
      return answers && flags <= 15;
    case 2004:
      return !answers && (flags & ~0xfe) === 0;
    case 2012:
      return flags === 1 || flags === 2004 || flags === 2013;
    case 2013:
      return (flags & ~0x10003) === 0 && load<u8>(start, 20) <= 1;
  }
  return false;
}

export function beginMongodb(): usize {
  return openDatabase(MONGODB_SYSTEM);
}

export function takeMongodb(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const isAnswer = end - start >= 12 && load<i32>(start, 8) !== 0 && load<i32>(start, 8) !== -1;
  return takeDatabase(state, event, isAnswer, start, end, takeBytes, passGap);
}

export function endMongodb(state: usize, _reading: Reading, event: Event): void {
  endDatabase(state, event, takeBytes, passGap);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, MAX_READ);
}

/** After a hole: a segment that begins with a header of a message. */
function findMessage(start: usize, end: usize): usize {
  return start + 16 <= end && isHeader(start) ? start : 0;
}

function isHeader(at: usize): bool {
  const code = load<u32>(at, 12);
  return load<u32>(at) >= 16 && load<u32>(at) <= MAX_MESSAGE && (code === 1 || (code >= 2001 && code <= 2013));
}

function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  const db = changetype<Database>(<usize>side.parser);
  let at = pass(side, start, end);
  while (side.skip === 0 && at + 16 <= end) {
    if (!isHeader(at)) {
      side.isLost = 1;
      return end;
    }
    const length = load<u32>(at);
    const looked = min(length, MAX_READ);
    if (at + <usize>looked > end) return at;
    if (side.direction === db.server) takeAnswer(db, at, at + <usize>looked, ts);
    else takeRequest(db, load<u32>(at, 12), load<u32>(at, 4), at + 16, at + <usize>looked, ts);
    side.skip = length - looked;
    at = pass(side, at + <usize>looked, end);
  }
  return at;
}

function takeRequest(db: Database, code: u32, number: u32, at: usize, end: usize, ts: f64): void {
  let request: Request | null = null;
  switch (code) {
    case 2004: {
      const space: usize = at + 4 < end ? find(0, at + 4, end) : 0;
      if (space === 0 || space + 9 > end) return;
      if (isText(takeNamespace(db, at + 4, space), space, "$cmd")) request = takeCommand(db, elementsOf(space + 9, end), number, end, ts);
      else request = askNamed(db, "find", at + 4, space, ts);
      break;
    }
    case 2005:
      request = askNamed(db, "get_more", at + 4, at + 4 < end ? find(0, at + 4, end) : 0, ts);
      break;
    case 2001:
    case 2002:
    case 2006:
      request = askNamed(db, code === 2001 ? "update" : code === 2002 ? "insert" : "delete", at + 4, at + 4 < end ? find(0, at + 4, end) : 0, ts);
      if (request !== null) finish(db, request);
      return;
    case 2007:
      request = ask(db, "kill_cursors", PLAIN, ts);
      if (request !== null) finish(db, request);
      return;
    case 2012:
      // Without compression, as the first messages are; or something that is not read.
      if (at + 9 <= end && load<u8>(at, 8) === 0) return takeRequest(db, load<u32>(at) === 2012 ? 0 : load<u32>(at), number, at + 9, end, ts);
      request = ask(db, "compressed", PLAIN, ts);
      break;
    case 2013: {
      const body = bodyOf(at, end);
      request = takeCommand(db, body, number, end, ts);
      // No answer will come.
      if (request !== null && (load<u32>(at) & 2) !== 0) return finish(db, request);
    }
  }
  if (request !== null) request.number = number;
}

/** Where the elements of the body of an OP_MSG begin; 0 without one. */
function bodyOf(at: usize, end: usize): usize {
  for (at += 4; at + 5 < end; at += 1 + <usize>load<u32>(at, 1)) {
    if (load<u8>(at) === 0) return elementsOf(at + 1, end);
    if (load<u32>(at, 1) > 0x3fffffff || load<u32>(at, 1) < 4) return 0;
  }
  return 0;
}

/** Sets the database of `database.collection`; where the collection begins. */
function takeNamespace(db: Database, at: usize, end: usize): usize {
  const dot = find(0x2e, at, end);
  if (dot === 0) return end;
  if (dot > at) setDatabase(db, keptText(at, dot, 128));
  return dot + 1;
}

function askNamed(db: Database, command: string, at: usize, end: usize, ts: f64): Request | null {
  if (end === 0) return null;
  const collection = takeNamespace(db, at, end);
  const request = ask(db, command, PLAIN, ts);
  if (request !== null && collection < end) request.object = <u32>keptText(collection, end, 256);
  return request;
}

/** A command is the name of its document's first element, which mostly names the collection. */
function takeCommand(db: Database, elements: usize, number: u32, end: usize, ts: f64): Request | null {
  if (elements === 0) return null;
  const next = element(elements, end);
  if (nameEnd === 0 || nameAt !== elements + 1 || !isName(nameAt, nameEnd)) return null;
  const from = nameAt;
  const to = nameEnd;
  const object = next !== 0 && type === TEXT && valueEnd > valueAt + 5 ? keptText(valueAt + 4, valueEnd - 1, 256) : 0;
  if (next !== 0 && findElement(elements, end, "$db") && type === TEXT && valueEnd > valueAt + 5) setDatabase(db, keptText(valueAt + 4, valueEnd - 1, 128));
  const isContinue = isWord(from, to, "saslContinue");
  if (isContinue || isWord(from, to, "saslStart") || isWord(from, to, "authenticate")) {
    if (!isContinue) takeLogin(db, elements, end);
    const open = requestThatIs(db, LOGIN, LOGIN);
    if (!isContinue || open === null) return ask(db, "login", LOGIN, ts);
    open.number = number;
    return null;
  }
  if (isWord(from, to, "hello") || isWord(from, to, "isMaster") || isWord(from, to, "ismaster")) takeHello(db, elements, end);
  const request = askKept(db, keptText(from, to, 64), PLAIN, ts);
  if (request !== null) request.object = <u32>object;
  return request;
}

function isWord(at: usize, end: usize, word: string): bool {
  return end - at === word.length && isText(at, end, word);
}

function isName(at: usize, end: usize): bool {
  if (end === at || end - at > 40) return false;
  for (; at < end; at++) {
    const letter = load<u8>(at) | 0x20;
    if ((letter < 0x61 || letter > 0x7a) && letter - 0x30 > 9 && load<u8>(at) !== 0x5f) return false;
  }
  return true;
}

/** What a client tells of itself, and a login that goes along (`speculativeAuthenticate`). */
function takeHello(db: Database, elements: usize, end: usize): void {
  if (findElement(elements, end, "client") && type === DOCUMENT) {
    const client = valueAt + 4;
    const stop = valueEnd;
    if ((findElement(client, stop, "application") || findElement(client, stop, "driver")) && type === DOCUMENT && findElement(valueAt + 4, valueEnd, "name") && type === TEXT && valueEnd > valueAt + 5) setClient(db, keptText(valueAt + 4, valueEnd - 1, 256));
  }
  if (findElement(elements, end, "speculativeAuthenticate") && type === DOCUMENT) takeLogin(db, valueAt + 4, valueEnd);
}

/** Mechanism, and the user: by its own name (X.509), or within what SCRAM (`n,,n=user,r=…`) or PLAIN (zeros between) send. */
function takeLogin(db: Database, elements: usize, end: usize): void {
  if (findElement(elements, end, "mechanism") && type === TEXT && valueEnd > valueAt + 5) {
    const isPlain = isWord(valueAt + 4, valueEnd - 1, "PLAIN");
    setAuth(db, isPlain ? keptWord("password") : keptText(valueAt + 4, valueEnd - 1, 64));
  }
  if (findElement(elements, end, "user") && type === TEXT && valueEnd > valueAt + 5) return setUser(db, keptText(valueAt + 4, valueEnd - 1, 256));
  if (!findElement(elements, end, "payload")) return;
  const isText = type === TEXT;
  if ((type !== BINARY && !isText) || valueEnd < valueAt + 5) return;
  const from = valueAt + (isText ? 4 : 5);
  const to = valueEnd;
  for (let at = from; at + 3 < to && at < from + 256; at++) {
    if (load<u8>(at) === 0x6e && load<u8>(at, 1) === 0x3d && (at === from || load<u8>(at - 1) === 0x2c)) {
      const comma = find(0x2c, at + 2, to);
      return setUser(db, keptText(at + 2, comma === 0 ? to : comma, 256));
    }
  }
  const zero = find(0, from, to);
  const second: usize = zero === 0 ? 0 : find(0, zero + 1, to);
  if (second !== 0) setUser(db, keptText(zero + 1, second, 256));
}

function takeAnswer(db: Database, start: usize, end: usize, ts: f64): void {
  const request = requestOf(db, load<u32>(start, 8));
  if (request === null) return;
  let code = load<u32>(start, 12);
  let at = start + 16;
  if (code === 2012 && at + 9 <= end && load<u8>(at, 8) === 0) {
    code = load<u32>(at);
    at += 9;
  }
  if (code === 2013) takeDocument(db, request, bodyOf(at, end), end, ts);
  else if (code === 1 && at + 20 <= end) {
    request.rows = <f64>load<u32>(at, 16);
    // Flags: cursor not found, query failed.
    if ((load<u32>(at) & 3) !== 0) answer(request, false, 0, ts);
    takeDocument(db, request, elementsOf(at + 20, end), end, ts);
  } else request.answered = ts;
  if (!isNaN(request.answered)) finish(db, request);
}

/** `ok` and `code`, numbers of documents, and the version of the server's. */
function takeDocument(db: Database, request: Request, elements: usize, end: usize, ts: f64): void {
  let isRight = true;
  let isOver = true;
  let code: u32 = 0;
  if (elements !== 0)
    for (let next = element(elements, end); next !== 0; next = element(next, end)) {
      if (isNamed("ok")) isRight = isRight && numberOf() !== 0;
      else if (isNamed("code")) code = <u32>numberOf();
      else if (isNamed("done")) isOver = numberOf() !== 0;
      else if (isNamed("n")) request.rows = numberOf();
      else if (isNamed("version") && type === TEXT && valueEnd > valueAt + 5) setVersion(db, keptText(valueAt + 4, valueEnd - 1, 64));
      else if (isNamed("writeErrors") && type === ARRAY) {
        isRight = false;
        if (findElement(valueAt + 4, valueEnd, "0") && type === DOCUMENT && findElement(valueAt + 4, valueEnd, "code")) code = <u32>numberOf();
      } else if (isNamed("cursor") && type === DOCUMENT) {
        const from = valueAt + 4;
        const to = valueEnd;
        if ((findElement(from, to, "firstBatch") || findElement(from, to, "nextBatch")) && type === ARRAY) request.rows = count(valueAt + 4, valueEnd);
      }
    }
  // More of a login is to come.
  if (request.what === LOGIN && isRight && !isOver) return;
  answer(request, isRight, isRight || code === 0 ? 0 : keptNumber(code), ts);
}

function count(at: usize, end: usize): f64 {
  let number: f64 = 0;
  for (let next = element(at, end); next !== 0; next = element(next, end)) number++;
  return number;
}

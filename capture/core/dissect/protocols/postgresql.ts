import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {answer, ask, Database, endDatabase, EXECUTE, finish, finishOldest, LOGIN, newest, openDatabase, PLAIN, POSTGRESQL_SYSTEM, PREPARE, QUERY, Request, requestThatIs, setAuth, setClient, setDatabase, setUser, setVersion, SYNC, takeDatabase, waiting} from "../parsers/databases/database";
import {kind, POSTGRESQL_DIALECT, readStatement, statement} from "../parsers/databases/statement";
import {keptText, keptWord} from "../parsers/kept";
import {pass, passGap, takeMessageBytes} from "../streams/messages";
import {Reading} from "../streams/reading";
import {Side} from "../streams/sides";
import {find, isText} from "../text";

/** PostgreSQL (documentation, Frontend/Backend Protocol): logins and statements with their answers. TLS may follow. */

/** Bytes of a message that are looked at, the rest is passed over; and the longest that a message may be. */
const MAX_MESSAGE: u32 = 4096;
const MAX_LENGTH: u32 = 0x40000000;

/** Phases: startup; an answer to the wish for TLS is awaited; messages. */
const STARTUP: u8 = 0;
const ASKS_TLS: u8 = 1;
const MESSAGES: u8 = 2;

/**
 * PostgreSQL by its startup, TLS or cancel request (PostgreSQL documentation, Message Formats), or the server's request of
 * authentication where those were not captured; TLS may follow.
 */
export function recognisePostgresql(event: Event, start: usize, end: usize): bool {
  if (load<u8>(start) === 0x52) return event.direction === 1 && isAuthentication(start, end);
  const length = u32At(start);
  if (length < 8 || length > <u32>(end - start)) return false;
  const code = u32At(start + 4);
  // A length that is wrong ends no parameter.
  if (length !== <u32>(end - start)) return code === 0x30000 && length >= 13 && (isText(start + 8, end, "user\0") || isText(start + 8, end, "database\0"));
  if (length === 8) return code === 80877103 || code === 80877104;
  return (code === 80877102 && length === 16) || (code === 0x30000 && length >= 13 && load<u8>(end - 1) === 0);
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsPostgresql(byte: u8): bool {
  return byte === 0 || byte === 0x52;
}

/** Whether messages begin with a server's wish for authentication, or its end of one. */
function isAuthentication(start: usize, end: usize): bool {
  if (end < start + 9 || load<u8>(start) !== 0x52) return false;
  const length = u32At(start + 1);
  const code = u32At(start + 5);
  const fits = code === 0 || code === 3 || (code >= 6 && code <= 9 && code !== 8) ? length === 8 : code === 5 ? length === 12 : code >= 10 && code <= 12 && length > 8;
  return fits && length < 0x10000 && (start + 1 + <usize>length === end || findMessage(start, end) === start);
}

export function beginPostgresql(): usize {
  return openDatabase(POSTGRESQL_SYSTEM);
}

export function takePostgresql(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  return takeDatabase(state, event, isAuthentication(start, end), start, end, takeBytes, loseMessages);
}

export function endPostgresql(state: usize, _reading: Reading, event: Event): void {
  endDatabase(state, event, takeBytes, loseMessages);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  if (changetype<Database>(<usize>changetype<Side>(at).parser).isOver !== 0) return;
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, MAX_MESSAGE + 5);
}

/** What is missing of a client's startup is not waited for: messages follow. */
function loseMessages(at: usize, missing: i32): void {
  const side = changetype<Side>(at);
  const db = changetype<Database>(<usize>side.parser);
  if (side.direction !== db.server) db.phase = MESSAGES;
  else if (db.phase === ASKS_TLS) db.phase = STARTUP;
  passGap(at, missing);
}

/** After a hole: a segment that is messages from its first byte to its last. */
function findMessage(start: usize, end: usize): usize {
  let at = start;
  while (at + 5 <= end && isType(load<u8>(at)) && u32At(at + 1) >= 4 && u32At(at + 1) < MAX_LENGTH) at += 1 + <usize>u32At(at + 1);
  return at === end ? start : 0;
}

function isType(byte: u8): bool {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x31 && byte <= 0x33);
}

function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  const db = changetype<Database>(<usize>side.parser);
  let at = pass(side, start, end);
  while (side.skip === 0 && at < end && db.isOver === 0) {
    if (side.direction === db.server && db.phase === ASKS_TLS) {
      takeTlsAnswer(db, load<u8>(at), ts);
      at++;
      continue;
    }
    // A startup message has no type before its length.
    const typed: usize = side.direction !== db.server && db.phase !== MESSAGES ? 0 : 1;
    if (at + typed + 4 > end) return at;
    const length = u32At(at + typed);
    if (length < 4 || length > MAX_LENGTH || (typed === 1 && !isType(load<u8>(at)))) {
      side.isLost = 1;
      return end;
    }
    const looked = min(length, MAX_MESSAGE);
    if (at + typed + <usize>looked > end) return at;
    const body = at + typed + 4;
    const last = at + typed + <usize>looked;
    if (typed === 0) takeStartup(db, body, last, ts);
    else if (side.direction !== db.server) takeRequest(db, load<u8>(at), body, last, ts);
    else takeAnswer(db, load<u8>(at), body, last, ts);
    side.skip = length - looked;
    at = pass(side, last, end);
  }
  return at;
}

function takeTlsAnswer(db: Database, byte: u8, ts: f64): void {
  db.phase = STARTUP;
  if (byte !== 0x53) return;
  const request = ask(db, "tls", PLAIN, ts);
  if (request !== null) finish(db, request);
  db.isTls = db.isOver = 1;
}

/** Wish for TLS or GSS encryption, a cancellation, or names and values of the session. */
function takeStartup(db: Database, at: usize, end: usize, ts: f64): void {
  if (at + 4 > end) return;
  const code = u32At(at);
  if (code === 80877103 || code === 80877104) {
    db.phase = ASKS_TLS;
    return;
  }
  if (code === 80877102) {
    const request = ask(db, "cancel", PLAIN, ts);
    if (request !== null) finish(db, request);
    return;
  }
  db.phase = MESSAGES;
  at += 4;
  while (at < end && load<u8>(at) !== 0) {
    const name = find(0, at, end);
    const value: usize = name === 0 ? 0 : find(0, name + 1, end);
    if (value === 0) break;
    if (name === at + 4 && isText(at, name, "user")) setUser(db, keptText(name + 1, value));
    else if (name === at + 8 && isText(at, name, "database")) setDatabase(db, keptText(name + 1, value));
    else if (name === at + 16 && isText(at, name, "application_name") && value > name + 1) setClient(db, keptText(name + 1, value));
    at = value + 1;
  }
  // Its name is the user's where none is given.
  if (db.database === 0 && db.user !== 0) setDatabase(db, keptText(<usize>db.user + 4, <usize>db.user + 4 + <usize>load<u32>(<usize>db.user)));
  ask(db, "login", LOGIN, ts);
}

function takeRequest(db: Database, type: u8, at: usize, end: usize, ts: f64): void {
  switch (type) {
    case 0x51: return askStatement(db, "query", QUERY, at, end, ts);
    case 0x50: {
      // A statement without a name is executed next, and both are one row.
      const name = find(0, at, end);
      if (name === at) askStatement(db, "query", EXECUTE, at + 1, end, ts);
      else if (name !== 0) askStatement(db, "prepare", PREPARE, name + 1, end, ts);
      return;
    }
    case 0x45: {
      const last = newest(db);
      if (last !== null && last.what === EXECUTE && last.statement !== 0 && last.number === 0) last.number = 1;
      else ask(db, "execute", EXECUTE, ts);
      return;
    }
    case 0x46: {
      ask(db, "function_call", QUERY, ts);
      return;
    }
    case 0x53: {
      ask(db, "sync", SYNC, ts);
      return;
    }
    case 0x58: {
      const request = ask(db, "quit", PLAIN, ts);
      if (request !== null) finish(db, request);
    }
  }
}

function askStatement(db: Database, command: string, what: u8, at: usize, end: usize, ts: f64): void {
  const request = ask(db, command, what, ts);
  if (request === null) return;
  const stop = find(0, at, end);
  readStatement(at, stop === 0 ? end : stop, POSTGRESQL_DIALECT);
  request.kind = <u32>kind;
  request.statement = <u32>statement;
}

function takeAnswer(db: Database, type: u8, at: usize, end: usize, ts: f64): void {
  const request = waiting(db);
  switch (type) {
    case 0x52: return takeAuthentication(db, at, end, ts);
    case 0x53: return takeParameter(db, at, end);
    case 0x45: return takeError(db, request, at, end, ts);
    case 0x31: {
      const prepared = requestThatIs(db, PREPARE, PREPARE);
      if (prepared === null) return;
      answer(prepared, true, 0, ts);
      return finish(db, prepared);
    }
    // CommandComplete, EmptyQueryResponse, PortalSuspended.
    case 0x43:
    case 0x49:
    case 0x73: {
      const done = requestThatIs(db, EXECUTE, QUERY);
      if (done === null) return;
      if (type === 0x43) addRows(done, at, end);
      answer(done, true, 0, ts);
      if (done.what === EXECUTE) finish(db, done);
      return;
    }
    case 0x5a: return finishToSync(db);
  }
}

/** Ready for the next: of the requests before, the first that ends such a stretch is the last that is over. */
function finishToSync(db: Database): void {
  while (db.pending > 0) {
    const what = changetype<Request>(<usize>db.oldest).what;
    finishOldest(db);
    if (what === SYNC || what === QUERY || what === LOGIN) return;
  }
}

function takeAuthentication(db: Database, at: usize, end: usize, ts: f64): void {
  const request = waiting(db);
  if (request === null || request.what !== LOGIN || at + 4 > end) return;
  switch (u32At(at)) {
    case 0:
      answer(request, true, 0, ts);
      return;
    case 3: return setAuth(db, keptWord("password"));
    case 5: return setAuth(db, keptWord("md5"));
    case 7:
    case 9: return setAuth(db, keptWord("gss"));
    case 10: {
      const stop = find(0, at + 4, end);
      if (stop > at + 4) setAuth(db, keptText(at + 4, stop, 64));
    }
  }
}

function takeParameter(db: Database, at: usize, end: usize): void {
  if (!isText(at, end, "server_version\0")) return;
  const stop = find(0, at + 15, end);
  if (stop !== 0) setVersion(db, keptText(at + 15, stop, 128));
}

/** Fields of a letter and a text each; C is the SQLSTATE. An error before the startup's answer ends the connection. */
function takeError(db: Database, first: Request | null, at: usize, end: usize, ts: f64): void {
  let request = first;
  while (request !== null && (request.what === SYNC || !isNaN(request.answered))) request = request.next === 0 ? null : changetype<Request>(<usize>request.next);
  if (request === null) return;
  while (at < end && load<u8>(at) !== 0) {
    const stop = find(0, at, end);
    if (stop === 0) return;
    if (load<u8>(at) === 0x43) {
      answer(request, false, keptText(at + 1, stop, 16), ts);
      break;
    }
    at = stop + 1;
  }
}

/** The last number of a tag is the rows' (`INSERT 0 5`). */
function addRows(request: Request, at: usize, end: usize): void {
  const stop = find(0, at, end);
  if (stop === 0) return;
  let number: f64 = 0;
  let scale: f64 = 1;
  let digit = stop;
  for (; digit > at && load<u8>(digit - 1) - 0x30 <= 9; digit--) {
    number += <f64>(load<u8>(digit - 1) - 0x30) * scale;
    scale *= 10;
  }
  if (digit < stop && digit > at && load<u8>(digit - 1) === 0x20) request.rows = isNaN(request.rows) ? number : request.rows + number;
}

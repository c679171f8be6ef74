import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {keepText} from "../heap";
import {answer, ask, Database, endDatabase, finish, finishOldest, keptNumber, LOGIN, MSSQL_SYSTEM, openDatabase, PLAIN, QUERY, Request, setAuth, setClient, setDatabase, setUser, setVersion, takeDatabase, waiting} from "../parsers/databases/database";
import {kind, readStatement, statement, TRANSACT_DIALECT} from "../parsers/databases/statement";
import {FAILED, finishNtlm, GRANTED, keepWide, takeNtlm} from "../parsers/ntlm/ntlm-exchange";
import {keptWord} from "../parsers/kept";
import {pass, passGap, takeMessageBytes} from "../streams/messages";
import {Reading} from "../streams/reading";
import {Side} from "../streams/sides";
import {appendNumber, isTextAnyCase} from "../text";
import {readUtf16, wideAt, wideLength} from "../wide-text";

/** Microsoft SQL Server ([MS-TDS]): logins, batches and calls with their answers. */

/** Bytes of a packet that are looked at; the rest is passed over. */
const MAX_PACKET: u32 = 4096;

/** Types of packets ([MS-TDS] §2.2.3.1.1). */
const BATCH: u8 = 1;
const CALL: u8 = 3;
const ANSWER: u8 = 4;
const ATTENTION: u8 = 6;
const BULK: u8 = 7;
const TRANSACTION: u8 = 14;
const LOGIN7: u8 = 16;
const SSPI: u8 = 17;
const PRELOGIN: u8 = 18;

/** Wishes for encryption: none is there; within the login alone ([MS-TDS] §2.2.6.5). */
const NOT_SUPPORTED: u8 = 2;
const OFF: u8 = 0;

const versionText = memory.data(48);

/** Microsoft SQL Server by the PRELOGIN that a TDS client begins with, or the server's answer ([MS-TDS] §2.2.6.5), or a login without them. */
export function recogniseMssql(event: Event, start: usize, end: usize): bool {
  if ((load<u8>(start) === ANSWER) !== (event.direction === 1)) return false;
  const length = <u32>(end - start);
  if (length < 14 || load<u8>(start, 1) > 1 || u16At(start + 2) !== length || load<u8>(start, 7) > 1) return false;
  // The length of the login, and a version of TDS 7.
  if (load<u8>(start) === LOGIN7) return length > 94 && load<u32>(start, 8) === length - 8 && load<u8>(start, 15) >> 4 === 7;
  // The first option is the version: token 0, behind the list of options, six bytes long.
  return load<u8>(start, 8) === 0 && u16At(start + 11) === 6 && u16At(start + 9) + 8 + 6 <= length;
}

/** Whether it may begin with that byte. */
export function beginsMssql(byte: u8): bool {
  return byte === PRELOGIN || byte === ANSWER || byte === LOGIN7;
}

export function beginMssql(): usize {
  return openDatabase(MSSQL_SYSTEM);
}

export function takeMssql(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  return takeDatabase(state, event, load<u8>(start) === ANSWER, start, end, takeBytes, passGap);
}

export function endMssql(state: usize, _reading: Reading, event: Event): void {
  endDatabase(state, event, takeBytes, passGap);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  if (changetype<Database>(<usize>changetype<Side>(at).parser).isOver !== 0) return;
  takeMessageBytes(at, start, end, ts, findPacket, takePackets, MAX_PACKET + 8);
}

/** After a hole: a segment that is packets, the last of which may go on. */
function findPacket(start: usize, end: usize): usize {
  return start + 8 <= end && isPacket(start) && start + <usize>u16At(start + 2) >= end ? start : 0;
}

function isPacket(at: usize): bool {
  const type = load<u8>(at);
  return ((type >= 1 && type <= 7) || type === 8 || (type >= 14 && type <= 18)) && (load<u8>(at, 1) & 0xe0) === 0 && u16At(at + 2) >= 8 && load<u8>(at, 7) <= 1;
}

function takePackets(side: Side, start: usize, end: usize, ts: f64): usize {
  const db = changetype<Database>(<usize>side.parser);
  let at = pass(side, start, end);
  while (side.skip === 0 && at + 8 <= end && db.isOver === 0) {
    // A record of TLS that carries the login alone.
    if (load<u8>(at) === 0x17 && load<u8>(at, 1) === 3) {
      if (side.direction !== db.server && db.pending === 0) ask(db, "login", LOGIN, ts);
      side.skip = 5 + u16At(at + 3);
      at = pass(side, at, end);
      continue;
    }
    if (!isPacket(at)) {
      side.isLost = 1;
      return end;
    }
    const length = u16At(at + 2);
    const looked = min(length, MAX_PACKET);
    if (at + <usize>looked > end) return at;
    if (side.direction === db.server) takeAnswer(db, at, at + <usize>looked, length, ts);
    else takeRequest(db, at, at + <usize>looked, ts);
    side.skip = length - looked;
    at = pass(side, at + <usize>looked, end);
  }
  return at;
}

/** A packet of the client's; of a message in several the first tells what it is. `db.first`: its message goes on. */
function takeRequest(db: Database, at: usize, end: usize, ts: f64): void {
  const type = load<u8>(at);
  const isLater = db.first !== 0;
  db.first = load<u8>(at, 1) & 1 ? 0 : 1;
  if (isLater) return;
  const body = at + 8;
  switch (type) {
    case PRELOGIN: return takePrelogin(db, body, end, false, ts);
    case LOGIN7: return takeLogin(db, body, end, ts);
    case SSPI: {
      takeNtlm(db, body, end, ts, db.id, "mssql");
      return;
    }
  }
  while (db.pending > 0) finishOldest(db);
  switch (type) {
    case BATCH: {
      const request = ask(db, "query", QUERY, ts);
      const text = behindHeaders(body, end);
      if (request !== null && readUtf16(text, (end - text) & ~1, end)) readText(request);
      return;
    }
    case CALL: return takeCall(db, behindHeaders(body, end), end, ts);
    case ATTENTION: {
      ask(db, "cancel", PLAIN, ts);
      return;
    }
    case BULK: {
      ask(db, "bulk_load", PLAIN, ts);
      return;
    }
    case TRANSACTION: {
      const kind = behindHeaders(body, end);
      const code: u16 = kind + 2 <= end ? load<u16>(kind) : 0;
      ask(db, code === 5 ? "begin" : code === 7 ? "commit" : code === 8 ? "rollback" : "transaction", PLAIN, ts);
    }
  }
}

/** ALL_HEADERS, which TDS 7.2 and later have before the content: their length, and that of the first ([MS-TDS] §2.2.5.3). */
function behindHeaders(at: usize, end: usize): usize {
  if (at + 10 > end) return at;
  const total = load<u32>(at);
  return total >= 4 && total <= 256 && load<u32>(at, 4) <= total && load<u16>(at, 8) <= 3 && at + <usize>total <= end ? at + <usize>total : at;
}

function readText(request: Request): void {
  readStatement(wideAt, wideAt + <usize>wideLength, TRANSACT_DIALECT);
  request.kind = <u32>kind;
  request.statement = <u32>statement;
}

/** A stored procedure by name or number; some have the statement as their first parameter ([MS-TDS] §2.2.6.6). */
function takeCall(db: Database, at: usize, end: usize, ts: f64): void {
  const request = ask(db, "call", QUERY, ts);
  if (request === null || at + 4 > end) return;
  const length = <usize>load<u16>(at);
  if (length !== 0xffff) {
    if (readUtf16(at + 2, length << 1, end)) request.object = keepWide();
    at += 2 + (length << 1) + 2;
  } else {
    const name = procedureName(load<u16>(at, 2));
    if (name.length > 0) request.object = <u32>keptWord(name);
    at += 6;
    // Those that prepare have a handle first, and the parameters' declaration.
    const place = load<u16>(at - 4) === 10 ? 0 : load<u16>(at - 4) === 11 || load<u16>(at - 4) === 13 ? 2 : -1;
    if (place < 0) return;
    readParameter(request, at, end, place);
    return;
  }
  if (request.object !== 0 && isTextAnyCase(<usize>request.object + 4, <usize>request.object + 4 + <usize>load<u32>(<usize>request.object), "SP_EXECUTESQL")) readParameter(request, at, end, 0);
}

/** The parameter at that place, of those that are whole numbers or texts. */
function readParameter(request: Request, at: usize, end: usize, place: i32): void {
  for (; at + 8 < end; place--) {
    at += 2 + (<usize>load<u8>(at) << 1);
    if (at + 9 > end) return;
    const type = load<u8>(at);
    if (type === 0x26) {
      at += 3 + <usize>load<u8>(at, 2);
      continue;
    }
    if (type !== 0xe7) return;
    const isLong = load<u16>(at, 1) === 0xffff;
    // Long ones come in chunks: a length of all, and of the first.
    const from = at + 8 + (isLong ? 12 : 2);
    if (from > end) return;
    const length = isLong ? <usize>load<u32>(at, 16) : <usize>load<u16>(at, 8) === 0xffff ? 0 : <usize>load<u16>(at, 8);
    if (place === 0) {
      if (readUtf16(from, min(length, (end - from) & ~1), end)) readText(request);
      return;
    }
    if (length > end - from) return;
    at = from + length + (isLong ? 4 : 0);
  }
}

function procedureName(number: u16): string {
  switch (number) {
    case 1: return "sp_cursor";
    case 2: return "sp_cursoropen";
    case 3: return "sp_cursorprepare";
    case 4: return "sp_cursorexecute";
    case 5: return "sp_cursorprepexec";
    case 6: return "sp_cursorunprepare";
    case 7: return "sp_cursorfetch";
    case 8: return "sp_cursoroption";
    case 9: return "sp_cursorclose";
    case 10: return "sp_executesql";
    case 11: return "sp_prepare";
    case 12: return "sp_execute";
    case 13: return "sp_prepexec";
    case 14: return "sp_prepexecrpc";
    case 15: return "sp_unprepare";
  }
  return "";
}

/** Options of a token, offset and length each: the version (0) and whether there is encryption (1). */
function takePrelogin(db: Database, at: usize, end: usize, isServer: bool, ts: f64): void {
  // A handshake of TLS goes within further ones.
  if (at >= end || load<u8>(at) > 0x0f) return;
  db.greetedAt = ts;
  for (let option = at; option + 5 <= end && load<u8>(option) !== 0xff; option += 5) {
    const value = at + <usize>u16At(option + 1);
    if (!isServer || value + <usize>u16At(option + 3) > end) continue;
    if (load<u8>(option) === 0 && u16At(option + 3) === 6) {
      if (u32At(value) !== 0) setServerVersion(db, load<u8>(value), load<u8>(value, 1), u16At(value + 2));
    } else if (load<u8>(option) === 1 && u16At(option + 3) === 1) {
      const encryption = load<u8>(value);
      if (encryption !== NOT_SUPPORTED && encryption !== OFF) {
        const request = ask(db, "tls", PLAIN, ts);
        if (request !== null) finish(db, request);
        db.isOver = 1;
      }
    }
  }
}

function setServerVersion(db: Database, major: u32, minor: u32, build: u32): void {
  let to = appendNumber(major, versionText);
  store<u8>(to++, 0x2e);
  to = appendNumber(minor, to);
  store<u8>(to++, 0x2e);
  to = appendNumber(build, to);
  setVersion(db, keepText(versionText, <u32>(to - versionText)));
}

/** LOGIN7: places and lengths of its texts begin at byte 36 ([MS-TDS] §2.2.6.4). */
function takeLogin(db: Database, at: usize, end: usize, ts: f64): void {
  if (at + 86 > end) return;
  const isIntegrated = (load<u8>(at, 25) & 0x80) !== 0;
  setAuth(db, keptWord(isIntegrated ? "sspi" : "password"));
  if (readField(at, 40, end)) setUser(db, keepWide());
  if (readField(at, 48, end)) setClient(db, keepWide());
  if (readField(at, 68, end)) setDatabase(db, keepWide());
  const sspi = at + <usize>load<u16>(at, 78);
  const length = <usize>load<u16>(at, 80);
  if (isIntegrated && length > 0 && sspi + length <= end) takeNtlm(db, sspi, sspi + length, ts, db.id, "mssql");
  ask(db, "login", LOGIN, ts);
}

function readField(at: usize, place: usize, end: usize): bool {
  return load<u16>(at + place, 2) > 0 && readUtf16(at + <usize>load<u16>(at + place), <usize>load<u16>(at + place, 2) << 1, end);
}

/** `db.second`: the message of the server goes on. Its first packet tells what came of a login, the last one's end how it went. */
function takeAnswer(db: Database, at: usize, end: usize, length: u32, ts: f64): void {
  const isFirst = db.second === 0;
  const isLast = (load<u8>(at, 1) & 1) !== 0;
  db.second = isLast ? 0 : 1;
  const body = at + 8;
  // The answer to a PRELOGIN has the type of all answers.
  if (body < end && db.pending === 0 && db.isTold === 0 && load<u8>(body) === 0) return takePrelogin(db, body, end, true, ts);
  if (isFirst) takeTokens(db, body, end, ts);
  const request = waiting(db);
  if (request === null || !isLast) return;
  // The last 13 bytes are a DONE: state, command, rows, of which older versions have four bytes.
  const isWhole = <usize>length === end - at;
  if (isWhole && end >= body + 13 && isDone(load<u8>(end - 13))) takeDone(request, end - 12, true, ts);
  else if (isWhole && end >= body + 9 && isDone(load<u8>(end - 9))) takeDone(request, end - 8, false, ts);
  if (isNaN(request.answered) && request.what !== LOGIN) answer(request, true, 0, ts);
  if (!isNaN(request.answered)) finish(db, request);
}

// @ts-ignore: decorator
@inline
function isDone(token: u8): bool {
  return token >= 0xfd;
}

function takeDone(request: Request, at: usize, isLong: bool, ts: f64): void {
  const state = load<u16>(at);
  if ((state & 0x10) !== 0 && request.what === QUERY) request.rows = isLong ? <f64>load<u64>(at, 4) : <f64>load<u32>(at, 4);
  if ((state & 2) !== 0) answer(request, false, 0, ts);
}

/** Tokens that state their length ([MS-TDS] §2.2.7): the database, the login's grant, errors. */
function takeTokens(db: Database, at: usize, end: usize, ts: f64): void {
  const request = waiting(db);
  while (at + 3 <= end) {
    const token = load<u8>(at);
    const next = at + 3 + <usize>load<u16>(at, 1);
    if (token !== 0xe3 && token !== 0xaa && token !== 0xab && token !== 0xad && token !== 0xed) return;
    if (next > end) return;
    if (token === 0xe3 && load<u8>(at, 3) === 1 && readUtf16(at + 5, <usize>load<u8>(at, 4) << 1, end)) setDatabase(db, keepWide());
    else if (token === 0xed) takeNtlm(db, at + 3, next, ts, db.id, "mssql");
    else if (token === 0xaa && request !== null && at + 7 <= end) {
      finishNtlm(db, db.id, "mssql", FAILED, <f64>load<u32>(at, 3));
      answer(request, false, keptNumber(load<u32>(at, 3)), ts);
    } else if (token === 0xad && next >= at + 12) {
      finishNtlm(db, db.id, "mssql", GRANTED, NaN);
      setServerVersion(db, load<u8>(next - 4), load<u8>(next - 3), u16At(next - 2));
      if (request !== null) answer(request, true, 0, ts);
    }
    at = next;
  }
}

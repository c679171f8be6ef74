import {Event} from "../../meter/layout";
import {answer, ask, Database, endDatabase, EXECUTE, finish, finishOldest, keptNumber, LOGIN, MYSQL_SYSTEM, openDatabase, PLAIN, PREPARE, QUERY, Request, setAuth, setClient, setDatabase, setUser, setVersion, takeDatabase, USE, waiting} from "../parsers/databases/database";
import {kind, MYSQL_DIALECT, readStatement, statement} from "../parsers/databases/statement";
import {keptText, keptWord} from "../parsers/kept";
import {pass, passGap, takeMessageBytes} from "../streams/messages";
import {Reading} from "../streams/reading";
import {Side} from "../streams/sides";
import {find, hasText, isText} from "../text";

/** MySQL and MariaDB (MySQL Client/Server Protocol): logins and commands with their answers. TLS may follow. */

/** Bytes of a packet that are looked at; the rest is passed over. */
const MAX_PACKET: u32 = 4096;

/** Phases of a connection: the server greets; the client logs in; commands. */
const GREETING: u8 = 0;
const LOGGING_IN: u8 = 1;
const COMMANDS: u8 = 2;

/** Where an answer is: nothing is awaited; its first packet; definitions of columns; rows. */
const NO_ANSWER: u32 = 0;
const FIRST: u32 = 1;
const DEFINITIONS: u32 = 2;
const ROWS: u32 = 3;

/** Capabilities that a client states. */
const WITH_DATABASE: u32 = 8;
const COMPRESSES: u32 = 0x20;
const PROTOCOL_41: u32 = 0x200;
const TLS_FOLLOWS: u32 = 0x800;
const SECURE: u32 = 0x8000;
const NAMES_PLUGIN: u32 = 0x80000;
const HAS_ATTRIBUTES: u32 = 0x100000;
const LONG_PROOF: u32 = 0x200000;

/** MySQL and MariaDB by the server's greeting (protocol 10) or its refusal; TLS may follow. */
export function recogniseMysql(_event: Event, start: usize, end: usize): bool {
  // Three bytes of length, and the packet's number.
  const length = <usize>(load<u32>(start) & 0xffffff);
  if (start + 20 > end || start + 4 + length !== end || load<u8>(start, 3) !== 0) return false;
  const kind = load<u8>(start, 4);
  if (kind === 0xff) return hasText(start + 7, end, "MYSQL") || hasText(start + 7, end, "MARIADB");
  if (kind !== 10 || !isDigit(load<u8>(start, 5))) return false;
  // Major version, dot.
  const next = load<u8>(start, 6);
  return next === 0x2e || (isDigit(next) && load<u8>(start, 7) === 0x2e);
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u8): bool {
  return byte >= 0x30 && byte <= 0x39;
}

export function beginMysql(): usize {
  return openDatabase(MYSQL_SYSTEM);
}

export function takeMysql(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  return takeDatabase(state, event, true, start, end, takeBytes, passGap);
}

export function endMysql(state: usize, _reading: Reading, event: Event): void {
  endDatabase(state, event, takeBytes, passGap);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  if (changetype<Database>(<usize>changetype<Side>(at).parser).isOver !== 0) return;
  takeMessageBytes(at, start, end, ts, findPacket, takePackets, MAX_PACKET + 4);
}

/** After a hole: a segment that is one packet from its first byte to its last. */
function findPacket(start: usize, end: usize): usize {
  return start + 5 <= end && start + 4 + <usize>(load<u32>(start) & 0xffffff) === end ? start : 0;
}

function takePackets(side: Side, start: usize, end: usize, ts: f64): usize {
  const db = changetype<Database>(<usize>side.parser);
  let at = pass(side, start, end);
  while (side.skip === 0 && at + 4 <= end && db.isOver === 0) {
    const length = load<u32>(at) & 0xffffff;
    const looked = min(length, MAX_PACKET);
    if (at + 4 + <usize>looked > end) return at;
    const body = at + 4;
    if (side.direction !== db.server) takeRequest(db, load<u8>(at, 3), body, body + <usize>looked, ts);
    else takeAnswer(db, body, body + <usize>looked, length, ts);
    side.skip = length - looked;
    at = pass(side, body + <usize>looked, end);
  }
  return at;
}

function takeRequest(db: Database, number: u8, at: usize, end: usize, ts: f64): void {
  if (db.phase === COMMANDS || (isNaN(db.greetedAt) && number === 0)) {
    // What follows a command, such as a file that the server asked for, has a higher number.
    if (number === 0 && at < end) takeCommand(db, load<u8>(at), at + 1, end, ts);
    return;
  }
  if (db.phase !== LOGGING_IN || db.pending > 0 || at + 4 > end) return;
  takeLogin(db, at, end, ts);
}

function takeLogin(db: Database, at: usize, end: usize, ts: f64): void {
  const isNew = (<u32>load<u16>(at) & PROTOCOL_41) !== 0;
  const flags = isNew ? load<u32>(at) : <u32>load<u16>(at);
  if ((flags & TLS_FOLLOWS) !== 0 && end - at <= 32) {
    const request = ask(db, "tls", PLAIN, ts);
    if (request !== null) finish(db, request);
    db.isTls = db.isOver = 1;
    return;
  }
  at += isNew ? 32 : 5;
  const user: usize = at < end ? find(0, at, end) : 0;
  if (user === 0) return;
  setUser(db, keptText(at, user));
  setAuth(db, 0);
  at = user + 1;
  db.third = flags & COMPRESSES;
  if (isNew) readLogin(db, flags, at, end);
  ask(db, "login", LOGIN, ts);
}

/** What follows the user: the proof, which is passed over, the database, the plugin, and what the client tells of itself. */
function readLogin(db: Database, flags: u32, at: usize, end: usize): void {
  if (at >= end) return;
  if ((flags & (SECURE | LONG_PROOF)) !== 0) {
    const length = readLength(at, end);
    at = behindLength + <usize>length;
  } else {
    const stop = find(0, at, end);
    at = stop === 0 ? end : stop + 1;
  }
  if ((flags & WITH_DATABASE) !== 0 && at < end) {
    const stop = find(0, at, end);
    if (stop === 0) return;
    if (stop > at) setDatabase(db, keptText(at, stop));
    at = stop + 1;
  }
  if ((flags & NAMES_PLUGIN) !== 0 && at < end) {
    const stop = find(0, at, end);
    if (stop === 0) return;
    setPlugin(db, at, stop);
    at = stop + 1;
  }
  if ((flags & HAS_ATTRIBUTES) === 0 || at >= end) return;
  const length = readLength(at, end);
  at = behindLength;
  end = min(end, at + <usize>length);
  while (at < end) {
    const key = at;
    const keyLength = <usize>readLength(key, end);
    const keyAt = behindLength;
    if (keyLength > end - keyAt || keyAt + keyLength >= end) return;
    const valueLength = <usize>readLength(keyAt + keyLength, end);
    const valueAt = behindLength;
    if (valueAt > end || valueLength > end - valueAt) return;
    const isProgram = keyLength === 12 && isText(keyAt, end, "program_name");
    if (isProgram || (db.client === 0 && keyLength === 12 && isText(keyAt, end, "_client_name"))) setClient(db, keptText(valueAt, valueAt + valueLength));
    at = valueAt + valueLength;
  }
}

/** The password itself is sent by `mysql_clear_password`. */
function setPlugin(db: Database, at: usize, end: usize): void {
  if (end > at) setAuth(db, isText(at, end, "mysql_clear_password") ? keptWord("password") : keptText(at, end, 64));
}

function takeCommand(db: Database, code: u8, at: usize, end: usize, ts: f64): void {
  while (db.pending > 0) finishOldest(db);
  db.phase = COMMANDS;
  db.first = FIRST;
  switch (code) {
    case 1: return finishAtOnce(db, "quit", ts);
    case 2: {
      const request = ask(db, "use", USE, ts);
      if (request !== null) request.object = <u32>keptText(at, end, 256);
      return;
    }
    case 3: return askStatement(db, "query", QUERY, at, end, ts);
    case 22: return askStatement(db, "prepare", PREPARE, at, end, ts);
    case 17: {
      const user = find(0, at, end);
      if (user === 0) return;
      setUser(db, keptText(at, user));
      setAuth(db, 0);
      db.phase = LOGGING_IN;
      ask(db, "login", LOGIN, ts);
      return;
    }
    case 23: {
      ask(db, "execute", EXECUTE, ts);
      return;
    }
    case 24:
    case 25: return finishAtOnce(db, code === 24 ? "send_long_data" : "close", ts);
  }
  const name = commandName(code);
  if (name.length > 0) ask(db, name, PLAIN, ts);
  else db.first = NO_ANSWER;
}

function commandName(code: u8): string {
  switch (code) {
    case 4: return "field_list";
    case 5: return "create_database";
    case 6: return "drop_database";
    case 7: return "refresh";
    case 8: return "shutdown";
    case 9: return "statistics";
    case 10: return "process_info";
    case 12: return "kill";
    case 13: return "debug";
    case 14: return "ping";
    case 18: return "binlog_dump";
    case 19: return "table_dump";
    case 21: return "register_replica";
    case 26: return "reset";
    case 27: return "set_option";
    case 28: return "fetch";
    case 30: return "binlog_dump_gtid";
    case 31: return "reset_connection";
  }
  return "";
}

/** A command that no answer comes to. */
function finishAtOnce(db: Database, command: string, ts: f64): void {
  db.first = NO_ANSWER;
  const request = ask(db, command, PLAIN, ts);
  if (request !== null) finish(db, request);
}

function askStatement(db: Database, command: string, what: u8, at: usize, end: usize, ts: f64): void {
  const request = ask(db, command, what, ts);
  if (request === null) return;
  // Attributes of a query (CLIENT_QUERY_ATTRIBUTES) go before it: how many, and how many sets.
  if (what === QUERY && at + 2 < end && load<u8>(at) === 0 && load<u8>(at, 1) === 1) at += 2;
  readStatement(at, end, MYSQL_DIALECT);
  request.kind = <u32>kind;
  request.statement = <u32>statement;
}

function takeAnswer(db: Database, at: usize, end: usize, length: u32, ts: f64): void {
  if (at >= end) return;
  const code = load<u8>(at);
  if (db.phase === GREETING) return takeGreeting(db, code, at, end, ts);
  const request = waiting(db);
  if (request === null) return;
  if (db.phase === LOGGING_IN) return takeLoginAnswer(db, request, code, at, end, ts);
  if (db.first === FIRST) takeFirst(db, request, code, at, end, ts);
  else if (db.first === DEFINITIONS) {
    if (--db.second === 0) {
      db.first = ROWS;
      request.rows = 0;
    }
  } else if (db.first === ROWS) {
    const isEnd = code === 0xfe && length < 0xffffff;
    // Where rows have an end of their own, so have the definitions before them.
    if (isEnd && length === 5 && db.second === 0) db.second = 1;
    else if (isEnd || code === 0xff) finish(db, request);
    else {
      db.second = 1;
      request.rows++;
    }
  }
}

/** The server's version is the first it says; or that it will not have the client. */
function takeGreeting(db: Database, code: u8, at: usize, end: usize, ts: f64): void {
  db.greetedAt = ts;
  if (code === 0xff) {
    const request = ask(db, "connect", PLAIN, ts);
    if (request === null) return;
    answer(request, false, at + 3 <= end ? keptNumber(load<u16>(at, 1)) : 0, ts);
    return finish(db, request);
  }
  const stop = find(0, at + 1, end);
  if (code !== 10 || stop === 0) return;
  setVersion(db, keptText(at + 1, stop, 128));
  db.phase = LOGGING_IN;
}

/** OK, an error, another plugin to be used, or more of the exchange. */
function takeLoginAnswer(db: Database, request: Request, code: u8, at: usize, end: usize, ts: f64): void {
  if (code === 0xfe && at + 1 < end) {
    const stop = find(0, at + 1, end);
    if (stop !== 0) setPlugin(db, at + 1, stop);
    return;
  }
  if (code !== 0 && code !== 0xff) return;
  answer(request, code === 0, code !== 0 && at + 3 <= end ? keptNumber(load<u16>(at, 1)) : 0, ts);
  finish(db, request);
  db.phase = COMMANDS;
  if (db.third !== 0) db.isOver = 1;
}

function takeFirst(db: Database, request: Request, code: u8, at: usize, end: usize, ts: f64): void {
  if (code === 0xff || code === 0) {
    answer(request, code === 0, code !== 0 && at + 3 <= end ? keptNumber(load<u16>(at, 1)) : 0, ts);
    if (code === 0 && (request.what === QUERY || request.what === EXECUTE)) request.rows = <f64>readLength(at + 1, end);
    db.first = NO_ANSWER;
    return finish(db, request);
  }
  answer(request, true, 0, ts);
  const columns = readLength(at, end);
  // A file is asked for; or a text alone (statistics), or an end.
  if (code === 0xfb || (request.what !== QUERY && request.what !== EXECUTE) || columns === 0 || columns > 4096) return;
  db.second = columns;
  db.first = DEFINITIONS;
}

/** Behind the length last read. */
let behindLength: usize = 0;

/** A length of one to nine bytes (Length-Encoded Integer), at most 2^32 - 1; its end in `behindLength`. */
function readLength(at: usize, end: usize): u32 {
  behindLength = end;
  if (at >= end) return 0;
  const first = load<u8>(at);
  const bytes: usize = first < 0xfb ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : first === 0xfe ? 9 : 1;
  if (at + bytes > end) return 0;
  behindLength = at + bytes;
  if (first < 0xfb) return first;
  if (first === 0xfc) return load<u16>(at, 1);
  if (first === 0xfd) return load<u32>(at) >> 8;
  return first === 0xfe && load<u32>(at, 5) === 0 ? load<u32>(at, 1) : 0;
}

import {DATABASES_AUTH, DATABASES_CLIENT, DATABASES_COMMAND, DATABASES_DATABASE, DATABASES_ERROR, DATABASES_KIND, DATABASES_OBJECT, DATABASES_ROWS, DATABASES_RTT_US, DATABASES_SERVER_VERSION, DATABASES_STATEMENT, DATABASES_SUCCESS, DATABASES_SYSTEM, DATABASES_TABLE, DATABASES_USER} from "../../columns";
import {Event} from "../../../meter/layout";
import {allocate, dropText, keepText, release} from "../../heap";
import {addRow, setKept, setNull, setNumber, tableAt} from "../../rows";
import {countGivenUp} from "../../streams/held";
import {flowIdOf} from "../../streams/reading";
import {closeSides, finishSides, openSides, takeSegment} from "../../streams/sides";
import {Bytes, Gap} from "../../streams/stream";
import {appendNumber} from "../../text";
import {keptWord, setWord} from "../kept";
import {closeNtlm, NtlmExchange} from "../ntlm/ntlm-exchange";

/** A client's conversation with a database: requests that wait for their answers, and what is known of the connection. */

/** Requests that wait; beyond, the oldest is written without an answer. */
const MAX_PENDING: i32 = 64;

/** No answer has more; what says so is not believed. */
const MOST_ROWS: f64 = 9007199254740992;

/** What a request is, as far as its answer is read by that. */
export const PLAIN: u8 = 0;
export const LOGIN: u8 = 1;
export const USE: u8 = 2;
export const QUERY: u8 = 3;
export const PREPARE: u8 = 4;
export const EXECUTE: u8 = 5;
/** Waits as the others do, and is no row of its own. */
export const SYNC: u8 = 6;

@unmanaged
export class Request {
  ts: f64 = 0;
  answered: f64 = 0;
  rows: f64 = 0;
  /** 1, 0, NaN: not known. */
  success: f64 = 0;
  next: u32 = 0;
  /** Kept texts. */
  command: u32 = 0;
  kind: u32 = 0;
  object: u32 = 0;
  statement: u32 = 0;
  error: u32 = 0;
  number: u32 = 0;
  what: u8 = 0;
  reserved: u8 = 0;
  reserved2: u16 = 0;
}

@unmanaged
export class Database extends NtlmExchange {
  id: u64 = 0;
  /** When the server greeted; NaN where it did not. */
  greetedAt: f64 = 0;
  sides: u32 = 0;
  /** The oldest request that waits. */
  oldest: u32 = 0;
  pending: i32 = 0;
  /** Kept texts of the connection. */
  user: u32 = 0;
  database: u32 = 0;
  client: u32 = 0;
  version: u32 = 0;
  auth: u32 = 0;
  /** Numbers that a protocol's reader counts down or remembers. */
  first: u32 = 0;
  second: u32 = 0;
  third: u32 = 0;
  system: u8 = 0;
  phase: u8 = 0;
  isTls: u8 = 0;
  /** No more can be read. */
  isOver: u8 = 0;
  /** A row was written. */
  isTold: u8 = 0;
  /** Direction of the server's bytes; `UNKNOWN` before the first. */
  server: u8 = 0;
  reserved3: u16 = 0;
}

export const UNKNOWN: u8 = 2;

/** Systems, by their places. */
export const MYSQL_SYSTEM: u8 = 0;
export const POSTGRESQL_SYSTEM: u8 = 1;
export const MSSQL_SYSTEM: u8 = 2;
export const REDIS_SYSTEM: u8 = 3;
export const MONGODB_SYSTEM: u8 = 4;

const word = memory.data(64);

function systemName(system: u8): string {
  switch (system) {
    case MYSQL_SYSTEM: return "mysql";
    case POSTGRESQL_SYSTEM: return "postgresql";
    case MSSQL_SYSTEM: return "mssql";
    case REDIS_SYSTEM: return "redis";
  }
  return "mongodb";
}

/** State of a new connection; 0 where memory is out. */
export function openDatabase(system: u8): usize {
  const state = allocate(offsetof<Database>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Database>());
  const db = changetype<Database>(state);
  db.system = system;
  db.server = UNKNOWN;
  db.greetedAt = NaN;
  db.sides = <u32>openSides(state);
  if (db.sides !== 0) return state;
  release(state, offsetof<Database>());
  return 0;
}

/** Takes a segment; false: no more wanted. `isOfServer`: whether the server sent it, of the first one. */
export function takeDatabase(state: usize, event: Event, isOfServer: bool, start: usize, end: usize, bytes: Bytes, gap: Gap): bool {
  const db = changetype<Database>(state);
  if (db.server === UNKNOWN) db.server = isOfServer ? <u8>event.direction : 1 - <u8>event.direction;
  db.id = flowIdOf(event);
  return takeSegment(<usize>db.sides, event, start, end, bytes, gap) && db.isOver === 0;
}

/** The connection has ended: what waits is written without an answer, and all let go of. */
export function endDatabase(state: usize, event: Event, bytes: Bytes, gap: Gap): void {
  const db = changetype<Database>(state);
  db.id = flowIdOf(event);
  finishSides(<usize>db.sides, bytes, gap);
  closeSides(<usize>db.sides);
  if (db.isTold === 0 && !isNaN(db.greetedAt) && db.pending === 0) ask(db, "connect", PLAIN, db.greetedAt);
  while (db.pending > 0) finishOldest(db);
  closeNtlm(db, db.id, "mssql");
  dropText(<usize>db.user);
  dropText(<usize>db.database);
  dropText(<usize>db.client);
  dropText(<usize>db.version);
  dropText(<usize>db.auth);
  release(state, offsetof<Database>());
}

/** Whether TLS follows in the connection. */
export function isDatabaseTls(state: usize): bool {
  return changetype<Database>(state).isTls !== 0;
}

/** A whole number as a kept text. */
export function keptNumber(value: u32): usize {
  return keepText(word, <u32>(appendNumber(value, word) - word));
}

/** A request with a command that is a constant; null where memory is out. */
export function ask(db: Database, command: string, what: u8, ts: f64): Request | null {
  return askKept(db, keptWord(command), what, ts);
}

/** A request with that command, a kept text which is its own from now on. */
export function askKept(db: Database, command: usize, what: u8, ts: f64): Request | null {
  if (db.pending >= MAX_PENDING) finishOldest(db);
  const block = allocate(offsetof<Request>());
  if (block === 0) {
    dropText(command);
    countGivenUp();
    return null;
  }
  memory.fill(block, 0, offsetof<Request>());
  const request = changetype<Request>(block);
  request.command = <u32>command;
  request.what = what;
  request.ts = ts;
  request.answered = request.rows = request.success = NaN;
  let link = changetype<usize>(db) + offsetof<Database>("oldest");
  while (load<u32>(link) !== 0) link = <usize>load<u32>(link) + offsetof<Request>("next");
  store<u32>(link, <u32>block);
  db.pending++;
  return request;
}

/** The oldest request that waits; null without. */
// @ts-ignore: decorator
@inline
export function waiting(db: Database): Request | null {
  return db.oldest === 0 ? null : changetype<Request>(<usize>db.oldest);
}

/** The newest request that waits; null without. */
export function newest(db: Database): Request | null {
  let request = waiting(db);
  while (request !== null && request.next !== 0) request = changetype<Request>(<usize>request.next);
  return request;
}

/** The first request of that number, or of one of two kinds; null without. */
export function requestOf(db: Database, number: u32): Request | null {
  let request = waiting(db);
  while (request !== null && request.number !== number) request = request.next === 0 ? null : changetype<Request>(<usize>request.next);
  return request;
}

export function requestThatIs(db: Database, what: u8, orWhat: u8): Request | null {
  let request = waiting(db);
  while (request !== null && request.what !== what && request.what !== orWhat) request = request.next === 0 ? null : changetype<Request>(<usize>request.next);
  return request;
}

/** The answer to a request has come; the first one counts. `error`: a kept text, which is the request's from now on, or 0. */
export function answer(request: Request, isRight: bool, error: usize, ts: f64): void {
  if (!isNaN(request.answered)) return dropText(error);
  request.answered = ts;
  request.success = isRight ? 1 : 0;
  request.error = <u32>error;
}

/** Writes the oldest request, and lets go of it. */
export function finishOldest(db: Database): void {
  finish(db, changetype<Request>(<usize>db.oldest));
}

/** Writes a request that waits, and lets go of it. */
export function finish(db: Database, request: Request): void {
  let link = changetype<usize>(db) + offsetof<Database>("oldest");
  while (<usize>load<u32>(link) !== changetype<usize>(request)) link = <usize>load<u32>(link) + offsetof<Request>("next");
  store<u32>(link, request.next);
  db.pending--;
  if (request.what === USE && request.success === 1 && request.object !== 0) setKeptOf(changetype<usize>(db) + offsetof<Database>("database"), copied(request.object));
  if (request.what !== SYNC) write(db, request);
  dropText(<usize>request.command);
  dropText(<usize>request.kind);
  dropText(<usize>request.object);
  dropText(<usize>request.statement);
  dropText(<usize>request.error);
  release(changetype<usize>(request), offsetof<Request>());
}

function copied(text: u32): usize {
  return keepText(<usize>text + 4, load<u32>(<usize>text));
}

/** Sets a kept text of a connection at that address; the one before it is dropped. */
export function setKeptOf(address: usize, text: usize): void {
  dropText(<usize>load<u32>(address));
  store<u32>(address, <u32>text);
}

export function setUser(db: Database, text: usize): void {
  setKeptOf(changetype<usize>(db) + offsetof<Database>("user"), text);
}

export function setDatabase(db: Database, text: usize): void {
  setKeptOf(changetype<usize>(db) + offsetof<Database>("database"), text);
}

export function setClient(db: Database, text: usize): void {
  setKeptOf(changetype<usize>(db) + offsetof<Database>("client"), text);
}

export function setVersion(db: Database, text: usize): void {
  setKeptOf(changetype<usize>(db) + offsetof<Database>("version"), text);
}

export function setAuth(db: Database, text: usize): void {
  setKeptOf(changetype<usize>(db) + offsetof<Database>("auth"), text);
}

function write(db: Database, request: Request): void {
  db.isTold = 1;
  const rows = tableAt(DATABASES_TABLE);
  const row = addRow(rows, db.id, request.ts);
  if (row < 0) return;
  setWord(rows, row, DATABASES_SYSTEM, systemName(db.system));
  setKept(rows, row, DATABASES_COMMAND, <usize>request.command);
  setKept(rows, row, DATABASES_KIND, <usize>request.kind);
  setKept(rows, row, DATABASES_USER, <usize>db.user);
  setKept(rows, row, DATABASES_DATABASE, <usize>db.database);
  setKept(rows, row, DATABASES_OBJECT, <usize>request.object);
  setKept(rows, row, DATABASES_STATEMENT, <usize>request.statement);
  setKept(rows, row, DATABASES_CLIENT, <usize>db.client);
  setKept(rows, row, DATABASES_SERVER_VERSION, <usize>db.version);
  if (request.what === LOGIN) setKept(rows, row, DATABASES_AUTH, <usize>db.auth);
  else setNull(rows, row, DATABASES_AUTH);
  setNumber(rows, row, DATABASES_SUCCESS, request.success);
  setKept(rows, row, DATABASES_ERROR, <usize>request.error);
  setNumber(rows, row, DATABASES_ROWS, request.rows >= 0 && request.rows <= MOST_ROWS ? Math.floor(request.rows) : NaN);
  setNumber(rows, row, DATABASES_RTT_US, request.answered - request.ts);
}

import {Event} from "../../meter/layout";
import {allocate, dropText, release} from "../heap";
import {countGivenUp} from "../streams/held";
import {closeHeld, from, gather, HeldStream, keepRest, loseBytes, to} from "../streams/held-stream";
import {FTP_DATA, flowIdOf, Reading} from "../streams/reading";
import {beginStreamAt, isHole, openStream, passAllHoles, passHoles, push} from "../streams/stream";
import {isUserOfIrc} from "./irc";
import {find, hasText, isText, isTextAnyCase, lineEnd} from "../text";
import {AUTH_COMMAND, Command, dropCommand, isKnownCommand, keepClean, makeCommand, readName, USER_COMMAND, writeCommand, isTransfer, PORT_COMMAND, EPRT_COMMAND, REIN_COMMAND} from "../parsers/ftp/ftp-command";
import {portOfFields, portOfNumbers} from "../parsers/ftp/ftp-address";
import {expect, nameExpected} from "../streams/expected";

/** FTP control connections (RFC 959, RFC 4217): commands with their final replies, in order (RFC 959 §5.4). TLS may follow. */

/** A line longer than this ends the reading. */
const MAX_LINE_BYTES: u32 = 16_384;
const PORT: i32 = 21;

/** Commands that wait for their reply; beyond, the oldest is written without one. */
const MAX_PENDING: u8 = 32;

/** Of `server`: not known yet. */
const UNKNOWN: u8 = 2;

/** A connection; the `HeldStream`s of its two directions follow it, each at a multiple of 4 bytes. */
@unmanaged
class Connection {
  /** The oldest and the newest command that wait for their reply. */
  oldest: u32 = 0;
  newest: u32 = 0;
  /** Argument of the last USER: a kept text, or 0. */
  user: u32 = 0;
  /** Of a reply of several lines: its code; else 0. */
  open: u16 = 0;
  pending: u8 = 0;
  /** Direction of the replies; `UNKNOWN` before the first. */
  server: u8 = 0;
  isTunnel: u8 = 0;
  /** Replies were lost: the next is of the newest command. */
  hasLostReplies: u8 = 0;
  reserved2: u16 = 0;
  /** Where its next data connection is announced, with its port; 0: none is. */
  place: i32 = 0;
  port: u32 = 0;
}

const SIDE_BYTES: usize = (offsetof<HeldStream>() + 3) & ~3;
const CONNECTION_BYTES: usize = offsetof<Connection>() + 2 * SIDE_BYTES;

/** What is read just now. */
let connection: Connection = changetype<Connection>(0);
let event: Event = changetype<Event>(0);

/** FTP control connections by a greeting that names it or a client's first command; at its port by any reply or command. */
export function recogniseFtp(event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "220 ") || isText(start, end, "220-")) {
    const last = min(end, start + 512);
    return hasText(start + 4, last, "FTP") || hasText(start + 4, last, "FILEZILLA");
  }
  const line = lineEnd(start, end);
  if (line > start && event.sourcePort === PORT && codeOf(start, line) !== 0 && (load<u8>(start, 3) === 0x20 || load<u8>(start, 3) === 0x2d)) return true;
  if (line > start && event.destinationPort === PORT && findLine(start, line + 1) === start) return true;
  return (
    line > start &&
    load<u8>(line - 1) === 13 &&
    ((isTextAnyCase(start, end, "USER ") && !isUserOfIrc(start, line)) ||
      // The name before it was not captured; at a connection's beginning it is IRC's.
      (event.streamOffset > 0 && event.direction === 0 && isTextAnyCase(start, end, "PASS ")) ||
      isTextAnyCase(start, end, "AUTH TLS") ||
      isTextAnyCase(start, end, "AUTH SSL"))
  );
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsFtp(byte: u8): bool {
  return (byte >= 0x31 && byte <= 0x36) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
}

/** State of a connection; 0 where memory is out. */
export function beginFtp(): usize {
  const state = allocate(CONNECTION_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, CONNECTION_BYTES);
  changetype<Connection>(state).server = UNKNOWN;
  // A greeting that does not name FTP went by before the client spoke.
  openStream(sideOf(state, 0), false);
  openStream(sideOf(state, 1), false);
  return state;
}

/** Takes the next payload of the connection; false: no more wanted. */
export function takeFtp(state: usize, _reading: Reading, its: Event, start: usize, end: usize): bool {
  connection = changetype<Connection>(state);
  event = its;
  const other = sideOf(state, 1 - its.direction);
  if (other.first !== 0) passHoles(other, its.acknowledged, changetype<usize>(other), readLines, loseLines);
  const side = sideOf(state, its.direction);
  // The greeting may have gone by, but where the connection's begin was captured, it is known how much of it.
  if (side.isMet === 0 && other.isMet === 0 && its.continuedIn === 1) {
    beginStreamAt(side, its.streamOffset);
    beginStreamAt(other, its.acknowledged);
  }
  if (side.isLost === 0)
    push(side, start, end, its.cut, its.streamOffset, its.time, changetype<usize>(side), readLines, loseLines);
  if (connection.isTunnel !== 0) return false;
  return side.isLost === 0 || other.isLost === 0;
}

/** Whether nothing more was wanted as TLS follows within the same connection. */
export function isFtpTunnel(state: usize): bool {
  return changetype<Connection>(state).isTunnel !== 0;
}

/** The connection has ended, or enough was read of it: what is still open is written, and all let go of. */
export function endFtp(state: usize, _reading: Reading, its: Event): void {
  connection = changetype<Connection>(state);
  event = its;
  for (let i = 0; i < 2; i++) {
    const side = sideOf(state, i);
    if (side.isLost === 0) passAllHoles(side, changetype<usize>(side), readLines, loseLines);
  }
  while (connection.oldest !== 0) writeOldest(0, 0, 0);
  closeHeld(sideOf(state, 0));
  closeHeld(sideOf(state, 1));
  dropText(<usize>connection.user);
  release(state, CONNECTION_BYTES);
}

// @ts-ignore: decorator
@inline
function sideOf(state: usize, direction: i32): HeldStream {
  return changetype<HeldStream>(state + offsetof<Connection>() + <usize>direction * SIDE_BYTES);
}

/** Bytes of a side will not come; where they were replies, it is not known which. */
function loseLines(address: usize, missing: i32): void {
  loseBytes(address, missing);
  if (!isHole || address !== changetype<usize>(sideOf(changetype<usize>(connection), connection.server))) return;
  connection.open = 0;
  connection.hasLostReplies = 1;
}

/** Where a line begins behind a hole: at once, if the bytes begin as a command or a reply does; 0 without. */
function findLine(start: usize, end: usize): usize {
  const space = find(0x20, start, min(end, start + 6));
  const line = lineEnd(start, end);
  if (codeOf(start, end) !== 0 && end - start > 3 && (load<u8>(start, 3) === 0x20 || load<u8>(start, 3) === 0x2d)) return start;
  if (space !== 0 && isKnownCommand(start, space)) return start;
  if (line === 0) return 0;
  if (line > start && isKnownCommand(start, load<u8>(line - 1) === 13 ? line - 1 : line)) return start;
  return line + 1 < end ? line + 1 : 0;
}

/** Takes the whole lines of a side, without their ends. */
function readLines(address: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<HeldStream>(address);
  const direction: u8 = address === changetype<usize>(sideOf(changetype<usize>(connection), 0)) ? 0 : 1;
  if (side.isAstray !== 0) {
    start = findLine(start, end);
    if (start === 0) return;
    side.isAstray = 0;
  }
  if (!gather(side, start, end)) return;
  let at = from;
  for (let line = lineEnd(at, to); line !== 0; line = lineEnd(at, to)) {
    const last = line > at && load<u8>(line - 1) === 13 ? line - 1 : line;
    if (last > at && connection.isTunnel === 0) takeLine(at, last, ts, direction);
    at = line + 1;
  }
  keepRest(side, at, MAX_LINE_BYTES);
}

function takeLine(start: usize, end: usize, ts: f64, side: u8): void {
  const code = codeOf(start, end);
  if (connection.server === UNKNOWN && code !== 0) connection.server = side;
  if (side === connection.server) takeReply(code, start, end);
  else takeCommand(start, end, ts);
}

function takeCommand(start: usize, end: usize, ts: f64): void {
  const space = find(0x20, start, end);
  const name = readName(start, space === 0 ? end : space);
  if (name === 0) return;
  if (name === USER_COMMAND) {
    dropText(<usize>connection.user);
    connection.user = space === 0 ? 0 : <u32>keepClean(space + 1, end);
  }
  announceByCommand(name, space === 0 ? end : space + 1, end);
  if (connection.pending >= MAX_PENDING) writeOldest(0, 0, 0);
  const command = makeCommand(name, space === 0 ? 0 : space + 1, end, <usize>connection.user, ts);
  if (command === 0) {
    countGivenUp();
    return;
  }
  if (connection.oldest === 0) connection.oldest = <u32>command;
  else changetype<Command>(<usize>connection.newest).next = <u32>command;
  connection.newest = <u32>command;
  connection.pending++;
}

/** A data connection to that port of a side's is to come. */
function announce(side: u8, port: u32): void {
  connection.port = port;
  connection.place = expect(FTP_DATA, event, side, <u16>port);
}

/** What a command says of the data connection: the client's port, or the file's name. */
function announceByCommand(name: u64, start: usize, end: usize): void {
  const client: u8 = connection.server === UNKNOWN ? <u8>event.direction : 1 - connection.server;
  if (name === PORT_COMMAND || name === EPRT_COMMAND) {
    const port: u32 = name === PORT_COMMAND ? portOfNumbers(start, end) : portOfFields(start, end);
    if (port !== 0) announce(client, port);
  } else if (isTransfer(name) && connection.port !== 0) {
    const kept = start < end ? keepClean(start, end) : 0;
    if (kept !== 0) nameExpected(connection.place, <u16>connection.port, kept);
    connection.port = 0;
  }
}

function takeReply(code: u16, start: usize, end: usize): void {
  const isLast = code !== 0 && (end - start === 3 || load<u8>(start, 3) === 0x20);
  if (connection.open !== 0 && !(isLast && code === connection.open)) return;
  if (code === 0) return;
  connection.open = isLast ? 0 : code;
  const port: u32 = code === 227 ? portOfNumbers(start + 4, end) : code === 229 ? portOfFields(start + 4, end) : 0;
  if (port !== 0) announce(connection.server, port);
  // 1xx announces that another reply follows; 220 and 421 may come without a command, behind one that did not wait, too.
  if (!isLast || code < 200 || connection.oldest === 0) return;
  if (code === 220 && changetype<Command>(<usize>connection.oldest).name !== REIN_COMMAND) return;
  while (connection.hasLostReplies !== 0 && connection.pending > 1) writeOldest(0, 0, 0);
  connection.hasLostReplies = 0;
  if (writeOldest(code, min(start + 4, end), end) === AUTH_COMMAND && code === 234) connection.isTunnel = 1;
}

/** Writes the command that waits longest, with its reply (code 0: without), and lets go of it; its name. */
function writeOldest(code: i32, start: usize, end: usize): u64 {
  const command = changetype<Command>(<usize>connection.oldest);
  const name = command.name;
  connection.oldest = command.next;
  connection.pending--;
  writeCommand(flowIdOf(event), command, code, start, end);
  dropCommand(command);
  return name;
}

/** Three digits from 100 to 699 (RFC 959 §4.2, RFC 2228 for 6xx); 0 where the line begins with none. */
function codeOf(start: usize, end: usize): u16 {
  if (end - start < 3) return 0;
  let code: u16 = 0;
  for (let at = start; at < start + 3; at++) {
    const digit = load<u8>(at) - 0x30;
    if (digit > 9) return 0;
    code = 10 * code + digit;
  }
  return code >= 100 && code < 700 ? code : 0;
}

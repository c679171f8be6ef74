import {Event} from "../../meter/layout";
import {dropText, keepText} from "../heap";
import {expectAt, expectedAt} from "../streams/expected";
import {gather, from, keepRest, loseBytes, to} from "../streams/held-stream";
import {DCC, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, sideOf, takeSegment} from "../streams/sides";
import {openStream} from "../streams/stream";
import {isBotNick} from "./bot-nick";
import {clean, cleanAt, cleanLength, find, hasText, isText, isTextAnyCase, lineEnd} from "../text";

/** IRC (RFC 2812): its name, and the files that it announces to come from a host of its own (DCC SEND). */

/** With tags a line has 8,703 bytes at most (IRCv3 message tags); without, 512. */
const MAX_LINE_BYTES: u32 = 8703;
const MAX_NAME: u32 = 512;

/** IRC by a client's first commands or a server's first words (RFC 2812). */
export function recogniseIrc(_event: Event, start: usize, end: usize): bool {
  const line = lineEnd(start, end);
  if (line === 0) return false;
  if (load<u8>(start) === 0x3a) return hasText(start, line, " NOTICE ") || hasText(start, line, " 001 ");
  if (isText(start, end, "NOTICE AUTH")) return true;
  if (isBotNick(start, end)) return false;
  if (isText(start, end, "NICK ") || isText(start, end, "CAP LS")) return true;
  if (isTextAnyCase(start, end, "USER ")) return isUserOfIrc(start, line);
  return isText(start, end, "PASS ") && hasText(line, end, "NICK ");
}

/** Whether a line with USER has IRC's four arguments (RFC 2812 §3.1.3); FTP and POP3 have one. */
export function isUserOfIrc(start: usize, line: usize): bool {
  let spaces = 0;
  for (let at = start; at < line && spaces < 4; at++) {
    if (load<u8>(at) !== 0x20) continue;
    spaces++;
    if (spaces > 1 && at + 1 < line && load<u8>(at, 1) === 0x3a) return true;
  }
  return spaces === 4;
}

/** Whether it may begin with that byte. */
export function beginsIrc(byte: u8): bool {
  return byte === 0x3a || byte === 0x4e || byte === 0x43 || byte === 0x50 || (byte | 0x20) === 0x75;
}

/** State of a connection; 0 where memory is out. */
export function beginIrc(): usize {
  const sides = openSides(0);
  // A client's words may be the first that were captured.
  if (sides !== 0) for (let i = 0; i < 2; i++) openStream(sideOf(sides, i), false);
  return sides;
}

export function takeIrc(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  return takeSegment(state, event, start, end, readLines, loseBytes);
}

export function endIrc(state: usize, _reading: Reading, _event: Event): void {
  finishSides(state, readLines, loseBytes);
  closeSides(state);
}

function readLines(address: usize, start: usize, end: usize, _ts: f64): void {
  const side = changetype<Side>(address);
  // Behind a hole the end of a line is no announcement: those have a beginning.
  side.isAstray = 0;
  if (!gather(side, start, end)) return;
  let at = from;
  for (let line = lineEnd(at, to); line !== 0; line = lineEnd(at, to)) {
    announce(at, line);
    at = line + 1;
  }
  keepRest(side, at, MAX_LINE_BYTES);
}

/** A message `DCC SEND name address port size` between two bytes of 1 (CTCP); the address is a number, of IPv4. */
function announce(start: usize, end: usize): void {
  const mark = find(1, start, end);
  if (mark === 0 || !isTextAnyCase(mark + 1, end, "DCC SEND ")) return;
  const last = find(1, mark + 1, end);
  if (last === 0) return;
  let at = mark + 10;
  const isQuoted = at < last && load<u8>(at) === 0x22;
  if (isQuoted) at++;
  const nameEnd = find(isQuoted ? 0x22 : 0x20, at, last);
  if (nameEnd <= at) return;
  let field = isQuoted ? nameEnd + 2 : nameEnd + 1;
  const address = numberAt(field, last);
  field = nextField(field, last);
  const port = numberAt(field, last);
  field = nextField(field, last);
  // With port 0 it is the receiver who waits, and says where in a message that names no file.
  if (!(address > 0 && address <= 4294967295 && port > 0 && port <= 65_535)) return;
  const expected = expectedAt(expectAt(DCC, <u64>bswap<u32>(<u32>address), 0, <u16>port));
  expected.size = numberAt(field, last);
  clean(at, nameEnd, MAX_NAME);
  dropText(<usize>expected.name);
  expected.name = <u32>keepText(cleanAt, cleanLength);
}

/** Where the field behind the next space begins; the end where there is none. */
function nextField(at: usize, end: usize): usize {
  const space = at < end ? find(0x20, at, end) : 0;
  return space === 0 ? end : space + 1;
}

/** The decimal number that a field is; NaN where it is none. */
function numberAt(at: usize, end: usize): f64 {
  let value: f64 = 0;
  let digits = 0;
  for (; at < end && load<u8>(at) !== 0x20; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9 || ++digits > 15) return NaN;
    value = value * 10 + <f64>digit;
  }
  return digits === 0 ? NaN : value;
}

import {Event} from "../../meter/layout";
import {openIndustrial, remember, remembered} from "../parsers/industrial/flow";
import {addressText, newOperation, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setTransaction, setUnit} from "../parsers/industrial/operation";
import {appendCode, appendRange} from "../parsers/industrial/range";
import {appendText, isText} from "../text";

/**
 * MELSEC's communication protocol (SLMP) of Mitsubishi's controllers in binary: the subheader of a request or an answer of
 * frame 3E or 4E, where it goes to, and the length of what follows (SLMP reference manual §5).
 */
export function recogniseMelsec(_event: Event, start: usize, end: usize): bool {
  const first = load<u8>(start);
  if (first === 0x35 || first === 0x44) return isAscii(start, end);
  if (start + 11 > end || load<u8>(start, 1) !== 0) return false;
  const is4E = first === 0x54 || first === 0xd4;
  if (!is4E) return isFrame(start + 2, end);
  // A serial number and two zeros go before.
  return start + 15 <= end && load<u16>(start, 4) === 0 && isFrame(start + 6, end);
}

/** Whether it may begin with that byte. */
export function beginsMelsec(byte: u8): bool {
  return byte === 0x50 || byte === 0x54 || byte === 0xd0 || byte === 0xd4 || byte === 0x35 || byte === 0x44;
}

/** Network, station, module's I/O number (0x03ff is the controller), multidrop station, length. */
function isFrame(at: usize, end: usize): bool {
  const module = load<u16>(at, 2);
  return module >= 0x3d0 && module <= 0x3ff && load<u8>(at, 4) <= 31 && <usize>load<u16>(at, 5) === end - at - 7;
}

/** The same in ASCII: `5000`, network, station `FF`, module `03FF`. */
function isAscii(start: usize, end: usize): bool {
  const is3E = isText(start, end, "5000") || isText(start, end, "D000");
  return is3E && start + 18 <= end && isText(start + 6, end, "FF03FF");
}

const PORT: u16 = 5007;

/** State of a new flow; 0 where memory is out. */
export function beginMelsec(): usize {
  return openIndustrial("melsec", PORT, frameLength, readFrame);
}

// @ts-ignore: decorator
@inline
function is4E(at: usize): bool {
  return load<u8>(at) === 0x54 || load<u8>(at) === 0xd4;
}

/** Binary frames only: one in ASCII has its length in four digits. */
function frameLength(at: usize, end: usize): usize {
  const first = load<u8>(at);
  if (first === 0x35 || first === 0x44) return asciiLength(at, end);
  if ((first !== 0x50 && first !== 0xd0 && !is4E(at)) || load<u8>(at, 1) !== 0) return 0;
  const head: usize = is4E(at) ? 13 : 9;
  // What states the length may not be there yet: the shortest frame is waited for.
  return at + head > end ? head + 2 : head + <usize>load<u16>(at + head - 2);
}

function asciiLength(at: usize, end: usize): usize {
  if (at + 18 > end) return 22;
  const length = hexNumber(at + 14, 4);
  return length < 0 ? 0 : 18 + <usize>length;
}

/** Number of so many hexadecimal digits; -1 where one is none. */
function hexNumber(at: usize, digits: usize): i32 {
  let value = 0;
  for (let i: usize = 0; i < digits; i++) {
    const digit = load<u8>(at + i);
    const lower = digit | 0x20;
    const one = digit >= 0x30 && digit <= 0x39 ? <i32>digit - 0x30 : lower >= 0x61 && lower <= 0x66 ? <i32>lower - 87 : -1;
    if (one < 0) return -1;
    value = (value << 4) | one;
  }
  return value;
}

/** A request has a timer, command and subcommand, an answer an end code only: what it answers is the request before. */
function readFrame(at: usize, end: usize, _isAnswer: bool): bool {
  const first = load<u8>(at);
  if (first === 0x35 || first === 0x44) return readAscii(at, end, first === 0x35);
  const body = at + (is4E(at) ? 13 : 9);
  const isRequest = (first & 0x80) === 0;
  if (body + (isRequest ? 6 : 2) > end) return false;
  begin(isRequest, isRequest ? <i32>load<u16>(body, 2) : remembered(), <i32>load<u8>(body - 6));
  if (is4E(at)) setTransaction(load<u16>(at, 2));
  if (!isRequest) {
    if (load<u16>(body) !== 0) setError(endName(load<u16>(body)));
    return true;
  }
  if (isBatch(load<u16>(body, 2)) && body + 12 <= end) {
    const device = load<u32>(body, 6);
    setRange(deviceName(<u8>(device >> 24)), isHexDevice(<u8>(device >> 24)), device & 0xffffff, load<u16>(body, 10));
  }
  return true;
}

function readAscii(at: usize, end: usize, isRequest: bool): bool {
  const body = at + 18;
  if (body + (isRequest ? 12 : 4) > end) return false;
  begin(isRequest, isRequest ? hexNumber(body + 4, 4) : remembered(), hexNumber(at + 6, 2));
  if (!isRequest) {
    const code = hexNumber(body, 4);
    if (code > 0) setError(endName(code));
    return true;
  }
  if (isBatch(hexNumber(body + 4, 4)) && body + 24 <= end && hexNumber(body + 20, 4) > 0) {
    const isHex = load<u8>(body, 12) === 0x58 || load<u8>(body, 12) === 0x59 || load<u8>(body, 12) === 0x42 || load<u8>(body, 12) === 0x57;
    let number = 0;
    for (let i: usize = 14; i < 20; i++) number = number * (isHex ? 16 : 10) + max(hexNumber(body + i, 1), 0);
    setRange("", isHex, number, hexNumber(body + 20, 4), body + 12);
  }
  return true;
}

function begin(isRequest: bool, command: i32, unit: i32): void {
  newOperation(isRequest ? REQUEST : RESPONSE, command > 0 ? command : -1, commandName(command), isWriting(command));
  setUnit(unit);
  if (isRequest) remember(command);
}

/** `D100-109`, with the device's numbers in hexadecimal where its own are. `letters`: of a frame in ASCII, two with `*` behind one. */
function setRange(name: string, isHex: bool, first: u32, many: u32, letters: usize = 0): void {
  let to = appendText(name, addressText);
  for (let i: usize = 0; letters !== 0 && i < 2; i++) {
    const letter = load<u8>(letters + i);
    if (letter >= 0x41 && letter <= 0x5a) store<u8>(to++, letter);
  }
  const last = many > 1 ? first + many - 1 : first;
  if (isHex) {
    to = appendCode(first, to);
    if (last > first) {
      store<u8>(to++, 0x2d);
      to = appendCode(last, to);
    }
  } else to = appendRange(first, last, to);
  setPoints(many);
  setAddressEnd(to);
}

// @ts-ignore: decorator
@inline
function isBatch(command: i32): bool {
  return command === 0x0401 || command === 0x1401;
}

// @ts-ignore: decorator
@inline
function isWriting(command: i32): bool {
  const main = command >> 8;
  return main === 0x14 || main === 0x16 || main === 0x10 || main === 0x18;
}

/** Devices numbered in hexadecimal: X, Y, B, W, SB, SW, DX, DY. */
// @ts-ignore: decorator
@inline
function isHexDevice(code: u8): bool {
  return code === 0x9c || code === 0x9d || code === 0xa0 || code === 0xb4 || code === 0xa1 || code === 0xb5 || code === 0xa2 || code === 0xa3;
}

function deviceName(code: u8): string {
  switch (code) {
    case 0x90: return "M";
    case 0x91: return "SM";
    case 0x92: return "L";
    case 0x93: return "F";
    case 0x94: return "V";
    case 0x98: return "S";
    case 0x9c: return "X";
    case 0x9d: return "Y";
    case 0xa0: return "B";
    case 0xa1: return "SB";
    case 0xa2: return "DX";
    case 0xa3: return "DY";
    case 0xa8: return "D";
    case 0xa9: return "SD";
    case 0xaf: return "R";
    case 0xb0: return "ZR";
    case 0xb4: return "W";
    case 0xb5: return "SW";
    case 0xc0: return "TC";
    case 0xc1: return "TS";
    case 0xc2: return "TN";
    case 0xc3: return "CC";
    case 0xc4: return "CS";
    case 0xc5: return "CN";
    case 0xcc: return "Z";
  }
  return "?";
}

function commandName(command: i32): string {
  switch (command) {
    case 0x0101: return "Read Type Name";
    case 0x0401: return "Read";
    case 0x0403: return "Read Random";
    case 0x0406: return "Read Block";
    case 0x0601: return "Extend Unit Read";
    case 0x0613: return "Memory Read";
    case 0x0619: return "Self Test";
    case 0x0801: return "Entry Monitor Device";
    case 0x0802: return "Execute Monitor";
    case 0x1001: return "Remote Run";
    case 0x1002: return "Remote Stop";
    case 0x1003: return "Remote Pause";
    case 0x1005: return "Remote Latch Clear";
    case 0x1006: return "Remote Reset";
    case 0x1401: return "Write";
    case 0x1402: return "Write Random";
    case 0x1406: return "Write Block";
    case 0x1601: return "Extend Unit Write";
    case 0x1613: return "Memory Write";
    case 0x1617: return "Clear Error";
    case 0x1630: return "Remote Password Unlock";
    case 0x1631: return "Remote Password Lock";
    case 0x1810: return "File Read Directory";
    case 0x1827: return "File Open";
    case 0x1828: return "File Read";
    case 0x1829: return "File Write";
    case 0x182a: return "File Close";
  }
  return "unknown";
}

function endName(code: i32): string {
  switch (code) {
    case 0xc056: return "address out of range";
    case 0xc059: return "command not supported";
    case 0xc05b: return "device not accessible";
    case 0xc05c: return "wrong request";
    case 0xc061: return "wrong length";
    case 0xc201: return "password locked";
  }
  return "error";
}

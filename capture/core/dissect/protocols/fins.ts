import {u16At, u32At} from "../../meter/bytes";
import {TCP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {openIndustrial, remember, remembered} from "../parsers/industrial/flow";
import {addressText, newOperation, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setTransaction, setUnit} from "../parsers/industrial/operation";
import {appendRange} from "../parsers/industrial/range";
import {appendNumber, appendText, isText} from "../text";

/** Omron's FINS by its header (FINS command reference §3-1): over TCP behind `FINS` and a length. */
export function recogniseFins(event: Event, start: usize, end: usize): bool {
  if (event.proto === TCP) return start + 16 <= end && isText(start, end, "FINS") && u32At(start + 4) >= 8 && u32At(start + 8) <= 6;
  const flags = load<u8>(start);
  if (start + 12 > end || (flags & 0x3e) !== 0) return false;
  // Reserved, gateways that may be passed, and nodes of both ends; a command is one that is defined.
  if (load<u8>(start, 1) !== 0 || load<u8>(start, 2) > 7 || load<u8>(start, 2) === 0) return false;
  return isCommand(load<u8>(start, 10), load<u8>(start, 11)) && ((flags & 0x40) === 0 || start + 14 <= end);
}

/** Whether it may begin with that byte. */
export function beginsFins(byte: u8): bool {
  return byte === 0x46 || (byte >= 0x80 && (byte & 0x3e) === 0);
}

function isCommand(main: u8, sub: u8): bool {
  return (main >= 1 && main <= 7 && sub >= 1 && sub <= 0x20) || (main === 9 && sub === 0x20) || (main >= 0x0c && main <= 0x0f && sub <= 3) || (main >= 0x20 && main <= 0x28 && sub <= 0x20 && main !== 0x24);
}

const PORT: u16 = 9600;

/** State of a new flow; 0 where memory is out. */
export function beginFins(): usize {
  return openIndustrial("fins", PORT, frameLength, readFrame);
}

/** Over TCP the header says its length, over UDP a frame is the datagram. */
function frameLength(at: usize, end: usize): usize {
  if (u32At(at) !== 0x46494e53) return load<u8>(at) >= 0x80 && remembered() === 0 ? end - at : 0;
  remember(1);
  const length = <usize>u32At(at + 4);
  return length >= 8 && length <= 65_536 ? 8 + length : 0;
}

function readFrame(start: usize, end: usize, _isAnswer: bool): bool {
  let at = start;
  if (u32At(at) === 0x46494e53) {
    // Behind it: command (2 is a frame), error code.
    if (u32At(at + 8) !== 2) return false;
    at += 16;
  }
  if (at + 12 > end) return false;
  const isAnswer = (load<u8>(at) & 0x40) !== 0;
  const code = <i32>u16At(at + 10);
  newOperation(isAnswer ? RESPONSE : REQUEST, code, commandName(code), isWriting(code));
  setUnit(load<u8>(at + (isAnswer ? 7 : 4)));
  setTransaction(load<u8>(at, 9));
  if (isAnswer) {
    // The two highest bits of the end code's bytes tell of relays and of errors that do not matter.
    if (at + 14 <= end && (u16At(at + 12) & 0x7f3f) !== 0) setError(endName(load<u8>(at, 12) & 0x7f));
    return true;
  }
  if (code >= 0x0101 && code <= 0x0103 && at + 18 <= end) setArea(at + 12);
  return true;
}

/** Memory area, first word and bit, number of items: `D100-109`, `CIO10.3`. */
function setArea(at: usize): void {
  const area = load<u8>(at);
  const first = <u32>u16At(at + 1);
  const bit = load<u8>(at, 3);
  const many = <u32>u16At(at + 4);
  let to = appendText(areaName(area), addressText);
  if ((area & 0x80) === 0) {
    to = appendNumber(first, to);
    store<u8>(to++, 0x2e);
    to = appendRange(bit, many > 1 ? bit + many - 1 : bit, to);
  } else to = appendRange(first, many > 1 ? first + many - 1 : first, to);
  setPoints(many);
  setAddressEnd(to);
}

function areaName(area: u8): string {
  switch (area) {
    case 0x30:
    case 0xb0: return "CIO";
    case 0x31:
    case 0xb1: return "W";
    case 0x32:
    case 0xb2: return "H";
    case 0x33:
    case 0xb3: return "A";
    case 0x02:
    case 0x82: return "D";
    case 0x09:
    case 0x89: return "T";
    case 0x98: return "E";
    case 0xdc: return "IR";
    case 0xbc: return "DR";
  }
  return (area >= 0x20 && area <= 0x2c) || (area >= 0xa0 && area <= 0xac) ? "E" : "?";
}

// @ts-ignore: decorator
@inline
function isWriting(code: i32): bool {
  switch (code) {
    case 0x0102:
    case 0x0103:
    case 0x0105:
    case 0x0202:
    case 0x0203:
    case 0x0307:
    case 0x0308:
    case 0x0401:
    case 0x0402:
    case 0x0702:
    case 0x0c02:
    case 0x2101:
    case 0x2103:
    case 0x2203:
    case 0x2204:
    case 0x2205:
    case 0x2207:
    case 0x2301:
    case 0x2302: return true;
  }
  return false;
}

function commandName(code: i32): string {
  switch (code) {
    case 0x0101: return "Memory Area Read";
    case 0x0102: return "Memory Area Write";
    case 0x0103: return "Memory Area Fill";
    case 0x0104: return "Multiple Memory Area Read";
    case 0x0105: return "Memory Area Transfer";
    case 0x0201: return "Parameter Area Read";
    case 0x0202: return "Parameter Area Write";
    case 0x0203: return "Parameter Area Clear";
    case 0x0306: return "Program Area Read";
    case 0x0307: return "Program Area Write";
    case 0x0308: return "Program Area Clear";
    case 0x0401: return "Run";
    case 0x0402: return "Stop";
    case 0x0501: return "Controller Data Read";
    case 0x0502: return "Connection Data Read";
    case 0x0601: return "Controller Status Read";
    case 0x0620: return "Cycle Time Read";
    case 0x0701: return "Clock Read";
    case 0x0702: return "Clock Write";
    case 0x0920: return "Message Read";
    case 0x0c01: return "Access Right Acquire";
    case 0x0c02: return "Access Right Forced Acquire";
    case 0x0c03: return "Access Right Release";
    case 0x2101: return "Error Clear";
    case 0x2102: return "Error Log Read";
    case 0x2103: return "Error Log Clear";
    case 0x2201: return "File Name Read";
    case 0x2202: return "Single File Read";
    case 0x2203: return "Single File Write";
    case 0x2204: return "Memory Card Format";
    case 0x2205: return "File Delete";
    case 0x2207: return "File Copy";
    case 0x2301: return "Forced Set/Reset";
    case 0x2302: return "Forced Set/Reset Cancel";
  }
  return "unknown";
}

/** Main end codes (FINS command reference §5-1-3). */
function endName(code: u8): string {
  switch (code) {
    case 0x01: return "local node error";
    case 0x02: return "destination node error";
    case 0x03: return "controller error";
    case 0x04: return "service not supported";
    case 0x05: return "routing table error";
    case 0x10: return "command format error";
    case 0x11: return "parameter error";
    case 0x20: return "read not possible";
    case 0x21: return "write not possible";
    case 0x22: return "not executable in this mode";
    case 0x23: return "no such device";
    case 0x24: return "cannot start or stop";
    case 0x25: return "unit error";
    case 0x26: return "command error";
    case 0x30: return "access right error";
  }
  return "error";
}

import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {openIndustrial} from "../parsers/industrial/flow";
import {addressText, newOperation, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setTransaction, setUnit} from "../parsers/industrial/operation";
import {appendRange} from "../parsers/industrial/range";

const PORT: u16 = 502;

/** Modbus/TCP by its header, whose length is that of the payload (Modbus Messaging Guide §3.1.3). */
export function recogniseModbus(_event: Event, start: usize, end: usize): bool {
  if (start + 8 > end || u16At(start + 2) !== 0) return false;
  const length = u16At(start + 4);
  return length <= 254 && end - start === 6 + <usize>length && isFunction(load<u8>(start, 7) & 0x7f) && !isAssociation(start, length);
}

/** A-ASSOCIATE of DICOM (PS3.8 §9.3.2), which has its length at the same place and its version, 1, where a function is. */
function isAssociation(start: usize, length: u32): bool {
  const type = u16At(start);
  return length >= 68 && (type === 0x0100 || type === 0x0200) && u16At(start + 6) === 1 && u16At(start + 8) === 0;
}

/** Public function codes (Modbus Application Protocol §5) as bits: 1 to 8, 11, 12, 15 to 17, 20 to 24, 43; and 90. */
const FUNCTIONS: u64 = 0x0000080001f399fe;

// @ts-ignore: decorator
@inline
function isFunction(code: u8): bool {
  return code < 64 ? ((FUNCTIONS >> code) & 1) !== 0 : code === 90;
}

/** State of a new flow; 0 where memory is out. */
export function beginModbus(): usize {
  return openIndustrial("modbus", PORT, frameLength, readFrame);
}

function frameLength(at: usize, _end: usize): usize {
  const length = u16At(at + 4);
  return u16At(at + 2) !== 0 || length < 2 || length > 260 ? 0 : 6 + <usize>length;
}

function readFrame(at: usize, end: usize, isAnswer: bool): bool {
  const code = <i32>(load<u8>(at, 7) & 0x7f);
  newOperation(isAnswer ? RESPONSE : REQUEST, code, nameOf(code), isWriting(code));
  setUnit(load<u8>(at, 6));
  setTransaction(u16At(at));
  if ((load<u8>(at, 7) & 0x80) !== 0) setError(at + 9 <= end ? exceptionOf(load<u8>(at, 8)) : "exception");
  else if (!isAnswer || isEchoed(code)) readRange(at + 8, end, code);
  return true;
}

/** First address and number of what is read or written. */
function readRange(at: usize, end: usize, code: i32): void {
  if (at + 4 > end || !hasAddress(code)) return;
  const first = u16At(at);
  const many = code === 5 || code === 6 || code === 22 ? 1 : u16At(at + 2);
  setPoints(many);
  setAddressEnd(appendRange(first, many > 0 ? first + many - 1 : first, addressText));
}

// @ts-ignore: decorator
@inline
function hasAddress(code: i32): bool {
  return (code >= 1 && code <= 6) || code === 15 || code === 16 || code === 22 || code === 23;
}

/** Whether the answer repeats address and number. */
// @ts-ignore: decorator
@inline
function isEchoed(code: i32): bool {
  return code === 5 || code === 6 || code === 15 || code === 16 || code === 22;
}

// @ts-ignore: decorator
@inline
function isWriting(code: i32): bool {
  return code === 5 || code === 6 || code === 15 || code === 16 || (code >= 21 && code <= 23);
}

function nameOf(code: i32): string {
  switch (code) {
    case 1: return "Read Coils";
    case 2: return "Read Discrete Inputs";
    case 3: return "Read Holding Registers";
    case 4: return "Read Input Registers";
    case 5: return "Write Single Coil";
    case 6: return "Write Single Register";
    case 7: return "Read Exception Status";
    case 8: return "Diagnostics";
    case 11: return "Get Comm Event Counter";
    case 12: return "Get Comm Event Log";
    case 15: return "Write Multiple Coils";
    case 16: return "Write Multiple Registers";
    case 17: return "Report Server ID";
    case 20: return "Read File Record";
    case 21: return "Write File Record";
    case 22: return "Mask Write Register";
    case 23: return "Read/Write Multiple Registers";
    case 24: return "Read FIFO Queue";
    case 43: return "Encapsulated Interface Transport";
    case 90: return "Unity (UMAS)";
  }
  return "unknown";
}

/** Modbus Application Protocol §7. */
function exceptionOf(code: u8): string {
  switch (code) {
    case 1: return "illegal function";
    case 2: return "illegal data address";
    case 3: return "illegal data value";
    case 4: return "server device failure";
    case 5: return "acknowledge";
    case 6: return "server device busy";
    case 8: return "memory parity error";
    case 10: return "gateway path unavailable";
    case 11: return "gateway target did not respond";
  }
  return "exception";
}

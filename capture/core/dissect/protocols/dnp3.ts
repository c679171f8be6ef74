import {Event} from "../../meter/layout";
import {openIndustrial} from "../parsers/industrial/flow";
import {addressText, newOperation, REPORT, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setTransaction, setUnit} from "../parsers/industrial/operation";
import {appendRange} from "../parsers/industrial/range";
import {appendNumber} from "../text";

const PORT: u16 = 20_000;
/** Link header with its checksum, and what a block of user data has besides. */
const HEADER: usize = 10;
const BLOCK: usize = 16;

/** DNP3 by its link header and that header's checksum (IEEE 1815 §9.2). */
export function recogniseDnp3(_event: Event, start: usize, end: usize): bool {
  return (
    start + 10 <= end &&
    load<u8>(start, 1) === 0x64 &&
    load<u8>(start, 2) >= 5 &&
    checksum(start, start + 8) === <u32>load<u16>(start, 8)
  );
}

/** Whether it may begin with that byte. */
export function beginsDnp3(byte: u8): bool {
  return byte === 0x05;
}

/** CRC-16/DNP: polynomial 0x3D65, reflected, inverted. */
function checksum(start: usize, end: usize): u32 {
  let crc: u32 = 0;
  for (let at = start; at < end; at++) {
    crc ^= <u32>load<u8>(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0xa6bc : crc >> 1;
  }
  return ~crc & 0xffff;
}

/** State of a new flow; 0 where memory is out. */
export function beginDnp3(): usize {
  return openIndustrial("dnp3", PORT, frameLength, readFrame);
}

/** IEEE 1815 §9.2: the length counts five bytes of the header and the user data, not their checksums. */
function frameLength(at: usize, _end: usize): usize {
  const length = <usize>load<u8>(at, 2);
  if (load<u16>(at) !== 0x6405 || length < 5) return 0;
  const data = length - 5;
  return HEADER + data + 2 * ((data + BLOCK - 1) / BLOCK);
}

/** Whether a frame carries user data (§9.2.4.1.3): one of the primary station, confirmed or not. Others have none, whatever follows. */
// @ts-ignore: decorator
@inline
function hasUserData(control: u8): bool {
  return (control & 0x4f) === 0x43 || (control & 0x4f) === 0x44;
}

/** Reads the application header in the first block of a frame, where a fragment begins there. */
function readFrame(at: usize, end: usize, _isAnswer: bool): bool {
  if (!hasUserData(load<u8>(at, 3))) return false;
  const data = <usize>load<u8>(at, 2) - 5;
  const last = min(at + HEADER + min(data, BLOCK), end);
  // The transport's first frame of a fragment (§8.2), and application control and function (§4.2).
  if (at + HEADER + 3 > last || (load<u8>(at, HEADER) & 0x40) === 0) return false;
  const control = load<u8>(at, HEADER + 1);
  const code = load<u8>(at, HEADER + 2);
  const isAnswer = code >= 129;
  newOperation(code === 130 ? REPORT : isAnswer ? RESPONSE : REQUEST, code, nameOf(code), isWriting(code));
  setUnit(isAnswer ? load<u16>(at, 6) : load<u16>(at, 4));
  setTransaction(control & 15);
  let objects = at + HEADER + 3;
  if (isAnswer) {
    if (objects + 2 > last) return true;
    // The second byte of the internal indications tells of what was not understood (§4.2.2).
    const indications = load<u8>(objects, 1);
    if ((indications & 1) !== 0) setError("function not supported");
    else if ((indications & 2) !== 0) setError("object unknown");
    else if ((indications & 4) !== 0) setError("parameter error");
    else if ((indications & 16) !== 0) setError("already executing");
    objects += 2;
  }
  readObjects(objects, last);
  return true;
}

/** The first object header: group, variation, and its range where the qualifier has one (§4.2.2.7). */
function readObjects(at: usize, end: usize): void {
  if (at + 3 > end) return;
  let to = addressText;
  store<u8>(to++, 0x67);
  to = appendNumber(load<u8>(at), to);
  store<u8>(to++, 0x76);
  to = appendNumber(load<u8>(at, 1), to);
  const qualifier = load<u8>(at, 2);
  const range = qualifier & 15;
  // Start and stop of one or two bytes each; a count of one or two bytes, and the first index where one goes before each object.
  if (range === 0 && at + 5 <= end) to = appendSpan(load<u8>(at, 3), load<u8>(at, 4), to);
  else if (range === 1 && at + 7 <= end) to = appendSpan(load<u16>(at, 3), load<u16>(at, 5), to);
  else if (range === 7 && at + 4 <= end) {
    setPoints(load<u8>(at, 3));
    if (qualifier >> 4 === 1 && load<u8>(at, 3) === 1 && at + 5 <= end) to = appendIndex(load<u8>(at, 4), to);
  } else if (range === 8 && at + 5 <= end) {
    setPoints(load<u16>(at, 3));
    if (qualifier >> 4 === 2 && load<u16>(at, 3) === 1 && at + 7 <= end) to = appendIndex(load<u16>(at, 5), to);
  }
  setAddressEnd(to);
}

function appendSpan(first: u32, last: u32, to: usize): usize {
  if (last >= first) setPoints(last - first + 1);
  store<u8>(to++, 0x20);
  return appendRange(first, last, to);
}

function appendIndex(index: u32, to: usize): usize {
  store<u8>(to++, 0x20);
  return appendNumber(index, to);
}

// @ts-ignore: decorator
@inline
function isWriting(code: u8): bool {
  return (code >= 2 && code <= 6) || (code >= 9 && code <= 10) || (code >= 13 && code <= 21) || code === 24 || code === 27 || code === 31;
}

/** IEEE 1815 §4.4. */
function nameOf(code: u8): string {
  switch (code) {
    case 0: return "Confirm";
    case 1: return "Read";
    case 2: return "Write";
    case 3: return "Select";
    case 4: return "Operate";
    case 5: return "Direct Operate";
    case 6: return "Direct Operate No Ack";
    case 7: return "Immediate Freeze";
    case 8: return "Immediate Freeze No Ack";
    case 9: return "Freeze and Clear";
    case 10: return "Freeze and Clear No Ack";
    case 11: return "Freeze at Time";
    case 12: return "Freeze at Time No Ack";
    case 13: return "Cold Restart";
    case 14: return "Warm Restart";
    case 15: return "Initialize Data";
    case 16: return "Initialize Application";
    case 17: return "Start Application";
    case 18: return "Stop Application";
    case 19: return "Save Configuration";
    case 20: return "Enable Unsolicited Messages";
    case 21: return "Disable Unsolicited Messages";
    case 22: return "Assign Class";
    case 23: return "Delay Measurement";
    case 24: return "Record Current Time";
    case 25: return "Open File";
    case 26: return "Close File";
    case 27: return "Delete File";
    case 28: return "Get File Information";
    case 29: return "Authenticate File";
    case 30: return "Abort File";
    case 31: return "Activate Configuration";
    case 32: return "Authentication Request";
    case 33: return "Authentication Request No Ack";
    case 129: return "Response";
    case 130: return "Unsolicited Response";
    case 131: return "Authentication Response";
  }
  return "unknown";
}

import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {endIndustrial, openIndustrial, renameIndustrial, takeIndustrial} from "../parsers/industrial/flow";
import {newOperation, REPORT, REQUEST, RESPONSE} from "../parsers/industrial/operation";
import {readBareMms, readMms} from "../parsers/industrial/mms";
import {plusName, readS7, writesPlus} from "../parsers/industrial/s7";
import {Reading} from "../streams/reading";

/**
 * Siemens' S7comm and S7comm-plus, and MMS: what ISO's transport over TCP carries (RFC 1006). A connection begins with
 * COTP's request, which says little of what follows; the first data tell.
 */

const PORT: u16 = 102;
/** COTP: connection request and confirm, data. */
const REQUESTED: u8 = 0xe0;
const CONFIRMED: u8 = 0xd0;
const DATA: u8 = 0xf0;

/** Numbers of services plus one; set where the list is made. */
let s7comm: u16 = 0;
let s7plus: u16 = 0;
let mms: u16 = 0;

/** What the flow under way was found to be; 0 before. */
let found: u16 = 0;

export function setS7Services(one: u16, plus: u16, other: u16): void {
  s7comm = one + 1;
  s7plus = plus + 1;
  mms = other + 1;
}

/** A TPKT that the payload begins with, with COTP's connection request that names what is called (TSAP), or its data of S7 or a session. */
export function recogniseS7comm(_event: Event, start: usize, end: usize): bool {
  const length = <usize>u16At(start + 2);
  if (start + 7 > end || load<u8>(start, 1) !== 0 || length > end - start || length < 7) return false;
  const kind = load<u8>(start, 5);
  if (kind === DATA) return load<u8>(start, 4) === 2 && length >= 8 && isCarried(start + 7, end);
  if ((kind !== REQUESTED && kind !== CONFIRMED) || length !== end - start || <usize>load<u8>(start, 4) + 5 !== length) return false;
  // Parameters to the end: TSAPs of both ends, the size of a unit.
  let at = start + 11;
  let hasName = false;
  while (at + 2 <= end && load<u8>(at) >= 0xc0 && load<u8>(at) <= 0xcf) {
    if (load<u8>(at) === 0xc2 || load<u8>(at) === 0xc1) hasName = true;
    at += 2 + <usize>load<u8>(at, 1);
  }
  return at === end && hasName;
}

/** Data of S7, or of MMS: a session's connect or accept that names it, or its data within a presentation (`01 00 01 00 61`). */
function isCarried(at: usize, end: usize): bool {
  const first = load<u8>(at);
  if (first === 0x32 || first === 0x72) return true;
  if (first === 0x0d || first === 0x0e) return hasMms(at, end);
  if (first === 0xa8 || first === 0xa9) return isBareInitiate(at, end);
  return at + 6 <= end && load<u32>(at) === 0x00010001 && load<u8>(at, 4) === 0x61;
}

/** MMS without a session: an Initiate with the size of a message, or the calls under way. */
function isBareInitiate(at: usize, end: usize): bool {
  return at + 6 <= end && load<u8>(at, 1) < 0x80 && at + 2 + <usize>load<u8>(at, 1) <= end && load<u8>(at, 2) >= 0x80 && load<u8>(at, 2) <= 0x82;
}

/** Whether it may begin with that byte. */
export function beginsS7comm(byte: u8): bool {
  return byte === 3;
}

/** State of a new flow; 0 where memory is out. */
export function beginS7comm(): usize {
  return openIndustrial("s7comm", PORT, frameLength, readFrame);
}

/** Takes a payload, and names the flow once its data tell; false: no more wanted. */
export function takeS7comm(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  found = 0;
  const wantsMore = takeIndustrial(state, reading, event, start, end);
  if (found !== 0 && reading.service === 0) reading.service = found;
  return wantsMore;
}

export function endS7comm(state: usize, reading: Reading, event: Event): void {
  endIndustrial(state, reading, event);
}

function frameLength(at: usize, _end: usize): usize {
  const length = u16At(at + 2);
  return u16At(at) === 0x0300 && length >= 7 ? <usize>length : 0;
}

function readFrame(at: usize, end: usize, isAnswer: bool): bool {
  const data = at + 5 + <usize>load<u8>(at, 4);
  if (load<u8>(at, 5) !== DATA || data + 4 > end) return false;
  switch (load<u8>(data)) {
    case 0x32:
      found = s7comm;
      renameIndustrial("s7comm");
      return readS7(data, end, isAnswer);
    case 0x72:
      found = s7plus;
      renameIndustrial("s7comm-plus");
      return readPlus(data, end);
    case 0x0d:
    case 0x0e:
      // A session's connect or accept, in which MMS is named (ISO 9506: 1.0.9506.2).
      if (!hasMms(data, end)) return false;
      found = mms;
      renameIndustrial("mms");
      newOperation(load<u8>(data) === 0x0d ? REQUEST : RESPONSE, -1, "Initiate", false);
      return true;
    case 0xa8:
    case 0xa9:
      if (!isBareInitiate(data, end) || !readBareMms(data, end)) return false;
      found = mms;
      renameIndustrial("mms");
      return true;
    case 0xa0:
    case 0xa1:
    case 0xa2:
    case 0xa3:
    case 0x8b:
      return readBareMms(data, end);
    case 0x01:
      if (!readMms(data, end)) return false;
      found = mms;
      renameIndustrial("mms");
      return true;
  }
  return false;
}

function hasMms(at: usize, end: usize): bool {
  for (; at + 4 <= end; at++) if (u32At(at) === 0x28ca2202) return true;
  return false;
}

/** S7comm-plus: version, length, operation, function (as its dissectors read it; Siemens documents none of it). */
function readPlus(at: usize, end: usize): bool {
  if (at + 9 > end || load<u8>(at, 1) > 3) return false;
  const operation = load<u8>(at, 4);
  if (operation !== 0x31 && operation !== 0x32 && operation !== 0x33) return false;
  // Notifications have no function.
  const code = operation === 0x33 ? -1 : <i32>u16At(at + 7);
  newOperation(operation === 0x31 ? REQUEST : operation === 0x32 ? RESPONSE : REPORT, code, code < 0 ? "Notification" : plusName(code), writesPlus(code));
  return true;
}

import {Event} from "../../meter/layout";
import {openIndustrial} from "../parsers/industrial/flow";
import {typeName} from "../parsers/industrial/iec-types";
import {addressText, newOperation, REPORT, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setUnit} from "../parsers/industrial/operation";
import {appendRange} from "../parsers/industrial/range";

const PORT: u16 = 2404;

/** IEC 60870-5-104 by its APDUs, which fill the payload: start byte, length, a control field of one of three forms (§5). */
export function recogniseIec104(_event: Event, start: usize, end: usize): bool {
  let at = start;
  for (let apdus = 0; at + 6 <= end && apdus < 4; apdus++) {
    if (!isApdu(at, end)) return false;
    at += 2 + <usize>load<u8>(at, 1);
  }
  return at > start && (at >= end || load<u8>(at) === 0x68);
}

/** Whether it may begin with that byte. */
export function beginsIec104(byte: u8): bool {
  return byte === 0x68;
}

function isApdu(at: usize, end: usize): bool {
  const length = load<u8>(at, 1);
  if (load<u8>(at) !== 0x68 || length < 4 || length > 253) return false;
  const control = load<u8>(at, 2);
  // I: numbered, with an ASDU of a type, a number of objects and a cause of transmission.
  if ((control & 1) === 0)
    return length >= 10 && (load<u8>(at, 4) & 1) === 0 && at + 10 <= end && isType(load<u8>(at, 6)) && (load<u8>(at, 8) & 0x3f) !== 0;
  if (length !== 4 || load<u8>(at, 3) !== 0) return false;
  // S: acknowledges. U: one of start, stop and test, asked for or confirmed.
  if (control === 1) return (load<u8>(at, 4) & 1) === 0;
  const asked = control >> 2;
  return (control & 3) === 3 && popcnt<u32>(asked) === 1 && load<u16>(at, 4) === 0;
}

/** Types of ASDUs that the standard defines (§7 of IEC 60870-5-101 and the companion standard). */
// @ts-ignore: decorator
@inline
function isType(type: u8): bool {
  return (type >= 1 && type <= 40) || (type >= 45 && type <= 51) || (type >= 58 && type <= 70) || (type >= 100 && type <= 127);
}

/** State of a new flow; 0 where memory is out. */
export function beginIec104(): usize {
  return openIndustrial("iec104", PORT, frameLength, readFrame);
}

function frameLength(at: usize, _end: usize): usize {
  return load<u8>(at) === 0x68 && load<u8>(at, 1) >= 4 ? 2 + <usize>load<u8>(at, 1) : 0;
}

/** Reads the ASDU of a numbered frame: type, number of objects, cause, common address, first object (§7 of 60870-5-101). */
function readFrame(at: usize, end: usize, _isAnswer: bool): bool {
  if ((load<u8>(at, 2) & 1) !== 0 || at + 12 > end) return false;
  const type = load<u8>(at, 6);
  const many = <u32>load<u8>(at, 7);
  const cause = load<u8>(at, 8) & 0x3f;
  const isAsked = cause === 6 || cause === 8;
  const isAnswer = cause === 7 || cause === 9 || cause === 10 || cause >= 44;
  newOperation(isAsked ? REQUEST : isAnswer ? RESPONSE : REPORT, type, typeName(type), isWriting(type));
  setUnit(load<u16>(at, 10));
  setPoints(many & 0x7f);
  if (cause >= 44) setError(causeName(cause));
  else if ((load<u8>(at, 8) & 0x40) !== 0) setError("negative confirm");
  if (at + 15 > end) return true;
  const first = <u32>load<u16>(at, 12) | (<u32>load<u8>(at, 14) << 16);
  // Objects behind one another in a sequence; else each has an address of its own.
  setAddressEnd(appendRange(first, (many & 0x80) !== 0 && (many & 0x7f) > 0 ? first + (many & 0x7f) - 1 : first, addressText));
  return true;
}

// @ts-ignore: decorator
@inline
function isWriting(type: u8): bool {
  return (type >= 45 && type <= 51) || (type >= 58 && type <= 64) || type === 103 || type === 105 || (type >= 110 && type <= 113);
}

function causeName(cause: u8): string {
  switch (cause) {
    case 44: return "unknown type";
    case 45: return "unknown cause";
    case 46: return "unknown common address";
    case 47: return "unknown object address";
  }
  return "unknown cause of transmission";
}

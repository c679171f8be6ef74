import {u16At} from "../../meter/bytes";
import {addressText, newOperation, REPORT, setAddressEnd, setError, setPoints, setUnit} from "../parsers/industrial/operation";
import {appendClean, berContent} from "../text";

/** GOOSE and Sampled Values of substations (IEC 61850-8-1 annex A, 9-2): APPID, length, two reserved words, one BER value. */

/** Longest reference that is written. */
const MAX_REFERENCE: usize = 129;

/** What the value under way holds: where its content begins and ends. */
let content: usize = 0;
let stop: usize = 0;

/** Opens the value at `at`; false where it does not fit. */
function open(at: usize, end: usize): bool {
  content = berContent(at, end);
  if (content === 0) return false;
  let length: usize = 0;
  if (content === at + 2) length = <usize>load<u8>(at, 1);
  else for (let byte = at + 2; byte < content; byte++) length = (length << 8) | <usize>load<u8>(byte);
  if (length > 0xffff) return false;
  stop = min(content + length, end);
  return true;
}

function numberOf(at: usize, end: usize): u32 {
  let value: u32 = 0;
  for (; at < end; at++) value = (value << 8) | load<u8>(at);
  return value;
}

export function readGoose(start: usize, end: usize): bool {
  if (start + 10 > end || load<u8>(start, 8) !== 0x61 || !open(start + 8, end)) return false;
  const last = stop;
  let at = content;
  let sequence: u32 = 1;
  let many: i32 = -1;
  let isSimulation = (u16At(start + 4) & 0x8000) !== 0;
  let reference: usize = 0;
  let referenceEnd: usize = 0;
  for (let fields = 0; fields < 16 && at + 2 <= last && open(at, last); fields++) {
    switch (load<u8>(at)) {
      case 0x80:
        reference = content;
        referenceEnd = min(stop, content + MAX_REFERENCE);
        break;
      case 0x86:
        sequence = numberOf(content, stop);
        break;
      case 0x87:
        if (content < stop && load<u8>(content) !== 0) isSimulation = true;
        break;
      case 0x8a:
        many = <i32>(numberOf(content, stop) & 0xffff);
        break;
    }
    at = stop;
  }
  // The first message of a new state has the number 0.
  newOperation(REPORT, -1, sequence === 0 ? "GOOSE, new state" : "GOOSE, repeated", false);
  if (isSimulation) setError("simulation");
  finish(u16At(start), many, reference, referenceEnd);
  return true;
}

export function readSampledValues(start: usize, end: usize): bool {
  if (start + 10 > end || load<u8>(start, 8) !== 0x60 || !open(start + 8, end)) return false;
  const last = stop;
  let at = content;
  let many: i32 = -1;
  let reference: usize = 0;
  let referenceEnd: usize = 0;
  for (let fields = 0; fields < 8 && at + 2 <= last && open(at, last); fields++) {
    const tag = load<u8>(at);
    if (tag === 0x80 && many < 0) many = <i32>(numberOf(content, stop) & 0xffff);
    // The sequence of samples, the first of them, its stream.
    else if (tag === 0xa2 || tag === 0x30) {
      at = content;
      continue;
    } else if (tag === 0x80) {
      reference = content;
      referenceEnd = min(stop, content + MAX_REFERENCE);
      break;
    }
    at = stop;
  }
  newOperation(REPORT, -1, "Sampled values", false);
  if ((u16At(start + 4) & 0x8000) !== 0) setError("simulation");
  finish(u16At(start), many, reference, referenceEnd);
  return true;
}

function finish(application: u32, many: i32, reference: usize, referenceEnd: usize): void {
  setUnit(application);
  setPoints(many);
  if (reference !== 0) setAddressEnd(appendClean(reference, referenceEnd, addressText));
}

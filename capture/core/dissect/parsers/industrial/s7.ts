import {u16At, u32At} from "../../../meter/bytes";
import {appendNumber, appendText} from "../../text";
import {addressText, MAX_ADDRESS, newOperation, REPORT, REQUEST, RESPONSE, setAddressEnd, setError, setPoints, setTransaction} from "./operation";
import {appendCode} from "./range";

/** Messages of S7comm: header, parameters, data (as their dissectors read them; Siemens documents none of it). */

/** Kinds of messages. */
const JOB: u8 = 1;
const ACKNOWLEDGED: u8 = 2;
const ANSWERED: u8 = 3;
const USER_DATA: u8 = 7;

/** Reads the message at `at`; true where an operation was found. */
export function readS7(at: usize, end: usize, isAnswer: bool): bool {
  if (at + 10 > end) return false;
  const kind = load<u8>(at, 1);
  const hasError = kind === ACKNOWLEDGED || kind === ANSWERED;
  const parameters = at + (hasError ? 12 : 10);
  const length = <usize>u16At(at + 6);
  const data = parameters + length;
  if (kind === USER_DATA) {
    if (length < 8 || data > end) return false;
    const group = load<u8>(parameters, 5) & 15;
    const method = load<u8>(parameters, 5) >> 4;
    newOperation(method === 4 ? REQUEST : method === 8 ? RESPONSE : REPORT, -1, groupName(group), group === 7 && load<u8>(parameters, 6) === 2);
    setTransaction(u16At(at + 4));
    return true;
  }
  if (kind !== JOB && !hasError) return false;
  if (length === 0 || data > end) {
    // An acknowledgement of which nothing but its error counts.
    if (!hasError) return false;
    newOperation(RESPONSE, -1, "Acknowledge", false);
  } else {
    const code = load<u8>(parameters);
    newOperation(isAnswer || hasError ? RESPONSE : REQUEST, code, functionName(code), isWriting(code));
    if ((code === 4 || code === 5) && length >= 2) {
      setPoints(load<u8>(parameters, 1));
      if (kind === JOB) readItems(parameters + 2, min(data, end), load<u8>(parameters, 1));
      else readResults(data, end, code);
    }
  }
  setTransaction(u16At(at + 4));
  if (hasError && u16At(at + 10) !== 0) setError(className(load<u8>(at, 10)));
  return true;
}

/** Writes the addresses of items, as many as there is room for. */
function readItems(at: usize, end: usize, count: u8): void {
  let to = addressText;
  for (let i: u8 = 0; i < count && at + 2 <= end && to < addressText + MAX_ADDRESS; i++) {
    const length = <usize>load<u8>(at, 1);
    if (i > 0) store<u8>(to++, 0x20);
    if (length === 10 && at + 12 <= end) to = appendItem(at, to);
    else to = appendText("item", to);
    at += 2 + length;
  }
  setAddressEnd(to);
}

/** `DB50.4.0 x 40`: area, byte and bit of its beginning, and how many values. */
function appendItem(at: usize, to: usize): usize {
  const many = u16At(at + 4);
  const area = load<u8>(at, 8);
  switch (area) {
    case 0x81: to = appendText("I", to); break;
    case 0x82: to = appendText("Q", to); break;
    case 0x83: to = appendText("M", to); break;
    case 0x84:
    case 0x85:
      to = appendText(area === 0x84 ? "DB" : "DI", to);
      to = appendNumber(u16At(at + 6), to);
      store<u8>(to++, 0x2e);
      break;
    case 0x1c: to = appendText("C", to); break;
    case 0x1d: to = appendText("T", to); break;
    default: to = appendCode(area, to);
      store<u8>(to++, 0x2e);
  }
  const bits = u32At(at + 8) & 0xffffff;
  to = appendNumber(bits >> 3, to);
  store<u8>(to++, 0x2e);
  to = appendNumber(bits & 7, to);
  if (many === 1) return to;
  to = appendText(" x ", to);
  return appendNumber(many, to);
}

/** The first item that failed tells why. */
function readResults(at: usize, end: usize, code: u8): void {
  while (at < end) {
    const result = load<u8>(at);
    if (result !== 0xff) return setError(resultName(result));
    // Of a write one byte an item; of a read a size in bits (or bytes) and the values, at an even number of bytes.
    if (code === 5) at++;
    else {
      if (at + 4 > end) return;
      const size = load<u8>(at, 1);
      const length = <usize>u16At(at + 2);
      const bytes = size === 3 || size === 4 || size === 5 ? (length + 7) >> 3 : length;
      at += 4 + ((bytes + 1) & ~1);
    }
  }
}

function resultName(code: u8): string {
  switch (code) {
    case 1: return "hardware error";
    case 3: return "access denied";
    case 5: return "address out of range";
    case 6: return "data type not supported";
    case 7: return "data type inconsistent";
    case 10: return "object does not exist";
  }
  return "item error";
}

function className(code: u8): string {
  switch (code) {
    case 0x81: return "application relationship";
    case 0x82: return "object definition";
    case 0x83: return "no resources";
    case 0x84: return "service processing";
    case 0x85: return "supplies";
    case 0x87: return "access";
  }
  return "error";
}

// @ts-ignore: decorator
@inline
function isWriting(code: u8): bool {
  return code === 5 || (code >= 0x1a && code <= 0x1c) || code === 0x28 || code === 0x29;
}

function functionName(code: u8): string {
  switch (code) {
    case 0x00: return "CPU services";
    case 0x04: return "Read Var";
    case 0x05: return "Write Var";
    case 0x1a: return "Request download";
    case 0x1b: return "Download block";
    case 0x1c: return "Download ended";
    case 0x1d: return "Start upload";
    case 0x1e: return "Upload";
    case 0x1f: return "End upload";
    case 0x28: return "PI-Service";
    case 0x29: return "PLC Stop";
    case 0xf0: return "Setup communication";
  }
  return "unknown";
}

function groupName(group: u8): string {
  switch (group) {
    case 0: return "Mode-transition";
    case 1: return "Programmer commands";
    case 2: return "Cyclic services";
    case 3: return "Block functions";
    case 4: return "CPU functions";
    case 5: return "Security";
    case 6: return "PBC BSEND/BRECV";
    case 7: return "Time functions";
    case 15: return "NC programming";
  }
  return "unknown";
}

export function plusName(code: i32): string {
  switch (code) {
    case 0x04bb: return "Explore";
    case 0x04ca: return "CreateObject";
    case 0x04d4: return "DeleteObject";
    case 0x04f2: return "SetVariable";
    case 0x0524: return "GetLink";
    case 0x0542: return "SetMultiVariables";
    case 0x054c: return "GetMultiVariables";
    case 0x0556: return "BeginSequence";
    case 0x0560: return "EndSequence";
    case 0x056b: return "Invoke";
    case 0x057c: return "SetVarSubStreamed";
    case 0x0586: return "GetVarSubStreamed";
  }
  return "unknown";
}

export function writesPlus(code: i32): bool {
  return code === 0x04d4 || code === 0x04f2 || code === 0x0542 || code === 0x056b || code === 0x057c;
}

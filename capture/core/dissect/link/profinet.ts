import {u16At, u32At} from "../../meter/bytes";
import {addressText, newOperation, REPORT, REQUEST, RESPONSE, setAddressEnd, setError, setTransaction, setUnit} from "../parsers/industrial/operation";
import {appendClean, appendNumber, appendText} from "../text";

/** PROFINET on Ethernet (IEC 61158-6-10): frames by their identifier; discovery and configuration by DCP. */

const HELLO: u32 = 0xfefc;
const IDENTIFY_ANSWER: u32 = 0xfeff;
/** Longest name of a station (RFC 1034's). */
const MAX_NAME: usize = 240;

export function isDcp(start: usize, end: usize): bool {
  if (start + 2 > end) return false;
  const id = u16At(start);
  return id >= HELLO && id <= IDENTIFY_ANSWER;
}

/** Cyclic data, alarms and time, by ranges of the identifier (table 4.11). */
export function readRealTime(start: usize, end: usize): bool {
  if (start + 2 > end) return false;
  const id = u16At(start);
  newOperation(REPORT, <i32>id, frameName(id), false);
  setUnit(id);
  return true;
}

function frameName(id: u32): string {
  if (id >= 0x0100 && id <= 0x7fff) return "Isochronous data";
  if (id >= 0x8000 && id <= 0xfbff) return "Cyclic data";
  if (id === 0xfc01) return "Alarm high";
  if (id === 0xfe01) return "Alarm low";
  if ((id >= 0x0020 && id <= 0x009f) || (id >= 0xff00 && id <= 0xff5f)) return "Time synchronisation";
  return id >= 0xff80 && id <= 0xff8f ? "Fragment" : "unknown";
}

/** Service, its type, transaction, delay, length; then blocks, of which the first one is named. */
export function readDcp(start: usize, end: usize): bool {
  if (start + 12 > end) return false;
  const service = load<u8>(start, 2);
  const type = load<u8>(start, 3);
  const isRequest = (type & 1) === 0;
  newOperation(service === 6 ? REPORT : isRequest ? REQUEST : RESPONSE, service, serviceName(service), service === 4 && isRequest);
  setTransaction(<i32>(u32At(start + 4) & 0x7fffffff));
  if ((type & 4) !== 0) setError("not supported");
  const stop = min(end, start + 12 + u16At(start + 10));
  const block = start + 12;
  if (block + 2 > stop) return true;
  const option = load<u8>(block);
  const sub = load<u8>(block, 1);
  let to = appendOption(option, sub, addressText);
  const length = block + 4 <= stop ? <usize>u16At(block + 2) : 0;
  if (option === 5 && sub === 4 && service === 4 && !isRequest && length >= 3 && block + 7 <= stop) {
    // The answer to a change: which option, and what became of it.
    to = appendOption(load<u8>(block, 4), load<u8>(block, 5), addressText);
    if (load<u8>(block, 6) !== 0) setError(resultName(load<u8>(block, 6)));
  } else if (option === 2 && sub === 2) {
    // The name; behind a qualifier or an info of two bytes, but for what is looked for.
    const before: usize = service === 5 && isRequest ? 0 : 2;
    if (length > before && block + 4 + length <= stop) {
      store<u8>(to++, 0x20);
      to = appendClean(block + 4 + before, min(block + 4 + length, block + 4 + before + MAX_NAME / 4), to);
    }
  }
  setAddressEnd(to);
  return true;
}

function serviceName(service: u8): string {
  switch (service) {
    case 3: return "Get";
    case 4: return "Set";
    case 5: return "Identify";
    case 6: return "Hello";
  }
  return "unknown";
}

/** Options (table 4.12): those that are asked for and set most; others by number. */
function appendOption(option: u8, sub: u8, to: usize): usize {
  if (option === 1) return appendText(sub === 1 ? "MAC address" : sub === 2 ? "IP parameter" : "full IP suite", to);
  if (option === 2 && sub === 1) return appendText("type of station", to);
  if (option === 2 && sub === 2) return appendText("name of station", to);
  if (option === 2 && sub === 3) return appendText("device id", to);
  if (option === 5 && sub === 1) return appendText("start transaction", to);
  if (option === 5 && sub === 2) return appendText("end transaction", to);
  if (option === 5 && sub === 3) return appendText("signal", to);
  if (option === 5 && sub === 4) return appendText("response", to);
  if (option === 5 && sub === 5) return appendText("factory reset", to);
  if (option === 5 && sub === 6) return appendText("reset to factory", to);
  if (option === 255) return appendText("all", to);
  to = appendText("option ", to);
  to = appendNumber(option, to);
  store<u8>(to++, 0x2e);
  return appendNumber(sub, to);
}

function resultName(code: u8): string {
  switch (code) {
    case 1: return "option not supported";
    case 2: return "suboption not supported";
    case 3: return "suboption not set";
    case 4: return "resource error";
    case 5: return "set not possible";
    case 6: return "set not possible in operation";
  }
  return "error";
}

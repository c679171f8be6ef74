import {isText} from "../../text";
import {countCut} from "../../streams/held";
import {HttpHead, headRead, readField} from "../http/http-message";
import {isMethodCharacter} from "../http/http-start-line";
import {isDigit} from "../http/http-values";

/** Heads of HTTP/2 messages (RFC 9113 §8.3), made to what HTTP/1's are read to. */

/** Lines of the head under way: its fields as far as records need them. */
const LINES: usize = 65_536;
const lines = memory.data(65_536);
let to: usize = 0;

/** Bytes of a value that are kept: those of a target, the longest one. */
const MAX_VALUE: usize = 8192;

/** Version 2, as of a `Request`. */
const VERSION: u32 = 0x32;

/** Whether pseudo-header fields of a request, or of a response, were among the fields. */
export let isRequestHead: bool = false;
export let isResponseHead: bool = false;

/** Begins a head (`headRead`), which has no fields yet. */
export function beginHead(): void {
  const head = headRead();
  memory.fill(changetype<usize>(head), 0, offsetof<HttpHead>());
  head.status = NaN;
  head.version = VERSION;
  to = lines;
  isRequestHead = isResponseHead = false;
}

/** Takes a field of it. */
export function takeField(name: usize, nameEnd: usize, value: usize, valueEnd: usize): void {
  if (load<u8>(name) === 0x3a) return takePseudo(name, nameEnd, value, valueEnd);
  if (!mayBeRead(name, nameEnd)) return;
  const start = to;
  const line = appendLine(name, nameEnd, value, valueEnd);
  if (line > start) readField(headRead(), start, line);
}

/** Most fields that are not read are told by their first letter; cookies, which are long, by the word behind it. */
function mayBeRead(name: usize, nameEnd: usize): bool {
  switch (load<u8>(name)) {
    case 0x68: case 0x75: case 0x72: case 0x78: case 0x61: case 0x70: case 0x77: case 0x73: return true;
    case 0x63: return isText(name, nameEnd, "content-");
    case 0x6c: return isText(name, nameEnd, "location");
  }
  return false;
}

function takePseudo(name: usize, nameEnd: usize, value: usize, valueEnd: usize): void {
  const head = headRead();
  if (isName(name, nameEnd, ":status")) {
    isResponseHead = true;
    if (valueEnd === value + 3 && isDigit(load<u8>(value)) && isDigit(load<u8>(value, 1)) && isDigit(load<u8>(value, 2)))
      head.status = <f64>(<i32>load<u8>(value) * 100 + <i32>load<u8>(value, 1) * 10 + <i32>load<u8>(value, 2) - 5328);
    return;
  }
  const isMethod = isName(name, nameEnd, ":method");
  const isPath = !isMethod && isName(name, nameEnd, ":path");
  const isAuthority = !isMethod && !isPath && isName(name, nameEnd, ":authority");
  if (!isMethod && !isPath && !isAuthority) return;
  isRequestHead = true;
  if (isMethod) for (let at = value; at < valueEnd; at++) if (!isMethodCharacter(load<u8>(at))) return;
  const start = to;
  to = appendLine(0, 0, value, valueEnd);
  if (to === start) return;
  if (isMethod) {
    head.method = <u32>start;
    head.methodEnd = <u32>to;
  } else if (isPath) {
    head.uri = <u32>start;
    head.uriEnd = <u32>to;
  } else {
    head.host = <u32>start;
    head.hostEnd = <u32>to;
  }
}

// @ts-ignore: decorator
@inline
function isName(name: usize, nameEnd: usize, text: string): bool {
  return nameEnd === name + text.length && isText(name, nameEnd, text);
}

/** Writes `name:value`, or the value alone, to the lines; where it ends, which is where it begins if there is no room. */
function appendLine(name: usize, nameEnd: usize, value: usize, valueEnd: usize): usize {
  const length = min(valueEnd - value, MAX_VALUE);
  const nameLength = nameEnd - name;
  const start = to;
  if (nameLength + 1 + length > lines + LINES - start) {
    countCut();
    return start;
  }
  if (nameLength > 0) {
    memory.copy(to, name, nameLength);
    to += nameLength;
    store<u8>(to++, 0x3a);
  }
  memory.copy(to, value, length);
  return to += length;
}

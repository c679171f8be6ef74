import {find, isText, isTextAnyCase} from "../../text";
import {hexValue, isDigit, isSpace} from "./http-values";

/** First lines of HTTP/1 messages. */

const CR: u8 = 13;
const LF: u8 = 10;

/** Whether the bytes begin with a status line (RFC 9112 §4). */
export function isStatusLine(start: usize, end: usize): bool {
  return end >= start + 12 && isText(start, end, "HTTP/1.") && load<u8>(start, 8) === 0x20 && isDigit(load<u8>(start, 9));
}

/**
 * Where the method ends if the bytes begin with a request line (RFC 9112 §3), 0 if not: any method where the line ends in
 * HTTP/1.x, a known one with a target of one of the four forms where the line goes on in the next segment.
 */
export function requestMethodEnd(start: usize, end: usize): usize {
  let at = start;
  const longest = min(end, start + 24);
  while (at < longest && isMethodCharacter(load<u8>(at))) at++;
  if (at < start + 2 || at >= end || load<u8>(at) !== 0x20) return 0;
  const line = find(LF, at, min(end, at + 16_384));
  if (line !== 0) {
    const last = load<u8>(line - 1) === CR ? line - 1 : line;
    return last - 9 > at && isText(last - 9, last, " HTTP/1.") && isDigit(load<u8>(last - 1)) ? at : 0;
  }
  if (!isKnownMethod(start, end)) return 0;
  const target = at + 1;
  if (target >= end || load<u8>(start) === 0x43) return at;
  const first = load<u8>(target);
  return first === 0x2f || first === 0x2a || isTextAnyCase(target, end, "HTTP") ? at : 0;
}

/** Upper-case letters, and what lies between words of unusual methods (`VERSION-CONTROL`, `M-SEARCH`). */
// @ts-ignore: decorator
@inline
export function isMethodCharacter(byte: u8): bool {
  return (byte >= 0x41 && byte <= 0x5a) || byte === 0x2d || byte === 0x5f;
}

/** Methods of which a request line may still lack its end (RFC 9110 §9, RFC 5789, WebDAV's, SSDP's aside). */
function isKnownMethod(start: usize, end: usize): bool {
  return (
    isText(start, end, "GET ") ||
    isText(start, end, "POST ") ||
    isText(start, end, "HEAD ") ||
    isText(start, end, "PUT ") ||
    isText(start, end, "DELETE ") ||
    isText(start, end, "OPTIONS ") ||
    isText(start, end, "CONNECT ") ||
    isText(start, end, "PATCH ") ||
    isText(start, end, "TRACE ") ||
    isText(start, end, "PROPFIND ") ||
    isText(start, end, "PROPPATCH ") ||
    isText(start, end, "MKCOL ") ||
    isText(start, end, "COPY ") ||
    isText(start, end, "MOVE ") ||
    isText(start, end, "LOCK ") ||
    isText(start, end, "UNLOCK ") ||
    isText(start, end, "REPORT ") ||
    isText(start, end, "SEARCH ") ||
    isText(start, end, "QUERY ")
  );
}

/** The number that JavaScript reads in three characters of which the first is a digit; NaN where it is none, or 0. */
export function statusAt(at: usize): f64 {
  const first = <u32>load<u8>(at) - 0x30;
  const second = load<u8>(at, 1);
  const third = load<u8>(at, 2);
  const behind = <u32>third - 0x30;
  let value: f64 = NaN;
  if ((isSpace(second) && isSpace(third)) || (second === 0xc2 && third === 0xa0)) value = <f64>first;
  else if (isDigit(second)) {
    const both = first * 10 + (second - 0x30);
    if (behind < 10) value = <f64>(both * 10 + behind);
    else if (isSpace(third) || third === 0x2e) value = <f64>both;
  } else if (second === 0x2e) {
    if (behind < 10) value = <f64>(first * 10 + behind) / 10;
    else if (isSpace(third)) value = <f64>first;
  } else if ((second | 0x20) === 0x65) {
    if (behind < 10) {
      value = <f64>first;
      for (let i: u32 = 0; i < behind; i++) value *= 10;
    }
  } else if (first === 0) {
    const letter = second | 0x20;
    const digit = hexValue(third);
    if (digit < (letter === 0x78 ? 16 : letter === 0x6f ? 8 : letter === 0x62 ? 2 : 0)) value = <f64>digit;
  }
  return value > 0 ? value : NaN;
}

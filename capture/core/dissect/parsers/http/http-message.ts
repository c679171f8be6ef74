import {find, isText, isTextAnyCase} from "../../text";
import {isStatusLine, requestMethodEnd, statusAt} from "./http-start-line";
import {contentLength, isDigit, makeValue, valueAt, valueLength} from "./http-values";

/** Head of an HTTP/1 message as far as records and framing need it (RFC 9112 §2.1), valid as long as its bytes. */
@unmanaged
export class HttpHead {
  /** NaN of a request, and of a response whose line is cut or says no number. */
  status: f64 = 0;
  /** Body length where `hasLength` is 1; NaN where it is said wrongly. */
  length: f64 = 0;
  hasLength: u8 = 0;
  isChunked: u8 = 0;
  isRequest: u8 = 0;
  /** Whether it turns the connection into one of HTTP/2 (RFC 7540 §3.2). */
  isHttp2: u8 = 0;
  /** Digits of the version, as of a `Request`. */
  version: u32 = 0;
  /** Where parts of it stand, 0 where they do not: method, target (of a request whose line is not cut), field values. */
  method: u32 = 0;
  methodEnd: u32 = 0;
  uri: u32 = 0;
  uriEnd: u32 = 0;
  host: u32 = 0;
  hostEnd: u32 = 0;
  userAgent: u32 = 0;
  userAgentEnd: u32 = 0;
  contentType: u32 = 0;
  contentTypeEnd: u32 = 0;
  server: u32 = 0;
  serverEnd: u32 = 0;
  location: u32 = 0;
  locationEnd: u32 = 0;
  reason: u32 = 0;
  reasonEnd: u32 = 0;
  referer: u32 = 0;
  refererEnd: u32 = 0;
  forwardedFor: u32 = 0;
  forwardedForEnd: u32 = 0;
  authorization: u32 = 0;
  authorizationEnd: u32 = 0;
  proxyAuthorization: u32 = 0;
  proxyAuthorizationEnd: u32 = 0;
  disposition: u32 = 0;
  dispositionEnd: u32 = 0;
  encoding: u32 = 0;
  encodingEnd: u32 = 0;
  /** The first line of a request's with what a program might evaluate. */
  expression: u32 = 0;
  expressionEnd: u32 = 0;
}

const headBytes = memory.data(160, 16);

/** The head last read. */
// @ts-ignore: decorator
@inline
export function headRead(): HttpHead {
  return changetype<HttpHead>(headBytes);
}

const CR: u8 = 13;
const LF: u8 = 10;

/** Where the head that begins at `start` ends (behind its empty line), 0 where it goes on. */
export function headEnd(start: usize, end: usize): usize {
  const pattern = i8x16.splat(LF);
  let at = start;
  for (; at + 16 <= end; at += 16)
    for (let hits = i8x16.bitmask(i8x16.eq(v128.load(at), pattern)); hits !== 0; hits &= hits - 1) {
      const stop = emptyLineEnd(at + <usize>ctz<i32>(hits) + 1, end);
      if (stop !== 0) return stop;
    }
  for (; at < end; at++) {
    const stop = load<u8>(at) === LF ? emptyLineEnd(at + 1, end) : 0;
    if (stop !== 0) return stop;
  }
  return 0;
}

/** Where the line at `at` ends if it is empty, 0 if not. */
// @ts-ignore: decorator
@inline
function emptyLineEnd(at: usize, end: usize): usize {
  if (at < end && load<u8>(at) === CR) at++;
  return at < end && load<u8>(at) === LF ? at + 1 : 0;
}

/**
 * Reads the head in `start .. end` (`headRead`); false where its first line is none. A head that is not whole is cut: its
 * first line may lack its end, and a header line that does is passed over.
 */
export function readHead(start: usize, end: usize, isWhole: bool): bool {
  const head = headRead();
  const hasStatus = isStatusLine(start, end);
  // A response whose status is cut is one nevertheless: it answers the request before it.
  const isResponse = hasStatus || (!isWhole && isText(start, end, "HTTP/1."));
  const lineFeed = find(LF, start, end);
  if (lineFeed === 0 && isWhole) return false;
  const line = lineFeed === 0 ? end : lineFeed;
  const methodEnd = isResponse ? <usize>0 : requestMethodEnd(start, min(end, line + 1));
  if (!isResponse && methodEnd === 0) return false;
  memory.fill(headBytes, 0, offsetof<HttpHead>());
  head.status = hasStatus ? statusAt(start + 9) : NaN;
  if (!isResponse) {
    head.isRequest = 1;
    head.method = <u32>start;
    head.methodEnd = <u32>methodEnd;
    if (lineFeed !== 0) {
      head.version = versionOf(load<u8>(line - 1) === CR ? line - 2 : line - 1);
      head.uriEnd = <u32>((load<u8>(line - 1) === CR ? line - 1 : line) - 9);
      head.uri = <u32>behindSpaces(methodEnd + 1, head.uriEnd);
    } else readCutTarget(head, methodEnd + 1, end);
  }
  if (isResponse) readStatusLine(head, start, line, lineFeed !== 0);
  for (let at = line + 1; at < end; ) {
    const stop = find(LF, at, end);
    if (stop === 0) break;
    const fieldEnd = load<u8>(stop - 1) === CR ? stop - 1 : stop;
    readField(head, at, fieldEnd);
    if (!isResponse && head.expression === 0 && hasExpression(at, fieldEnd))
      setValue(changetype<usize>(head) + offsetof<HttpHead>("expression"), at, fieldEnd);
    at = stop + 1;
  }
  return true;
}

/** Whether the line has `${`, `$(`, `() {` or a backtick: what shells, Log4j and others evaluate. */
function hasExpression(at: usize, end: usize): bool {
  for (let found = find(0x24, at, end); found !== 0; found = find(0x24, found + 1, end))
    if (found + 1 < end && (load<u8>(found, 1) === 0x7b || load<u8>(found, 1) === 0x28)) return true;
  if (find(0x60, at, end) !== 0) return true;
  const brace = find(0x7b, at, end);
  return brace !== 0 && (isText(brace - 3, end, "() {") || isText(brace - 2, end, "(){"));
}

/** Of a line that is cut: the target is whole where a space and the beginning of the version follow it. */
function readCutTarget(head: HttpHead, start: usize, end: usize): void {
  let space = end;
  while (space > start && load<u8>(space - 1) !== 0x20 && end - space < 8) space--;
  if (space < start + 2 || space === end || load<u8>(space - 1) !== 0x20) return;
  for (let i: usize = 0; space + i < end; i++) if (load<u8>(space + i) !== <u8>"HTTP/1.1".charCodeAt(<i32>i) && i !== 7) return;
  head.uri = <u32>behindSpaces(start, space - 1);
  head.uriEnd = <u32>(space - 1);
}

function behindSpaces(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) === 0x20) at++;
  return at;
}

/** Digits of HTTP/1.x, of which the last is at `at`; 0 where there is none. */
// @ts-ignore: decorator
@inline
function versionOf(at: usize): u32 {
  const digit = <u32>load<u8>(at);
  return digit - 0x30 <= 9 ? 0x31 | (digit << 8) : 0;
}

/** The version and, of a line that is whole, the reason phrase (RFC 9112 §4); an empty one is none. */
function readStatusLine(head: HttpHead, start: usize, line: usize, isWhole: bool): void {
  if (start + 8 <= line) head.version = versionOf(start + 7);
  if (!isWhole || start + 13 >= line || load<u8>(start, 12) !== 0x20) return;
  const last = load<u8>(line - 1) === CR ? line - 1 : line;
  if (last > start + 13) setValue(changetype<usize>(head) + offsetof<HttpHead>("reason"), start + 13, last);
}

/** Reads a header line if its field is wanted; most are passed over by their first letter or the place of their colon. */
export function readField(head: HttpHead, at: usize, end: usize): void {
  const place = changetype<usize>(head);
  switch (load<u8>(at) & 0xdf) {
    case 0x48:
      if (isField(at, end, "HOST:")) setValue(place + offsetof<HttpHead>("host"), at + 5, end);
      break;
    case 0x55:
      if (isField(at, end, "USER-AGENT:")) setValue(place + offsetof<HttpHead>("userAgent"), at + 11, end);
      else if (isField(at, end, "UPGRADE:")) {
        makeFieldValue(at + 8, end);
        head.isHttp2 = u8(valueLength === 3 && isTextAnyCase(valueAt, valueAt + 3, "H2C"));
      }
      break;
    case 0x52:
      if (isField(at, end, "REFERER:")) setValue(place + offsetof<HttpHead>("referer"), at + 8, end);
      break;
    case 0x58:
      if (isField(at, end, "X-FORWARDED-FOR:")) setValue(place + offsetof<HttpHead>("forwardedFor"), at + 16, end);
      break;
    case 0x41:
      if (isField(at, end, "AUTHORIZATION:")) setValue(place + offsetof<HttpHead>("authorization"), at + 14, end);
      break;
    case 0x50:
      if (isField(at, end, "PROXY-AUTHORIZATION:"))
        setValue(place + offsetof<HttpHead>("proxyAuthorization"), at + 20, end);
      else if (isField(at, end, "PROXY-AUTHENTICATE:"))
        setValue(place + offsetof<HttpHead>("proxyAuthorization"), at + 19, end);
      break;
    // A response's challenge stands where a request has what answers it.
    case 0x57:
      if (isField(at, end, "WWW-AUTHENTICATE:")) setValue(place + offsetof<HttpHead>("authorization"), at + 17, end);
      break;
    case 0x53:
      if (isField(at, end, "SERVER:")) setValue(place + offsetof<HttpHead>("server"), at + 7, end);
      break;
    case 0x4c:
      if (isField(at, end, "LOCATION:")) setValue(place + offsetof<HttpHead>("location"), at + 9, end);
      break;
    case 0x43:
      if (isField(at, end, "CONTENT-TYPE:")) setValue(place + offsetof<HttpHead>("contentType"), at + 13, end);
      else if (isField(at, end, "CONTENT-DISPOSITION:")) setValue(place + offsetof<HttpHead>("disposition"), at + 20, end);
      else if (isField(at, end, "CONTENT-ENCODING:")) setValue(place + offsetof<HttpHead>("encoding"), at + 17, end);
      else if (isField(at, end, "CONTENT-LENGTH:")) {
        makeFieldValue(at + 15, end);
        const length = contentLength(valueAt, valueAt + valueLength);
        head.length = head.hasLength === 0 || head.length === length ? length : NaN;
        head.hasLength = 1;
      }
      break;
    case 0x54:
      if (isField(at, end, "TRANSFER-ENCODING:")) {
        makeFieldValue(at + 18, end);
        head.isChunked = u8(isChunked(valueAt, valueAt + valueLength));
      }
  }
}

/** True where the line begins with this name, given in upper case with its colon. */
// @ts-ignore: decorator
@inline
function isField(at: usize, end: usize, name: string): bool {
  const last = at + name.length - 1;
  return last < end && load<u8>(last) === 0x3a && isTextAnyCase(at, end, name);
}

/** Notes where a field's whole value stands, without the blanks around it, unless the field was there before. */
function setValue(place: usize, at: usize, end: usize): void {
  if (load<u32>(place) !== 0) return;
  let last = end;
  while (at < last && isBlank(load<u8>(at))) at++;
  while (last > at && isBlank(load<u8>(last - 1))) last--;
  store<u32>(place, <u32>at);
  store<u32>(place, <u32>last, 4);
}

/** Bytes that are read of a field that frames the message; its value is no text of a row. */
const MAX_FRAMING: usize = 1024;
const fieldPlace = memory.data(8);

function makeFieldValue(at: usize, end: usize): void {
  store<u32>(fieldPlace, 0);
  setValue(fieldPlace, at, min(end, at + MAX_FRAMING));
  makeValue(load<u32>(fieldPlace), load<u32>(fieldPlace, 4));
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u8): bool {
  return byte === 0x20 || byte === 9;
}

/** Whether the last coding is `chunked`, as a word of its own. */
function isChunked(start: usize, end: usize): bool {
  if (end < start + 7 || !isTextAnyCase(end - 7, end, "CHUNKED")) return false;
  if (end === start + 7) return true;
  const before = load<u8>(end - 8);
  return !(isDigit(before) || before === 0x5f || <u32>(before | 0x20) - 0x61 < 26);
}

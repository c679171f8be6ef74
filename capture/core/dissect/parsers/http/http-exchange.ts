import {
  HTTP_TABLE,
  HTTP_CONTENT_LENGTH,
  HTTP_CONTENT_TYPE,
  HTTP_ERROR,
  HTTP_EXPRESSION_HEADER,
  HTTP_FORWARDED_FOR,
  HTTP_HOST,
  HTTP_LOCATION,
  HTTP_METHOD,
  HTTP_REASON,
  HTTP_REFERER,
  HTTP_REQUEST_LENGTH,
  HTTP_REQUEST_TYPE,
  HTTP_SERVER,
  HTTP_STATUS,
  HTTP_URI,
  HTTP_USER,
  HTTP_USER_AGENT,
  HTTP_VERSION
} from "../../columns";
import {addRow, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {appendText, clean, cleanAt, cleanLength} from "../../text";
import {nameServer, Reading} from "../../streams/reading";
import {appendHttp2Error} from "../http2/errors";
import {HttpHead} from "./http-message";
import {findUser, MAX_USER, userAt, userEnd} from "./http-user";
import {heldLength, isDigit, makeValue, valueAt, valueLength} from "./http-values";

/** Requests that wait for their response, and the rows that both make. */

/** A request; its texts follow it in the order of their lengths, which are -1 of what is NULL. */
@unmanaged
export class Request {
  ts: f64 = 0;
  /** Content-Length; NaN without. */
  length: f64 = 0;
  next: u32 = 0;
  /** Bytes of all that. */
  bytes: u32 = 0;
  /** How much of the server's bytes the client had when it sent the request, as an offset. */
  seen: i32 = 0;
  /** Number of its stream in HTTP/2. */
  stream: u32 = 0;
  /** Digits of the version, the first one the lowest byte; 0 where it is not known. */
  version: u32 = 0;
  method: i32 = 0;
  host: i32 = 0;
  uri: i32 = 0;
  userAgent: i32 = 0;
  referer: i32 = 0;
  forwardedFor: i32 = 0;
  user: i32 = 0;
  type: i32 = 0;
  expression: i32 = 0;
}

/** Bytes that are kept of a URI: of a request's target, a Referer and a Location. */
const MAX_URI_BYTES: u32 = 4096;

/** A request under way to its block: 1024 bytes of a method, and the other texts, of which each byte may become three. */
const requestMade = memory.data(47_104, 16);

/** Where its texts begin. */
// @ts-ignore: decorator
@inline
export function textsOf(request: Request): usize {
  return changetype<usize>(request) + offsetof<Request>();
}

/** Where the next text of the request under way goes. */
let to: usize = 0;

/** The request of a head that began at `ts`, valid until the next one. */
export function makeRequest(head: HttpHead, ts: f64): Request {
  const made = changetype<Request>(requestMade);
  to = textsOf(made);
  made.ts = ts;
  made.next = 0;
  made.seen = 0;
  made.stream = 0;
  made.length = head.hasLength !== 0 ? heldLength(head.length) : NaN;
  made.version = head.version;
  made.method = appendCleaned(head.method, head.methodEnd, 1024);
  made.host = appendValue(head.host, head.hostEnd);
  made.uri = head.uri !== 0 ? appendCleaned(head.uri, head.uriEnd, MAX_URI_BYTES) : -1;
  made.userAgent = appendValue(head.userAgent, head.userAgentEnd);
  made.referer = appendValue(head.referer, head.refererEnd, MAX_URI_BYTES);
  made.forwardedFor = appendValue(head.forwardedFor, head.forwardedForEnd);
  const hasUser =
    (head.authorization !== 0 && findUser(head.authorization, head.authorizationEnd)) ||
    (head.proxyAuthorization !== 0 && findUser(head.proxyAuthorization, head.proxyAuthorizationEnd));
  made.user = hasUser ? appendValue(userAt, userEnd, MAX_USER) : -1;
  made.type = appendValue(head.contentType, head.contentTypeEnd);
  made.expression = appendValue(head.expression, head.expressionEnd);
  made.bytes = <u32>(to - requestMade);
  return made;
}

/** Writes bytes as a text, at most `limit` of them; its length. */
function appendCleaned(start: usize, end: usize, limit: u32): i32 {
  clean(start, end, limit);
  memory.copy(to, cleanAt, cleanLength);
  to += cleanLength;
  return <i32>cleanLength;
}

/** Writes a field's value, at most `limit` bytes of it; its length, -1 where there is none. */
function appendValue(start: usize, end: usize, limit: u32 = 1024): i32 {
  if (start === 0) return -1;
  makeValue(start, end, limit);
  memory.copy(to, valueAt, valueLength);
  to += valueLength;
  return <i32>valueLength;
}

/** Names the flow by the request's host without its port. */
export function nameHost(reading: Reading, request: Request): void {
  if (request.host <= 0) return;
  const start = textsOf(request) + <usize>request.method;
  const end = start + request.host;
  let at = end;
  while (at > start && isDigit(load<u8>(at - 1))) at--;
  const last = at < end && at > start && load<u8>(at - 1) === 0x3a ? at - 1 : end;
  if (last > start) nameServer(reading, start, <u32>(last - start));
}

const versionText = memory.data(4);
const errorText = memory.data(32);

/** Writes a row of the request (0: none) and the response to it, which began at `ts`; `error` is one more than HTTP/2's, 0 without. */
export function writeExchange(id: u64, request: usize, response: HttpHead | null, ts: f64, error: u32 = 0): void {
  const table = tableAt(HTTP_TABLE);
  const row = addRow(table, id, request !== 0 ? changetype<Request>(request).ts : ts);
  if (row < 0) return;
  setVersion(table, row, request !== 0 ? changetype<Request>(request).version : response !== null ? response.version : 0);
  if (request !== 0) {
    const lengths = changetype<Request>(request);
    // In HTTP/2 it is not known where the field that it refers to is missing.
    let at = setPart(table, row, HTTP_METHOD, textsOf(lengths), lengths.method > 0 ? lengths.method : -1);
    at = setPart(table, row, HTTP_HOST, at, lengths.host);
    at = setPart(table, row, HTTP_URI, at, lengths.uri);
    at = setPart(table, row, HTTP_USER_AGENT, at, lengths.userAgent);
    at = setPart(table, row, HTTP_REFERER, at, lengths.referer);
    at = setPart(table, row, HTTP_FORWARDED_FOR, at, lengths.forwardedFor);
    at = setPart(table, row, HTTP_USER, at, lengths.user);
    at = setPart(table, row, HTTP_REQUEST_TYPE, at, lengths.type);
    setPart(table, row, HTTP_EXPRESSION_HEADER, at, lengths.expression);
    setNumber(table, row, HTTP_REQUEST_LENGTH, lengths.length);
  } else {
    for (let column = HTTP_METHOD; column <= HTTP_REQUEST_TYPE; column++) setNull(table, row, column);
    setNumber(table, row, HTTP_REQUEST_LENGTH, NaN);
    setNull(table, row, HTTP_EXPRESSION_HEADER);
  }
  if (error === 0) setNull(table, row, HTTP_ERROR);
  else setText(table, row, HTTP_ERROR, errorText, <u32>(appendHttp2Error(error - 1, errorText) - errorText));
  if (response !== null) {
    setNumber(table, row, HTTP_STATUS, response.status);
    setNumber(table, row, HTTP_CONTENT_LENGTH, response.hasLength !== 0 ? heldLength(response.length) : NaN);
    setValueOf(table, row, HTTP_REASON, response.reason, response.reasonEnd);
    setValueOf(table, row, HTTP_CONTENT_TYPE, response.contentType, response.contentTypeEnd);
    setValueOf(table, row, HTTP_SERVER, response.server, response.serverEnd);
    setValueOf(table, row, HTTP_LOCATION, response.location, response.locationEnd, MAX_URI_BYTES);
  } else {
    setNumber(table, row, HTTP_STATUS, NaN);
    setNumber(table, row, HTTP_CONTENT_LENGTH, NaN);
    setNull(table, row, HTTP_REASON);
    setNull(table, row, HTTP_CONTENT_TYPE);
    setNull(table, row, HTTP_SERVER);
    setNull(table, row, HTTP_LOCATION);
  }
}

/** `2`, or `1.` and the digit behind it. */
function setVersion(table: Table, row: i32, version: u32): void {
  if (version === 0) return setNull(table, row, HTTP_VERSION);
  store<u8>(versionText, <u8>version);
  if (version < 256) return setText(table, row, HTTP_VERSION, versionText, 1);
  appendText(".", versionText + 1);
  store<u8>(versionText, <u8>(version >> 8), 2);
  setText(table, row, HTTP_VERSION, versionText, 3);
}

/** Sets one of a request's texts; where the next one is. */
function setPart(table: Table, row: i32, column: i32, at: usize, length: i32): usize {
  if (length < 0) {
    setNull(table, row, column);
    return at;
  }
  setText(table, row, column, at, length);
  return at + length;
}

function setValueOf(table: Table, row: i32, column: i32, start: usize, end: usize, limit: u32 = 1024): void {
  if (start === 0) return setNull(table, row, column);
  makeValue(start, end, limit);
  setText(table, row, column, valueAt, valueLength);
}

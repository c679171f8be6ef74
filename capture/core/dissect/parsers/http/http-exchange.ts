import {HTTP_TABLE, HTTP_CONTENT_TYPE, HTTP_HOST, HTTP_METHOD, HTTP_SERVER, HTTP_STATUS, HTTP_URI, HTTP_USER_AGENT} from "../../columns";
import {addRow, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {clean, cleanAt, cleanLength} from "../../text";
import {HttpHead} from "./http-message";
import {makeValue, valueAt, valueLength} from "./http-values";

/** Requests that wait for their response, and the rows that both make. */

/** A request; its texts follow it in the order of their lengths, which are -1 of what is NULL. */
@unmanaged
export class Request {
  ts: f64 = 0;
  next: u32 = 0;
  /** Bytes of all that. */
  bytes: u32 = 0;
  method: i32 = 0;
  host: i32 = 0;
  uri: i32 = 0;
  userAgent: i32 = 0;
}

const MAX_URI_BYTES: u32 = 4096;

/** A request under way to its block: 24 bytes of a method, and the other texts, of which each byte may become three. */
const requestMade = memory.data(18_560, 16);

/** Where its texts begin. */
// @ts-ignore: decorator
@inline
export function textsOf(request: Request): usize {
  return changetype<usize>(request) + offsetof<Request>();
}

/** The request of a head that began at `ts`, valid until the next one. */
export function makeRequest(head: HttpHead, ts: f64): Request {
  const made = changetype<Request>(requestMade);
  let to = textsOf(made);
  made.ts = ts;
  made.next = 0;
  made.method = <i32>(head.methodEnd - head.method);
  memory.copy(to, head.method, made.method);
  to += made.method;
  made.host = appendValue(head.host, head.hostEnd, to);
  if (made.host > 0) to += made.host;
  made.uri = -1;
  if (head.uri !== 0) {
    clean(head.uri, head.uriEnd, MAX_URI_BYTES);
    memory.copy(to, cleanAt, cleanLength);
    made.uri = <i32>cleanLength;
    to += cleanLength;
  }
  made.userAgent = appendValue(head.userAgent, head.userAgentEnd, to);
  if (made.userAgent > 0) to += made.userAgent;
  made.bytes = <u32>(to - requestMade);
  return made;
}

/** Writes a field's value; its length, -1 where there is none. */
function appendValue(start: usize, end: usize, to: usize): i32 {
  if (start === 0) return -1;
  makeValue(start, end);
  memory.copy(to, valueAt, valueLength);
  return <i32>valueLength;
}

/** Writes a row of the request (0: none) and the response to it, which began at `ts`. */
export function writeExchange(id: u64, request: usize, response: HttpHead | null, ts: f64): void {
  const table = tableAt(HTTP_TABLE);
  const row = addRow(table, id, request !== 0 ? changetype<Request>(request).ts : ts);
  if (row < 0) return;
  if (request !== 0) {
    const lengths = changetype<Request>(request);
    let at = setPart(table, row, HTTP_METHOD, textsOf(changetype<Request>(request)), lengths.method);
    at = setPart(table, row, HTTP_HOST, at, lengths.host);
    at = setPart(table, row, HTTP_URI, at, lengths.uri);
    setPart(table, row, HTTP_USER_AGENT, at, lengths.userAgent);
  } else for (let column = HTTP_METHOD; column <= HTTP_USER_AGENT; column++) setNull(table, row, column);
  setNumber(table, row, HTTP_STATUS, response !== null ? response.status : NaN);
  if (response !== null) {
    setValueOf(table, row, HTTP_CONTENT_TYPE, response.contentType, response.contentTypeEnd);
    setValueOf(table, row, HTTP_SERVER, response.server, response.serverEnd);
  } else {
    setNull(table, row, HTTP_CONTENT_TYPE);
    setNull(table, row, HTTP_SERVER);
  }
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

function setValueOf(table: Table, row: i32, column: i32, start: usize, end: usize): void {
  if (start === 0) return setNull(table, row, column);
  makeValue(start, end);
  setText(table, row, column, valueAt, valueLength);
}

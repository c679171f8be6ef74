import {indexOf, isText, isTextAnyCase, lineEnd, text} from "../ascii.ts";

/** Head of an HTTP/1 message as far as records and framing need it (RFC 9112 §2.1). */
export interface HttpHead {
  /** Null of a response. */
  readonly method: string | null;
  /** Null of a response, and of a request whose line is cut. */
  readonly uri: string | null;
  /** Null of a request, and of a response whose line is cut. */
  readonly status: number | null;
  readonly host: string | null;
  readonly userAgent: string | null;
  readonly contentType: string | null;
  readonly server: string | null;
  /** Body length; null where it is not said, NaN where it is said wrongly. */
  readonly contentLength: number | null;
  readonly isChunked: boolean;
}

const maxUriBytes = 4096;

/** Methods of which a request line may still lack its end (RFC 9110 §9, RFC 5789, WebDAV's, SSDP's aside). */
const methods = [
  "GET ",
  "POST ",
  "HEAD ",
  "PUT ",
  "DELETE ",
  "OPTIONS ",
  "CONNECT ",
  "PATCH ",
  "TRACE ",
  "PROPFIND ",
  "PROPPATCH ",
  "MKCOL ",
  "COPY ",
  "MOVE ",
  "LOCK ",
  "UNLOCK ",
  "REPORT ",
  "SEARCH ",
  "QUERY "
];

/** Whether the bytes begin with a status line (RFC 9112 §4). */
export function isStatusLine(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    isText(bytes, start, end, "HTTP/1.") && end - start >= 12 && bytes[start + 8] === 0x20 && isDigit(bytes[start + 9])
  );
}

/**
 * Whether the bytes begin with a request line (RFC 9112 §3): any method where the line ends in HTTP/1.x, a known one
 * with a target of one of the four forms where the line goes on in the next segment.
 */
export function isRequestLine(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && at - start < 24 && isMethodCharacter(bytes[at])) at++;
  if (at - start < 2 || at >= end || bytes[at] !== 0x20) return false;
  const line = lineEnd(bytes, at, Math.min(end, at + 16_384));
  if (line >= 0) {
    const last = bytes[line - 1] === 13 ? line - 1 : line;
    return last - 9 > at && isText(bytes, last - 9, last, " HTTP/1.") && isDigit(bytes[last - 1]);
  }
  if (!methods.some((method) => isText(bytes, start, end, method))) return false;
  const target = at + 1;
  return (
    target >= end ||
    bytes[target] === 0x2f ||
    bytes[target] === 0x2a ||
    isTextAnyCase(bytes, target, end, "HTTP") ||
    bytes[start] === 0x43
  );
}

/** Where the head that begins at `start` ends (behind its empty line), -1 where it goes on. */
export function headEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let line = lineEnd(bytes, start, end); line >= 0; line = lineEnd(bytes, line + 1, end)) {
    const next = bytes[line + 1] === 13 ? line + 2 : line + 1;
    if (next < end && bytes[next] === 10) return next + 1;
  }
  return -1;
}

/**
 * Reads the head in `start .. end`; null where its first line is none. A head that is not whole is cut: its first line
 * may lack its end, and a header line that does is passed over.
 */
export function httpHead(bytes: Uint8Array, start: number, end: number, isWhole: boolean): HttpHead | null {
  const hasStatus = isStatusLine(bytes, start, end);
  // A response whose status is cut is one nevertheless: it answers the request before it.
  const isResponse = hasStatus || (!isWhole && isText(bytes, start, end, "HTTP/1."));
  const lineFeed = lineEnd(bytes, start, end);
  if (lineFeed < 0 && isWhole) return null;
  const line = lineFeed < 0 ? end : lineFeed;
  if (!isResponse && !isRequestLine(bytes, start, Math.min(end, line + 1))) return null;
  let method: string | null = null;
  let uri: string | null = null;
  let status: number | null = null;
  if (hasStatus) status = Number(text(bytes, start + 9, start + 12)) || null;
  else if (!isResponse) {
    const last = bytes[line - 1] === 13 ? line - 1 : line;
    const space = indexOf(bytes, 0x20, start, line);
    method = text(bytes, start, space);
    if (lineFeed >= 0) uri = text(bytes, space + 1, last - 9, maxUriBytes);
  }
  let host: string | null = null;
  let userAgent: string | null = null;
  let contentType: string | null = null;
  let server: string | null = null;
  let contentLength: number | null = null;
  let isChunked = false;
  for (let at = line + 1; at < end; ) {
    const stop = lineEnd(bytes, at, end);
    if (stop < 0) break;
    const last = bytes[stop - 1] === 13 ? stop - 1 : stop;
    switch (fieldAt(bytes, at, last)) {
      case field.host:
        host ??= fieldValue(bytes, at, last, field.host);
        break;
      case field.userAgent:
        userAgent ??= fieldValue(bytes, at, last, field.userAgent);
        break;
      case field.contentType:
        contentType ??= fieldValue(bytes, at, last, field.contentType);
        break;
      case field.server:
        server ??= fieldValue(bytes, at, last, field.server);
        break;
      case field.contentLength:
        contentLength = bodyLength(fieldValue(bytes, at, last, field.contentLength), contentLength);
        break;
      case field.transferEncoding:
        isChunked = /\bchunked\s*$/i.test(fieldValue(bytes, at, last, field.transferEncoding));
    }
    at = stop + 1;
  }
  return {method, uri, status, host, userAgent, contentType, server, contentLength, isChunked};
}

/** Places of the wanted fields in `names`. */
const field = {host: 0, userAgent: 1, contentType: 2, server: 3, contentLength: 4, transferEncoding: 5} as const;
const names = ["HOST:", "USER-AGENT:", "CONTENT-TYPE:", "SERVER:", "CONTENT-LENGTH:", "TRANSFER-ENCODING:"];

/** By first byte: whether a wanted field may begin so; most lines of a head are passed over by it. */
const beginsWanted = Uint8Array.from({length: 256}, (_, byte) =>
  Number(names.some((name) => name.charCodeAt(0) === (byte & 0xdf) && byte >= 0x40))
);

/** Which of the wanted fields the line is, -1 for none. */
function fieldAt(bytes: Uint8Array, at: number, end: number): number {
  if (beginsWanted[bytes[at]] === 0) return -1;
  for (let i = 0; i < names.length; i++) if (isTextAnyCase(bytes, at, end, names[i])) return i;
  return -1;
}

const maxValueBytes = 1024;

const isBlank = (byte: number) => byte === 0x20 || byte === 9;

/** The field's value without the blanks around it. */
function fieldValue(bytes: Uint8Array, at: number, end: number, name: number): string {
  let from = at + names[name].length;
  let last = Math.min(end, from + maxValueBytes);
  while (from < last && isBlank(bytes[from])) from++;
  while (last > from && isBlank(bytes[last - 1])) last--;
  return text(bytes, from, last).trim();
}

/** RFC 9110 §8.6: repeated equal values count once, anything else is wrong. */
function bodyLength(value: string, before: number | null): number {
  if (before === null && value.length < 16 && isNumber(value)) return Number(value);
  const found = /^\d+(\s*,\s*\d+)*$/.test(value) ? [...new Set(value.split(",").map(Number))] : [];
  const length = found.length === 1 ? found[0] : Number.NaN;
  return before === null || before === length ? length : Number.NaN;
}

function isNumber(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (!isDigit(value.charCodeAt(i))) return false;
  return value.length > 0;
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;

/** Upper-case letters, and what lies between words of unusual methods (`VERSION-CONTROL`, `M-SEARCH`). */
const isMethodCharacter = (byte: number) => (byte >= 0x41 && byte <= 0x5a) || byte === 0x2d || byte === 0x5f;

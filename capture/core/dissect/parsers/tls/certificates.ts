import {writeAddressText} from "../../../encoder/address-text";
import {u16At} from "../../../meter/bytes";
import {Event} from "../../../meter/layout";
import {
  CERTIFICATES_ISSUER,
  CERTIFICATES_NAMES,
  CERTIFICATES_NOT_AFTER,
  CERTIFICATES_NOT_BEFORE,
  CERTIFICATES_POSITION,
  CERTIFICATES_SERIAL,
  CERTIFICATES_SHA1,
  CERTIFICATES_SHA256,
  CERTIFICATES_SHOWN_BY,
  CERTIFICATES_SUBJECT,
  CERTIFICATES_TABLE
} from "../../columns";
import {bothKnown} from "../../crypto/known";
import {addRow, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {flowIdOf} from "../../streams/reading";
import {appendClean, appendHex, appendText, hexDigit} from "../../text";
import {contentAt, contentEnd, readTagged, readValue, SEQUENCE, tag, timeRead} from "./der";
import {appendName} from "./x509-name";

/** Certificates of a handshake (RFC 5280) as rows. */

/** Certificates of a chain, names of a certificate, and bytes of its texts that are written. */
const MAX_CHAIN = 16;
const MAX_NAMES = 200;
const MAX_TEXT: usize = 8192;
const MAX_SERIAL: usize = 32;

const DIGEST: usize = memory.data(52, 16);
const text: usize = memory.data(16_384);

/** Extension subjectAltName, 2.5.29.17. */
const ALTERNATIVE_NAMES: u32 = 0x11;

/** Writes the chain in the body of a Certificate message (RFC 5246 §7.4.2); false where its lengths contradict each other. */
export function writeCertificates(event: Event, start: usize, end: usize, ts: f64, isClients: bool): bool {
  if (start + 3 > end) return false;
  const last = start + 3 + u24At(start);
  if (last > end) return false;
  let isWhole = true;
  for (let at = start + 3, position = 0; at < last; position++) {
    if (at + 3 > last) return false;
    const next = at + 3 + u24At(at);
    if (next > last) return false;
    if (position < MAX_CHAIN) isWhole = writeCertificate(event, at + 3, next, ts, isClients, position) && isWhole;
    at = next;
  }
  return isWhole;
}

// @ts-ignore: decorator
@inline
function u24At(at: usize): usize {
  return (<usize>load<u8>(at) << 16) | u16At(at + 1);
}

/** Writes a certificate: its digests whatever its bytes are, and what could be read of them; false where not all could. */
function writeCertificate(event: Event, start: usize, end: usize, ts: f64, isClients: bool, position: i32): bool {
  const rows = tableAt(CERTIFICATES_TABLE);
  const row = addRow(rows, flowIdOf(event), ts);
  if (row < 0) return true;
  setEnd(rows, row, CERTIFICATES_SHOWN_BY, appendText(isClients ? "client" : "server", text));
  setNumber(rows, row, CERTIFICATES_POSITION, <f64>position);
  bothKnown(start, end - start, DIGEST);
  setEnd(rows, row, CERTIFICATES_SHA256, appendHex(DIGEST + 20, DIGEST + 52, text));
  setEnd(rows, row, CERTIFICATES_SHA1, appendHex(DIGEST, DIGEST + 20, text));
  setNull(rows, row, CERTIFICATES_SERIAL);
  setNull(rows, row, CERTIFICATES_ISSUER);
  setNull(rows, row, CERTIFICATES_SUBJECT);
  setNull(rows, row, CERTIFICATES_NAMES);
  setNumber(rows, row, CERTIFICATES_NOT_BEFORE, NaN);
  setNumber(rows, row, CERTIFICATES_NOT_AFTER, NaN);
  return readCertificate(rows, row, start, end);
}

/** Reads the fields of TBSCertificate (RFC 5280 §4.1) in their order. */
function readCertificate(rows: Table, row: i32, start: usize, end: usize): bool {
  if (readTagged(start, end, SEQUENCE) === 0 || readTagged(contentAt, contentEnd, SEQUENCE) === 0) return false;
  const last = contentEnd;
  let at = contentAt;
  const version = readValue(at, last);
  if (version === 0) return false;
  if (tag === 0xa0) at = version;
  at = readTagged(at, last, 2);
  if (at === 0) return false;
  const isPadded = contentEnd - contentAt > 1 && load<u8>(contentAt) === 0;
  const serial = isPadded ? contentAt + 1 : contentAt;
  setEnd(rows, row, CERTIFICATES_SERIAL, appendHex(serial, min(contentEnd, serial + MAX_SERIAL), text));
  at = readTagged(at, last, SEQUENCE);
  if (at === 0) return false;
  at = writeName(rows, row, CERTIFICATES_ISSUER, at, last);
  if (at === 0) return false;
  const subject = readTagged(at, last, SEQUENCE);
  if (subject === 0) return false;
  const validEnd = contentEnd;
  const after = readValue(contentAt, validEnd);
  if (after === 0) return false;
  setNumber(rows, row, CERTIFICATES_NOT_BEFORE, timeRead());
  if (readValue(after, validEnd) === 0) return false;
  setNumber(rows, row, CERTIFICATES_NOT_AFTER, timeRead());
  at = writeName(rows, row, CERTIFICATES_SUBJECT, subject, last);
  if (at === 0) return false;
  at = readTagged(at, last, SEQUENCE);
  if (at === 0) return false;
  while (at < last) {
    const next = readValue(at, last);
    if (next === 0) return false;
    if (tag === 0xa3) return writeAlternatives(rows, row, contentAt, contentEnd);
    at = next;
  }
  return true;
}

/** Writes a name; where the value behind it is, 0 where it is none. */
function writeName(rows: Table, row: i32, column: i32, at: usize, last: usize): usize {
  const next = readTagged(at, last, SEQUENCE);
  if (next === 0) return 0;
  const stop = appendName(contentAt, contentEnd, nameText);
  if (stop === 0) return 0;
  if (stop > nameText) setText(rows, row, column, nameText, <u32>(stop - nameText));
  return next;
}

const nameText: usize = memory.data(8192);

/** Looks for the names it holds for among the extensions. */
function writeAlternatives(rows: Table, row: i32, at: usize, end: usize): bool {
  if (readTagged(at, end, SEQUENCE) === 0) return false;
  const last = contentEnd;
  for (let next = contentAt; next < last; ) {
    const following = readTagged(next, last, SEQUENCE);
    if (following === 0) return false;
    const stop = contentEnd;
    const value = readTagged(contentAt, stop, 6);
    if (value === 0) return false;
    const isThem = contentEnd - contentAt === 3 && u16At(contentAt) === 0x551d && load<u8>(contentAt, 2) === ALTERNATIVE_NAMES;
    if (isThem) return writeNames(rows, row, value, stop);
    next = following;
  }
  return true;
}

function writeNames(rows: Table, row: i32, at: usize, end: usize): bool {
  let octets = readValue(at, end);
  // `critical` may stand before the value.
  if (octets !== 0 && tag === 1) octets = readValue(octets, end);
  if (octets === 0 || tag !== 4 || readTagged(contentAt, contentEnd, SEQUENCE) === 0) return false;
  const last = contentEnd;
  let to = text;
  store<u8>(to++, 0x5b);
  for (let next = contentAt, count = 0; next < last && count < MAX_NAMES && to < text + MAX_TEXT; ) {
    next = readValue(next, last);
    if (next === 0) return false;
    const kind = tag & 0x1f;
    // rfc822Name, dNSName, URI, iPAddress.
    if ((tag & 0xc0) !== 0x80 || !(kind === 1 || kind === 2 || kind === 6 || kind === 7)) continue;
    if (count++ > 0) store<u8>(to++, 0x2c);
    store<u8>(to++, 0x22);
    const length = contentEnd - contentAt;
    if (kind !== 7) to = appendQuoted(contentAt, min(contentEnd, contentAt + 256), to);
    else if (length === 4 || length === 16) to = writeAddressText(contentAt, length === 4 ? 4 : 6, to);
    else to = appendHex(contentAt, min(contentEnd, contentAt + 32), to);
    store<u8>(to++, 0x22);
  }
  store<u8>(to++, 0x5d);
  if (to - text > 2) setEnd(rows, row, CERTIFICATES_NAMES, to);
  return true;
}

const cleaned: usize = memory.data(1024);

/** Writes a text within a string of JSON (RFC 8259 §7). */
function appendQuoted(start: usize, end: usize, to: usize): usize {
  const last = appendClean(start, end, cleaned);
  for (let at = cleaned; at < last; at++) {
    const byte = load<u8>(at);
    if (byte < 0x20) {
      to = appendText("\\u00", to);
      store<u8>(to, hexDigit(byte >> 4));
      store<u8>(to, hexDigit(byte & 15), 1);
      to += 2;
      continue;
    }
    if (byte === 0x22 || byte === 0x5c) store<u8>(to++, 0x5c);
    store<u8>(to++, byte);
  }
  return to;
}

function setEnd(rows: Table, row: i32, column: i32, end: usize): void {
  setText(rows, row, column, text, <u32>(end - text));
}

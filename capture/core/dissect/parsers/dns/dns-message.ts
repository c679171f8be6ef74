import {u16At, u32At} from "../../../meter/bytes";
import {allocate} from "../../heap";
import {hexDigit} from "../../text";
import {appendName, nameEnd, skipName} from "./dns-name";
import {appendRecord} from "./dns-record";

/** The DNS message last read, as far as records need it (RFC 1035 §4.1); valid until the next one. */
export let isResponse: bool = false;
export let rcode: u32 = 0;
/** First question; without one, or where it cannot be read, `hasQuery` is false and `qtype` -1. */
export let hasQuery: bool = false;
export let queryLength: u32 = 0;
export let qtype: i32 = -1;
/** Data of the answer section's records as JSON texts in an array; those that could be read. */
export let answersLength: u32 = 0;
/** Addresses among them (A and AAAA), and the shortest TTL of those in seconds. */
export let addressCount: i32 = 0;
export let addressTtl: u32 = 0;
/** True where a section runs past the end or contradicts itself. */
export let isMalformed: bool = false;

/** Where the texts are. */
export const queryAt = memory.data(1024);
export let answersAt: usize = 0;
/** By address found: where its bytes are, and 4 or 6. */
const addresses = memory.data(512);

/** Text of one record before it is cut; a byte of a message becomes four characters at most. */
let record: usize = 0;

const HEADER_BYTES: usize = 12;

/** Records of an answer section that are written; characters of each, and of all before the last. */
const MAX_ANSWERS = 64;
const MAX_ANSWER_CHARACTERS = 4096;

export function openDnsMessages(): void {
  record = allocate(1 << 19);
  answersAt = allocate(1 << 17);
}

// @ts-ignore: decorator
@inline
export function addressAt(i: i32): usize {
  return <usize>load<u32>(addresses + (<usize>i << 3));
}

// @ts-ignore: decorator
@inline
export function versionAt(i: i32): i32 {
  return load<i32>(addresses + (<usize>i << 3), 4);
}

/** Internet, CHAOS, Hesiod, NONE, ANY; the top bit is mDNS's (RFC 6762 §10.2, §18.12). */
function isClass(value: u32): bool {
  const number = value & 0x7fff;
  return number === 1 || number === 3 || number === 4 || number === 254 || number === 255;
}

/**
 * Whether the bytes are a DNS message: a plausible header and a first question (or answer) with a readable name and a
 * known class. Port 53 and its kin are not asked for, except for messages without question, which say little else, and for
 * kinds of queries that do not exist. An error may be a header alone.
 */
export function isDnsMessage(start: usize, end: usize, isDnsPort: bool): bool {
  if (start + HEADER_BYTES + 5 > end) return isDnsPort && end - start === HEADER_BYTES && isBareError(start);
  const flags = <u32>load<u8>(start, 2);
  const opcode = (flags >> 3) & 15;
  if (!isDnsPort && (opcode > 6 || opcode === 3)) return false;
  const answers = u16At(start + 6);
  const others = u16At(start + 8) + u16At(start + 10);
  const questions = u16At(start + 4);
  if (questions > 64 || answers > 512 || others > 512 || (!isDnsPort && questions !== 1)) return false;
  if (questions === 0 && (answers + others === 0 || flags < 0x80)) return false;
  // Without port or answers, only what a client really sends: a plain query or an error.
  if (!isDnsPort && flags < 0x80 && answers > 0) return false;
  if (!skipName(start, end, start + HEADER_BYTES) || nameEnd + 4 > end) return false;
  return u16At(nameEnd) > 0 && isClass(u16At(nameEnd + 2));
}

/** A response with an error and no records. */
function isBareError(start: usize): bool {
  return load<u8>(start, 2) >= 0x80 && (load<u8>(start, 3) & 15) !== 0 && load<u64>(start, 4) === 0;
}

/** Reads a message of which `isDnsMessage` need not be true; false where it has no whole header. */
export function readDnsMessage(start: usize, end: usize): bool {
  if (start + HEADER_BYTES > end) return false;
  isResponse = load<u8>(start, 2) >= 0x80;
  rcode = load<u8>(start, 3) & 15;
  hasQuery = false;
  qtype = -1;
  isMalformed = false;
  let at = start + HEADER_BYTES;
  for (let i = u16At(start + 4); i > 0; i--) {
    isMalformed = !skipName(start, end, at) || nameEnd + 4 > end;
    if (isMalformed) break;
    if (!hasQuery) {
      hasQuery = true;
      queryLength = <u32>(appendName(start, end, at, queryAt) - queryAt);
      qtype = <i32>u16At(nameEnd);
    }
    at = nameEnd + 4;
  }
  readAnswers(start, end, at);
  return true;
}

function readAnswers(start: usize, end: usize, at: usize): void {
  let answers = 0;
  let characters = 0;
  let to = answersAt;
  store<u8>(to++, 0x5b);
  addressCount = 0;
  addressTtl = 0xffffffff;
  if (!isMalformed)
    for (let i = u16At(start + 6); i > 0; i--) {
      isMalformed = !skipName(start, end, at) || nameEnd + 10 > end || nameEnd + 10 + u16At(nameEnd + 8) > end;
      if (isMalformed || answers >= MAX_ANSWERS || characters >= MAX_ANSWER_CHARACTERS) break;
      const type = u16At(nameEnd);
      const ttl = u32At(nameEnd + 4);
      const data = nameEnd + 10;
      at = data + u16At(nameEnd + 8);
      const recordEnd = appendRecord(start, end, type, data, at, record);
      if (answers++ > 0) store<u8>(to++, 0x2c);
      to = appendJson(record, recordEnd, to);
      characters += jsonCharacters;
      if ((type === 1 && at - data === 4) || (type === 28 && at - data === 16)) {
        const entry = addresses + (<usize>addressCount << 3);
        addressCount++;
        store<u32>(entry, <u32>data);
        store<i32>(entry, type === 1 ? 4 : 6, 4);
        if (ttl < addressTtl) addressTtl = ttl;
      }
    }
  store<u8>(to++, 0x5d);
  answersLength = <u32>(to - answersAt);
}

/** UTF-16 units of the text last written by `appendJson`. */
let jsonCharacters: i32 = 0;

/** Writes a text as JSON.stringify does (ECMA-262 §25.5.2.3), of a long one the first so many UTF-16 units. */
function appendJson(at: usize, end: usize, to: usize): usize {
  let units = 0;
  store<u8>(to++, 0x22);
  while (at < end && units < MAX_ANSWER_CHARACTERS) {
    const byte = load<u8>(at);
    if (byte < 0x80) {
      to = appendJsonAscii(byte, to);
      at++;
      units++;
      continue;
    }
    const length: usize = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (length === 4 && units + 1 === MAX_ANSWER_CHARACTERS) {
      to = appendUnicode(highSurrogate(at), to);
      units++;
      break;
    }
    memory.copy(to, at, length);
    to += length;
    at += length;
    units += length === 4 ? 2 : 1;
  }
  jsonCharacters = units;
  store<u8>(to, 0x22);
  return to + 1;
}

// @ts-ignore: decorator
@inline
function appendJsonAscii(byte: u8, to: usize): usize {
  if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) {
    store<u8>(to, byte);
    return to + 1;
  }
  let short: u8 = 0;
  if (byte === 0x22 || byte === 0x5c) short = byte;
  else if (byte === 8) short = 0x62;
  else if (byte === 9) short = 0x74;
  else if (byte === 10) short = 0x6e;
  else if (byte === 12) short = 0x66;
  else if (byte === 13) short = 0x72;
  else return appendUnicode(byte, to);
  store<u8>(to, 0x5c);
  store<u8>(to, short, 1);
  return to + 2;
}

function appendUnicode(unit: u32, to: usize): usize {
  store<u16>(to, 0x755c);
  for (let i = 0; i < 4; i++) store<u8>(to + 2 + i, hexDigit(<u8>((unit >> (12 - 4 * i)) & 15)));
  return to + 6;
}

/** The first UTF-16 unit of the four-byte character at `at`. */
function highSurrogate(at: usize): u32 {
  const point =
    (<u32>(load<u8>(at) & 7) << 18) | (<u32>(load<u8>(at, 1) & 63) << 12) | (<u32>(load<u8>(at, 2) & 63) << 6) | (load<u8>(at, 3) & 63);
  return 0xd800 + ((point - 0x10000) >> 10);
}

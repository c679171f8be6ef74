import type {AddressPlace} from "../../meter/meter.ts";
import {uint16, uint32} from "../ascii.ts";
import {ByteCache} from "../byte-cache.ts";
import {CodedText} from "../row-buffer.ts";
import {nameEnd, readName, skipName} from "./dns-names.ts";
import {recordText} from "./dns-record.ts";

/** A DNS message as far as records need it, its id aside (RFC 1035 §4.1). */
export interface DnsMessage {
  readonly isResponse: boolean;
  readonly rcode: number;
  /** First question; null where there is none or it cannot be read. */
  readonly query: CodedText | null;
  readonly qtype: number | null;
  /** Data of the answer section's records as JSON texts in an array; those that could be read. */
  readonly answers: CodedText;
  /** Addresses among them (A and AAAA), and the shortest TTL of those in seconds. */
  readonly addresses: readonly AddressPlace[];
  readonly addressTtl: number;
  /** True where a section runs past the end or contradicts itself. */
  readonly isMalformed: boolean;
}

/** Bytes of a message's header. */
const headerBytes = 12;

/** Records of an answer section that are written; characters of each, and of all before the last. */
const maxAnswers = 64;
const maxAnswerCharacters = 4096;

/** Internet, CHAOS, Hesiod, NONE, ANY; the top bit is mDNS's (RFC 6762 §10.2, §18.12). */
function isClass(value: number): boolean {
  const number = value & 0x7fff;
  return number === 1 || number === 3 || number === 4 || number === 254 || number === 255;
}

/**
 * Whether the bytes are a DNS message: a plausible header and a first question (or answer) with a readable name and a
 * known class. Port 53 and its kin are not asked for, except for messages without question, which say little else.
 */
export function isDnsMessage(bytes: Uint8Array, start: number, end: number, isDnsPort: boolean): boolean {
  if (end - start < headerBytes + 5) return false;
  const opcode = (bytes[start + 2] >> 3) & 15;
  if (opcode > 6 || opcode === 3) return false;
  const isResponse = bytes[start + 2] >= 0x80;
  const questions = uint16(bytes, start + 4);
  const answers = uint16(bytes, start + 6);
  const others = uint16(bytes, start + 8) + uint16(bytes, start + 10);
  if (questions > 64 || answers > 512 || others > 512 || (!isDnsPort && questions !== 1)) return false;
  if (questions === 0 && (answers + others === 0 || !isResponse)) return false;
  // Without port or answers, only what a client really sends: a plain query or an error.
  if (!isDnsPort && !isResponse && answers > 0) return false;
  if (!skipName(bytes, start, end, start + headerBytes) || nameEnd + 4 > end) return false;
  return uint16(bytes, nameEnd) > 0 && isClass(uint16(bytes, nameEnd + 2));
}

/** Messages seen before, by all their bytes behind the id: the same is asked and answered again and again. */
const seen = new ByteCache<DnsMessage>(1 << 12, 512);

/** Reads a message of which `isDnsMessage` need not be true, null where it has no whole header; never throws. */
export function dnsMessage(bytes: Uint8Array, start: number, end: number): DnsMessage | null {
  if (end - start < headerBytes) return null;
  return seen.get(bytes, start + 2, end) ?? seen.keep(bytes, start + 2, end, read(bytes, start, end));
}

function read(bytes: Uint8Array, start: number, end: number): DnsMessage {
  const isResponse = bytes[start + 2] >= 0x80;
  const rcode = bytes[start + 3] & 15;
  let at = start + headerBytes;
  let query: string | null = null;
  let qtype: number | null = null;
  let isMalformed = false;
  for (let i = uint16(bytes, start + 4); i > 0 && !isMalformed; i--) {
    isMalformed = !skipName(bytes, start, end, at) || nameEnd + 4 > end;
    if (isMalformed) break;
    query ??= readName(bytes, start, end, at);
    qtype ??= uint16(bytes, nameEnd);
    at = nameEnd + 4;
  }
  const answers: string[] = [];
  const addresses: AddressPlace[] = [];
  let addressTtl = Number.POSITIVE_INFINITY;
  let characters = 0;
  for (let i = uint16(bytes, start + 6); i > 0 && !isMalformed; i--) {
    isMalformed =
      !skipName(bytes, start, end, at) || nameEnd + 10 > end || nameEnd + 10 + uint16(bytes, nameEnd + 8) > end;
    if (isMalformed || answers.length >= maxAnswers || characters >= maxAnswerCharacters) break;
    const type = uint16(bytes, nameEnd);
    const ttl = uint32(bytes, nameEnd + 4);
    const data = nameEnd + 10;
    at = data + uint16(bytes, nameEnd + 8);
    const written = recordText(bytes, start, end, type, data, at).slice(0, maxAnswerCharacters);
    characters += written.length;
    answers.push(written);
    if ((type === 1 && at - data === 4) || (type === 28 && at - data === 16)) {
      addresses.push(addressIn(bytes, data, at));
      if (ttl < addressTtl) addressTtl = ttl;
    }
  }
  return {
    isResponse,
    rcode,
    query: query === null ? null : new CodedText(query),
    qtype,
    answers: new CodedText(JSON.stringify(answers)),
    addresses,
    addressTtl,
    isMalformed
  };
}

/** The address in `at .. last`, as it lies in memory. */
function addressIn(bytes: Uint8Array, at: number, last: number): AddressPlace {
  const words = new Int32Array(4);
  new Uint8Array(words.buffer).set(bytes.subarray(at, last));
  return {words, at: 0, version: last - at === 4 ? 4 : 6};
}

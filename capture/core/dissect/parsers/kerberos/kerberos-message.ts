import {berEnd, berField, berInteger} from "../../ber";
import {berContent, clean, cleanAt, cleanLength} from "../../text";
import {appendCipher} from "./kerberos-names";

/** The Kerberos message last read (RFC 4120 §5.4, §5.9.1), as far as records need it; valid until the next one. */

/** Tags of messages. */
export const AS_REQUEST: u8 = 0x6a;
export const AS_REPLY: u8 = 0x6b;
export const TGS_REQUEST: u8 = 0x6c;
export const TGS_REPLY: u8 = 0x6d;
export const ERROR: u8 = 0x7e;

/** Its tag; 0 where it is none of these. */
export let tag: u8 = 0;
export let error: i32 = 0;
/** Encryption types of the ticket and of the rest of a reply; NO_CIPHER where they are not there. */
export let ticketCipher: i32 = 0;
export let replyCipher: i32 = 0;
export let hasPreauth: bool = false;
export let isForwardable: bool = false;

export const NO_CIPHER = 0x7fffffff;

const SEQUENCE: u8 = 0x30;
/** Longest name, and list of encryption types, that is kept; each byte of a name may become three. */
const MAX_NAME_BYTES: u32 = 255;
const MAX_CIPHERS = 16;

/** Texts of the message: client, realm, service, encryption types; where they end. */
const clientAt = memory.data(4096);
const realmAt = memory.data(1024);
const serviceAt = memory.data(4096);
const ciphersAt = memory.data(1024);
let clientEnd: usize = 0;
let realmEnd: usize = 0;
let serviceEnd: usize = 0;
let ciphersEnd: usize = 0;

export const CLIENT = 0;
export const REALM = 1;
export const SERVICE = 2;
export const CIPHERS = 3;

/** Where one of its texts is, and its bytes. */
export function textStart(which: i32): usize {
  return which === CLIENT ? clientAt : which === REALM ? realmAt : which === SERVICE ? serviceAt : ciphersAt;
}

export function textLength(which: i32): u32 {
  const end = which === CLIENT ? clientEnd : which === REALM ? realmEnd : which === SERVICE ? serviceEnd : ciphersEnd;
  return <u32>(end - textStart(which));
}

/** Reads the message; false where it contradicts itself or is none that has a record. */
export function readKerberos(start: usize, end: usize): bool {
  clientEnd = clientAt;
  realmEnd = realmAt;
  serviceEnd = serviceAt;
  ciphersEnd = ciphersAt;
  ticketCipher = replyCipher = NO_CIPHER;
  error = 0;
  hasPreauth = isForwardable = false;
  tag = start < end ? load<u8>(start) : 0;
  const sequence = berContent(start, end);
  if (sequence === 0 || sequence >= end || load<u8>(sequence) !== SEQUENCE) return false;
  const fields = berContent(sequence, end);
  const last = berEnd(sequence, end);
  if (fields === 0 || last === 0) return false;
  if (tag === AS_REQUEST || tag === TGS_REQUEST) readRequest(fields, last);
  else if (tag === AS_REPLY || tag === TGS_REPLY) readReply(fields, last);
  else if (tag === ERROR) readError(fields, last);
  else return false;
  return true;
}

function readRequest(fields: usize, end: usize): void {
  if (tag === AS_REQUEST) readPreauth(berField(fields, end, 0xa3), end);
  const body = berField(fields, end, 0xa4);
  if (body === 0 || load<u8>(body) !== SEQUENCE) return;
  const at = berContent(body, end);
  const last = berEnd(body, end);
  if (at === 0 || last === 0) return;
  const options = berField(at, last, 0xa0);
  // A string of bits, behind a byte that counts those without a meaning; the second one from the top.
  if (options !== 0 && options + 4 <= last) isForwardable = (load<u8>(options, 3) & 0x40) !== 0;
  clientEnd = appendName(berField(at, last, 0xa1), last, clientAt);
  realmEnd = appendPart(berField(at, last, 0xa2), last, realmAt);
  serviceEnd = appendName(berField(at, last, 0xa3), last, serviceAt);
  ciphersEnd = appendCiphers(berField(at, last, 0xa8), last, ciphersAt);
}

/** RFC 4120 §7.5.2, RFC 6113: encrypted time, certificates, encrypted challenge. */
function readPreauth(list: usize, end: usize): void {
  if (list === 0 || load<u8>(list) !== SEQUENCE) return;
  const last = berEnd(list, end);
  for (let at = berContent(list, end); at !== 0 && at + 2 <= last; ) {
    const fields = berContent(at, last);
    const next = berEnd(at, last);
    if (fields === 0 || next <= at) return;
    const type = berInteger(berField(fields, next, 0xa1), next, 0);
    if (type === 2 || (type >= 14 && type <= 17) || type === 136 || type === 138) hasPreauth = true;
    at = next;
  }
}

function readReply(fields: usize, end: usize): void {
  realmEnd = appendPart(berField(fields, end, 0xa3), end, realmAt);
  clientEnd = appendName(berField(fields, end, 0xa4), end, clientAt);
  const ticket = berField(fields, end, 0xa5);
  if (ticket !== 0) readTicket(ticket, end);
  replyCipher = cipherOf(berField(fields, end, 0xa6), end);
}

function readTicket(ticket: usize, end: usize): void {
  const sequence = berContent(ticket, end);
  if (sequence === 0 || sequence + 2 > end) return;
  const fields = berContent(sequence, end);
  const last = berEnd(sequence, end);
  if (fields === 0 || last === 0) return;
  serviceEnd = appendName(berField(fields, last, 0xa2), last, serviceAt);
  ticketCipher = cipherOf(berField(fields, last, 0xa3), last);
}

/** Encryption type of encrypted data (RFC 4120 §5.2.9). */
function cipherOf(data: usize, end: usize): i32 {
  if (data === 0) return NO_CIPHER;
  const fields = berContent(data, end);
  return fields === 0 ? NO_CIPHER : berInteger(berField(fields, end, 0xa0), end, NO_CIPHER);
}

function readError(fields: usize, end: usize): void {
  error = berInteger(berField(fields, end, 0xa6), end, 0);
  clientEnd = appendName(berField(fields, end, 0xa8), end, clientAt);
  realmEnd = appendPart(berField(fields, end, 0xa9), end, realmAt);
  serviceEnd = appendName(berField(fields, end, 0xaa), end, serviceAt);
}

/** Writes a principal's name (§5.2.2), its parts with `/` between them; where it ends. */
function appendName(name: usize, end: usize, to: usize): usize {
  if (name === 0 || load<u8>(name) !== SEQUENCE) return to;
  const fields = berContent(name, end);
  const parts: usize = fields === 0 ? 0 : berField(fields, berEnd(name, end), 0xa1);
  if (parts === 0) return to;
  const last = berEnd(parts, end);
  const first = to;
  for (let at = berContent(parts, end), count = 0; at !== 0 && at + 2 <= last && count < 4; count++) {
    if (to > first) store<u8>(to++, 0x2f);
    to = appendPart(at, last, to);
    const next = berEnd(at, last);
    if (next <= at) return to;
    at = next;
  }
  return to;
}

function appendPart(at: usize, end: usize, to: usize): usize {
  const content: usize = at === 0 ? 0 : berContent(at, end);
  if (content === 0) return to;
  clean(content, berEnd(at, end), MAX_NAME_BYTES);
  memory.copy(to, cleanAt, cleanLength);
  return to + cleanLength;
}

function appendCiphers(list: usize, end: usize, to: usize): usize {
  if (list === 0 || load<u8>(list) !== SEQUENCE) return to;
  const last = berEnd(list, end);
  const first = to;
  for (let at = berContent(list, end), count = 0; at !== 0 && at + 3 <= last && count < MAX_CIPHERS; count++) {
    if (to > first) store<u8>(to++, 0x2c);
    to = appendCipher(berInteger(at, last, 0), to);
    at = berEnd(at, last);
  }
  return to;
}

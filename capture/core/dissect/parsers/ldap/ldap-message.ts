import {berEnd, berInteger, berLength} from "../../ber";
import {countCut} from "../../streams/held";
import {appendText, berContent, clean, cleanAt, cleanLength} from "../../text";
import {appendFilter, isCut} from "./ldap-filter";

/** The LDAP message last read (RFC 4511 §4), as far as records need it; valid until the next one. */

export const BIND: u8 = 0x60;
const BIND_RESPONSE: u8 = 0x61;
export const UNBIND: u8 = 0x42;
export const SEARCH: u8 = 0x63;
export const ENTRY: u8 = 0x64;
export const SEARCH_DONE: u8 = 0x65;
const REFERENCE: u8 = 0x73;
const MODIFY: u8 = 0x66;
const ADD: u8 = 0x68;
const DELETE: u8 = 0x4a;
const RENAME: u8 = 0x6c;
const COMPARE: u8 = 0x6e;
export const ABANDON: u8 = 0x50;
export const EXTENDED: u8 = 0x77;
const EXTENDED_RESPONSE: u8 = 0x78;

export let messageId: i32 = 0;
/** Tag of its operation. */
export let operation: u8 = 0;
/** Of a response; NO_RESULT where it has none. */
export let result: i32 = 0;
/** Where a login's token is, 0 without. */
export let tokenAt: usize = 0;
export let tokenEnd: usize = 0;
/** Of a search: 0 base, 1 one, 2 subtree. */
export let scope: i32 = 0;

export const NO_RESULT = -1;

/** Its texts; a length of NO_TEXT is none. */
export const USER = 0;
export const AUTH = 1;
export const BASE = 2;
export const FILTER = 3;
export const ATTRIBUTES = 4;
export const TEXTS = 5;
export const NO_TEXT: u32 = 0xffffffff;

const ROOM: usize = 3072;
const MAX_TEXT_BYTES: u32 = 1024;
const texts = memory.data(15360);
const lengths = memory.data(20);

/** Where one of its texts is, and its bytes. */
export function ldapText(which: i32): usize {
  return texts + <usize>which * ROOM;
}

export function ldapLength(which: i32): u32 {
  return load<u32>(lengths + (<usize>which << 2));
}

function setLength(which: i32, length: u32): void {
  store<u32>(lengths + (<usize>which << 2), length);
}

/** The tag of what answers an operation, 0 where nothing does. */
export function answerTo(request: u8): u8 {
  switch (request) {
    case UNBIND:
    case ABANDON:
      return 0;
    case SEARCH:
      return SEARCH_DONE;
    case DELETE:
      return 0x6b;
    case EXTENDED:
      return EXTENDED_RESPONSE;
  }
  return request + 1;
}

/** The tag of the request that is answered by this; 0 where it answers none. */
export function answeredBy(answer: u8): u8 {
  switch (answer) {
    case SEARCH_DONE:
      return SEARCH;
    case 0x6b:
      return DELETE;
    case EXTENDED_RESPONSE:
      return EXTENDED;
    case BIND_RESPONSE:
    case MODIFY + 1:
    case ADD + 1:
    case RENAME + 1:
    case COMPARE + 1:
      return answer - 1;
  }
  return 0;
}

/** Name of a request; empty where it is none. */
export function operationName(request: u8): string {
  switch (request) {
    case BIND:
      return "bind";
    case UNBIND:
      return "unbind";
    case SEARCH:
      return "search";
    case MODIFY:
      return "modify";
    case ADD:
      return "add";
    case DELETE:
      return "delete";
    case RENAME:
      return "rename";
    case COMPARE:
      return "compare";
    case ABANDON:
      return "abandon";
    case EXTENDED:
      return "extended";
  }
  return "";
}

/** Reads the message; false where it contradicts itself. */
export function readLdap(start: usize, end: usize): bool {
  for (let i = 0; i < TEXTS; i++) setLength(i, NO_TEXT);
  result = NO_RESULT;
  tokenAt = tokenEnd = 0;
  operation = 0;
  const id = berContent(start, end);
  if (id === 0 || id + 3 > end || load<u8>(id) !== 2) return false;
  messageId = berInteger(id, end, -1);
  const at = berEnd(id, end);
  if (messageId < 0 || at === 0 || at + 2 > end) return false;
  operation = load<u8>(at);
  const content = berContent(at, end);
  const last = berEnd(at, end);
  if (content === 0 || last === 0) return false;
  if (operation === BIND) readBind(content, last);
  else if (operation === SEARCH) readSearch(content, last);
  else if (operation === DELETE) setText(BASE, content, last);
  else if (operation === EXTENDED) {
    if (content + 2 <= last && load<u8>(content) === 0x80) setOctets(BASE, content, last);
  } else if (operation === MODIFY) readModify(content, last);
  else if (operation === ADD || operation === RENAME || operation === COMPARE) setOctets(BASE, content, last);
  else if (operationName(operation).length === 0 && operation !== ENTRY && operation !== REFERENCE) readResult(content, last);
  return true;
}

/** §4.2: version, name, and a choice of a password (passed over), a SASL mechanism, or Microsoft's NTLM ([MS-ADTS] §5.1.1.1.2). */
function readBind(content: usize, end: usize): void {
  const name = berEnd(content, end);
  if (name === 0 || name + 2 > end) return;
  setOctets(USER, name, end);
  const choice = berEnd(name, end);
  if (choice === 0 || choice + 2 > end) return;
  const tag = load<u8>(choice);
  if (tag === 0x80) {
    const isAnonymous = berContent(choice, end) !== 0 && berLength(choice) === 0 && ldapLength(USER) === 0;
    setConstant(AUTH, isAnonymous ? "anonymous" : "simple");
  } else if (tag === 0xa3) {
    const mechanism = berContent(choice, end);
    if (mechanism === 0 || mechanism + 2 > end) return;
    setOctets(AUTH, mechanism, end);
    const token = berEnd(mechanism, end);
    if (token !== 0) setToken(token, end);
  } else if (tag >= 0x89 && tag <= 0x8b) {
    setConstant(AUTH, "NTLM");
    setToken(choice, end);
  }
}

function setToken(at: usize, end: usize): void {
  if (at + 2 > end) return;
  tokenAt = berContent(at, end);
  tokenEnd = tokenAt === 0 ? 0 : berEnd(at, end);
}

/** §4.5.1. */
function readSearch(content: usize, end: usize): void {
  setOctets(BASE, content, end);
  let at = berEnd(content, end);
  if (at === 0) return;
  scope = berInteger(at, end, -1);
  // Scope, aliases, limits of size and time, names alone.
  for (let i = 0; i < 5; i++) {
    at = at + 2 <= end ? berEnd(at, end) : 0;
    if (at === 0) return;
  }
  if (at + 2 > end) return;
  setLength(FILTER, <u32>(appendFilter(at, end, ldapText(FILTER), MAX_TEXT_BYTES) - ldapText(FILTER)));
  if (isCut) countCut();
  const list = berEnd(at, end);
  if (list === 0 || list + 2 > end) return;
  readAttributes(list, end);
}

/** §4.6: the entry, and a list of changes, each an operation, and an attribute with its values. */
function readModify(content: usize, end: usize): void {
  setOctets(BASE, content, end);
  const list = berEnd(content, end);
  if (list === 0 || list + 2 > end) return;
  const first = ldapText(ATTRIBUTES);
  const last = berEnd(list, end);
  let to = first;
  for (let at = berContent(list, end); at !== 0 && at + 2 <= last; ) {
    const inner = berContent(at, last);
    const next = berEnd(at, last);
    if (inner === 0 || next <= at) break;
    const change = berEnd(inner, next);
    const attribute = change !== 0 && change + 2 <= next ? berContent(change, next) : 0;
    const name = attribute !== 0 && attribute + 2 <= next ? berContent(attribute, next) : 0;
    if (name !== 0) to = appendAttribute(first, to, name, berEnd(attribute, next));
    at = next;
  }
  if (to > first) setLength(ATTRIBUTES, <u32>(to - first));
}

function readAttributes(list: usize, end: usize): void {
  const first = ldapText(ATTRIBUTES);
  const last = berEnd(list, end);
  let to = first;
  for (let at = berContent(list, end); at !== 0 && at + 2 <= last; ) {
    const content = berContent(at, last);
    const next = berEnd(at, last);
    if (content === 0 || next <= at) break;
    const longer = appendAttribute(first, to, content, next);
    if (longer === to) break;
    to = longer;
    at = next;
  }
  if (to > first) setLength(ATTRIBUTES, <u32>(to - first));
}

/** Puts a name behind those from `first` to `to`, with a comma between; `to` where it has no room. */
function appendAttribute(first: usize, to: usize, start: usize, end: usize): usize {
  const room = MAX_TEXT_BYTES - <u32>(to - first);
  if (room < 2 || end - start + 1 > <usize>room) {
    countCut();
    return to;
  }
  if (to > first) store<u8>(to++, 0x2c);
  clean(start, end, room);
  memory.copy(to, cleanAt, cleanLength);
  return to + cleanLength;
}

/** §4.1.9: code, names, a message; a bind's may end in a token. */
function readResult(content: usize, end: usize): void {
  if (content + 3 > end || load<u8>(content) !== 0x0a) return;
  result = berInteger(content, end, NO_RESULT);
  // Codes begin with 0.
  if (result < 0) result = NO_RESULT;
  if (operation !== BIND_RESPONSE) return;
  let at = content;
  for (let i = 0; i < 3; i++) {
    at = at + 2 <= end ? berEnd(at, end) : 0;
    if (at === 0) return;
  }
  if (at + 2 <= end && load<u8>(at) === 0x87) setToken(at, end);
  // Microsoft's NTLM has its challenge where the matched name is.
  else setToken(berEnd(content, end), end);
}

function setOctets(which: i32, at: usize, end: usize): void {
  const content = at + 2 <= end ? berContent(at, end) : 0;
  if (content !== 0) setText(which, content, berEnd(at, end));
}

function setText(which: i32, start: usize, end: usize): void {
  clean(start, end, MAX_TEXT_BYTES);
  memory.copy(ldapText(which), cleanAt, cleanLength);
  setLength(which, cleanLength);
}

function setConstant(which: i32, text: string): void {
  setLength(which, <u32>(appendText(text, ldapText(which)) - ldapText(which)));
}

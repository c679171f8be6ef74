import {MAIL_AGENT, MAIL_ATTACHMENTS, MAIL_AUTH, MAIL_CLIENT_NAME, MAIL_COMMAND, MAIL_HEADER_FROM, MAIL_HEADER_TO, MAIL_MESSAGE_ID, MAIL_PROTOCOL, MAIL_RECIPIENTS, MAIL_SENDER, MAIL_SIZE, MAIL_STATUS, MAIL_SUBJECT, MAIL_SUCCESS, MAIL_TABLE, MAIL_USER} from "../../columns";
import {allocate, dropText, keepText, release} from "../../heap";
import {addRow, setKept, setNull, setNumber, tableAt} from "../../rows";
import {clean, cleanAt, cleanLength, find, hasText, isTextAnyCase} from "../../text";
import {keptWord, setWord} from "../kept";
import {addContent, BY_IMAP, BY_POP3, BY_SMTP, closeTransfer, missContent, openTransfer, PARTLY, WHOLE} from "../files/transfer";
import {appendDecoded, bitCount, bits, setBits} from "./base64";

/** A mail under way: what its row tells, and the attachment that is read. */
@unmanaged
export class Mail {
  ts: f64 = 0;
  size: f64 = 0;
  /** Kept texts by `CLIENT_NAME` and so on, 0 of what is not known. */
  texts0: u64 = 0;
  texts1: u64 = 0;
  texts2: u64 = 0;
  texts3: u64 = 0;
  texts4: u64 = 0;
  /** The attachment under way (a `Transfer`), its name and type, kept, until its headers are over. */
  file: u32 = 0;
  name: u32 = 0;
  type: u32 = 0;
  /** Bits of base64 between two lines. */
  bits: u32 = 0;
  bitCount: u8 = 0;
  isOpen: u8 = 0;
  hasHoles: u8 = 0;
  /** Whether headers are read: 1 the mail's, 2 a part's; 0 a body. */
  head: u8 = 0;
  /** The part is in base64; the header under way, by its text plus one, which may be continued. */
  isBase64: u8 = 0;
  continued: u8 = 0;
  refusal: u16 = 0;
  /** The header under way may tell a part's name. */
  mayName: u8 = 0;
  /** `SMTP`, `IMAP`, `POP3`. */
  protocol: u8 = 0;
  /** By IMAP it was put into a mailbox. */
  isAppended: u8 = 0;
  reserved: u8 = 0;
}

export const MAIL_BYTES: usize = offsetof<Mail>();

export const SMTP: u8 = 0;
export const IMAP: u8 = 1;
export const POP3: u8 = 2;

/** Texts of a mail. */
export const CLIENT_NAME = 0;
export const USER = 1;
export const SENDER = 2;
const RECIPIENTS = 3;
const HEADER_FROM = 4;
const HEADER_TO = 5;
const SUBJECT = 6;
const MESSAGE_ID = 7;
const AGENT = 8;
const ATTACHMENTS = 9;
/** Those of the connection, which its next mail has as well, come first. */
const OF_MAIL = SENDER;
const TEXTS = 10;

/** Bytes of a text, and of a list of recipients or attachments. */
const MAX_TEXT: u32 = 1024;
const MAX_LIST: u32 = 4096;

const joined: usize = memory.data(16_384);
const decoded: usize = memory.data(16_384);

export function beginMail(protocol: u8): usize {
  const mail = allocate(MAIL_BYTES);
  if (mail === 0) return 0;
  memory.fill(mail, 0, MAIL_BYTES);
  changetype<Mail>(mail).protocol = protocol;
  return mail;
}

// @ts-ignore: decorator
@inline
function placeOf(mail: Mail, text: i32): usize {
  return changetype<usize>(mail) + offsetof<Mail>("texts0") + (<usize>text << 2);
}

/** Sets a text of it; the last one counts. */
export function setMailText(mail: Mail, text: i32, start: usize, end: usize): void {
  const place = placeOf(mail, text);
  dropText(load<u32>(place));
  clean(start, max(start, end), MAX_TEXT);
  store<u32>(place, <u32>keepText(cleanAt, cleanLength));
}

export function dropMailText(mail: Mail, text: i32): void {
  dropText(load<u32>(placeOf(mail, text)));
  store<u32>(placeOf(mail, text), 0);
}

export function appendRecipient(mail: Mail, start: usize, end: usize): void {
  append(mail, RECIPIENTS, start, end, ",");
}

/** Puts more behind a text, up to its limit. */
function append(mail: Mail, text: i32, start: usize, end: usize, between: string): void {
  const place = placeOf(mail, text);
  const before = <usize>load<u32>(place);
  if (before === 0) return setMailText(mail, text, start, end);
  const length = load<u32>(before);
  clean(start, max(start, end), MAX_TEXT);
  if (length + cleanLength + 1 > MAX_LIST) return;
  memory.copy(joined, before + 4, length);
  store<u8>(joined + length, <u8>between.charCodeAt(0));
  memory.copy(joined + length + 1, cleanAt, cleanLength);
  dropText(before);
  store<u32>(place, <u32>keepText(joined, length + 1 + cleanLength));
}

/** Takes the name of base64 credentials: 1 PLAIN (RFC 4616), 2 the name of LOGIN; 3, a password, is passed over. */
export function takeCredentials(mail: Mail, kind: u8, start: usize, end: usize): void {
  if (kind > 2 || end - start > 4096) return;
  setBits(0, 0);
  const last = appendDecoded(start, end, decoded);
  if (kind === 2) return setMailText(mail, USER, decoded, last);
  // Whom to act for, the name, the password, with zeros between.
  const first = find(0, decoded, last);
  const second = first === 0 ? 0 : find(0, first + 1, last);
  if (second !== 0) setMailText(mail, USER, first + 1, second);
}

/** Writes the row of a command that is no mail, of the connection's user; `auth` and `recipient` are kept texts or 0. */
export function writeCommand(mail: Mail, id: u64, ts: f64, command: string, auth: usize, success: f64, status: f64, recipient: usize = 0): void {
  const table = tableAt(MAIL_TABLE);
  const row = addRow(table, id, ts);
  if (row < 0) return;
  setWord(table, row, MAIL_PROTOCOL, protocolName(mail.protocol));
  setWord(table, row, MAIL_COMMAND, command);
  for (let text = 0; text < TEXTS; text++) setKept(table, row, columnOf(text), text < OF_MAIL ? load<u32>(placeOf(mail, text)) : 0);
  setNumber(table, row, MAIL_SIZE, NaN);
  setNumber(table, row, MAIL_SUCCESS, success);
  setKept(table, row, MAIL_AUTH, auth);
  if (recipient !== 0) setKept(table, row, MAIL_RECIPIENTS, <u32>recipient);
  setNumber(table, row, MAIL_STATUS, status);
}

/** Writes the row of a login by a mechanism, a kept text that is let go of; without one (0) the password was sent. */
export function writeLogin(mail: Mail, id: u64, ts: f64, mechanism: usize, success: f64, status: f64): void {
  const from = mechanism + 4;
  const end = mechanism === 0 ? from : from + <usize>load<u32>(mechanism);
  const isReadable = mechanism === 0 || isTextAnyCase(from, end, "PLAIN") || isTextAnyCase(from, end, "LOGIN");
  const auth = isReadable ? keptWord("password") : mechanism;
  writeCommand(mail, id, ts, "login", auth, success, status);
  dropText(mechanism);
  if (isReadable) dropText(auth);
}

function protocolName(protocol: u8): string {
  return protocol === SMTP ? "smtp" : protocol === IMAP ? "imap" : "pop3";
}

/** Writes the row of a mail that was begun; NaN: no reply to it came. */
export function writeMail(mail: Mail, id: u64, status: f64, success: f64 = NaN): void {
  closeAttachment(mail, id, PARTLY);
  if (mail.isOpen === 0) return;
  mail.isOpen = 0;
  const table = tableAt(MAIL_TABLE);
  const row = addRow(table, id, mail.ts);
  if (row < 0) return;
  setWord(table, row, MAIL_PROTOCOL, protocolName(mail.protocol));
  setWord(table, row, MAIL_COMMAND, mail.protocol === SMTP ? "send" : mail.isAppended !== 0 ? "append" : "fetch");
  for (let text = 0; text < TEXTS; text++) setKept(table, row, columnOf(text), load<u32>(placeOf(mail, text)));
  setNumber(table, row, MAIL_SUCCESS, success);
  setNull(table, row, MAIL_AUTH);
  setNumber(table, row, MAIL_SIZE, mail.size > 0 ? mail.size : NaN);
  setNumber(table, row, MAIL_STATUS, isNaN(status) && mail.refusal !== 0 ? <f64>mail.refusal : status);
}

function columnOf(text: i32): i32 {
  switch (text) {
    case CLIENT_NAME: return MAIL_CLIENT_NAME;
    case USER: return MAIL_USER;
    case SENDER: return MAIL_SENDER;
    case RECIPIENTS: return MAIL_RECIPIENTS;
    case HEADER_FROM: return MAIL_HEADER_FROM;
    case HEADER_TO: return MAIL_HEADER_TO;
    case SUBJECT: return MAIL_SUBJECT;
    case MESSAGE_ID: return MAIL_MESSAGE_ID;
    case AGENT: return MAIL_AGENT;
  }
  return MAIL_ATTACHMENTS;
}

/** Forgets the mail, for the connection's next one. */
export function clearMail(mail: Mail): void {
  for (let text = OF_MAIL; text < TEXTS; text++) {
    dropText(load<u32>(placeOf(mail, text)));
    store<u32>(placeOf(mail, text), 0);
  }
  dropText(<usize>mail.name);
  dropText(<usize>mail.type);
  mail.name = mail.type = 0;
  mail.size = 0;
  mail.isOpen = mail.hasHoles = mail.isBase64 = mail.continued = mail.isAppended = 0;
  mail.refusal = 0;
  mail.head = 1;
}

/** The connection has ended: a mail that was begun is written, and all given back. */
export function endMail(mail: Mail, id: u64): void {
  writeMail(mail, id, NaN);
  clearMail(mail);
  for (let text = 0; text < OF_MAIL; text++) dropText(load<u32>(placeOf(mail, text)));
  release(changetype<usize>(mail), MAIL_BYTES);
}

/** Takes a line of the mail, without its end. */
export function takeMailLine(mail: Mail, start: usize, end: usize, ts: f64, direction: u8, id: u64): void {
  mail.size += <f64>(end - start) + 2;
  if (mail.file !== 0 && mail.hasHoles !== 0) missContent(mail.file);
  // A part begins or ends (RFC 2046 §5.1.1); in base64 no line begins so.
  if (end - start > 2 && load<u16>(start) === 0x2d2d && mail.head !== 1) {
    closeAttachment(mail, id, mail.hasHoles !== 0 ? PARTLY : WHOLE);
    mail.head = 2;
    mail.isBase64 = mail.continued = 0;
    return;
  }
  if (mail.head === 0) {
    if (mail.file !== 0) takeContent(mail, start, end);
    return;
  }
  if (start === end) return endHead(mail, ts, direction);
  const isMore = load<u8>(start) === 0x20 || load<u8>(start) === 9;
  if (!isMore) {
    mail.continued = 0;
    mail.mayName = u8(isTextAnyCase(start, end, "CONTENT-TYPE:") || isTextAnyCase(start, end, "CONTENT-DISPOSITION:"));
  }
  if (mail.head === 1) takeHeader(mail, start, end, isMore);
  takePartHeader(mail, start, end);
}

function takeContent(mail: Mail, start: usize, end: usize): void {
  if (end - start > 16_384) return;
  setBits(mail.bits, mail.bitCount);
  const last = appendDecoded(start, end, decoded);
  mail.bits = bits;
  mail.bitCount = <u8>bitCount;
  if (last > decoded) addContent(mail.file, decoded, last);
}

function endHead(mail: Mail, ts: f64, direction: u8): void {
  mail.head = 0;
  mail.continued = 0;
  if (mail.name !== 0) append(mail, ATTACHMENTS, <usize>mail.name + 4, <usize>mail.name + 4 + load<u32>(mail.name), ",");
  if (mail.name !== 0 && mail.isBase64 !== 0) {
    mail.file = <u32>openTransfer(ts, direction, NaN, mail.name, mail.type, 0);
    mail.name = mail.type = 0;
    mail.bits = 0;
    mail.bitCount = 0;
    return;
  }
  dropText(<usize>mail.name);
  dropText(<usize>mail.type);
  mail.name = mail.type = 0;
}

function closeAttachment(mail: Mail, id: u64, whole: i32): void {
  if (mail.file === 0) return;
  closeTransfer(mail.file, id, mail.protocol === SMTP ? BY_SMTP : mail.protocol === IMAP ? BY_IMAP : BY_POP3, whole);
  mail.file = 0;
}

/** A header of the mail, or a line that continues it (RFC 5322 §2.2.3). */
function takeHeader(mail: Mail, start: usize, end: usize, isMore: bool): void {
  if (isMore) {
    if (mail.continued !== 0) append(mail, mail.continued - 1, skipBlanks(start, end), end, " ");
    return;
  }
  takeNamed(mail, HEADER_FROM, "FROM:", start, end);
  takeNamed(mail, HEADER_TO, "TO:", start, end);
  takeNamed(mail, SUBJECT, "SUBJECT:", start, end);
  takeNamed(mail, MESSAGE_ID, "MESSAGE-ID:", start, end);
  takeNamed(mail, AGENT, "X-MAILER:", start, end);
  if (load<u32>(placeOf(mail, AGENT)) === 0) takeNamed(mail, AGENT, "USER-AGENT:", start, end);
}

function takeNamed(mail: Mail, text: i32, name: string, start: usize, end: usize): void {
  if (!isTextAnyCase(start, end, name)) return;
  setMailText(mail, text, skipBlanks(start + name.length, end), end);
  mail.continued = <u8>(text + 1);
}

function skipBlanks(at: usize, end: usize): usize {
  while (at < end && (load<u8>(at) === 0x20 || load<u8>(at) === 9)) at++;
  return at;
}

/** What a part's headers tell: name, type and encoding (RFC 2045 §5, §6, RFC 2183 §2). */
function takePartHeader(mail: Mail, start: usize, end: usize): void {
  if (isTextAnyCase(start, end, "CONTENT-TRANSFER-ENCODING:")) {
    mail.isBase64 = u8(hasText(start + 26, end, "BASE64"));
    return;
  }
  if (isTextAnyCase(start, end, "CONTENT-TYPE:") && mail.type === 0) {
    const at = skipBlanks(start + 13, end);
    const stop = find(0x3b, at, end);
    clean(at, stop === 0 ? end : stop, 255);
    mail.type = <u32>keepText(cleanAt, cleanLength);
  }
  if (mail.name === 0 && mail.mayName !== 0) takeName(mail, start, end);
}

/** `name="a.txt"` or `filename="a.txt"`. */
function takeName(mail: Mail, start: usize, end: usize): void {
  for (let at = start; at + 5 < end; at++) {
    if (!isTextAnyCase(at, end, "NAME=")) continue;
    const isQuoted = load<u8>(at + 5) === 0x22;
    const from = at + (isQuoted ? 6 : 5);
    const stop = find(isQuoted ? 0x22 : 0x3b, from, end);
    clean(from, stop === 0 ? end : stop, 255);
    if (cleanLength > 0) mail.name = <u32>keepText(cleanAt, cleanLength);
    return;
  }
}

import {Event} from "../../meter/layout";
import {keptText} from "../parsers/kept";
import {APPEND, askMailbox, closeMail, commandOf, endMailbox, FETCH, finishFirst, isWord, LOGIN, loseMailbox, Mailbox, mailOf, openMail, openMailbox, readMailbox, STARTTLS, takeMailbox, waitingAt, wordEnd} from "../parsers/mail/mailbox";
import {dropMailText, IMAP, setMailText, takeCredentials, takeMailLine, USER} from "../parsers/mail/mail-row";
import {Reading} from "../streams/reading";
import {hasText, hashOf, isTextAnyCase} from "../text";

/** IMAP (RFC 9051): commands with their answers, and the mails that are fetched or appended. TLS may follow. */

/** Longest tag of a client's first command. */
const MAX_TAG: usize = 12;

/** IMAP by the server's greeting, or a client's tagged first command (RFC 9051 §7.1); TLS may follow. */
export function recogniseImap(event: Event, start: usize, end: usize): bool {
  if (load<u8>(start) === 0x2a) return isGreeting(start, end);
  // Commands are the client's: FTP's `530 Login incorrect` is an answer.
  if (event.direction !== 0) return false;
  let at = start;
  while (at < end && at < start + MAX_TAG && isTagCharacter(load<u8>(at))) at++;
  return at > start && load<u8>(at) === 0x20 && !isReplyCode(start, at) && isCommand(at + 1, end);
}

/** Whether it may begin with that byte. */
export function beginsImap(byte: u8): bool {
  return byte === 0x2a || isTagCharacter(byte);
}

/** Three digits as the answers of FTP and SMTP begin with (RFC 959 §4.2). */
function isReplyCode(start: usize, end: usize): bool {
  if (end - start !== 3 || load<u8>(start) < 0x31 || load<u8>(start) > 0x36) return false;
  return load<u8>(start, 1) <= 0x39 && load<u8>(start, 2) <= 0x39;
}

function isGreeting(at: usize, end: usize): bool {
  return isTextAnyCase(at, end, "* OK") || isTextAnyCase(at, end, "* PREAUTH") || isTextAnyCase(at, end, "* BYE");
}

function isCommand(at: usize, end: usize): bool {
  return (
    isTextAnyCase(at, end, "CAPABILITY\r\n") ||
    isTextAnyCase(at, end, "LOGIN ") ||
    isTextAnyCase(at, end, "STARTTLS\r\n") ||
    isTextAnyCase(at, end, "AUTHENTICATE ") ||
    isTextAnyCase(at, end, "ID (")
  );
}

// @ts-ignore: decorator
@inline
function isTagCharacter(byte: u8): bool {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2e
  );
}

/** Phases: lines are commands and answers; or what a SASL exchange sends, the first of which may name the user. */
const COMMANDS: u8 = 0;
const PLAIN: u8 = 1;
const USER_NAME: u8 = 2;
const EXCHANGE: u8 = 3;
/** The user is the literal that comes. */
const USER_LITERAL: u8 = 4;
/** What follows a literal of the client's command. */
const REST: u8 = 5;

export function beginImap(): usize {
  return openMailbox(IMAP);
}

export function takeImap(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const box = changetype<Mailbox>(state);
  if (box.server === 2) box.server = load<u8>(start) === 0x2a ? <u8>event.direction : 1 - <u8>event.direction;
  return takeMailbox(state, event, start, end, readLines, loseMailbox);
}

export function endImap(state: usize, _reading: Reading, event: Event): void {
  endMailbox(state, event, readLines, loseMailbox);
}

function readLines(address: usize, start: usize, end: usize, ts: f64): void {
  readMailbox(address, start, end, ts, takeLine);
}

function takeLine(box: Mailbox, direction: u8, start: usize, end: usize, ts: f64): void {
  if (box.literalOf === direction + 1) return takeMailLine(mailOf(box), start, end, ts, direction, box.id);
  if (direction === box.server) takeAnswer(box, start, end, ts);
  else takeCommand(box, start, end, ts);
}

function takeCommand(box: Mailbox, start: usize, end: usize, ts: f64): void {
  if (box.phase !== COMMANDS) return takeContinued(box, start, end);
  const tag = wordEnd(start, end);
  if (tag === start || tag >= end) return;
  let word = tag + 1;
  let stop = wordEnd(word, end);
  if (isWord(word, stop, "UID") && stop < end) {
    word = stop + 1;
    stop = wordEnd(word, end);
  }
  const hash = hashOf(start, tag - start);
  let command = commandOf(word, stop);
  if (isWord(word, stop, "LOGIN")) {
    command = LOGIN;
    dropMailText(mailOf(box), USER);
    const length = literalAt(stop, end);
    if (length >= 0) {
      // The literal is taken as a line of the client's.
      box.phase = USER_LITERAL;
    } else takeUser(box, stop + 1, end);
  } else if (isWord(word, stop, "AUTHENTICATE")) {
    command = LOGIN;
    dropMailText(mailOf(box), USER);
    const mechanism = stop < end ? wordEnd(stop + 1, end) : end;
    box.mechanism = <u32>keptText(min(stop + 1, end), mechanism, 32);
    const isPlain = isWord(stop + 1, mechanism, "PLAIN");
    if (isPlain && mechanism + 1 < end) takeCredentials(mailOf(box), 1, mechanism + 1, end);
    else box.phase = isPlain ? PLAIN : isWord(stop + 1, mechanism, "LOGIN") ? USER_NAME : EXCHANGE;
  } else if (isWord(word, stop, "STARTTLS")) command = STARTTLS;
  else if (isWord(word, stop, "FETCH")) command = FETCH;
  else if (isWord(word, stop, "APPEND")) {
    command = APPEND;
    const length = literalAt(start, end);
    if (length >= 0) {
      openMail(box, true, ts);
      expectLiteral(box, 1 - box.server, length, true);
    }
  }
  askMailbox(box, command, hash, ts);
}

/** Lines that answer a `+` of the server's. */
function takeContinued(box: Mailbox, start: usize, end: usize): void {
  if (box.phase === PLAIN) takeCredentials(mailOf(box), 1, start, end);
  else if (box.phase === USER_NAME) takeCredentials(mailOf(box), 2, start, end);
  else if (box.phase === USER_LITERAL) takeUser(box, start, end);
  box.phase = box.phase === USER_LITERAL ? (literalAt(start, end) >= 0 ? REST : COMMANDS) : box.phase === REST ? COMMANDS : EXCHANGE;
}

/** A name, in quotes or without. */
function takeUser(box: Mailbox, start: usize, end: usize): void {
  if (start >= end) return;
  const isQuoted = load<u8>(start) === 0x22;
  const from = isQuoted ? start + 1 : start;
  let to = from;
  while (to < end && load<u8>(to) !== (isQuoted ? 0x22 : 0x20)) to++;
  setMailText(mailOf(box), USER, from, to);
}

/** Length of the literal that the line ends with (`{12}`, `{12+}`); -1 without. */
function literalAt(start: usize, end: usize): i32 {
  let at = end - 1;
  if (end < start + 3 || load<u8>(at) !== 0x7d) return -1;
  at--;
  if (load<u8>(at) === 0x2b) at--;
  let length: i32 = 0;
  let scale: i32 = 1;
  for (; at > start && load<u8>(at) - 0x30 <= 9; at--) {
    if (scale > 100_000_000) return -1;
    length += <i32>(load<u8>(at) - 0x30) * scale;
    scale *= 10;
  }
  return load<u8>(at) === 0x7b && scale > 1 ? length : -1;
}

function expectLiteral(box: Mailbox, direction: u8, length: i32, isMail: bool): void {
  box.literal = <u32>length;
  box.literalOf = length > 0 ? direction + 1 : 0;
  box.isMail = u8(isMail && length > 0);
}

/** A tagged answer, or data: of a mail that is fetched the literals are its content. */
function takeAnswer(box: Mailbox, start: usize, end: usize, ts: f64): void {
  const first = load<u8>(start);
  if (start < end && first === 0x2b) return;
  const isData = start < end && (first === 0x2a || first === 0x20 || first === 0x29);
  if (isData) {
    const length = literalAt(start, end);
    const isOfMail = length >= 0 && isMailSection(start, end);
    if (isOfMail && isHeadSection(start, end)) openMail(box, false, ts);
    if (length >= 0) expectLiteral(box, box.server, length, isOfMail && mailOf(box).isOpen !== 0);
    else if (mailOf(box).isOpen !== 0 && mailOf(box).isAppended === 0) closeMail(box, 1);
    return;
  }
  const tag = wordEnd(start, end);
  if (tag >= end) return;
  const isRight = isTextAnyCase(tag + 1, end, "OK");
  if (!isRight && !isTextAnyCase(tag + 1, end, "NO") && !isTextAnyCase(tag + 1, end, "BAD")) return;
  const hash = hashOf(start, tag - start);
  let place = 0;
  while (place < box.count && waitingAt(box, place).tag !== hash) place++;
  if (place === box.count) return;
  // Answers come in order but for commands that run side by side.
  for (; place > 0; place--) finishFirst(box, NaN);
  box.phase = COMMANDS;
  closeMail(box, isRight ? 1 : 0);
  finishFirst(box, isRight ? 1 : 0);
}

/** Whether the literal behind the line is a mail's, its head or its text. */
function isMailSection(start: usize, end: usize): bool {
  return isHeadSection(start, end) || hasText(start, end, "BODY[TEXT]") || hasText(start, end, "RFC822.TEXT");
}

/** `BODY[]`, `BODY[HEADER…`, `RFC822`, `RFC822.HEADER`. */
function isHeadSection(start: usize, end: usize): bool {
  return hasText(start, end, "BODY[]") || hasText(start, end, "BODY[HEADER") || hasText(start, end, "RFC822 {") || hasText(start, end, "RFC822.HEADER {");
}

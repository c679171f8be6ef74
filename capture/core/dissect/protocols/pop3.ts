import {Event} from "../../meter/layout";
import {keptText} from "../parsers/kept";
import {askMailbox, closeMail, commandOf, endMailbox, FETCH, finishFirst, CAPABILITY, DELETE, isWord, LOGIN, LOGOUT, loseMailbox, Mailbox, mailOf, openMail, openMailbox, readMailbox, RESET, SAID, STARTTLS, takeMailbox, waitingAt, wordEnd} from "../parsers/mail/mailbox";
import {dropMailText, POP3, setMailText, takeCredentials, takeMailLine, USER} from "../parsers/mail/mail-row";
import {Reading} from "../streams/reading";
import {isText, isTextAnyCase, lineEnd} from "../text";

/** POP3 (RFC 1939): commands with their answers, and the mails that are fetched. TLS may follow. */

/** POP3 by the server's greeting (RFC 1939 §4); TLS may follow. */
export function recognisePop3(_event: Event, start: usize, end: usize): bool {
  const line = lineEnd(start, end);
  if (line < start + 4 || load<u8>(line - 1) !== 13) return false;
  // Alone, "+OK" is an answer of Redis.
  return isText(start, end, "+OK ");
}

/** Whether it may begin with that byte. */
export function beginsPop3(byte: u8): bool {
  return byte === 0x2b;
}

/** Phases: a line is a command; credentials that a SASL exchange sends; and of the server, lines up to a dot follow. */
const COMMANDS: u8 = 0;
const PLAIN: u8 = 1;
const USER_NAME: u8 = 2;
const EXCHANGE: u8 = 3;

/** Of the tag, which POP3 has none of: what follows a right answer. */
const ALONE: u32 = 0;
const LINES: u32 = 1;
const MAIL: u32 = 2;

export function beginPop3(): usize {
  return openMailbox(POP3);
}

export function takePop3(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const box = changetype<Mailbox>(state);
  if (box.server === 2) box.server = <u8>event.direction;
  return takeMailbox(state, event, start, end, readLines, loseMailbox);
}

export function endPop3(state: usize, _reading: Reading, event: Event): void {
  endMailbox(state, event, readLines, loseMailbox);
}

function readLines(address: usize, start: usize, end: usize, ts: f64): void {
  readMailbox(address, start, end, ts, takeLine);
}

/** `box.literal` says here whether lines of an answer follow: `LINES` or `MAIL`. */
function takeLine(box: Mailbox, direction: u8, start: usize, end: usize, ts: f64): void {
  if (direction !== box.server) return takeCommand(box, start, end, ts);
  if (box.literal === ALONE) return takeAnswer(box, start, end, ts);
  const isDot = start < end && load<u8>(start) === 0x2e;
  if (isDot && end === start + 1) {
    const isMail = box.literal === MAIL;
    box.literal = ALONE;
    if (isMail) closeMail(box, 1);
    if (box.count > 0) finishFirst(box, 1);
  } else if (box.literal === MAIL) takeMailLine(mailOf(box), isDot ? start + 1 : start, end, ts, direction, box.id);
}

function takeCommand(box: Mailbox, start: usize, end: usize, ts: f64): void {
  if (box.phase !== COMMANDS) {
    if (box.phase === PLAIN) takeCredentials(mailOf(box), 1, start, end);
    else if (box.phase === USER_NAME) takeCredentials(mailOf(box), 2, start, end);
    box.phase = EXCHANGE;
    return;
  }
  const stop = wordEnd(start, end);
  if (stop === start) return;
  const argument = min(stop + 1, end);
  if (isWord(start, stop, "USER")) {
    setMailText(mailOf(box), USER, argument, end);
    // Its answer is of no use: the password's tells.
    askMailbox(box, SAID, ALONE, ts);
  } else if (isWord(start, stop, "PASS")) askMailbox(box, LOGIN, ALONE, ts);
  else if (isWord(start, stop, "APOP")) {
    setMailText(mailOf(box), USER, argument, wordEnd(argument, end));
    box.mechanism = <u32>keptText(start, stop, 32);
    askMailbox(box, LOGIN, ALONE, ts);
  } else if (isWord(start, stop, "AUTH") && argument < end) takeAuth(box, argument, end, ts);
  else if (isWord(start, stop, "STLS")) askMailbox(box, STARTTLS, ALONE, ts);
  else if (isWord(start, stop, "RETR") || isWord(start, stop, "TOP")) askMailbox(box, FETCH, MAIL, ts);
  else askMailbox(box, otherCommand(start, stop), isWord(start, stop, "CAPA") || (argument >= end && (isWord(start, stop, "LIST") || isWord(start, stop, "UIDL") || isWord(start, stop, "AUTH"))) ? LINES : ALONE, ts);
}

function takeAuth(box: Mailbox, at: usize, end: usize, ts: f64): void {
  const stop = wordEnd(at, end);
  box.mechanism = <u32>keptText(at, stop, 32);
  dropMailText(mailOf(box), USER);
  const isPlain = isWord(at, stop, "PLAIN");
  if (isPlain && stop + 1 < end) takeCredentials(mailOf(box), 1, stop + 1, end);
  else box.phase = isPlain ? PLAIN : isWord(at, stop, "LOGIN") ? USER_NAME : EXCHANGE;
  askMailbox(box, LOGIN, ALONE, ts);
}

/** By the names that IMAP has for the same. */
function otherCommand(at: usize, end: usize): u32 {
  if (isWord(at, end, "DELE")) return DELETE;
  if (isWord(at, end, "QUIT")) return LOGOUT;
  if (isWord(at, end, "CAPA")) return CAPABILITY;
  return isWord(at, end, "RSET") ? RESET : commandOf(at, end);
}

function takeAnswer(box: Mailbox, start: usize, end: usize, ts: f64): void {
  const isRight = isTextAnyCase(start, end, "+OK");
  if (!isRight && !isTextAnyCase(start, end, "-ERR")) return;
  box.phase = COMMANDS;
  if (box.count === 0) return;
  const waiting = waitingAt(box, 0);
  if (isRight && waiting.tag !== ALONE) {
    box.literal = waiting.tag;
    if (waiting.tag === MAIL) openMail(box, false, ts);
    return;
  }
  finishFirst(box, isRight ? 1 : 0);
}

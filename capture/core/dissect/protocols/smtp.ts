import {Event} from "../../meter/layout";
import {allocate, dropText, release} from "../heap";
import {keptText} from "../parsers/kept";
import {beginMail, clearMail, endMail, Mail, MAIL_BYTES, SMTP, takeMailLine, USER, writeCommand, writeLogin, writeMail} from "../parsers/mail/mail-row";
import {appendRecipient, dropMailText, setMailText, CLIENT_NAME, SENDER, takeCredentials} from "../parsers/mail/mail-row";
import {from, gatherLines, keepRest, loseBytes, to} from "../streams/held-stream";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {hasText, isText, isTextAnyCase, lineEnd} from "../text";

/** SMTP (RFC 5321): mails with their envelopes. TLS may follow (STARTTLS). */

/** A line longer than this is none of a mail's (RFC 5321 §4.5.3.1.6 allows 1000 bytes). */
const MAX_LINE: u32 = 16_384;

const UNKNOWN: u8 = 2;

@unmanaged
class Connection {
  sides: u32 = 0;
  /** The mail under way. */
  mail: u32 = 0;
  /** Direction of the client; `UNKNOWN` before either spoke. */
  client: u8 = 0;
  /** The client sends a mail, after the reply 354 or without awaiting it; by BDAT its bytes are counted. */
  isData: u8 = 0;
  /** DATA was said, and its reply is awaited; the mail is over, and its reply is awaited. */
  isAsked: u8 = 0;
  isSent: u8 = 0;
  /** STARTTLS was said; it was agreed to. */
  asksTls: u8 = 0;
  isTls: u8 = 0;
  /** Lines of credentials that are to come: 1 of PLAIN, 2 the name of LOGIN, 3 its password. */
  credentials: u8 = 0;
  /** A login's outcome is awaited. */
  isLogin: u8 = 0;
  /** Its mechanism, kept, and when it began. */
  mechanism: u32 = 0;
  /** Where the mail begins in the client's bytes. */
  mailFrom: i32 = 0;
  loginTs: f64 = 0;
  /** A mailbox asked about (VRFY, EXPN), kept, and when. */
  asked: u32 = 0;
  isList: u8 = 0;
  askedTs: f64 = 0;
  /** Of a chunk of the mail (BDAT, RFC 3030 §2): the bytes to come, the mail's size behind it, whether it is the last one. */
  chunkSize: f64 = 0;
  chunk: u32 = 0;
  isLast: u8 = 0;
  /** The mail comes in chunks: its reply is the one to the last of these commands, which are sent without awaiting others. */
  isChunked: u8 = 0;
  awaited: u16 = 0;
}

let event: Event = changetype<Event>(0);

/** SMTP by a greeting that names it or a client's first command (RFC 5321 §3.1); TLS may follow (STARTTLS). */
export function recogniseSmtp(_event: Event, start: usize, end: usize): bool {
  if (isText(start, end, "220 ") || isText(start, end, "220-")) {
    const line = lineEnd(start, end);
    return hasText(start + 4, min(line === 0 ? end : line, start + 512), "SMTP");
  }
  return isTextAnyCase(start, end, "EHLO ") || isTextAnyCase(start, end, "HELO ") || isTextAnyCase(start, end, "LHLO ") || isTextAnyCase(start, end, "MAIL FROM:");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSmtp(byte: u8): bool {
  return byte === 0x32 || (byte | 0x20) === 0x65 || (byte | 0x20) === 0x68 || (byte | 0x20) === 0x6c || (byte | 0x20) === 0x6d;
}

/** State of a connection; 0 where memory is out. */
export function beginSmtp(): usize {
  const state = allocate(offsetof<Connection>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Connection>());
  const own = changetype<Connection>(state);
  own.client = UNKNOWN;
  own.mail = <u32>beginMail(SMTP);
  own.sides = own.mail === 0 ? 0 : <u32>openSides(state);
  if (own.sides !== 0) return state;
  if (own.mail !== 0) release(own.mail, MAIL_BYTES);
  release(state, offsetof<Connection>());
  return 0;
}

/** Takes the next payload; false: no more wanted. */
export function takeSmtp(state: usize, _reading: Reading, its: Event, start: usize, end: usize): bool {
  event = its;
  const own = changetype<Connection>(state);
  return takeSegment(<usize>own.sides, its, start, end, readLines, loseLines) && own.isTls === 0;
}

export function endSmtp(state: usize, _reading: Reading, its: Event): void {
  event = its;
  const own = changetype<Connection>(state);
  finishSides(<usize>own.sides, readLines, loseLines);
  closeSides(<usize>own.sides);
  if (own.isLogin !== 0) finishLogin(own, changetype<Mail>(<usize>own.mail), NaN);
  if (own.asked !== 0) finishQuestion(own, changetype<Mail>(<usize>own.mail), NaN);
  endMail(changetype<Mail>(<usize>own.mail), flowIdOf(its));
  release(state, offsetof<Connection>());
}

/** Whether TLS follows within the same connection. */
export function isSmtpTunnel(state: usize): bool {
  return changetype<Connection>(state).isTls !== 0;
}

/** Lines are missing: the mail under way has holes, and the next line begins behind the next line end. */
function loseLines(address: usize, missing: i32): void {
  loseBytes(address, missing);
  const side = changetype<Side>(address);
  const own = changetype<Connection>(<usize>side.parser);
  if (side.direction !== own.client) return;
  changetype<Mail>(<usize>own.mail).hasHoles = 1;
  if (own.chunk !== 0) passChunk(own, <usize>missing);
}

function readLines(address: usize, start: usize, end: usize, ts: f64): void {
  const side = changetype<Side>(address);
  const own = changetype<Connection>(<usize>side.parser);
  if (own.isTls !== 0) return;
  // A command behind a hole is whole where it begins a segment; a line of a mail need not be.
  if (side.isAstray !== 0) {
    const isChunk = own.chunk !== 0 && side.direction === own.client;
    const isWhole = !isChunk && (own.isData === 0 ? isCommandOrReply(start, end) : side.next - <i32>(end - start) === own.mailFrom);
    if (isWhole) side.isAstray = 0;
    else if (isChunk) {
      const line = lineEnd(start, end);
      passChunk(own, line === 0 ? end - start : line + 1 - start);
    }
  }
  if (!gatherLines(side, start, end)) return;
  const last = to;
  let at = from;
  while (own.isTls === 0) {
    if (own.chunk !== 0 && side.direction === own.client) {
      const next = takeChunk(own, side.direction, at, last, ts);
      if (next === 0) break;
      at = next;
      continue;
    }
    const line = lineEnd(at, last);
    if (line === 0) break;
    const stop = line > at && load<u8>(line - 1) === 13 ? line - 1 : line;
    takeLine(own, side.direction, at, stop, ts);
    at = line + 1;
  }
  keepRest(side, own.isTls !== 0 ? last : at, MAX_LINE);
}

/** Takes a line of the chunk at `at`; where it ends, 0 where more has to come. What has no end of line is taken in pieces. */
function takeChunk(own: Connection, direction: u8, at: usize, last: usize, ts: f64): usize {
  const stop = at + min<usize>(last - at, <usize>own.chunk);
  const line = lineEnd(at, stop);
  if (line === 0 && stop - at < <usize>own.chunk && stop - at < <usize>MAX_LINE / 2) return 0;
  const next = line === 0 ? stop : line + 1;
  const end = line === 0 ? stop : line > at && load<u8>(line - 1) === 13 ? line - 1 : line;
  takeMailLine(changetype<Mail>(<usize>own.mail), at, end, ts, direction, flowIdOf(event));
  passChunk(own, next - at);
  return next;
}

/** So many bytes of the chunk are over. */
function passChunk(own: Connection, bytes: usize): void {
  own.chunk = bytes >= <usize>own.chunk ? 0 : own.chunk - <u32>bytes;
  if (own.chunk !== 0) return;
  changetype<Mail>(<usize>own.mail).size = own.chunkSize;
  own.isSent = own.isLast;
}

function isCommandOrReply(start: usize, end: usize): bool {
  const line = lineEnd(start, end);
  return line !== 0 && (codeOf(start, line) !== 0 || isCommand(start, line > start && load<u8>(line - 1) === 13 ? line - 1 : line));
}

function isCommand(start: usize, end: usize): bool {
  if (end - start === 4) return isTextAnyCase(start, end, "DATA") || isTextAnyCase(start, end, "RSET") || isTextAnyCase(start, end, "QUIT") || isTextAnyCase(start, end, "NOOP");
  return (
    isTextAnyCase(start, end, "MAIL FROM:") ||
    isTextAnyCase(start, end, "RCPT TO:") ||
    isTextAnyCase(start, end, "BDAT ") ||
    isTextAnyCase(start, end, "AUTH ") ||
    (end - start === 8 && isTextAnyCase(start, end, "STARTTLS")) ||
    isTextAnyCase(start, end, "EHLO ") ||
    isTextAnyCase(start, end, "HELO ")
  );
}

function takeLine(own: Connection, direction: u8, start: usize, end: usize, ts: f64): void {
  const code = codeOf(start, end);
  if (own.client === UNKNOWN) own.client = code !== 0 ? 1 - direction : direction;
  const mail = changetype<Mail>(<usize>own.mail);
  if (direction === own.client) {
    // Some clients send the mail at once.
    if (own.isAsked !== 0 && own.isData === 0 && !isCommand(start, end)) own.isData = 1;
    if (own.isData === 0) takeCommand(own, mail, start, end, ts);
    else if (end - start === 1 && load<u8>(start) === 0x2e) {
      own.isData = 0;
      own.isSent = 1;
    } else takeMailLine(mail, start, end, ts, direction, flowIdOf(event));
  } else if (code !== 0 && (end - start === 3 || load<u8>(start, 3) === 0x20)) takeReply(own, mail, code);
}

function takeCommand(own: Connection, mail: Mail, start: usize, end: usize, ts: f64): void {
  if (own.credentials !== 0) {
    takeCredentials(mail, own.credentials, start, end);
    own.credentials = own.credentials === 2 ? 3 : 0;
    return;
  }
  if (own.isSent === 0) own.isAsked = 0;
  if (own.isLast === 0) own.awaited++;
  if (isTextAnyCase(start, end, "MAIL FROM:")) {
    own.isSent = own.isChunked = own.isLast = 0;
    own.awaited = 1;
    if (mail.isOpen !== 0) writeMail(mail, flowIdOf(event), NaN);
    clearMail(mail);
    mail.isOpen = 1;
    mail.ts = ts;
    const at = addressAt(start + 10, end);
    setMailText(mail, SENDER, at, addressEnd(at, end));
  } else if (isTextAnyCase(start, end, "RCPT TO:")) {
    const at = addressAt(start + 8, end);
    appendRecipient(mail, at, addressEnd(at, end));
  } else if (isTextAnyCase(start, end, "EHLO ") || isTextAnyCase(start, end, "HELO ") || isTextAnyCase(start, end, "LHLO ")) {
    setMailText(mail, CLIENT_NAME, start + 5, end);
  } else if (isTextAnyCase(start, end, "DATA")) own.isAsked = 1;
  else if (isTextAnyCase(start, end, "BDAT ")) beginChunk(own, mail, start + 5, end, ts);
  else if (isTextAnyCase(start, end, "STARTTLS")) own.asksTls = 1;
  else if (isTextAnyCase(start, end, "AUTH ")) takeAuth(own, mail, start, end, ts);
  else if (isTextAnyCase(start, end, "VRFY ") || isTextAnyCase(start, end, "EXPN ")) {
    if (own.asked !== 0) finishQuestion(own, mail, NaN);
    const at = addressAt(start + 5, end);
    own.isList = u8((load<u8>(start) | 0x20) === 0x65);
    own.asked = <u32>keptText(at, addressEnd(at, end), 320);
    own.askedTs = ts;
  }
}

/** Writes what became of a question for a mailbox or a list (RFC 5321 §3.5): 252 says neither yes nor no. */
function finishQuestion(own: Connection, mail: Mail, code: f64): void {
  writeCommand(mail, flowIdOf(event), own.askedTs, own.isList !== 0 ? "expand" : "verify", 0, isNaN(code) || code === 252 ? NaN : code < 400 ? 1 : 0, code, <usize>own.asked);
  dropText(<usize>own.asked);
  own.asked = 0;
}

/** A chunk's size, and whether it is the last one. */
function beginChunk(own: Connection, mail: Mail, at: usize, end: usize, ts: f64): void {
  let size: u64 = 0;
  for (; at < end && <u32>load<u8>(at) - 0x30 < 10 && size < 0x80000000; at++) size = size * 10 + (load<u8>(at) - 0x30);
  if (mail.isOpen === 0) {
    clearMail(mail);
    mail.isOpen = 1;
    mail.ts = ts;
  }
  own.isChunked = 1;
  own.isLast = u8(isTextAnyCase(at, end, " LAST"));
  own.chunkSize = mail.size + <f64>size;
  own.chunk = <u32>min<u64>(size, 0xffffffff);
  if (size === 0) own.isSent = own.isLast;
}

/** A login; its name is read where the mechanism sends it. */
function takeAuth(own: Connection, mail: Mail, start: usize, end: usize, ts: f64): void {
  let stop = start + 5;
  while (stop < end && load<u8>(stop) > 0x20) stop++;
  dropText(<usize>own.mechanism);
  own.mechanism = <u32>keptText(start + 5, stop, 32);
  own.isLogin = 1;
  own.loginTs = ts;
  dropMailText(mail, USER);
  if (isTextAnyCase(start, end, "AUTH PLAIN")) {
    if (end > start + 11) takeCredentials(mail, 1, start + 11, end);
    else own.credentials = 1;
  } else if (isTextAnyCase(start, end, "AUTH LOGIN")) {
    if (end > start + 11) takeCredentials(mail, 2, start + 11, end);
    own.credentials = end > start + 11 ? 3 : 2;
  }
}

function takeReply(own: Connection, mail: Mail, code: u32): void {
  if (own.asksTls !== 0) {
    own.asksTls = 0;
    if (code === 220) own.isTls = 1;
    return;
  }
  if (own.asked !== 0) finishQuestion(own, mail, <f64>code);
  if (own.isLogin !== 0 && (code === 235 || code >= 400)) finishLogin(own, mail, <f64>code);
  // Refused: what is said next is a command again.
  if (own.credentials !== 0 && code >= 400) own.credentials = 0;
  if (own.awaited !== 0) own.awaited--;
  // It answers DATA and nothing else, also where that, or the mail's sender, was not captured.
  if (code === 354) {
    const isEarly = own.isAsked !== 0 && (own.isData !== 0 || own.isSent !== 0);
    own.isAsked = 0;
    if (isEarly) return;
    own.isData = 1;
    own.mailFrom = event.acknowledged;
    if (mail.isOpen !== 0) return;
    clearMail(mail);
    mail.isOpen = 1;
    mail.ts = event.time;
    return;
  }
  // Replies to what was said before the mail.
  if ((own.isAsked !== 0 && (own.isData !== 0 || own.isSent !== 0)) || (own.isChunked !== 0 && own.awaited !== 0)) {
    if (code >= 400 && mail.refusal === 0) mail.refusal = <u16>code;
    return;
  }
  // The end of the mail was not captured.
  if (own.isData !== 0) {
    own.isData = 0;
    own.isSent = 1;
  }
  if (own.isSent !== 0) {
    own.isSent = 0;
    writeMail(mail, flowIdOf(event), <f64>code);
    clearMail(mail);
    return;
  }
  if (code >= 400) {
    own.isAsked = 0;
    if (mail.isOpen !== 0 && mail.refusal === 0) mail.refusal = <u16>code;
  }
}

function finishLogin(own: Connection, mail: Mail, code: f64): void {
  own.isLogin = 0;
  writeLogin(mail, flowIdOf(event), own.loginTs, <usize>own.mechanism, isNaN(code) ? NaN : code === 235 ? 1 : 0, code);
  own.mechanism = 0;
}

/** Where the address of a path begins (RFC 5321 §4.1.2), and where it ends. */
function addressAt(at: usize, end: usize): usize {
  while (at < end && (load<u8>(at) === 0x20 || load<u8>(at) === 0x3c)) at++;
  return at;
}

function addressEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) !== 0x3e && load<u8>(at) !== 0x20) at++;
  return at;
}

/** Three digits; 0 where the line begins with none. */
function codeOf(start: usize, end: usize): u32 {
  if (end - start < 3) return 0;
  let code: u32 = 0;
  for (let at = start; at < start + 3; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) return 0;
    code = 10 * code + digit;
  }
  if (end - start > 3 && load<u8>(start, 3) !== 0x20 && load<u8>(start, 3) !== 0x2d) return 0;
  return code >= 200 && code < 600 ? code : 0;
}

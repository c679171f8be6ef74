import {Event} from "../../../meter/layout";
import {allocate, dropText, release} from "../../heap";
import {from, gatherLines, keepRest, loseBytes, to} from "../../streams/held-stream";
import {flowIdOf} from "../../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../../streams/sides";
import {Bytes, Gap} from "../../streams/stream";
import {isTextAnyCase, lineEnd} from "../../text";
import {beginMail, clearMail, endMail, Mail, MAIL_BYTES, writeCommand, writeLogin, writeMail} from "./mail-row";

/** A client's conversation with a mailbox (IMAP, POP3): commands that wait for their answers, and the mail under way. */

/** Commands that wait; of more, the oldest is written without an answer. */
const PLACES: i32 = 16;
/** A longer line ends the reading of its direction. */
export const MAX_LINE: u32 = 16_384;

@unmanaged
export class Waiting {
  ts: f64 = 0;
  /** What it is (`COMMANDS`), and the hash of its tag. */
  command: u32 = 0;
  tag: u32 = 0;
}

@unmanaged
export class Mailbox {
  id: u64 = 0;
  sides: u32 = 0;
  mail: u32 = 0;
  /** Mechanism of the login under way, kept; 0: the password is sent. */
  mechanism: u32 = 0;
  /** Commands that wait, in `waiting`, a ring. */
  first: i32 = 0;
  count: i32 = 0;
  /** Direction of the server's lines; 2 before the first. */
  server: u8 = 0;
  isTls: u8 = 0;
  /** What the lines that come are: a protocol's reader says. */
  phase: u8 = 0;
  /** Mails were written since the command that waits. */
  wrote: u8 = 0;
  /** Bytes of a literal still to come, and whose: direction plus one. */
  literal: u32 = 0;
  literalOf: u8 = 0;
  /** The literal is a mail's. */
  isMail: u8 = 0;
  reserved: u16 = 0;
}

const MAILBOX_BYTES: usize = offsetof<Mailbox>() + <usize>PLACES * offsetof<Waiting>();

/** Takes a line without its end. */
export type TakeLine = (box: Mailbox, direction: u8, start: usize, end: usize, ts: f64) => void;

/** State of a new connection; 0 where memory is out. */
export function openMailbox(protocol: u8): usize {
  const state = allocate(MAILBOX_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, MAILBOX_BYTES);
  const box = changetype<Mailbox>(state);
  box.server = 2;
  box.mail = <u32>beginMail(protocol);
  box.sides = box.mail === 0 ? 0 : <u32>openSides(state);
  if (box.sides !== 0) return state;
  if (box.mail !== 0) release(box.mail, MAIL_BYTES);
  release(state, MAILBOX_BYTES);
  return 0;
}

/** Takes a segment; false: no more wanted. */
export function takeMailbox(state: usize, event: Event, start: usize, end: usize, bytes: Bytes, gap: Gap): bool {
  const box = changetype<Mailbox>(state);
  box.id = flowIdOf(event);
  return takeSegment(<usize>box.sides, event, start, end, bytes, gap) && box.isTls === 0;
}

/** The connection has ended: what waits is written without an answer, and all let go of. */
export function endMailbox(state: usize, event: Event, bytes: Bytes, gap: Gap): void {
  const box = changetype<Mailbox>(state);
  box.id = flowIdOf(event);
  finishSides(<usize>box.sides, bytes, gap);
  closeSides(<usize>box.sides);
  closeMail(box, NaN);
  while (box.count > 0) finishFirst(box, NaN);
  dropText(<usize>box.mechanism);
  endMail(mailOf(box), box.id);
  release(state, MAILBOX_BYTES);
}

export function isMailboxTls(state: usize): bool {
  return changetype<Mailbox>(state).isTls !== 0;
}

// @ts-ignore: decorator
@inline
export function mailOf(box: Mailbox): Mail {
  return changetype<Mail>(<usize>box.mail);
}

/** A mail begins, `isAppended` where the client sends it. */
export function openMail(box: Mailbox, isAppended: bool, ts: f64): void {
  const mail = mailOf(box);
  closeMail(box, NaN);
  mail.isOpen = 1;
  mail.isAppended = u8(isAppended);
  mail.ts = ts;
}

/** The mail under way, if any, is over; `success`: whether the server gave or took it. */
export function closeMail(box: Mailbox, success: f64): void {
  const mail = mailOf(box);
  if (mail.isOpen !== 0) {
    writeMail(mail, box.id, NaN, success);
    box.wrote = 1;
  }
  clearMail(mail);
}

// @ts-ignore: decorator
@inline
export function waitingAt(box: Mailbox, i: i32): Waiting {
  return changetype<Waiting>(changetype<usize>(box) + offsetof<Mailbox>() + <usize>((box.first + i) % PLACES) * offsetof<Waiting>());
}

export function askMailbox(box: Mailbox, command: u32, tag: u32, ts: f64): void {
  if (box.count === PLACES) finishFirst(box, NaN);
  const waiting = waitingAt(box, box.count);
  waiting.ts = ts;
  waiting.command = command;
  waiting.tag = tag;
  box.count++;
}

/** The oldest command was answered; `success`: 1, 0, NaN without an answer. Mails that it fetched have rows of their own. */
export function finishFirst(box: Mailbox, success: f64): void {
  const waiting = waitingAt(box, 0);
  const command = waiting.command;
  const ts = waiting.ts;
  box.first = (box.first + 1) % PLACES;
  box.count--;
  if (command === LOGIN) {
    writeLogin(mailOf(box), box.id, ts, <usize>box.mechanism, success, NaN);
    box.mechanism = 0;
  } else if (command !== SAID && (box.wrote === 0 || (command !== FETCH && command !== APPEND))) writeCommand(mailOf(box), box.id, ts, commandName(command), 0, success, NaN);
  if (command === FETCH || command === APPEND) box.wrote = 0;
  if (command === STARTTLS && success === 1) box.isTls = 1;
}

/** Lines of a direction, and literals among them (IMAP), which `literal` counts. */
export function readMailbox(address: usize, start: usize, end: usize, ts: f64, takeLine: TakeLine): void {
  const side = changetype<Side>(address);
  const box = changetype<Mailbox>(<usize>side.parser);
  if (box.isTls !== 0) return;
  if (!gatherLines(side, start, end)) return;
  const last = to;
  let at = from;
  while (at < last && box.isTls === 0) {
    const isLiteral = box.literalOf === side.direction + 1;
    const line = lineEnd(at, last);
    if (isLiteral && box.isMail === 0) {
      const passed = min(box.literal, <u32>(last - at));
      countLiteral(box, passed);
      at += passed;
      continue;
    }
    // The last line of a literal may have no end.
    const whole = isLiteral && at + <usize>box.literal <= last ? at + <usize>box.literal : last;
    if (line === 0 && whole === last && !(isLiteral && at + <usize>box.literal === last)) break;
    const stop = line === 0 || line >= whole ? whole : line;
    const next = stop === line ? line + 1 : stop;
    takeLine(box, side.direction, at, stop > at && load<u8>(stop - 1) === 13 ? stop - 1 : stop, ts);
    if (isLiteral) countLiteral(box, <u32>(next - at));
    at = next;
  }
  keepRest(side, box.isTls !== 0 ? last : at, MAX_LINE);
}

function countLiteral(box: Mailbox, bytes: u32): void {
  box.literal -= min(bytes, box.literal);
  if (box.literal === 0) box.literalOf = box.isMail = 0;
}

/** Lines are missing: a mail under way has holes, a literal has no end that is known. */
export function loseMailbox(address: usize, missing: i32): void {
  const side = changetype<Side>(address);
  const box = changetype<Mailbox>(<usize>side.parser);
  if (box.literalOf === side.direction + 1 && <u32>missing <= box.literal && side.heldLength === 0) {
    if (mailOf(box).isOpen !== 0) mailOf(box).hasHoles = 1;
    return countLiteral(box, missing);
  }
  if (box.literalOf === side.direction + 1) box.literal = box.literalOf = box.isMail = 0;
  if (mailOf(box).isOpen !== 0) mailOf(box).hasHoles = 1;
  loseBytes(address, missing);
}

/** Commands that are read as more than their names; others follow in `names`. */
export const OTHER: u32 = 0;
export const LOGIN: u32 = 1;
export const STARTTLS: u32 = 2;
export const FETCH: u32 = 3;
export const APPEND: u32 = 4;
/** No row of its own. */
export const SAID: u32 = 5;
const NAMED: u32 = 6;
export const DELETE: u32 = NAMED + 10;
export const LOGOUT: u32 = NAMED + 21;
export const CAPABILITY: u32 = NAMED + 22;
export const RESET: u32 = NAMED + 29;

function commandName(command: u32): string {
  switch (command) {
    case STARTTLS: return "starttls";
    case FETCH: return "fetch";
    case APPEND: return "append";
    case OTHER: return "other";
  }
  return nameOf(command - NAMED);
}

const NAMES: u32 = 30;

function nameOf(i: u32): string {
  switch (i) {
    case 0: return "select";
    case 1: return "examine";
    case 2: return "search";
    case 3: return "store";
    case 4: return "copy";
    case 5: return "move";
    case 6: return "list";
    case 7: return "lsub";
    case 8: return "status";
    case 9: return "create";
    case 10: return "delete";
    case 11: return "rename";
    case 12: return "subscribe";
    case 13: return "unsubscribe";
    case 14: return "expunge";
    case 15: return "close";
    case 16: return "unselect";
    case 17: return "check";
    case 18: return "idle";
    case 19: return "noop";
    case 20: return "id";
    case 21: return "logout";
    case 22: return "capability";
    case 23: return "namespace";
    case 24: return "enable";
    case 25: return "sort";
    case 26: return "thread";
    case 27: return "stat";
    case 28: return "uidl";
    case 29: return "reset";
  }
  return "";
}

/** The command that a word is by its own name; `OTHER` of others. */
export function commandOf(at: usize, end: usize): u32 {
  for (let i: u32 = 0; i < NAMES; i++) {
    const name = nameOf(i);
    if (end - at === name.length && isLower(at, name)) return NAMED + i;
  }
  return OTHER;
}

function isLower(at: usize, name: string): bool {
  for (let i = 0; i < name.length; i++) if ((load<u8>(at + i) | 0x20) !== <u8>name.charCodeAt(i)) return false;
  return true;
}

/** Whether the word is that one, which is given in upper case. */
export function isWord(at: usize, end: usize, word: string): bool {
  return end - at === word.length && isTextAnyCase(at, end, word);
}

/** Where the word at `at` ends. */
export function wordEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) !== 0x20) at++;
  return at;
}

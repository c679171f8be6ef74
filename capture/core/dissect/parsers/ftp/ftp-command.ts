import {u16At} from "../../../meter/bytes";
import {allocate, keepText, release} from "../../heap";
import {FTP_TABLE, FTP_ARGUMENT, FTP_COMMAND, FTP_REPLY, FTP_REPLY_CODE, FTP_USER} from "../../columns";
import {addRow, setNull, setNumber, setText, Table, tableAt} from "../../rows";
import {appendText, clean, cleanAt, cleanLength} from "../../text";

/** Commands of FTP (RFC 959 §4.1) that wait for their reply, and the rows that both make. */

/** Names of commands as numbers: the first character is the lowest byte. */
export const USER_COMMAND: u64 = 0x52455355;
export const AUTH_COMMAND: u64 = 0x48545541;
export const PORT_COMMAND: u64 = 0x54524f50;
export const EPRT_COMMAND: u64 = 0x54525045;
export const REIN_COMMAND: u64 = 0x4e494552;

/** Whether the command sends something over a data connection. */
export function isTransfer(name: u64): bool {
  return isAmong(name, "RETR STOR APPE STOU LIST NLST MLSD ");
}

/** Bytes of a name; its capitals are no more. */
const LONGEST_NAME: usize = 5;
const SHORTEST_NAME: usize = 3;

/** Commands whose argument is written: none in which a client could say a password. */
const SHOWN_ARGUMENTS =
  "ALLO APPE AUTH CDUP CWD DELE EPRT EPSV FEAT LIST MDTM MFMT MKD MLSD MLST MODE NLST OPTS PASV PBSZ PORT PROT REST RETR RMD RNFR RNTO SIZE STOR STOU STRU TYPE XCRC XMD5 XSHA1 XCWD XMKD XRMD ";

/** Characters of an argument or a reply that are kept. */
const MAX_TEXT: u32 = 1024;

/** A command; its texts follow it in the order of their lengths, which are -1 of what is NULL. */
@unmanaged
export class Command {
  ts: f64 = 0;
  name: u64 = 0;
  next: u32 = 0;
  /** Bytes of all that. */
  bytes: u32 = 0;
  user: i32 = 0;
  argument: i32 = 0;
}

/** Others, of which the argument is not written. */
const OTHER_COMMANDS = "ABOR ACCT ADAT CCC CLNT CONF ENC HELP HOST LANG LPRT LPSV MIC NOOP PASS QUIT REIN SITE SMNT STAT SYST USER XPWD PWD ";

/** Whether the bytes are a command's name, in capitals or not. */
export function isKnownCommand(start: usize, end: usize): bool {
  const name = readName(start, end);
  return name !== 0 && (isAmong(name, SHOWN_ARGUMENTS) || isAmong(name, OTHER_COMMANDS));
}

/** A name under way; the capitals of one character may be as many as its bytes. */
const nameText = memory.data(16, 8);

/** Name of the command in capitals: 3 to 5 letters and digits, a letter first; 0 where it is none. */
export function readName(start: usize, end: usize): u64 {
  if (end - start > LONGEST_NAME) return 0;
  store<u64>(nameText, 0);
  const last = appendCapitals(start, end, nameText);
  if (last < nameText + SHORTEST_NAME || !isLetter(load<u8>(nameText))) return 0;
  for (let at = nameText; at < last; at++) if (!isLetter(load<u8>(at)) && load<u8>(at) - 0x30 > 9) return 0;
  return load<u64>(nameText);
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u8): bool {
  return byte >= 0x41 && byte <= 0x5a;
}

function appendCapitals(start: usize, end: usize, to: usize): usize {
  for (let at = start; at < end; ) {
    const byte = load<u8>(at);
    const capitals = byte < 0x80 ? "" : capitalsOf(at, end);
    if (capitals.length > 0) {
      to = appendText(capitals, to);
      at += byte < 0xe0 ? 2 : 3;
    } else {
      store<u8>(to++, byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte);
      at++;
    }
  }
  return to;
}

/** Capitals of the characters beyond ASCII whose capitals are ASCII (Unicode's SpecialCasing and UnicodeData). */
function capitalsOf(at: usize, end: usize): string {
  if (at + 2 > end) return "";
  const two = u16At(at);
  if (two === 0xc39f) return "SS";
  if (two === 0xc4b1) return "I";
  if (two === 0xc5bf) return "S";
  if (two !== 0xefac || at + 3 > end) return "";
  switch (load<u8>(at, 2)) {
    case 0x80: return "FF";
    case 0x81: return "FI";
    case 0x82: return "FL";
    case 0x83: return "FFI";
    case 0x84: return "FFL";
    case 0x85: case 0x86: return "ST";
  }
  return "";
}

/** Keeps the text of an argument or a reply; 0 where memory is out. */
export function keepClean(start: usize, end: usize): usize {
  clean(start, end, MAX_TEXT);
  return keepText(cleanAt, cleanLength);
}

/**
 * A command with its argument (which begins at 0 where there is none) and the user's name (a kept text, or 0); 0 where
 * memory is out.
 */
export function makeCommand(name: u64, start: usize, end: usize, user: usize, ts: f64): usize {
  const hasArgument = start !== 0 && isShown(name);
  if (hasArgument) clean(start, end, MAX_TEXT);
  const argumentLength = hasArgument ? cleanLength : 0;
  const userLength = user !== 0 ? load<u32>(user) : 0;
  const bytes = offsetof<Command>() + userLength + argumentLength;
  const block = allocate(bytes);
  if (block === 0) return 0;
  const command = changetype<Command>(block);
  command.ts = ts;
  command.name = name;
  command.next = 0;
  command.bytes = <u32>bytes;
  command.user = user !== 0 ? <i32>userLength : -1;
  command.argument = hasArgument ? <i32>argumentLength : -1;
  const texts = block + offsetof<Command>();
  if (userLength > 0) memory.copy(texts, user + 4, userLength);
  if (argumentLength > 0) memory.copy(texts + userLength, cleanAt, argumentLength);
  return block;
}

export function dropCommand(command: Command): void {
  release(changetype<usize>(command), command.bytes);
}

function isShown(name: u64): bool {
  return isAmong(name, SHOWN_ARGUMENTS);
}

/** Whether the name is one of a list of words, each with a space behind it. */
function isAmong(name: u64, words: string): bool {
  let word: u64 = 0;
  let shift: u64 = 0;
  for (let i = 0; i < words.length; i++) {
    const character = load<u8>(changetype<usize>(words) + (<usize>i << 1));
    if (character !== 0x20) {
      word |= <u64>character << shift;
      shift += 8;
      continue;
    }
    if (word === name) return true;
    word = shift = 0;
  }
  return false;
}

/** Writes a command with its reply, of which `start .. end` is the text; code 0: without. */
export function writeCommand(id: u64, command: Command, code: i32, start: usize, end: usize): void {
  const rows = tableAt(FTP_TABLE);
  const row = addRow(rows, id, command.ts);
  if (row < 0) return;
  const texts = changetype<usize>(command) + offsetof<Command>();
  setPart(rows, row, FTP_USER, texts, command.user);
  store<u64>(nameText, command.name);
  setText(rows, row, FTP_COMMAND, nameText, 8 - (<u32>clz<u64>(command.name) >> 3));
  setPart(rows, row, FTP_ARGUMENT, texts + <usize>max(command.user, 0), command.argument);
  setNumber(rows, row, FTP_REPLY_CODE, code === 0 ? NaN : <f64>code);
  if (code === 0) return setNull(rows, row, FTP_REPLY);
  clean(start, end, MAX_TEXT);
  setText(rows, row, FTP_REPLY, cleanAt, cleanLength);
}

function setPart(rows: Table, row: i32, column: i32, at: usize, length: i32): void {
  if (length < 0) setNull(rows, row, column);
  else setText(rows, row, column, at, <u32>length);
}

import {allocate, moved, release} from "../../heap";
import {countGivenUp, countMalformed, releaseHeld, reserveHeld} from "../../streams/held";
import {closeStream, isHole, Stream} from "../../streams/stream";
import {isText, lineEnd} from "../../text";
import {endBody, isOver, takeHead} from "../../protocols/http";
import {addContent, missContent, PARTLY, UNKNOWN, WHOLE} from "../files/transfer";
import {headEnd, headRead, readHead} from "./http-message";
import {isStatusLine, requestMethodEnd} from "./http-start-line";
import {hexValue, isSpace} from "./http-values";

/** One direction of a connection: its bytes in order, and the messages in them (RFC 9112 §6). */
@unmanaged
export class Reader extends Stream {
  /** Bytes of a body, or of a chunk with its line end, that are still to come. */
  remaining: f64 = 0;
  /** When the head that is held began. */
  heldTime: f64 = 0;
  /** What the size line of a chunk says so far. */
  size: u64 = 0;
  /** Bytes of a head that has not ended: their block and how many. */
  held: u32 = 0;
  heldLength: u32 = 0;
  state: u8 = 0;
  /** How far the line of a chunk is (`BLANK` and so on), its digits and its characters. */
  line: u8 = 0;
  digits: u8 = 0;
  /** What its messages are, once one was read. */
  kind: u8 = 0;
  lineLength: u16 = 0;
  /** Whether it lost its way by a gap, and whether messages may be missing since the last one. */
  isAstray: u8 = 0;
  isAfterHole: u8 = 0;
  /** Whether a head was among what is missing. */
  hasLostHead: u8 = 0;
  /** Where the last head ended, as an offset of the stream. */
  messageEnd: i32 = 0;
  /** The body under way (a `Transfer`), or 0. */
  file: u32 = 0;
  /** 0 the originator's, 1 the responder's. */
  direction: u32 = 0;
}

/** A head begins, or goes on. */
const HEAD: u8 = 0;
const BODY: u8 = 1;
const CHUNK_SIZE: u8 = 2;
const CHUNK: u8 = 3;
/** The trailer section behind the last chunk. */
const TRAILER: u8 = 4;
/** A body that ends with the connection (`file` is it), or something that is not understood: until a head begins a payload. */
const LOST: u8 = 5;

/** Of a line: white space only, a number, white space behind it, a chunk's extensions, something else. */
const BLANK: u8 = 0;
const DIGITS: u8 = 1;
const BEHIND: u8 = 2;
const EXTENSION: u8 = 3;
const OTHER: u8 = 4;

/** Kinds of messages. */
const REQUESTS: u8 = 1;
const RESPONSES: u8 = 2;

/** Bytes of a head that are waited for; servers commonly refuse more than 8 to 64 KiB. */
const MAX_HEAD_BYTES: u32 = 65_536;

/** Characters of a chunk's size line, and digits of its size. */
const MAX_SIZE_LINE: u32 = 1024;
const MAX_DIGITS: u8 = 13;

/** Takes bytes in order: heads are handed on, bodies passed over. */
export function readBytes(to: usize, start: usize, end: usize, ts: f64): void {
  const reader = changetype<Reader>(to);
  if (reader.state === LOST) {
    const head = findHead(reader, start, end);
    if (head === 0 || head > start) feed(reader, start, head === 0 ? end : head);
    if (head === 0) return;
    endFile(reader, UNKNOWN);
    start = head;
    reader.state = HEAD;
    reader.isAstray = 0;
  }
  let at = start;
  while (at < end) {
    const state = reader.state;
    if (state === HEAD) at = takeHeadBytes(reader, at, end, ts);
    else if (state === BODY || state === CHUNK) {
      const passed = <usize>min(reader.remaining, <f64>(end - at));
      // A chunk's data end with a line end.
      const behind = state === CHUNK ? <usize>max<f64>(0, 2 - (reader.remaining - <f64>passed)) : 0;
      if (behind < passed) feed(reader, at, at + passed - behind);
      pass(reader, <f64>passed);
      at += passed;
    } else if (state === LOST) {
      feed(reader, at, end);
      return;
    }
    else at = readLine(reader, at, end);
  }
}

/** Where a head of the direction's kind begins: at once, and behind a gap at any line; 0 without. */
function findHead(reader: Reader, start: usize, end: usize): usize {
  const mayRespond = reader.kind !== REQUESTS;
  const mayRequest = reader.kind !== RESPONSES;
  if ((mayRespond && isText(start, end, "HTTP/1.")) || (mayRequest && requestMethodEnd(start, end) !== 0)) return start;
  if (reader.isAstray === 0) return 0;
  for (let line = lineEnd(start, end); line !== 0; line = lineEnd(line + 1, end)) {
    const at = line + 1;
    if (lineEnd(at, end) === 0) return 0;
    if ((mayRespond && isStatusLine(at, end)) || (mayRequest && requestMethodEnd(at, end) !== 0)) return at;
  }
  return 0;
}

/** So many bytes will not come. */
export function readGap(to: usize, missing: i32): void {
  const reader = changetype<Reader>(to);
  if (reader.file !== 0) missContent(reader.file);
  if ((reader.state === BODY || reader.state === CHUNK) && <f64>missing <= reader.remaining) pass(reader, <f64>missing);
  else {
    // A body that ends with the connection, or in chunks, may have gone on over all that is missing.
    if (isHole && reader.heldLength === 0 && (reader.state === HEAD || reader.state === BODY)) reader.hasLostHead = 1;
    endFile(reader, PARTLY);
    giveUpHead(reader);
    reader.state = LOST;
    reader.isAstray = 1;
    if (isHole) reader.isAfterHole = 1;
  }
}

/** The direction has ended: of a head that has not, what there is is handed on. */
export function closeReader(reader: Reader): void {
  closeStream(reader);
  endFile(reader, reader.state === LOST ? UNKNOWN : PARTLY);
  giveUpHead(reader);
  reader.state = LOST;
}

function takeHeadBytes(reader: Reader, start: usize, end: usize, ts: f64): usize {
  const before = reader.heldLength;
  if (before > 0) return goOnWithHead(reader, before, start, end);
  // RFC 9112 §2.2: empty lines before a request are passed over.
  while (start < end && (load<u8>(start) === 13 || load<u8>(start) === 10)) start++;
  if (start === end) return end;
  reader.heldTime = ts;
  const stop = headEnd(start, end);
  if (stop !== 0) {
    finishHead(reader, start, stop, end - stop);
    return stop;
  }
  const length = <u32>(end - start);
  const block = length <= MAX_HEAD_BYTES ? allocate(length) : 0;
  if (block !== 0) memory.copy(block, start, length);
  hold(reader, block, length);
  return end;
}

function goOnWithHead(reader: Reader, before: u32, start: usize, end: usize): usize {
  const total = before + <u32>(end - start);
  let block = <usize>reader.held;
  if (total > blockBytes(before)) block = moved(block, before, before, total);
  if (block === 0) {
    release(reader.held, before);
    hold(reader, 0, 0);
    return end;
  }
  memory.copy(block + before, start, end - start);
  // The empty line may have begun in what was held.
  const stop = headEnd(before > 3 ? block + before - 3 : block, block + total);
  if (stop === 0) {
    hold(reader, block, total);
    return end;
  }
  letGo(reader);
  finishHead(reader, block, stop, total - (stop - block));
  release(block, total);
  return start + (stop - block) - before;
}

/** Bytes of a block that was allocated for so many. */
function blockBytes(bytes: u32): u32 {
  return bytes <= 16 ? 16 : 1 << (32 - clz<u32>(bytes - 1));
}

/** Keeps the block instead of what was held; where it is too much, or 0 as memory is out, it is freed and the head given up. */
function hold(reader: Reader, block: usize, length: u32): void {
  letGo(reader);
  if (block !== 0 && length <= MAX_HEAD_BYTES && reserveHeld(length)) {
    reader.held = <u32>block;
    reader.heldLength = length;
    return;
  }
  if (block !== 0) release(block, length);
  reader.state = LOST;
  countGivenUp();
}

/** What was held no longer counts; its block is the caller's. */
function letGo(reader: Reader): void {
  releaseHeld(reader.heldLength);
  reader.held = 0;
  reader.heldLength = 0;
}

/** Takes the head `start .. end`, which `behind` more bytes of what was delivered follow. */
function finishHead(reader: Reader, start: usize, end: usize, behind: usize): void {
  reader.messageEnd = reader.next - <i32>behind;
  if (!readHead(start, end, true)) {
    reader.state = LOST;
    countMalformed();
    return;
  }
  const head = headRead();
  const mayHaveBody = takeRead(reader);
  if (reader.file !== 0 && (!mayHaveBody || (head.isChunked === 0 && head.hasLength !== 0 && !(head.length > 0)))) endFile(reader, PARTLY);
  if (!mayHaveBody) reader.state = isOver() ? LOST : HEAD;
  else if (head.isChunked !== 0) reader.state = CHUNK_SIZE;
  else if (head.hasLength === 0) reader.state = head.isRequest !== 0 ? HEAD : LOST;
  else if (isNaN(head.length)) reader.state = LOST;
  else {
    reader.remaining = head.length;
    reader.state = head.length > 0 ? BODY : HEAD;
  }
}

/** Hands on the head last read. */
function takeRead(reader: Reader): bool {
  const head = headRead();
  const mayHaveBody = takeHead(reader, reader.heldTime, reader.isAfterHole !== 0);
  reader.kind = head.isRequest !== 0 ? REQUESTS : RESPONSES;
  if (!(head.status < 200)) reader.isAfterHole = reader.hasLostHead = 0;
  return mayHaveBody;
}

/** Hands on what is there of a head that will not come to its end. */
function giveUpHead(reader: Reader): void {
  const block = <usize>reader.held;
  const length = reader.heldLength;
  if (length === 0) return;
  letGo(reader);
  if (readHead(block, block + length, false)) takeRead(reader);
  release(block, length);
}

/** Passes over what is there of a body; how much that is. */
function pass(reader: Reader, available: f64): f64 {
  const passed = min(reader.remaining, available);
  reader.remaining -= passed;
  if (reader.remaining === 0) {
    if (reader.state === BODY) endFile(reader, WHOLE);
    reader.state = reader.state === BODY ? HEAD : CHUNK_SIZE;
  }
  return passed;
}

/** Hands on bytes of a body. */
// @ts-ignore: decorator
@inline
function feed(reader: Reader, start: usize, end: usize): void {
  if (reader.file !== 0) addContent(reader.file, start, end);
}

/** The body has ended, or no more of it is found. */
function endFile(reader: Reader, whole: i32): void {
  const file = <usize>reader.file;
  if (file === 0) return;
  reader.file = 0;
  endBody(file, whole);
}

/** A chunk's size (RFC 9112 §7.1) or a line of the trailer section, which an empty one ends. */
function readLine(reader: Reader, start: usize, end: usize): usize {
  let length: u32 = reader.lineLength;
  let at = start;
  for (; at < end && load<u8>(at) !== 10 && length < MAX_SIZE_LINE; at++, length++)
    if (reader.line < EXTENSION) readCharacter(reader, load<u8>(at));
  reader.lineLength = <u16>length;
  if (at === end && length < MAX_SIZE_LINE) return end;
  const line = reader.line;
  const size = reader.size;
  reader.line = BLANK;
  reader.digits = 0;
  reader.size = 0;
  reader.lineLength = 0;
  if (length >= MAX_SIZE_LINE) {
    endFile(reader, PARTLY);
    reader.state = LOST;
    return end;
  }
  if (reader.state === TRAILER) {
    if (line === BLANK) reader.state = HEAD;
    return at + 1;
  }
  if (line === BLANK || line === OTHER) {
    endFile(reader, PARTLY);
    reader.state = LOST;
    countMalformed();
    return end;
  }
  // A chunk's data end with a line end.
  reader.remaining = <f64>(size + 2);
  if (size === 0) endFile(reader, WHOLE);
  reader.state = size === 0 ? TRAILER : CHUNK;
  return at + 1;
}

function readCharacter(reader: Reader, byte: u8): void {
  if (isSpace(byte) || byte === 0xa0) {
    if (reader.line === DIGITS) reader.line = BEHIND;
    return;
  }
  if (byte === 0x3b) {
    reader.line = reader.line === BLANK ? OTHER : EXTENSION;
    return;
  }
  const digit = hexValue(byte);
  if (digit > 15 || reader.line === BEHIND || reader.digits === MAX_DIGITS) {
    reader.line = OTHER;
    return;
  }
  reader.line = DIGITS;
  reader.digits++;
  reader.size = (reader.size << 4) | digit;
}

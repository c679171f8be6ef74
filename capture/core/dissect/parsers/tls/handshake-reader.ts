import {u16At} from "../../../meter/bytes";
import {allocate, moved, release} from "../../heap";
import {countGivenUp, releaseHeld, reserveHeld} from "../../streams/held";
import {closeHeld, from, gather, HeldStream, keepRest, loseBytes, to} from "../../streams/held-stream";
import {mayCome, session, takeAlert, takeHeartbeat, takeMessage} from "./tls-session";

/** Reads the handshake messages at the beginning of one direction, over as many records and segments as they take. */
@unmanaged
export class HandshakeReader extends HeldStream {
  /** True once nothing more is looked for in this direction. */
  isClosed: bool = false;
  /** 0 the originator's, 1 the responder's. */
  direction: u8 = 0;
  /** Type of the record under way, of which `recordLeft` bytes are still to come. */
  recordType: u8 = 0;
  reserved: u8 = 0;
  reserved2: u16 = 0;
  recordLeft: u32 = 0;
  /** A message that goes on in the next record: its bytes so far, and the room of their block. */
  message: u32 = 0;
  messageLength: u32 = 0;
  messageRoom: u32 = 0;
  /** Bytes of messages read so far. */
  total: u32 = 0;
  /** Time of the packet in which the message under way began. */
  ts: f64 = 0;
}

/** RFC 8446 §5.1, with the 2,048 bytes that older versions allow on top. */
export const MAX_RECORD_BYTES: u32 = 16_384 + 2_048;

/** Bytes of a message, and of a direction, within which a handshake is read. */
const MAX_MESSAGE_BYTES: u32 = 65_536;
const MAX_TOTAL_BYTES: u32 = 131_072;

/** Types of records (RFC 8446 §5.1, RFC 5246 §6.2.1). */
const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
export const HANDSHAKE: u8 = 22;
/** RFC 6520 §3. */
const HEARTBEAT: u8 = 24;

const HEADER: u32 = 5;

/** Takes the next bytes of the stream `address` that a reader is. */
export function readBytes(address: usize, start: usize, end: usize, ts: f64): void {
  const reader = changetype<HandshakeReader>(address);
  if (reader.isClosed || session.isDone) return;
  if (reader.isAstray !== 0) {
    if (!beginsHello(start, end)) return;
    reader.isAstray = 0;
  }
  if (reader.heldLength === 0 && reader.messageLength === 0) reader.ts = ts;
  if (!gather(reader, start, end)) {
    reader.isClosed = true;
    return;
  }
  const last = to;
  let at = from;
  while (at < last && !reader.isClosed && !session.isDone) {
    if (reader.recordLeft === 0) {
      if (at + HEADER > last) break;
      if (!beginRecord(reader, at)) {
        reader.isClosed = true;
        break;
      }
      at += HEADER;
      continue;
    }
    const part = min<usize>(reader.recordLeft, last - at);
    // What is not a handshake is short, and read whole.
    if (reader.recordType !== HANDSHAKE && part < reader.recordLeft) break;
    takeContent(reader, at, at + part, ts);
    reader.recordLeft -= <u32>part;
    at += part;
  }
  keepRest(reader, reader.isClosed || session.isDone ? last : at, MAX_RECORD_BYTES);
}

/** Whether a record with a hello, or with certificates, begins here (RFC 8446 §5.1, §4). */
function beginsHello(start: usize, end: usize): bool {
  if (start + 9 > end || load<u8>(start) !== HANDSHAKE || load<u8>(start, 1) !== 3) return false;
  const type = load<u8>(start, 5);
  if (u16At(start + 3) > MAX_RECORD_BYTES) return false;
  return ((type === 1 || type === 2) && load<u8>(start, 6) === 0) || beginsCertificates(start + 5, end);
}

/** Whether a message with certificates begins here, where no hello was seen: lengths within one another, and DER (RFC 5246 §7.4.2). */
function beginsCertificates(at: usize, end: usize): bool {
  if (at + 12 > end || load<u8>(at) !== 11) return false;
  const list = u24At(at + 4);
  return list + 3 === u24At(at + 1) && u24At(at + 7) + 3 <= list && load<u8>(at, 10) === 0x30 && load<u8>(at, 11) === 0x82;
}

// @ts-ignore: decorator
@inline
function u24At(at: usize): u32 {
  return ((<u32>load<u8>(at)) << 16) | u16At(at + 1);
}

function beginRecord(reader: HandshakeReader, at: usize): bool {
  const type = load<u8>(at);
  const length = u16At(at + 3);
  if (load<u8>(at, 1) !== 3 || length === 0 || length > MAX_RECORD_BYTES) return false;
  // Encrypted alerts are longer than two bytes.
  if (type !== HANDSHAKE && !(type === CHANGE_CIPHER_SPEC && length === 1) && !(type === ALERT && length === 2) && type !== HEARTBEAT) return false;
  reader.recordType = type;
  reader.recordLeft = length;
  return true;
}

function takeContent(reader: HandshakeReader, start: usize, end: usize, ts: f64): void {
  if (reader.recordType === ALERT) {
    takeAlert(load<u8>(start), load<u8>(start, 1), reader.direction);
    return;
  }
  if (reader.recordType === HEARTBEAT) {
    takeHeartbeat(start, end);
    return;
  }
  if (reader.recordType === CHANGE_CIPHER_SPEC) {
    // What follows is encrypted; before a ServerHello it stands between two ClientHellos (RFC 8446 §D.4).
    if (session.hasServer !== 0) reader.isClosed = true;
    return;
  }
  reader.total += <u32>(end - start);
  if (reader.total > MAX_TOTAL_BYTES) return giveUp(reader);
  let at = start;
  while (at < end && !reader.isClosed && !session.isDone) {
    if (reader.messageLength > 0) at = goOn(reader, at, end);
    else {
      if (!mayCome(load<u8>(at)) && !beginsCertificates(at, end)) {
        reader.isClosed = true;
        return;
      }
      const length = messageBytes(at, end);
      if (length === 0 || at + length > end) return keepMessage(reader, at, end);
      if (!takeMessage(at, at + length, reader.ts, reader.direction)) reader.isClosed = true;
      at += length;
    }
    if (reader.messageLength === 0) reader.ts = ts;
  }
}

/** Bytes of the message that begins at `at`; 0 where its header is not whole. */
function messageBytes(at: usize, end: usize): usize {
  return at + 4 > end ? 0 : 4 + ((<usize>load<u8>(at, 1) << 16) | u16At(at + 2));
}

/** Puts what of the record belongs to the message under way behind it; where that ends. */
function goOn(reader: HandshakeReader, at: usize, end: usize): usize {
  const block = <usize>reader.message;
  const length = <usize>reader.messageLength;
  const known = messageBytes(block, block + length);
  const wanted: usize = known === 0 ? 4 : known;
  const part = min(wanted - length, end - at);
  keepMessage(reader, at, at + part);
  if (reader.messageLength === 0) return at + part;
  const whole = messageBytes(reader.message, <usize>reader.message + reader.messageLength);
  if (whole === 0 || <usize>reader.messageLength < whole) return at + part;
  if (!takeMessage(reader.message, <usize>reader.message + whole, reader.ts, reader.direction)) reader.isClosed = true;
  dropMessage(reader);
  return at + part;
}

/** Keeps bytes of a message that is not whole. */
function keepMessage(reader: HandshakeReader, start: usize, end: usize): void {
  const length = <u32>(end - start);
  const total = reader.messageLength + length;
  if (total > MAX_MESSAGE_BYTES || !reserveHeld(length)) return giveUp(reader);
  if (total > reader.messageRoom) {
    const room = max<u32>(256, 1 << (32 - clz<u32>(total - 1)));
    const block = reader.message === 0 ? allocate(room) : moved(reader.message, reader.messageRoom, reader.messageLength, room);
    if (block === 0) {
      releaseHeld(length);
      return giveUp(reader);
    }
    reader.message = <u32>block;
    reader.messageRoom = room;
  }
  memory.copy(<usize>reader.message + reader.messageLength, start, length);
  reader.messageLength = total;
}

function dropMessage(reader: HandshakeReader): void {
  releaseHeld(reader.messageLength);
  if (reader.message !== 0) release(reader.message, reader.messageRoom);
  reader.message = reader.messageLength = reader.messageRoom = 0;
}

function giveUp(reader: HandshakeReader): void {
  countGivenUp();
  reader.isClosed = true;
  dropMessage(reader);
}

/** Of what was never seen nothing is known: the next hello is looked for behind it. */
export function readGap(address: usize, missing: i32): void {
  const reader = changetype<HandshakeReader>(address);
  loseBytes(address, missing);
  reader.recordLeft = 0;
  dropMessage(reader);
}

/** Ends the search and lets go of what is held. */
export function closeReader(reader: HandshakeReader): void {
  reader.isClosed = true;
  closeHeld(reader);
  dropMessage(reader);
}

import {u32At} from "../../../meter/bytes";
import {dropText, keepText} from "../../heap";
import {countGivenUp} from "../../streams/held";
import {closeHeld, from, gather, HeldStream, keepRest, to} from "../../streams/held-stream";
import {clean, cleanAt, cleanLength, isText, lineEnd} from "../../text";
import {listsAt, listsEnd} from "./hassh";

/** What one side sends before encryption begins. */
@unmanaged
export class SshSide extends HeldStream {
  /** Told by the key exchange: `CLIENT` or `SERVER`, 0 before. */
  role: u8 = 0;
  hasOffered: u8 = 0;
  /** Texts kept in the heap, 0 where there is none: its banner, and the lists of its KEXINIT (hassh.ts), raw. */
  banner: u32 = 0;
  offered: u32 = 0;
}

export const CLIENT: u8 = 1;
export const SERVER: u8 = 2;

/** RFC 4253 §4.2: 255 characters with CR LF. */
const MAX_BANNER_BYTES: u32 = 255;

/** RFC 4253 §6.1; and what a packet's length says at least (§6). */
const MAX_PACKET_BYTES: u32 = 35_000;
const MIN_LENGTH: u32 = 12;

/** SSH_MSG_KEXINIT. */
const KEY_EXCHANGE_INIT: u8 = 20;

/** Nothing more of it is waited for: its offer came, or was cut and is past. */
// @ts-ignore: decorator
@inline
export function isReadSide(side: SshSide): bool {
  return side.hasOffered !== 0 || side.isLost !== 0 || side.isAstray !== 0 || side.role !== 0;
}

/** Takes bytes in order, as a `Bytes` of its stream. */
export function readSide(address: usize, start: usize, end: usize, _ts: f64): void {
  const side = changetype<SshSide>(address);
  if (side.isAstray !== 0) {
    if (!isText(start, end, "SSH-") && !isKeyExchange(start, end)) return;
    side.isAstray = 0;
  }
  if (gather(side, start, end)) keepRest(side, read(side, from, to), MAX_PACKET_BYTES);
}

/** The connection has ended: a banner without its end is taken as it is. */
export function endSide(side: SshSide): void {
  const held = <usize>side.held;
  const end = held + side.heldLength;
  if (side.banner === 0 && isText(held, end, "SSH-")) keepBanner(side, held, end);
  closeHeld(side);
}

/** Lets go of what was found. */
export function dropSide(side: SshSide): void {
  dropText(<usize>side.banner);
  dropText(<usize>side.offered);
}

/** Reads what it can; where it went on to. */
function read(side: SshSide, start: usize, end: usize): usize {
  let at = start;
  if (side.banner === 0 && !isKeyExchange(start, end)) {
    at = readBanner(side, start, end);
    if (side.banner === 0) return at;
  }
  while (side.isLost === 0 && at + 6 <= end) {
    const length = u32At(at);
    const padding = load<u8>(at, 4);
    // What begins in the middle of a packet, or is encrypted, has no plausible length (RFC 4253 §6).
    if (length < MIN_LENGTH || length > MAX_PACKET_BYTES - 4 || padding < 4) {
      side.isLost = 1;
      return end;
    }
    const message = load<u8>(at, 5);
    noteRole(side, message);
    const next = at + 4 + <usize>length;
    if (next > end) return at;
    if (message === KEY_EXCHANGE_INIT && side.hasOffered === 0) {
      side.hasOffered = 1;
      keepOffer(side, listsAt(at + 5), next - <usize>padding);
    }
    at = next;
  }
  return at;
}

/** Whether the bytes begin with a packet of the key exchange: what can be found again behind a hole. */
function isKeyExchange(start: usize, end: usize): bool {
  if (start + 6 > end) return false;
  const length = u32At(start);
  const message = load<u8>(start, 5);
  return length >= MIN_LENGTH && length <= MAX_PACKET_BYTES - 4 && load<u8>(start, 4) >= 4 && message >= KEY_EXCHANGE_INIT && message <= 34;
}

function readBanner(side: SshSide, start: usize, end: usize): usize {
  if (!mayBegin(start, end)) {
    // Met in the middle.
    side.isLost = 1;
    return end;
  }
  const line = lineEnd(start, min(end, start + MAX_BANNER_BYTES));
  if (line === 0) {
    if (end - start < <usize>MAX_BANNER_BYTES) return start;
    keepBanner(side, start, start + MAX_BANNER_BYTES);
    side.isLost = 1;
    return end;
  }
  keepBanner(side, start, line);
  if (isText(start, end, "SSH-1.3") || isText(start, end, "SSH-1.5")) side.isLost = 1;
  return line + 1;
}

/** Whether the bytes are `SSH-`, as far as they go. */
function mayBegin(start: usize, end: usize): bool {
  switch (<i32>min<usize>(end - start, 4)) {
    case 1:
      return isText(start, end, "S");
    case 2:
      return isText(start, end, "SS");
    case 3:
      return isText(start, end, "SSH");
  }
  return isText(start, end, "SSH-");
}

/** Keeps the line without its CR. */
function keepBanner(side: SshSide, start: usize, end: usize): void {
  const last = end > start && load<u8>(end - 1) === 13 ? end - 1 : end;
  clean(start, last, MAX_BANNER_BYTES);
  side.banner = <u32>keepText(cleanAt, cleanLength);
  if (side.banner !== 0) return;
  side.isLost = 1;
  countGivenUp();
}

/** Keeps the lists of a KEXINIT where they are whole. */
function keepOffer(side: SshSide, lists: usize, end: usize): void {
  const last = listsEnd(lists, end);
  if (last === 0) return;
  side.offered = <u32>keepText(lists, <u32>(last - lists));
  if (side.offered === 0) countGivenUp();
}

/** Key exchange messages of either side: DH and ECDH (RFC 4253 §8, RFC 5656 §7.1), group exchange (RFC 4419 §5). */
function noteRole(side: SshSide, message: u8): void {
  if (message === 30 || message === 32 || message === 34) side.role = CLIENT;
  else if (message === 31 || message === 33) side.role = SERVER;
}

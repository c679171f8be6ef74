import {u16At, u32At} from "../../../meter/bytes";
import {Event} from "../../../meter/layout";
import {berEnd, berLength} from "../../ber";
import {isLdapMessage, takeLdapMessage} from "../../protocols/ldap";
import {pass, passGap, takeMessageBytes} from "../../streams/messages";
import {finishSides, Side, takeSegment} from "../../streams/sides";
import {berContent} from "../../text";

/** Messages of LDAP over TCP, in each direction of a flow; those that a SASL layer encrypts are passed over (RFC 4422 §3.7). */

/** Bytes of a message that are looked at. */
const MAX_MESSAGE_BYTES: usize = 4096;
/** Largest message that is passed over as one. */
const MAX_BYTES: u32 = 0x7fffffff;
/** What a wrapping begins with, little endian, and its flag that says that it is encrypted. */
const WRAP: u16 = 0x0405;
const SEALED: u8 = 2;
/** Its length and header. */
const WRAPPING_BYTES: usize = 20;
/** Largest message of a SASL layer. */
const MAX_WRAPPED: u32 = 0xffffff;

/** Takes a segment; false where nothing more can be read of either direction. */
export function takeLdapSegment(sides: usize, event: Event, start: usize, end: usize): bool {
  return takeSegment(sides, event, start, end, takeBytes, passGap);
}

/** The flow has ended: what waits behind holes is read. */
export function finishLdapSegments(sides: usize): void {
  finishSides(sides, takeBytes, passGap);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, <u32>MAX_MESSAGE_BYTES);
}

/** Where a message begins, behind a hole; 0 without. */
function findMessage(start: usize, end: usize): usize {
  for (let at = start; at + 7 <= end; at++) if (load<u8>(at) === 0x30 && isLdapMessage(at, end)) return at;
  return 0;
}

function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  let at = pass(side, start, end);
  while (side.skip === 0 && end - at >= 6) {
    if (load<u8>(at) === 0) {
      if (end - at < WRAPPING_BYTES) return at;
      at = unwrap(side, at, end);
      continue;
    }
    const content: usize = load<u8>(at) === 0x30 ? berContent(at, end) : 0;
    if (content === 0 || !isLdapMessage(at, end)) {
      // A message of which too little is there to tell.
      if (content !== 0 && end - at < 16) return at;
      side.isAstray = 1;
      return end;
    }
    const whole = content - at + <usize>min(berLength(at), MAX_BYTES);
    const looked = min(whole, MAX_MESSAGE_BYTES);
    if (end - at < looked) return at;
    if (!takeLdapMessage(<usize>side.parser, at, at + looked, ts)) return end;
    side.skip = <u32>(whole - looked);
    at = pass(side, at + looked, end);
  }
  return at;
}

/**
 * Passes over a wrapping: where it is signed and not encrypted (RFC 4121 §4.2.6.2) over what stands before the messages in
 * it, the checksum too, else over all of it; where it went on to.
 */
function unwrap(side: Side, at: usize, end: usize): usize {
  const length = min(u32At(at), MAX_WRAPPED);
  const token = at + 4;
  const isSigned = load<u16>(token) === WRAP && (load<u8>(token, 2) & SEALED) === 0 && u16At(token + 4) === u16At(token + 6);
  side.skip = 4 + (isSigned ? min(length, <u32>(WRAPPING_BYTES - 4) + u16At(token + 4)) : length);
  return pass(side, at, end);
}

/** Where the next of several messages that one datagram has begins; `end` without. */
export function behindMessage(at: usize, end: usize): usize {
  const next = berEnd(at, end);
  return next !== 0 && next < end && isLdapMessage(next, end) ? next : end;
}

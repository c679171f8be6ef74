import {u32At} from "../../../meter/bytes";
import {Event} from "../../../meter/layout";
import {pass, passGap, takeMessageBytes} from "../../streams/messages";
import {finishSides, Side, takeSegment} from "../../streams/sides";
import {isTicketMessage, takeTickets} from "../../protocols/kerberos";

/** Messages of Kerberos behind their lengths over TCP (RFC 4120 §7.2.2), in each direction of a flow. */

const LENGTH_BYTES: usize = 4;
/** Bytes of a message that are looked at: the ticket that a request carries comes first, and is long. */
const MAX_MESSAGE_BYTES: usize = 16_384;

/** Takes a segment; false where nothing more can be read of either direction. */
export function takeKerberosSegment(sides: usize, event: Event, start: usize, end: usize): bool {
  return takeSegment(sides, event, start, end, takeBytes, passGap);
}

/** The flow has ended: what waits behind holes is read. */
export function finishKerberosSegments(sides: usize): void {
  finishSides(sides, takeBytes, passGap);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, <u32>(LENGTH_BYTES + MAX_MESSAGE_BYTES));
}

/** Where a length with a message behind it begins, behind a hole; 0 without. */
function findMessage(start: usize, end: usize): usize {
  for (let at = start; at + 16 <= end; at++) if (load<u8>(at) === 0 && isTicketMessage(at + LENGTH_BYTES, end)) return at;
  return 0;
}

function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  let at = pass(side, start, end);
  while (side.skip === 0 && end - at >= LENGTH_BYTES) {
    // The highest bit is reserved.
    const length = <usize>(u32At(at) & 0x7fffffff);
    const message = at + LENGTH_BYTES;
    const looked = min(length, MAX_MESSAGE_BYTES);
    if (end - message < looked) break;
    takeTickets(<usize>side.parser, message, message + looked, ts);
    side.skip = <u32>(length - looked);
    at = pass(side, message + looked, end);
  }
  return at;
}

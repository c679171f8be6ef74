import {u16At} from "../../../meter/bytes";
import {Event} from "../../../meter/layout";
import {loseBytes} from "../../streams/held-stream";
import {takeMessageBytes} from "../../streams/messages";
import {finishSides, Side, takeSegment} from "../../streams/sides";
import {takeMessage} from "../../protocols/dns";
import {isDnsMessage} from "./dns-message";

/** DNS over TCP: messages with their length before them (RFC 1035 §4.2.2). */

/** Longest message that is put together; the length field allows 65,535. */
const MAX_MESSAGE_BYTES: u32 = 65_537;

/** Takes a segment; false where nothing more can be read of either direction. */
export function takeDnsSegment(sides: usize, event: Event, start: usize, end: usize): bool {
  return takeSegment(sides, event, start, end, takeBytes, loseBytes);
}

/** The flow has ended: what waits behind holes is read. */
export function finishDnsSegments(sides: usize): void {
  finishSides(sides, takeBytes, loseBytes);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, MAX_MESSAGE_BYTES);
}

/** Where a message begins behind a hole: a length and a plausible message of it, with a question; 0 without. */
function findMessage(start: usize, end: usize): usize {
  for (let at = start; at + 2 < end; at++) {
    const length = <usize>u16At(at);
    if (length >= 17 && isDnsMessage(at + 2, min(end, at + 2 + length), false)) return at;
  }
  return 0;
}

/** Takes the whole messages; where the bytes that wait for more begin. */
function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  while (end - start >= 2 && end - start >= 2 + <usize>u16At(start)) {
    const last = start + 2 + <usize>u16At(start);
    takeMessage(<usize>side.parser, start + 2, last, ts, side.direction);
    start = last;
  }
  return start;
}

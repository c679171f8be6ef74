import {u32At} from "../../../meter/bytes";
import {Event} from "../../../meter/layout";
import {passGap, takeMessageBytes} from "../../streams/messages";
import {finishSides, Side, takeSegment} from "../../streams/sides";
import {isText} from "../../text";
import {flowing, takeImpossible, takeMessage} from "../../protocols/smb";
import {flowAway, flowOn} from "./smb-content";
import {message} from "./smb-message";
import {firstWords, nextCommand, readSmb1} from "./smb1-message";
import {readSmb2} from "./smb2-message";

/** Messages of SMB behind their session headers (RFC 1002 §4.3.1), in each direction of a flow. */

const SESSION_HEADER_BYTES: usize = 4;
/** By the three bytes of its length ([MS-SMB2] §2.1). */
const LONGEST_MESSAGE: u64 = 0xffffff;

/** Bytes of a message that are looked at: its header and a path behind it. */
const MAX_MESSAGE_BYTES: usize = 4096;
/** More than the beginning of a message never waits. */
const MAX_HELD_BYTES: u32 = <u32>(SESSION_HEADER_BYTES + MAX_MESSAGE_BYTES);

/** Messages behind one another in one packet ([MS-SMB2] §3.3.4.1.3) that are looked at. */
const MAX_COMPOUNDED = 16;
/** Commands of one message of SMB 1 that are. */
const MAX_CHAINED = 4;

/** Takes a segment; false where nothing more can be read of either direction. */
export function takeSmbSegment(sides: usize, event: Event, start: usize, end: usize): bool {
  return takeSegment(sides, event, start, end, takeBytes, missBytes);
}

/** The flow has ended: what waits behind holes is read. */
export function finishSmbSegments(sides: usize): void {
  finishSides(sides, takeBytes, missBytes);
}

/** What is missing may be some of a file's content. */
function missBytes(at: usize, missing: i32): void {
  const side = changetype<Side>(at);
  flowAway(flowing(<usize>side.parser, side.direction), <u32>missing, side.heldLength !== 0 || <u32>missing > side.skip);
  passGap(at, missing);
}

/** Passes over what is there of the rest of a message, but for a file's content; where it went on to. */
function pass(side: Side, at: usize, end: usize): usize {
  const passed = min(side.skip, <u32>(end - at));
  if (passed === 0) return at;
  side.skip -= passed;
  const content = flowing(<usize>side.parser, side.direction);
  if (content.file !== 0) flowOn(content, at, at + <usize>passed);
  return at + <usize>passed;
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findMessage, takeMessages, MAX_HELD_BYTES);
}

/** Where a session header with a message behind it begins, behind a hole; 0 without. */
function findMessage(start: usize, end: usize): usize {
  for (let at = start; at + 8 <= end; at++)
    if (load<u8>(at) === 0 && load<u8>(at, 4) >= 0xfc && isText(at + 5, end, "SMB")) return at;
  return 0;
}

/** Takes the messages of which enough is there; where the bytes that wait for more begin. */
function takeMessages(side: Side, start: usize, end: usize, ts: f64): usize {
  let at = pass(side, start, end);
  while (side.skip === 0 && end - at >= SESSION_HEADER_BYTES) {
    // A message has a type of zero; over port 445 three bytes of length, over 139 seventeen bits of it.
    const length = <usize>(u32At(at) & 0xffffff);
    const message = at + SESSION_HEADER_BYTES;
    const looked = min(length, MAX_MESSAGE_BYTES);
    if (end - message < looked) break;
    if (load<u8>(at) === 0) takeCompounded(side, message, message + looked, ts);
    if (side.isAstray !== 0) return end;
    side.skip = <u32>(length - looked);
    at = pass(side, message + looked, end);
  }
  return at;
}

/** Takes the messages that have one session header in common. */
function takeCompounded(side: Side, at: usize, end: usize, ts: f64): void {
  for (let i = 0; i < MAX_COMPOUNDED; i++) {
    if (end - at < 8) return;
    const first = load<u8>(at);
    // Encrypted and compressed ones tell nothing, but for what they claim.
    if (first === 0xfc && end - at >= 16 && isText(at + 1, end, "SMB")) noteCompressed(side, at, ts);
    if (first === 0xfd || first === 0xfc) return;
    if ((first !== 0xfe && first !== 0xff) || !isText(at + 1, end, "SMB")) {
      // Not where a message was to begin.
      side.isAstray = 1;
      return;
    }
    if (first === 0xff) return takeChained(side, at, end, ts);
    if (!readSmb2(at, end)) return;
    at = <usize>message.next;
    takeMessage(<usize>side.parser, side.direction, ts);
    if (at === 0) return;
  }
}

/**
 * A compressed message says how long it becomes, behind how many bytes that are not compressed ([MS-SMB2] §2.2.42); where it
 * is one of several, the latter is its own length. What is longer than a session header can say is no message.
 */
function noteCompressed(side: Side, at: usize, ts: f64): void {
  const isChained = (load<u16>(at, 10) & 1) !== 0;
  const claimed = <u64>load<u32>(at, 4) + (isChained ? 0 : <u64>load<u32>(at, 12));
  if (claimed > LONGEST_MESSAGE) takeImpossible(<usize>side.parser, <f64>claimed, ts);
}

/** Takes the commands of one message of SMB 1 ([MS-CIFS] §2.2.3.4). */
function takeChained(side: Side, start: usize, end: usize, ts: f64): void {
  let at = firstWords(start);
  let command = 0;
  for (let link = 0; link < MAX_CHAINED && readSmb1(start, end, at, command, link); link++) {
    at = <usize>message.next;
    command = nextCommand();
    takeMessage(<usize>side.parser, side.direction, ts);
    if (at === 0) return;
  }
}

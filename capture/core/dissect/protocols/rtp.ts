import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {Reading, RTP} from "../streams/reading";

/** RTP by packets of one source whose sequence numbers follow each other (RFC 3550 §5.1): a single header is no proof. */

/** Packets of one direction that must follow each other, and payloads within which they must. */
const MIN_PACKETS: u8 = 3;
const MAX_PAYLOADS: u8 = 8;

/** Steps of the sequence number between packets seen one after the other (RFC 3550 §A.1: MAX_DROPOUT is larger). */
const MAX_STEP: u32 = 50;

/** What one direction sent last. */
@unmanaged
class Sender {
  source: u32 = 0;
  sequence: u16 = 0;
  /** Packets that followed each other, the last one among them; 0 before any. */
  packets: u8 = 0;
  reserved: u8 = 0;
}

/** A flow of which nothing is sure yet; the `Sender`s of its two directions follow it. */
@unmanaged
class Candidate {
  payloads: u32 = 0;
}

const STATE_BYTES: usize = offsetof<Candidate>() + 2 * offsetof<Sender>();

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRtp(byte: u8): bool {
  return byte >> 6 === 2;
}

/** A header of version 2 with a payload type that is assigned or dynamic (RFC 3550 §5.1, RFC 3551 §6). */
export function recogniseRtp(_event: Event, start: usize, end: usize): bool {
  const sources = <usize>(load<u8>(start) & 0x0f);
  const type = load<u8>(start, 1) & 0x7f;
  // Types between would be packet types of RTCP, 192 to 223 (RFC 5761 §4), or are not assigned.
  return load<u8>(start) >> 6 === 2 && end > start + 12 + 4 * sources && (type <= 34 || type >= 96);
}

/** State of a new flow; 0 where memory is out. */
export function beginRtp(): usize {
  const state = allocate(STATE_BYTES);
  if (state !== 0) memory.fill(state, 0, STATE_BYTES);
  return state;
}

/** Takes the next packet, and names the flow once it is sure; false: no more wanted. */
export function takeRtp(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  const candidate = changetype<Candidate>(state);
  if (++candidate.payloads > MAX_PAYLOADS) return false;
  // RTCP on the same port (RFC 5761 §4) and messages that keep a binding alive say nothing against it.
  if (!recogniseRtp(event, start, end)) return end < start + 12 || isControl(load<u8>(start, 1));
  const sender = changetype<Sender>(state + offsetof<Candidate>() + <usize>event.direction * offsetof<Sender>());
  const source = u32At(start + 8);
  const sequence = <u16>u16At(start + 2);
  const step = <u32>(sequence - sender.sequence) & 0xffff;
  const isNext = sender.packets > 0 && sender.source === source && step <= MAX_STEP;
  if (!isNext) sender.packets = 1;
  // A packet seen twice (a capture on two interfaces) proves nothing.
  else if (step > 0) sender.packets++;
  sender.source = source;
  sender.sequence = sequence;
  if (sender.packets < MIN_PACKETS) return true;
  reading.service = RTP + 1;
  return false;
}

/** Packet types of RTCP (RFC 5761 §4). */
function isControl(type: u8): bool {
  return type >= 192 && type <= 223;
}

/** The flow has ended, or no more of it is wanted. */
export function endRtp(state: usize, _reading: Reading, _event: Event): void {
  release(state, STATE_BYTES);
}

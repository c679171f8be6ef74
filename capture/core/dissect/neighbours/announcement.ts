import {writeAddressText} from "../../encoder/address-text";
import {Event} from "../../meter/layout";
import {addressOf, flowIdOf} from "../streams/reading";
import {appendMac, appendNumber, clean, cleanAt, cleanLength} from "../text";

/** What a router or switch says of itself, as it is read of one message. */

/** Texts of it, and how many bytes of one are kept. */
export const DEVICE = 0;
export const PORT = 1;
export const PLATFORM = 2;
export const ADDRESS = 3;
export const LEADER = 4;
export const ERROR = 5;
export const NETWORKS = 6;
export const TEXTS = 7;
export const TEXT_BYTES: usize = 384;
/** Of bytes that are no UTF-8 each becomes three. */
const MOST_BYTES: u32 = <u32>TEXT_BYTES / 3;

@unmanaged
export class Announcement {
  // Who speaks of what: up to here those of one row are equal, and those of a sender that says something else.
  sourceA: u64 = 0;
  sourceB: u64 = 0;
  targetA: u64 = 0;
  targetB: u64 = 0;
  flow: u64 = 0;
  /** Address of an Ethernet station, in its lower six bytes. */
  station: u64 = 0;
  group: f64 = 0;
  /** Constant texts; 0 without. */
  protocol: u32 = 0;
  message: u32 = 0;
  vlan: i32 = 0;
  /** 4 or 6; 0 of frames without IP. */
  version: u16 = 0;
  hasStation: u16 = 0;
  // What is said.
  priority: f64 = 0;
  leaderPriority: f64 = 0;
  hold: f64 = 0;
  sequence: f64 = 0;
  /** 1 where the default route is announced, 0 where other networks are. */
  defaultRoute: f64 = 0;
  state: u32 = 0;
  auth: u32 = 0;
  /** Lengths of texts; 0 without. */
  lengths0: u32 = 0;
  lengths1: u32 = 0;
  lengths2: u32 = 0;
  lengths3: u32 = 0;
  lengths4: u32 = 0;
  lengths5: u32 = 0;
  lengths6: u32 = 0;
  // What is summed over the messages of a row.
  prefixes: f64 = 0;
  withdrawn: f64 = 0;
}

/** Bytes by which the sender and its subject are told, and all that is said; the texts follow the class. */
export const SUBJECT_BYTES: usize = offsetof<Announcement>("priority");
export const SAID_BYTES: usize = offsetof<Announcement>("prefixes");
export const ANNOUNCEMENT_BYTES: usize = offsetof<Announcement>() + <usize>TEXTS * TEXT_BYTES;

/** The message under way. */
export const said = changetype<Announcement>(memory.data(<i32>ANNOUNCEMENT_BYTES, 8));

/** Begins a message: `protocol` and `message` are constants. */
export function beginAnnouncement(protocol: string, message: string): void {
  memory.fill(changetype<usize>(said), 0, ANNOUNCEMENT_BYTES);
  said.protocol = <u32>changetype<usize>(protocol);
  said.message = <u32>changetype<usize>(message);
  said.vlan = -1;
  said.group = said.priority = said.leaderPriority = said.hold = said.prefixes = said.withdrawn = said.sequence = said.defaultRoute = NaN;
}

/** The sender of a frame without IP; `batch`: the batch's bytes. */
export function sentByStation(event: Event, batch: usize): void {
  said.vlan = event.version;
  if (event.streamOffset < 0) return;
  said.hasStation = 1;
  memory.copy(changetype<usize>(said) + offsetof<Announcement>("station"), batch + <usize>event.streamOffset + 6, 6);
}

/** The sender and receiver of a message of a flow. */
export function sentInFlow(event: Event): void {
  said.flow = flowIdOf(event);
  said.version = <u16>event.version;
  const at = changetype<usize>(said);
  memory.copy(at + offsetof<Announcement>("sourceA"), addressOf(event, event.direction), 16);
  memory.copy(at + offsetof<Announcement>("targetA"), addressOf(event, 1 - event.direction), 16);
}

export function setMessage(message: string): void {
  said.message = <u32>changetype<usize>(message);
}
export function setState(state: string): void {
  said.state = state.length === 0 ? 0 : <u32>changetype<usize>(state);
}
export function setAuth(auth: string): void {
  said.auth = <u32>changetype<usize>(auth);
}

// @ts-ignore: decorator
@inline
function lengthPlace(its: Announcement, text: i32): usize {
  return changetype<usize>(its) + offsetof<Announcement>("lengths0") + (<usize>text << 2);
}

/** Where a text of an announcement stands, and its length. */
// @ts-ignore: decorator
@inline
export function textPlace(its: Announcement, text: i32): usize {
  return changetype<usize>(its) + offsetof<Announcement>() + <usize>text * TEXT_BYTES;
}

// @ts-ignore: decorator
@inline
export function textLength(its: Announcement, text: i32): u32 {
  return load<u32>(lengthPlace(its, text));
}

/** A text was written to its place, up to `end`. */
export function endText(text: i32, end: usize): void {
  store<u32>(lengthPlace(said, text), <u32>(end - textPlace(said, text)));
}

/** Sets a text by bytes of the message, without zeros at its end. */
export function setBytes(text: i32, start: usize, end: usize): void {
  while (end > start && load<u8>(end - 1) === 0) end--;
  if (end <= start) return;
  clean(start, end, MOST_BYTES);
  memory.copy(textPlace(said, text), cleanAt, cleanLength);
  store<u32>(lengthPlace(said, text), cleanLength);
}

export function setMac(text: i32, at: usize): void {
  endText(text, appendMac(at, textPlace(said, text)));
}

/** Sets an address of that version; `isKnown`: also one of zeros. */
export function setAddressText(text: i32, at: usize, version: u8, isKnown: bool = false): void {
  if (!isKnown && load<u32>(at) === 0 && (version === 4 || (load<u32>(at, 4) | load<u32>(at, 8) | load<u32>(at, 12)) === 0)) return;
  endText(text, writeAddressText(at, version, textPlace(said, text)));
}

export function setNumberText(text: i32, number: u32): void {
  endText(text, appendNumber(number, textPlace(said, text)));
}

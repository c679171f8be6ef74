import {Event} from "../../meter/layout";
import {dropText} from "../heap";
import {addressOf} from "./reading";

/** Connections that another one has announced (FTP's data, TFTP's transfers, files within IRC), by one of their ends. */

@unmanaged
export class Expected {
  a: u64 = 0;
  b: u64 = 0;
  /** Name of the file, kept; 0 while it is not known. */
  name: u32 = 0;
  /** Who announced it: a protocol's number; 0 once it was met, or another took its place. */
  by: u8 = 0;
  reserved: u8 = 0;
  port: u16 = 0;
  /** Bytes of the file, NaN where that is not said. */
  size: f64 = 0;
}

/** Announcements that wait; beyond, the oldest is forgotten. */
const PLACES: i32 = 256;
const places: usize = memory.data(8192, 8);
let next: i32 = 0;
/** How many were announced so far. */
export let announced: i32 = 0;

/** Forgets all; to be called where the heap begins anew. */
export function openExpected(): void {
  memory.fill(places, 0, <usize>PLACES * offsetof<Expected>());
  next = 0;
  announced = 0;
}

/** A connection with that end is to come; its place, for `nameExpected`. `side`: whose address of the event's flow it is. */
export function expect(by: u8, event: Event, side: i32, port: u16): i32 {
  const address = addressOf(event, side);
  return expectAt(by, load<u64>(address), load<u64>(address, 8), port);
}

/** A connection is to come to a host that need not be an end of the flow that announces it: both halves of its address. */
export function expectAt(by: u8, a: u64, b: u64, port: u16): i32 {
  const place = next;
  next = (next + 1) % PLACES;
  announced++;
  const expected = expectedAt(place);
  dropText(<usize>expected.name);
  expected.a = a;
  expected.b = b;
  expected.name = 0;
  expected.by = by;
  expected.port = port;
  expected.size = NaN;
  return place;
}

// @ts-ignore: decorator
@inline
export function expectedAt(place: i32): Expected {
  return changetype<Expected>(places + <usize>place * offsetof<Expected>());
}

/** Names the file of a connection that is to come, if it has not come yet; the text is its own from now on. */
export function nameExpected(place: i32, port: u16, name: usize): void {
  const expected = expectedAt(place);
  if (expected.port !== port || expected.by === 0) return dropText(name);
  dropText(<usize>expected.name);
  expected.name = <u32>name;
}

/** Place of the announcement of the event's flow, the newest first; -1 without. */
export function findExpected(event: Event): i32 {
  const originator = <u16>event.sourcePort;
  const responder = <u16>event.destinationPort;
  const count = min(announced, PLACES);
  for (let i = 1; i <= count; i++) {
    const place = (next - i + PLACES) % PLACES;
    const expected = expectedAt(place);
    if (expected.by === 0) continue;
    if ((expected.port === responder && isAt(expected, event, 1)) || (expected.port === originator && isAt(expected, event, 0))) return place;
  }
  return -1;
}

/** Which end of the event's flow the announcement at `place` names: 0 the originator, 1 the responder. */
export function expectedEnd(place: i32, event: Event): i32 {
  const expected = expectedAt(place);
  return expected.port === <u16>event.destinationPort && isAt(expected, event, 1) ? 1 : 0;
}

function isAt(expected: Expected, event: Event, side: i32): bool {
  const address = addressOf(event, side);
  return expected.a === load<u64>(address) && expected.b === load<u64>(address, 8);
}

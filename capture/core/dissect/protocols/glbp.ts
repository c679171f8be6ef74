import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {ADDRESS, beginAnnouncement, said, sentInFlow, setAddressText, setAuth, setState} from "../neighbours/announcement";
import {noteAnnouncement} from "../neighbours/neighbours";
import {Reading} from "../streams/reading";

const PORT = 3222;
const HEADER: usize = 12;
/** Parts of a message: of the group, and how it is authenticated. */
const HELLO: u8 = 1;
const AUTHENTICATION: u8 = 3;
const MOST_PARTS = 32;

/** Cisco's GLBP by its port, version 1 and the first type and length (of a hello or a request). */
export function recogniseGlbp(event: Event, start: usize, end: usize): bool {
  return event.destinationPort === PORT && start + 14 <= end && load<u8>(start) === 1 && load<u8>(start, 12) >= 1 && load<u8>(start, 12) <= 4;
}

/** Whether it may begin with that byte. */
export function beginsGlbp(byte: u8): bool {
  return byte === 1;
}

/** Takes a message; more are wanted always. Version, group, owner; then parts of a type and a length that counts both. */
export function takeGlbp(_state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  if (start + HEADER > end || load<u8>(start) !== 1) return true;
  beginAnnouncement("glbp", "hello");
  sentInFlow(event);
  said.group = u16At(start + 2);
  setAuth("none");
  let isHello = false;
  let at = start + HEADER;
  for (let i = 0; i < MOST_PARTS && at + 2 <= end; i++) {
    const stop = at + <usize>load<u8>(at, 1);
    if (stop < at + 2) break;
    if (load<u8>(at) === HELLO) isHello = readHello(at + 2, min(stop, end)) || isHello;
    else if (load<u8>(at) === AUTHENTICATION && at + 3 <= end) setAuth(load<u8>(at, 2) === 0 ? "none" : load<u8>(at, 2) === 1 ? "password" : "digest");
    at = stop;
  }
  // What a router says of its part in forwarding alone is no hello.
  if (isHello) noteAnnouncement(event.time);
  return true;
}

/** State, priority, times; then, unless it was cut off, the address of the group. */
function readHello(at: usize, end: usize): bool {
  if (at + 14 > end) return false;
  setState(stateName(load<u8>(at, 1)));
  said.priority = load<u8>(at, 3);
  said.hold = <f64>u32At(at + 10) / 1000;
  const version: u8 = at + 22 > end ? 0 : load<u8>(at, 20);
  if (version === 1 && at + 26 <= end) setAddressText(ADDRESS, at + 22, 4);
  else if (version === 2 && at + 38 <= end) setAddressText(ADDRESS, at + 22, 6);
  return true;
}

function stateName(state: u8): string {
  switch (state) {
    case 4: return "listen";
    case 8: return "speak";
    case 16: return "standby";
    case 32: return "active";
  }
  return "";
}

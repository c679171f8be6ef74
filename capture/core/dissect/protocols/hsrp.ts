import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {ADDRESS, beginAnnouncement, said, sentInFlow, setAddressText, setAuth, setMessage, setState} from "../neighbours/announcement";
import {noteAnnouncement} from "../neighbours/neighbours";
import {Reading} from "../streams/reading";

const PORT = 1985;
const PORT_IPV6 = 2029;
/** Parts of version 2, and of version 1 behind its message. */
const GROUP_STATE: u8 = 1;
const TEXT: u8 = 3;
const DIGEST: u8 = 4;
/** Operations of version 1 (RFC 2281 §5.2) that are read. */
const RESIGN: u8 = 2;

/** Cisco's HSRP by its port and header, of version 1 (RFC 2281 §5.1) and of 2, which is made of types and lengths. */
export function recogniseHsrp(event: Event, start: usize, end: usize): bool {
  if (event.destinationPort !== PORT && event.destinationPort !== PORT_IPV6) return false;
  const first = load<u8>(start);
  const second = load<u8>(start, 1);
  if (first === 0 && second <= 2) return end - start >= 20 && load<u8>(start, 2) <= 16;
  if (first === 0 && second === 3) return end - start >= 8;
  return first >= 1 && first <= 4 && start + 2 + <usize>second <= end && second >= 4;
}

/** Whether it may begin with that byte. */
export function beginsHsrp(byte: u8): bool {
  return byte <= 4;
}

/** Takes a message; more are wanted always. */
export function takeHsrp(_state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  if (start + 2 > end) return true;
  beginAnnouncement("hsrp", "hello");
  sentInFlow(event);
  if (load<u8>(start) === 0 ? readFirst(start, end) : readSecond(start, end)) noteAnnouncement(event.time);
  return true;
}

/** Version 1: operation, state, times, priority, group, password, address. */
function readFirst(start: usize, end: usize): bool {
  if (start + 20 > end || load<u8>(start, 1) > RESIGN) return false;
  name(load<u8>(start, 1));
  setState(firstState(load<u8>(start, 2)));
  said.hold = load<u8>(start, 4);
  said.priority = load<u8>(start, 5);
  said.group = load<u8>(start, 6);
  const hasDigest = start + 22 <= end && load<u8>(start, 20) === DIGEST;
  setAuth(hasDigest ? "digest" : load<u64>(start, 8) === 0 ? "none" : "password");
  setAddressText(ADDRESS, start + 16, 4);
  return true;
}

/** Version 2: the group's state, then how the message is authenticated. */
function readSecond(start: usize, end: usize): bool {
  const content = start + 2;
  if (load<u8>(start) !== GROUP_STATE || load<u8>(start, 1) < 40 || content + 40 > end) return false;
  name(load<u8>(content, 1));
  setState(secondState(load<u8>(content, 2)));
  said.group = u16At(content + 4);
  said.priority = u32At(content + 12);
  said.hold = <f64>u32At(content + 20) / 1000;
  setAddressText(ADDRESS, content + 24, load<u8>(content, 3) === 6 ? 6 : 4);
  const next = content + <usize>load<u8>(start, 1);
  const kind: u8 = next + 2 <= end ? load<u8>(next) : 0;
  setAuth(kind === DIGEST ? "digest" : kind === TEXT ? "password" : "none");
  return true;
}

function name(operation: u8): void {
  if (operation !== 0) setMessage(operation === 1 ? "coup" : "resign");
}

function firstState(state: u8): string {
  switch (state) {
    case 0: return "initial";
    case 1: return "learn";
    case 2: return "listen";
    case 4: return "speak";
    case 8: return "standby";
    case 16: return "active";
  }
  return "";
}

function secondState(state: u8): string {
  switch (state) {
    case 1: return "initial";
    case 2: return "learn";
    case 3: return "listen";
    case 4: return "speak";
    case 5: return "standby";
    case 6: return "active";
  }
  return "";
}

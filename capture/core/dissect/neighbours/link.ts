import {u16At, u32At} from "../../meter/bytes";
import {CDP, DTP, SPANNING_TREE, VTP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {hexDigit} from "../text";
import {ADDRESS, beginAnnouncement, DEVICE, endText, LEADER, PLATFORM, PORT, said, sentByStation, setAddressText, setBytes, setMac, setMessage, setState, textLength, textPlace} from "./announcement";
import {noteAnnouncement} from "./neighbours";
import {readDtp, readVtp} from "./trunks";

/** Switches that speak without IP: LLDP (IEEE 802.1AB), Cisco's CDP, VTP and DTP, and spanning trees (IEEE 802.1D). */

const LLDP: i32 = 0x88cc;
const MOST_PARTS = 64;

/** Takes a frame if it is one of these; `batch`: the batch's bytes. */
export function takeNeighbourFrame(event: Event, batch: usize): void {
  switch (event.proto) {
    case LLDP: beginAnnouncement("lldp", "announcement"); break;
    case CDP: beginAnnouncement("cdp", "announcement"); break;
    case VTP: beginAnnouncement("vtp", "summary"); break;
    case DTP: beginAnnouncement("dtp", "announcement"); break;
    case SPANNING_TREE: beginAnnouncement("stp", "configuration"); break;
    default: return;
  }
  sentByStation(event, batch);
  if (readFrame(event.proto, batch + <usize>event.start, batch + <usize>event.end)) noteAnnouncement(event.time);
}

function readFrame(type: i32, start: usize, end: usize): bool {
  switch (type) {
    case LLDP: return readLldp(start, end);
    case CDP: return readCdp(start, end);
    case VTP: return readVtp(start, end);
    case DTP: return readDtp(start, end);
  }
  return readSpanningTree(start, end);
}

/** Parts of a type of seven bits and a length of nine (§8.4): chassis, port and time to live come first. */
function readLldp(start: usize, end: usize): bool {
  let at = start;
  for (let i = 0; i < MOST_PARTS && at + 2 <= end; i++) {
    const head = u16At(at);
    const type = head >> 9;
    const content = at + 2;
    const stop = content + <usize>(head & 0x1ff);
    if (type === 0 || stop > end) break;
    if (type === 1) setIdentifier(DEVICE, content, stop, 4, 5);
    else if (type === 2) setIdentifier(PORT, content, stop, 3, 4);
    else if (type === 3 && stop - content >= 2) said.hold = u16At(content);
    else if (type === 5) setBytes(DEVICE, content, stop);
    else if (type === 6) setBytes(PLATFORM, content, stop);
    else if (type === 8 && stop - content >= 2 && textLength(said, ADDRESS) === 0) setManagement(content, stop);
    at = stop;
  }
  return !isNaN(said.hold);
}

/** A chassis or port by the kind of its identifier: a MAC address, an address with its family, or a text. */
function setIdentifier(text: i32, start: usize, end: usize, mac: u8, address: u8): void {
  if (start >= end) return;
  const kind = load<u8>(start);
  const length = end - start - 1;
  if (kind === mac && length === 6) setMac(text, start + 1);
  else if (kind === address && length === 5 && load<u8>(start, 1) === 1) setAddressText(text, start + 2, 4, true);
  else if (kind === address && length === 17 && load<u8>(start, 1) === 2) setAddressText(text, start + 2, 6, true);
  else setBytes(text, start + 1, end);
}

/** Length of family and address (§8.5.9). */
function setManagement(start: usize, end: usize): void {
  const length = load<u8>(start);
  const family = load<u8>(start, 1);
  if (start + 1 + <usize>length > end) return;
  if (family === 1 && length === 5) setAddressText(ADDRESS, start + 2, 4);
  else if (family === 2 && length === 17) setAddressText(ADDRESS, start + 2, 6);
}

/** Version, time to live, checksum; then parts of a type and a length that counts both. */
function readCdp(start: usize, end: usize): bool {
  if (start + 4 > end || load<u8>(start) === 0 || load<u8>(start) > 2) return false;
  said.hold = load<u8>(start, 1);
  let at = start + 4;
  for (let i = 0; i < MOST_PARTS && at + 4 <= end; i++) {
    const type = u16At(at);
    const length = <usize>u16At(at + 2);
    const content = at + 4;
    const stop = at + length;
    if (length < 4 || stop > end) break;
    if (type === 1) setBytes(DEVICE, content, stop);
    else if (type === 2) setFirstAddress(content, stop);
    else if (type === 3) setBytes(PORT, content, stop);
    else if (type === 6) setBytes(PLATFORM, content, stop);
    at = stop;
  }
  return true;
}

/** How many there are; of each kind and length of its protocol, the protocol, the address's length, the address. */
function setFirstAddress(start: usize, end: usize): void {
  if (start + 9 > end || u32At(start) === 0) return;
  const at = start + 6 + <usize>load<u8>(start, 5);
  if (at + 2 > end || at + 2 + <usize>u16At(at) > end) return;
  if (u16At(at) === 4) setAddressText(ADDRESS, at + 2, 4);
  else if (u16At(at) === 16) setAddressText(ADDRESS, at + 2, 6);
}

/** Protocol 0, version, type; flags, root, cost, bridge, port, ages in 256ths of a second (§9.3). */
function readSpanningTree(start: usize, end: usize): bool {
  if (start + 4 > end || u16At(start) !== 0) return false;
  const type = load<u8>(start, 3);
  if (type === 0x80) {
    setMessage("topology_change");
    return true;
  }
  if ((type !== 0 && type !== 2) || start + 35 > end) return false;
  if (type === 2) setMessage("rapid");
  if ((load<u8>(start, 4) & 1) !== 0) setState("topology_change");
  // The lower twelve bits of a priority are the VLAN.
  said.leaderPriority = u16At(start + 5) & 0xf000;
  setMac(LEADER, start + 7);
  said.priority = u16At(start + 17) & 0xf000;
  said.group = u16At(start + 17) & 0x0fff;
  setMac(DEVICE, start + 19);
  setPort(u16At(start + 25));
  said.hold = <f64>u16At(start + 29) / 256;
  return true;
}

/** Writes `0x8001`. */
function setPort(port: u32): void {
  let to = textPlace(said, PORT);
  store<u16>(to, 0x7830);
  to += 2;
  for (let shift = 12; shift >= 0; shift -= 4) store<u8>(to++, hexDigit(<u8>(port >> shift) & 15));
  endText(PORT, to);
}

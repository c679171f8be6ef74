import {u16At, u32At} from "../../meter/bytes";
import {EIGRP, OSPF, VRRP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {ADDRESS, beginAnnouncement, DEVICE, LEADER, said, sentInFlow, setAddressText, setAuth, setMessage} from "./announcement";
import {readEigrp} from "./eigrp";
import {readLinkStates} from "./link-states";
import {noteAnnouncement} from "./neighbours";

/** Routers that speak by an IP protocol of their own: EIGRP (eigrp.ts), hellos and updates of OSPF (RFC 2328, RFC 5340), and VRRP (RFC 3768, RFC 5798). */

const HELLO: u8 = 1;
const UPDATE: u8 = 4;

/** Whether an IP protocol is one of these. */
// @ts-ignore: decorator
@inline
export function isRouters(proto: i32): bool {
  return proto === OSPF || proto === VRRP || proto === EIGRP;
}

/** Takes a packet of one of them. */
export function takeRouterPacket(event: Event, start: usize, end: usize): void {
  if (event.proto === OSPF) beginAnnouncement("ospf", "hello");
  else if (event.proto === EIGRP) beginAnnouncement("eigrp", "hello");
  else beginAnnouncement("vrrp", "announcement");
  sentInFlow(event);
  if (event.proto === OSPF ? readOspf(start, end) : event.proto === EIGRP ? readEigrp(start, end) : readVrrp(event, start, end)) noteAnnouncement(event.time);
}

/** Version, type, length, router, area, checksum; then, by version, authentication and the message (§A.3). */
function readOspf(start: usize, end: usize): bool {
  if (start + 16 > end) return false;
  const version = load<u8>(start);
  const type = load<u8>(start, 1);
  const content = start + (version === 2 ? 24 : 16);
  if ((version !== 2 && version !== 3) || (type !== HELLO && type !== UPDATE) || content > end) return false;
  setAddressText(DEVICE, start + 4, 4, true);
  said.group = u32At(start + 8);
  if (version === 2) {
    const auth = u16At(start + 14);
    setAuth(auth === 0 ? "none" : auth === 1 ? "password" : "digest");
  }
  if (type === HELLO) return readHello(content, end, version);
  setMessage("update");
  // A digest follows what the length counts.
  return readLinkStates(content, min(end, start + <usize>u16At(start + 2)), version);
}

function readHello(hello: usize, end: usize, version: u8): bool {
  if (hello + 20 > end) return false;
  if (version === 2) {
    said.priority = load<u8>(hello, 7);
    said.hold = u32At(hello + 8);
  } else {
    said.priority = load<u8>(hello, 4);
    said.hold = u16At(hello + 10);
  }
  setAddressText(LEADER, hello + 12, 4);
  return true;
}

/** Version and type 1, virtual router, priority, addresses, time between messages; the addresses behind eight bytes (§5.1). */
function readVrrp(event: Event, start: usize, end: usize): bool {
  if (start + 8 > end || (load<u8>(start) & 15) !== 1) return false;
  const version = load<u8>(start) >> 4;
  if (version !== 2 && version !== 3) return false;
  said.group = load<u8>(start, 1);
  said.priority = load<u8>(start, 2);
  if (version === 2) {
    const auth = load<u8>(start, 4);
    setAuth(auth === 0 ? "none" : auth === 1 ? "password" : "digest");
    said.hold = load<u8>(start, 5);
  } else {
    setAuth("none");
    said.hold = <f64>(u16At(start + 4) & 0x0fff) / 100;
  }
  const is4 = event.version === 4;
  if (load<u8>(start, 3) > 0 && start + (is4 ? 12 : 24) <= end) setAddressText(ADDRESS, start + 8, is4 ? 4 : 6);
  return true;
}

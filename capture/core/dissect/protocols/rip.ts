import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {beginAnnouncement, said, sentInFlow, setAuth} from "../neighbours/announcement";
import {noteAnnouncement} from "../neighbours/neighbours";
import {announceNetwork, beginNetworks, maskBits, NO_LENGTH} from "../neighbours/networks";
import {Reading} from "../streams/reading";

const HEADER: usize = 4;
const ENTRY: usize = 20;
const REQUEST: u8 = 1;
/** A metric so large says that there is no way. */
const INFINITE: u32 = 16;
/** Families of entries: IPv4, and what says how the message is authenticated (RFC 2453 §4.1). */
const IPV4: u32 = 2;
const AUTHENTICATION: u32 = 0xffff;
const PASSWORD: u32 = 2;
/** Metric of an entry of RIPng that names the next hop of those behind it (RFC 2080 §2.1.1). */
const NEXT_HOP: u8 = 255;

/** RIP by its port, command, version and entries of 20 bytes (RFC 2453 §4), and RIPng (RFC 2080 §2.1). */
export function recogniseRip(event: Event, start: usize, end: usize): bool {
  const port = event.destinationPort;
  const version = load<u8>(start, 1);
  if (port !== 520 && port !== 521 && event.sourcePort !== 520 && event.sourcePort !== 521) return false;
  return end - start >= 24 && (end - start - 4) % 20 === 0 && version <= 2 && u16At(start + 2) === 0;
}

/** Whether it may begin with that byte. */
export function beginsRip(byte: u8): bool {
  return byte === 1 || byte === 2;
}

/** Takes a message; more are wanted always. */
export function takeRip(_state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  if (start + HEADER > end || !beginsRip(load<u8>(start))) return true;
  const isNext = event.destinationPort === 521 || event.sourcePort === 521;
  const isRequest = load<u8>(start) === REQUEST;
  beginAnnouncement(isNext ? "ripng" : "rip", isRequest ? "request" : "response");
  sentInFlow(event);
  if (!isNext) setAuth("none");
  if (!isRequest) beginNetworks();
  for (let at = start + HEADER; at + ENTRY <= end; at += ENTRY) {
    if (!isNext && u16At(at) === AUTHENTICATION) {
      if (at === start + HEADER) setAuth(u16At(at + 2) === PASSWORD ? "password" : "digest");
    } else if (!isRequest) {
      if (isNext) takePrefix(at);
      else if (u16At(at) === IPV4) takeRoute(at, load<u8>(start, 1));
    }
  }
  noteAnnouncement(event.time);
  return true;
}

/** Family, tag, address, mask, next hop, metric; version 1 has neither mask nor next hop. */
function takeRoute(at: usize, version: u8): void {
  if (u32At(at + 16) >= INFINITE) said.withdrawn++;
  else announceNetwork(at + 4, 4, 4, version === 1 ? NO_LENGTH : maskBits(u32At(at + 8)));
}

/** Prefix, tag, length, metric. */
function takePrefix(at: usize): void {
  const metric = load<u8>(at, 19);
  if (metric === NEXT_HOP) return;
  if (metric >= <u8>INFINITE) said.withdrawn++;
  else announceNetwork(at, 16, 6, load<u8>(at, 18));
}

import {u16At, u32At} from "../../meter/bytes";
import {said, setAuth, setMessage} from "./announcement";
import {announceNetwork, beginNetworks} from "./networks";

/** EIGRP (RFC 7868): hellos, and the routes of updates, queries and replies. */

const HEADER: usize = 20;
const HELLO: u8 = 5;
const PARAMETERS: u32 = 0x0001;
const AUTHENTICATION: u32 = 0x0002;
/** Routes by their address family: the low byte tells those of the AS (2) from those of others (3). */
const IPV4: u32 = 0x0100;
const IPV6: u32 = 0x0400;
const WIDE: u32 = 0x0600;
const EXTERNAL: u32 = 3;
/** What is said of a route from elsewhere, and the metrics of a route. */
const EXTERNAL_BYTES: usize = 20;
const METRIC_BYTES: usize = 16;
const WIDE_METRIC_BYTES: usize = 24;
const MOST_PARTS = 256;

/** Version, operation, checksum, flags, sequence, acknowledged one, virtual router, AS; then parts of a type and a length that counts both (§6.5). */
export function readEigrp(start: usize, end: usize): bool {
  if (start + HEADER > end || load<u8>(start) !== 2) return false;
  const operation = load<u8>(start, 1);
  const name = operationName(operation);
  // A hello that acknowledges is no more than that.
  if (name.length === 0 || (operation === HELLO && u32At(start + 12) !== 0)) return false;
  said.group = u16At(start + 18);
  setMessage(name);
  setAuth("none");
  if (operation !== HELLO) beginNetworks();
  let at = start + HEADER;
  for (let i = 0; i < MOST_PARTS && at + 4 <= end; i++) {
    const type = u16At(at);
    const stop = at + <usize>u16At(at + 2);
    if (stop < at + 4) break;
    readPart(type, at + 4, min(stop, end), operation);
    at = stop;
  }
  return true;
}

function readPart(type: u32, at: usize, end: usize, operation: u8): void {
  if (type === PARAMETERS && at + 8 <= end) {
    said.hold = u16At(at + 6);
    // A router that leaves says so by constants that none has.
    if (u32At(at) === 0xffffffff && load<u8>(at, 4) === 255) setMessage("goodbye");
  } else if (type === AUTHENTICATION) setAuth("digest");
  else if (operation !== HELLO) readRoutes(type, at, end);
}

/** Next hop, what is said of one from elsewhere, metrics, destinations; wide ones have their family first and the next hop behind the metrics. */
function readRoutes(type: u32, at: usize, end: usize): void {
  const family = type & 0xff00;
  const kind = type & 0xff;
  if ((kind !== 2 && kind !== EXTERNAL) || (family !== IPV4 && family !== IPV6 && family !== WIDE)) return;
  const external = kind === EXTERNAL ? EXTERNAL_BYTES : 0;
  if (family !== WIDE) {
    const version: u8 = family === IPV4 ? 4 : 6;
    const metric = at + (version === 4 ? 4 : 16) + external;
    if (metric + METRIC_BYTES > end) return;
    return readDestinations(metric + METRIC_BYTES, end, version, u32At(metric) === 0xffffffff);
  }
  const metric = at + 8;
  if (metric + WIDE_METRIC_BYTES > end) return;
  const number = u16At(at + 2);
  if (number !== 1 && number !== 2) return;
  const version: u8 = number === 1 ? 4 : 6;
  const isEnded = u32At(metric + 8) === 0xffffffff && u16At(metric + 12) === 0xffff;
  const behind = metric + WIDE_METRIC_BYTES + 2 * <usize>load<u8>(metric) + (version === 4 ? 4 : 16) + external;
  readDestinations(behind, end, version, isEnded);
}

/** Bits, and as many bytes as these need. */
function readDestinations(start: usize, end: usize, version: u8, isEnded: bool): void {
  let at = start;
  while (at < end) {
    const bits = <u32>load<u8>(at);
    const bytes = <usize>((bits + 7) >> 3);
    if (bits > (version === 4 ? 32 : 128) || at + 1 + bytes > end) return;
    if (isEnded) said.withdrawn++;
    else announceNetwork(at + 1, bytes, version, bits);
    at += 1 + bytes;
    // Some write a byte more where the bits fill theirs: the default route, and networks of IPv6.
    if (at + 1 === end && (version === 6 ? bits % 8 === 0 : bits === 0)) return;
  }
}

function operationName(operation: u8): string {
  switch (operation) {
    case 1: return "update";
    case 3: return "query";
    case 4: return "reply";
    case 5: return "hello";
    case 10: return "query";
    case 11: return "reply";
  }
  return "";
}

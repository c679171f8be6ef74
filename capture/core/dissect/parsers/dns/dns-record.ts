import {u16At, u32At} from "../../../meter/bytes";
import {writeAddressText} from "../../../encoder/address-text";
import {appendClean, appendHex, appendNumber, appendText} from "../../text";
import {appendName, nameEnd} from "./dns-name";

/** Bytes of unknown data that are written out. */
const MAX_UNKNOWN_BYTES: usize = 64;
/** Bytes of one text within a record that are written. */
const MAX_TEXT_BYTES: usize = 1024;

/**
 * Writes the data of a resource record as a zone file has it (RFC 1035 §3.3, RFC 3597 for unknown types); where the text
 * ends. What does not fit its type is written as unknown data. `start .. end` is the message, `at .. last` the data,
 * of which a byte becomes four at most.
 */
export function appendRecord(start: usize, end: usize, type: u32, at: usize, last: usize, to: usize): usize {
  const known = appendKnown(start, end, type, at, last, to);
  return known !== 0 ? known : appendUnknown(at, last, to);
}

function appendKnown(start: usize, end: usize, type: u32, at: usize, last: usize, to: usize): usize {
  const length = last - at;
  switch (type) {
    case 1:
      return length === 4 ? writeAddressText(at, 4, to) : 0;
    case 28:
      return length === 16 ? writeAddressText(at, 6, to) : 0;
    case 2:
    case 5:
    case 12:
    case 39:
      return appendName(start, end, at, to);
    case 15:
      return length > 2 ? appendName(start, end, at + 2, appendSpace(appendNumber(u16At(at), to))) : 0;
    case 16:
    case 99:
      return appendStrings(at, last, to);
    case 33: {
      if (length <= 6) return 0;
      for (let i: usize = 0; i < 6; i += 2) to = appendSpace(appendNumber(u16At(at + i), to));
      return appendName(start, end, at + 6, to);
    }
    case 6:
      return appendAuthority(start, end, at, last, to);
    case 64:
    case 65:
      return appendBinding(start, end, at, last, to);
    default:
      return 0;
  }
}

// @ts-ignore: decorator
@inline
function appendSpace(to: usize): usize {
  store<u8>(to, 0x20);
  return to + 1;
}

/** Character strings one after another (RFC 1035 §3.3.14), joined without separator as SPF and DKIM want them read. */
function appendStrings(at: usize, last: usize, to: usize): usize {
  while (at < last) {
    const next = at + 1 + load<u8>(at);
    if (next > last) return 0;
    to = appendClean(at + 1, next, to);
    at = next;
  }
  return to;
}

function appendAuthority(start: usize, end: usize, at: usize, last: usize, to: usize): usize {
  to = appendName(start, end, at, to);
  if (to === 0) return 0;
  to = appendName(start, end, nameEnd, appendSpace(to));
  if (to === 0 || nameEnd + 20 > last) return 0;
  for (let i: usize = 0; i < 20; i += 4) to = appendNumber(u32At(nameEnd + i), appendSpace(to));
  return to;
}

/** RFC 9460 §2: priority, target, and the parameters by name, those without a text form of their own in hex. */
function appendBinding(start: usize, end: usize, at: usize, last: usize, to: usize): usize {
  if (last - at < 3) return 0;
  to = appendName(start, end, at + 2, appendSpace(appendNumber(u16At(at), to)));
  if (to === 0) return 0;
  let here = nameEnd;
  while (here + 4 <= last) {
    const stop = here + 4 + u16At(here + 2);
    if (stop > last) return 0;
    to = appendParameter(u16At(here), here + 4, stop, appendSpace(to));
    here = stop;
  }
  return here === last ? to : 0;
}

function appendParameter(key: u32, at: usize, end: usize, to: usize): usize {
  switch (key) {
    case 1:
      return appendProtocolNames(at, end, appendText("alpn=", to));
    case 2:
      return appendText("no-default-alpn", to);
    case 3:
      if (end - at === 2) return appendNumber(u16At(at), appendText("port=", to));
      break;
    case 4:
      return appendAddresses(at, end, 4, appendText("ipv4hint=", to));
    case 5:
      return appendShownHex(at, end, appendText("ech=", to));
    case 6:
      return appendAddresses(at, end, 16, appendText("ipv6hint=", to));
  }
  to = appendNumber(key, appendText("key", to));
  store<u8>(to, 0x3d);
  return appendShownHex(at, end, to + 1);
}

function appendAddresses(at: usize, end: usize, size: usize, to: usize): usize {
  for (let here = at; here + size <= end; here += size) {
    if (here > at) store<u8>(to++, 0x2c);
    to = writeAddressText(here, size === 4 ? 4 : 6, to);
  }
  return to;
}

function appendProtocolNames(at: usize, end: usize, to: usize): usize {
  for (let here = at; here < end && here + 1 + load<u8>(here) <= end; here += 1 + load<u8>(here)) {
    if (here > at) store<u8>(to++, 0x2c);
    to = appendClean(here + 1, min(here + 1 + load<u8>(here), here + 1 + MAX_TEXT_BYTES), to);
  }
  return to;
}

function appendUnknown(at: usize, last: usize, to: usize): usize {
  to = appendNumber(<u32>(last - at), appendText("\\# ", to));
  return last === at ? to : appendShownHex(at, last, appendSpace(to));
}

/** In hexadecimal; of many bytes the first ones and an ellipsis. */
function appendShownHex(at: usize, end: usize, to: usize): usize {
  const shown = min(end, at + MAX_UNKNOWN_BYTES);
  to = appendHex(at, shown, to);
  if (shown === end) return to;
  store<u16>(to, 0x80e2);
  store<u8>(to, 0xa6, 2);
  return to + 3;
}

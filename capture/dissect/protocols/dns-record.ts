import {ipv4Text, ipv6Text} from "../../meter/address-text.ts";
import {text, uint16, uint32} from "../ascii.ts";
import {nameEnd, readName} from "./dns-names.ts";

/** Bytes of unknown data that are written out. */
const maxUnknownBytes = 64;

/**
 * The data of a resource record as text, as a zone file has it (RFC 1035 §3.3, RFC 3597 for unknown types); what does
 * not fit its type is written as unknown data. `start .. end` is the message, `at .. last` the data.
 */
export function recordText(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: number,
  at: number,
  last: number
): string {
  return known(bytes, start, end, type, at, last) ?? unknown(bytes, at, last);
}

function known(bytes: Uint8Array, start: number, end: number, type: number, at: number, last: number): string | null {
  const length = last - at;
  switch (type) {
    case 1:
      return length === 4 ? ipv4Text(bytes, at) : null;
    case 28:
      return length === 16 ? ipv6Text(bytes, at) : null;
    case 2:
    case 5:
    case 12:
    case 39:
      return readName(bytes, start, end, at);
    case 15: {
      const exchange = length > 2 ? readName(bytes, start, end, at + 2) : null;
      return exchange === null ? null : `${uint16(bytes, at)} ${exchange}`;
    }
    case 16:
    case 99:
      return characterStrings(bytes, at, last);
    case 33: {
      const target = length > 6 ? readName(bytes, start, end, at + 6) : null;
      return target === null
        ? null
        : `${uint16(bytes, at)} ${uint16(bytes, at + 2)} ${uint16(bytes, at + 4)} ${target}`;
    }
    case 6:
      return startOfAuthority(bytes, start, end, at, last);
    case 64:
    case 65:
      return serviceBinding(bytes, start, end, at, last);
    default:
      return null;
  }
}

/** Character strings one after another (RFC 1035 §3.3.14), joined without separator as SPF and DKIM want them read. */
function characterStrings(bytes: Uint8Array, at: number, last: number): string | null {
  let joined = "";
  while (at < last) {
    const size = bytes[at];
    if (at + 1 + size > last) return null;
    joined += text(bytes, at + 1, at + 1 + size);
    at += 1 + size;
  }
  return joined;
}

function startOfAuthority(bytes: Uint8Array, start: number, end: number, at: number, last: number): string | null {
  const server = readName(bytes, start, end, at);
  if (server === null) return null;
  const mailbox = readName(bytes, start, end, nameEnd);
  if (mailbox === null || nameEnd + 20 > last) return null;
  const numbers = [0, 4, 8, 12, 16].map((offset) => uint32(bytes, nameEnd + offset));
  return `${server} ${mailbox} ${numbers.join(" ")}`;
}

/** RFC 9460 §2: priority, target, and the parameters by name, those without a text form of their own in hex. */
function serviceBinding(bytes: Uint8Array, start: number, end: number, at: number, last: number): string | null {
  if (last - at < 3) return null;
  const priority = uint16(bytes, at);
  const target = readName(bytes, start, end, at + 2);
  if (target === null) return null;
  const parts = [String(priority), target];
  let here = nameEnd;
  while (here + 4 <= last) {
    const key = uint16(bytes, here);
    const stop = here + 4 + uint16(bytes, here + 2);
    if (stop > last) return null;
    parts.push(parameter(bytes, key, here + 4, stop));
    here = stop;
  }
  return here === last ? parts.join(" ") : null;
}

function parameter(bytes: Uint8Array, key: number, at: number, end: number): string {
  const every = (size: number, write: (at: number) => string) =>
    Array.from({length: Math.floor((end - at) / size)}, (_, i) => write(at + i * size)).join(",");
  if (key === 1) return `alpn=${protocolNames(bytes, at, end)}`;
  if (key === 2) return "no-default-alpn";
  if (key === 3 && end - at === 2) return `port=${uint16(bytes, at)}`;
  if (key === 4) return `ipv4hint=${every(4, (i) => ipv4Text(bytes, i))}`;
  if (key === 6) return `ipv6hint=${every(16, (i) => ipv6Text(bytes, i))}`;
  const name = key === 5 ? "ech" : `key${key}`;
  return `${name}=${hex(bytes, at, end)}`;
}

function protocolNames(bytes: Uint8Array, at: number, end: number): string {
  const names: string[] = [];
  while (at < end && at + 1 + bytes[at] <= end) {
    names.push(text(bytes, at + 1, at + 1 + bytes[at]));
    at += 1 + bytes[at];
  }
  return names.join(",");
}

function unknown(bytes: Uint8Array, at: number, last: number): string {
  return `\\# ${last - at} ${hex(bytes, at, last)}`.trimEnd();
}

function hex(bytes: Uint8Array, at: number, end: number): string {
  const shown = Math.min(end, at + maxUnknownBytes);
  const digits = Buffer.from(bytes.buffer, bytes.byteOffset + at, shown - at).toString("hex");
  return shown < end ? `${digits}…` : digits;
}

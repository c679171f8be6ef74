import {ByteCache} from "../byte-cache.ts";

/** Names of DNS query types (IANA "DNS Parameters", those met in captures). */
const typeNames: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  10: "NULL",
  11: "WKS",
  12: "PTR",
  13: "HINFO",
  15: "MX",
  16: "TXT",
  17: "RP",
  18: "AFSDB",
  24: "SIG",
  25: "KEY",
  28: "AAAA",
  29: "LOC",
  33: "SRV",
  35: "NAPTR",
  36: "KX",
  37: "CERT",
  39: "DNAME",
  41: "OPT",
  42: "APL",
  43: "DS",
  44: "SSHFP",
  45: "IPSECKEY",
  46: "RRSIG",
  47: "NSEC",
  48: "DNSKEY",
  49: "DHCID",
  50: "NSEC3",
  51: "NSEC3PARAM",
  52: "TLSA",
  53: "SMIMEA",
  55: "HIP",
  59: "CDS",
  60: "CDNSKEY",
  61: "OPENPGPKEY",
  62: "CSYNC",
  63: "ZONEMD",
  64: "SVCB",
  65: "HTTPS",
  99: "SPF",
  108: "EUI48",
  109: "EUI64",
  249: "TKEY",
  250: "TSIG",
  251: "IXFR",
  252: "AXFR",
  255: "ANY",
  256: "URI",
  257: "CAA",
  32768: "TA",
  32769: "DLV"
};

/** `A`, `HTTPS` …, `TYPE1234` (RFC 3597 §5) where the number has no name. */
export const dnsTypeName = (type: number): string => typeNames[type] ?? `TYPE${type}`;

/** Where the name last read by `readName` or passed over by `skipName` ends. */
export let nameEnd = 0;

/** Longest name in wire form (RFC 1035 §3.1). */
const maxNameBytes = 255;

/** Labels one after another as they stand in messages, each with a dot behind it. */
const written = new ByteCache<string>(1 << 13, 64);

/** Beginnings and ends of the last name's runs of labels; pointers lie between them. A label has two bytes at least. */
const runs = new Int32Array(maxNameBytes + 1);
let runCount = 0;

/**
 * The name at `at` of the message that begins at `start` (RFC 1035 §4.1.4), `.` for the root; null where it runs
 * past the end or its pointers do not lead backwards (which also ends loops). Octets outside printable ASCII are
 * written `\DDD`, dots and backslashes within a label with a backslash before them (RFC 1035 §5.1).
 */
export function readName(bytes: Uint8Array, start: number, end: number, at: number): string | null {
  if (!skipName(bytes, start, end, at)) return null;
  if (runCount === 0) return ".";
  let name = "";
  for (let i = 0; i < runCount; i += 2) name += labels(bytes, runs[i], runs[i + 1]);
  return name.slice(0, -1);
}

/** Whether `readName` would read a name there; `nameEnd` is then where it ends. */
export function skipName(bytes: Uint8Array, start: number, end: number, at: number): boolean {
  let length = 0;
  let after = -1;
  let lowest = at;
  let run = at;
  runCount = 0;
  for (;;) {
    if (at >= end) return false;
    const size = bytes[at];
    if (size !== 0 && size < 0xc0) {
      length += size + 1;
      if (size > 63 || at + size >= end || length > maxNameBytes) return false;
      at += size + 1;
      continue;
    }
    if (at > run) {
      runs[runCount++] = run;
      runs[runCount++] = at;
    }
    if (size === 0) {
      nameEnd = after < 0 ? at + 1 : after;
      return true;
    }
    if (at + 1 >= end) return false;
    const target = start + (((size & 0x3f) << 8) | bytes[at + 1]);
    if (target >= lowest) return false;
    if (after < 0) after = at + 2;
    at = lowest = run = target;
  }
}

/** The labels in `at .. end`, a dot behind each. */
function labels(bytes: Uint8Array, at: number, end: number): string {
  const known = written.get(bytes, at, end);
  if (known !== undefined) return known;
  let name = "";
  for (let here = at; here < end; here += 1 + bytes[here]) name += label(bytes, here + 1, here + 1 + bytes[here]) + ".";
  return written.keep(bytes, at, end, name);
}

function label(bytes: Uint8Array, at: number, end: number): string {
  let written = "";
  for (let i = at; i < end; i++) {
    const byte = bytes[i];
    if (byte === 0x2e || byte === 0x5c) written += "\\" + String.fromCharCode(byte);
    else if (byte > 0x20 && byte < 0x7f) written += String.fromCharCode(byte);
    else written += "\\" + String(byte).padStart(3, "0");
  }
  return written;
}

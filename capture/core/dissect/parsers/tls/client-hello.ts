import {u16At} from "../../../meter/bytes";
import {appendClean, appendNumber, appendText, hexDigit} from "../../text";
import {ALPN, GROUPS, POINT_FORMATS, SERVER_NAME, SIGNATURE_ALGORITHMS, SUPPORTED_VERSIONS} from "./hello-scan";

/** What a ClientHello offers, in its own order and without GREASE: runs of 16-bit numbers, big endian, or of bytes. */
export let carrier: u8 = 0;
export let version: u32 = 0;
/** Highest version offered: of the supported versions where they are given. */
export let highestVersion: u32 = 0;
export let hasServerName: bool = false;
export let ciphers: usize = 0;
export let ciphersEnd: usize = 0;
export let extensions: usize = 0;
export let extensionsEnd: usize = 0;
export let groups: usize = 0;
export let groupsEnd: usize = 0;
export let signatureAlgorithms: usize = 0;
export let signatureAlgorithmsEnd: usize = 0;
export let pointFormats: usize = 0;
export let pointFormatsEnd: usize = 0;
/** The list of names (RFC 7301): for each in turn its length and its bytes. */
export let alpn: usize = 0;
export let alpnEnd: usize = 0;

/** ALPN names that are written. */
const MAX_NAMES = 16;

/** Reads what `scan` has left of a hello; `types`, as long as the key, takes the types of its extensions. */
export function readKey(key: usize, length: usize, types: usize): void {
  const end = key + length;
  carrier = load<u8>(key);
  version = u16At(key + 2);
  ciphers = key + 6;
  ciphersEnd = ciphers + load<u16>(key, 4);
  extensions = extensionsEnd = types;
  hasServerName = false;
  groups = groupsEnd = signatureAlgorithms = signatureAlgorithmsEnd = 0;
  pointFormats = pointFormatsEnd = alpn = alpnEnd = 0;
  let supported: usize = 0;
  let supportedEnd: usize = 0;
  for (let at = ciphersEnd; at < end; ) {
    const type = u16At(at);
    store<u16>(extensionsEnd, load<u16>(at));
    extensionsEnd += 2;
    at += 2;
    if (type === SERVER_NAME) hasServerName = true;
    if (!hasContent(type)) continue;
    const from = at + 2;
    const to = from + load<u16>(at);
    if (type === SUPPORTED_VERSIONS) {
      supported = from;
      supportedEnd = to;
    } else if (type === GROUPS) {
      groups = from;
      groupsEnd = to;
    } else if (type === SIGNATURE_ALGORITHMS) {
      signatureAlgorithms = from;
      signatureAlgorithmsEnd = to;
    } else if (type === ALPN) {
      alpn = from;
      alpnEnd = to;
    } else {
      pointFormats = from;
      pointFormatsEnd = to;
    }
    at = to;
  }
  highestVersion = supported < supportedEnd ? highest(supported, supportedEnd) : version;
}

/** Types that a key has the contents of. */
// @ts-ignore: decorator
@inline
function hasContent(type: u32): bool {
  if (type === GROUPS || type === POINT_FORMATS || type === SIGNATURE_ALGORITHMS) return true;
  return type === ALPN || type === SUPPORTED_VERSIONS;
}

function highest(from: usize, to: usize): u32 {
  // DTLS counts downwards.
  const isDatagram = version >> 8 === 0xfe;
  let found = u16At(from);
  for (let at = from + 2; at < to; at += 2) found = isDatagram ? min(found, u16At(at)) : max(found, u16At(at));
  return found;
}

/** Where the name behind the one at `at` is, 0 where that is not whole: the list then ends before it. */
// @ts-ignore: decorator
@inline
export function nextName(at: usize): usize {
  if (at >= alpnEnd) return 0;
  const next = at + 1 + <usize>load<u8>(at);
  return next <= alpnEnd ? next : 0;
}

/** Writes the ALPN names, comma-separated; where they end, 0 where none is offered. */
export function appendNames(to: usize): usize {
  let next = nextName(alpn);
  if (next === 0) return 0;
  for (let at = alpn, names = 0; next !== 0 && names < MAX_NAMES; names++) {
    if (names > 0) store<u8>(to++, 0x2c);
    to = appendClean(at + 1, next, to);
    at = next;
    next = nextName(at);
  }
  return to;
}

/** Longest name of a version. */
export const VERSION_NAME: usize = 20;

/** Writes `TLS 1.3` …, the draft of 1.3 by number, hexadecimal where the version has no name; where it ends. */
export function appendVersionName(version: u32, to: usize): usize {
  switch (version) {
    case 0x0304: return appendText("TLS 1.3", to);
    case 0x0303: return appendText("TLS 1.2", to);
    case 0x0302: return appendText("TLS 1.1", to);
    case 0x0301: return appendText("TLS 1.0", to);
    case 0x0300: return appendText("SSL 3.0", to);
    case 0x0002: return appendText("SSL 2.0", to);
    case 0xfeff: return appendText("DTLS 1.0", to);
    case 0xfefd: return appendText("DTLS 1.2", to);
    case 0xfefc: return appendText("DTLS 1.3", to);
  }
  if (version >> 8 === 0x7f) return appendNumber(version & 0xff, appendText("TLS 1.3 draft ", to));
  return appendHexNumber(version, appendText("0x", to));
}

/** Writes four hexadecimal digits; where they end. */
export function appendHexNumber(value: u32, to: usize): usize {
  store<u8>(to, hexDigit(<u8>(value >> 12)));
  store<u8>(to, hexDigit(<u8>(value >> 8) & 15), 1);
  store<u8>(to, hexDigit(<u8>(value >> 4) & 15), 2);
  store<u8>(to, hexDigit(<u8>value & 15), 3);
  return to + 4;
}

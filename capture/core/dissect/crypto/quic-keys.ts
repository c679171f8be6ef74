import {DIGEST, HMAC_KEY, hmac, hmacKey} from "./sha256";

/** Keys of QUIC's Initial packets (RFC 9001 §5.2, RFC 9369 §3.3). */

/** Bytes of a client's keys, and where its iv and the key of header protection are behind the key. */
export const INITIAL_KEYS: usize = 48;
export const HEADER_KEY: usize = 16;
export const IV: usize = 32;

/** What a version protects its Initial packets with; the prepared key of its salt is behind it. */
@unmanaged
class Version {
  /** Bits 4 and 5 of the first byte of an Initial packet. */
  initialType: u32 = 0;
  /** What HKDF-Expand-Label (RFC 8446 §7.1) makes the keys of: key, header protection's key and iv. */
  labels: usize = 0;
}

const SALT: usize = 16;
const LABEL: usize = 32;

const VERSION_1: usize = memory.data(80, 16);
const VERSION_2: usize = memory.data(80, 16);
const DRAFT_29: usize = memory.data(80, 16);
const DRAFT_23: usize = memory.data(80, 16);
const DRAFT_22: usize = memory.data(80, 16);
const GOOGLE_50: usize = memory.data(80, 16);
const GOOGLE_51: usize = memory.data(80, 16);
const LABELS_1: usize = memory.data(96);
const LABELS_2: usize = memory.data(96);
const CLIENT_LABEL: usize = memory.data(32);

const SALT_1: usize = memory.data<u8>([
  0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a
]);
const SALT_2: usize = memory.data<u8>([
  0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9
]);
const SALT_29: usize = memory.data<u8>([
  0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99
]);
const SALT_23: usize = memory.data<u8>([
  0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02
]);
const SALT_22: usize = memory.data<u8>([
  0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a
]);
const SALT_T50: usize = memory.data<u8>([
  0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10
]);
const SALT_T51: usize = memory.data<u8>([
  0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d
]);

/** The prepared key of a client's secret, and the last code made with it. */
const CLIENT: usize = memory.data(<i32>HMAC_KEY, 16);
const CODE: usize = memory.data(<i32>DIGEST, 16);

setVersions();

/** How a version protects its Initial packets; 0 of versions whose way is not known here (Google's with its own handshake, early drafts). */
export function quicVersion(number: u32): usize {
  if (number === 1) return VERSION_1;
  // A version that does not exist (RFC 9000 §15): those who test with it did so at the time of draft 29.
  if ((number & 0x0f0f0f0f) === 0x0a0a0a0a) return DRAFT_29;
  if (number === 0x6b3343cf) return VERSION_2;
  // Google's with TLS, and Facebook's (mvfst), which follow drafts 22 and 27.
  if (number === 0x54303530) return GOOGLE_50;
  if (number === 0x54303531) return GOOGLE_51;
  if (number === 0xfaceb001) return DRAFT_22;
  if (number === 0xfaceb002 || number === 0xfaceb00e) return DRAFT_23;
  const draft = number >> 8 === 0xff0000 ? number & 0xff : 0;
  if (draft > 34 || draft < 21) return 0;
  return draft >= 33 ? VERSION_1 : draft >= 29 ? DRAFT_29 : draft >= 23 ? DRAFT_23 : DRAFT_22;
}

/** Bits 4 and 5 of the first byte of a version's Initial packets. */
// @ts-ignore: decorator
@inline
export function initialType(version: usize): u32 {
  return changetype<Version>(version).initialType;
}

/** Writes the client's keys, which follow from the connection id (20 bytes at most) that its first packet goes to. */
export function initialKeys(version: usize, connectionId: usize, length: usize, keys: usize): void {
  hmac(version + SALT, connectionId, length, CODE);
  hmacKey(CODE, DIGEST, CLIENT);
  expand(CLIENT, CLIENT_LABEL);
  hmacKey(CODE, DIGEST, CLIENT);
  const labels = changetype<Version>(version).labels;
  expand(CLIENT, labels);
  memory.copy(keys, CODE, 16);
  expand(CLIENT, labels + LABEL);
  memory.copy(keys + HEADER_KEY, CODE, 16);
  expand(CLIENT, labels + 2 * LABEL);
  memory.copy(keys + IV, CODE, 12);
}

/** HKDF-Expand (RFC 5869 §2.3) of at most 32 bytes, which one round makes. */
function expand(secret: usize, label: usize): void {
  hmac(secret, label, <usize>load<u8>(label, 2) + 5, CODE);
}

function setVersions(): void {
  setLabel(CLIENT_LABEL, "tls13 client in", 32);
  setLabel(LABELS_1, "tls13 quic key", 16);
  setLabel(LABELS_1 + LABEL, "tls13 quic hp", 16);
  setLabel(LABELS_1 + 2 * LABEL, "tls13 quic iv", 12);
  setLabel(LABELS_2, "tls13 quicv2 key", 16);
  setLabel(LABELS_2 + LABEL, "tls13 quicv2 hp", 16);
  setLabel(LABELS_2 + 2 * LABEL, "tls13 quicv2 iv", 12);
  setVersion(VERSION_1, SALT_1, LABELS_1, 0);
  setVersion(VERSION_2, SALT_2, LABELS_2, 1);
  setVersion(DRAFT_29, SALT_29, LABELS_1, 0);
  setVersion(DRAFT_23, SALT_23, LABELS_1, 0);
  setVersion(DRAFT_22, SALT_22, LABELS_1, 0);
  setVersion(GOOGLE_50, SALT_T50, LABELS_1, 0);
  setVersion(GOOGLE_51, SALT_T51, LABELS_1, 0);
}

function setVersion(address: usize, salt: usize, labels: usize, type: u32): void {
  const version = changetype<Version>(address);
  version.initialType = type;
  version.labels = labels;
  hmacKey(salt, 20, address + SALT);
}

/** A label for a secret of so many bytes, without a context, and the number of HKDF's round. */
function setLabel(at: usize, name: string, bytes: u8): void {
  const length = <usize>name.length;
  store<u8>(at, bytes, 1);
  store<u8>(at, <u8>length, 2);
  for (let i: usize = 0; i < length; i++) store<u8>(at + i, <u8>load<u16>(changetype<usize>(name) + (i << 1)), 3);
  store<u8>(at + length, 1, 4);
}

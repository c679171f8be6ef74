import * as crypto from "node:crypto";
import {uint32} from "../ascii.ts";
import {encryptBlock} from "./aes128.ts";
import {type HmacKey, hmac, hmacKey} from "./sha256.ts";

/** What a version of QUIC protects its Initial packets with (RFC 9001 §5.2, RFC 9369 §3.3). */
interface Version {
  readonly salt: HmacKey;
  /** What HKDF-Expand-Label (RFC 8446 §7.1) makes the keys of. */
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly hp: Uint8Array;
  /** Bits 4 and 5 of the first byte of an Initial packet. */
  readonly initialType: number;
}

const keyBytes = 16;
const ivBytes = 12;

function version(salt: string, prefix: string, initialType: number): Version {
  return {
    salt: hmacKey(Buffer.from(salt, "hex")),
    key: label(`${prefix} key`, keyBytes),
    iv: label(`${prefix} iv`, ivBytes),
    hp: label(`${prefix} hp`, keyBytes),
    initialType
  };
}

/** The label with what stands around it, for a secret of so many bytes: at most 32, which one round makes. */
function label(name: string, length: number): Uint8Array {
  return Buffer.from(`\0${String.fromCharCode(length, name.length + 6)}tls13 ${name}\0\u0001`, "latin1");
}

const version1 = version("38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic", 0);
const version2 = version("0dede3def700a6db819381be6e269dcbf9bd2ed9", "quicv2", 1);
const draft29 = version("afbfec289993d24c9e9786f19c6111e04390a899", "quic", 0);
const draft23 = version("c3eef712c72ebb5a11a7d2432bb46365bef9f502", "quic", 0);
const clientLabel = label("client in", 32);

/** How a version protects its Initial packets; null of versions whose way is not known here (Google's own, early drafts). */
export function quicVersion(number: number): Version | null {
  if (number === 1) return version1;
  // A version that does not exist (RFC 9000 §15): those who test with it did so at the time of draft 29.
  if ((number & 0x0f0f0f0f) === 0x0a0a0a0a) return draft29;
  if (number === 0x6b3343cf) return version2;
  const draft = number >>> 8 === 0xff0000 ? number & 0xff : 0;
  if (draft > 34 || draft < 23) return null;
  return draft >= 33 ? version1 : draft >= 29 ? draft29 : draft23;
}

/** Keys of a client's Initial packets. */
export interface InitialKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  /** Key of header protection. */
  readonly hp: Uint8Array;
}

/** The client's keys, which follow from the connection id (20 bytes at most) that its first packet goes to (RFC 9001 §5.2). */
export function initialKeys({salt, key, iv, hp}: Version, connectionId: Uint8Array): InitialKeys {
  const client = hmacKey(hmac(hmacKey(hmac(salt, connectionId)), clientLabel));
  return {
    key: hmac(client, key).subarray(0, keyBytes),
    iv: hmac(client, iv).subarray(0, ivBytes),
    hp: hmac(client, hp).subarray(0, keyBytes)
  };
}

/** Where the parts of an Initial packet are in its datagram (RFC 9000 §17.2.2). */
export interface InitialPacket {
  readonly version: number;
  readonly start: number;
  readonly connectionId: Uint8Array;
  /** Where the protected packet number begins. */
  readonly number: number;
  readonly end: number;
}

/** A packet with a long header: an Initial, or another (`null`) to be passed over; and where the next one begins. */
export interface LongPacket {
  readonly initial: InitialPacket | null;
  readonly next: number;
}

/** The long-header packet at `start`; null where there is none, or it runs past the datagram's end. */
export function longPacket(bytes: Uint8Array, start: number, end: number): LongPacket | null {
  if (end - start < 7 || bytes[start] < 0xc0) return null;
  const version = uint32(bytes, start + 1);
  const known = quicVersion(version);
  const destination = start + 6;
  const source = destination + bytes[start + 5];
  if (known === null || bytes[start + 5] > 20 || source >= end || bytes[source] > 20) return null;
  const type = (((bytes[start] >> 4) & 3) - known.initialType + 4) & 3;
  // A Retry, which ends its datagram.
  if (type === 3) return null;
  let at = source + 1 + bytes[source];
  if (type === 0) {
    const token = variableLength(bytes, at, end);
    if (token < 0) return null;
    at = variableEnd + token;
  }
  const length = variableLength(bytes, at, end);
  if (length < 0) return null;
  const number = variableEnd;
  const next = number + length;
  if (next > end) return null;
  if (type !== 0) return {initial: null, next};
  return {
    initial: {version, start, connectionId: bytes.slice(destination, source), number, end: next},
    next
  };
}

const tagBytes = 16;

/** The frames of an Initial packet, header and payload protection taken off (RFC 9001 §5.3, §5.4); null where the keys are others. */
export function openInitial(
  bytes: Uint8Array,
  {start, number, end}: InitialPacket,
  {key, iv, hp}: InitialKeys
): Uint8Array | null {
  // The sample is taken as if the packet number had four bytes.
  if (number + 4 + tagBytes > end) return null;
  const mask = encryptBlock(hp, bytes, number + 4);
  const header = bytes.slice(start, number + 4);
  header[0] ^= mask[0] & 0x0f;
  const numberBytes = (header[0] & 3) + 1;
  const nonce = Uint8Array.from(iv);
  for (let i = 0; i < numberBytes; i++) {
    const at = number - start + i;
    header[at] ^= mask[1 + i];
    nonce[nonce.length - numberBytes + i] ^= header[at];
  }
  const body = number + numberBytes;
  const decipher = crypto.createDecipheriv("aes-128-gcm", key, nonce, {authTagLength: tagBytes});
  decipher.setAAD(header.subarray(0, body - start));
  decipher.setAuthTag(bytes.subarray(end - tagBytes, end));
  const frames = decipher.update(bytes.subarray(body, end - tagBytes));
  try {
    decipher.final();
  } catch {
    // The tag is another's: not a client's Initial, or one that was changed.
    return null;
  }
  return frames;
}

/** Where the integer last read by `variableLength` ended. */
export let variableEnd = 0;

/** A variable-length integer (RFC 9000 §16); -1 where it runs past the end or says more than any datagram holds. */
export function variableLength(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const octets = 1 << (bytes[at] >> 6);
  variableEnd = at + octets;
  if (variableEnd > end) return -1;
  let value = bytes[at] & 0x3f;
  for (let i = 1; i < octets; i++) value = value * 256 + bytes[at + i];
  return value > 0xffffffff ? -1 : value;
}

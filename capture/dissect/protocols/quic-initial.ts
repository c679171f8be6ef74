import * as crypto from "node:crypto";
import {uint32} from "../ascii.ts";

/** What a version of QUIC protects its Initial packets with (RFC 9001 §5.2, RFC 9369 §3.3). */
interface Version {
  readonly salt: Uint8Array;
  /** Before ` key`, ` iv` and ` hp`. */
  readonly label: string;
  /** Bits 4 and 5 of the first byte of an Initial packet. */
  readonly initialType: number;
}

const version1: Version = {
  salt: Buffer.from("38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "hex"),
  label: "quic",
  initialType: 0
};
const version2: Version = {
  salt: Buffer.from("0dede3def700a6db819381be6e269dcbf9bd2ed9", "hex"),
  label: "quicv2",
  initialType: 1
};
const draft29 = {...version1, salt: Buffer.from("afbfec289993d24c9e9786f19c6111e04390a899", "hex")};
const draft23 = {...version1, salt: Buffer.from("c3eef712c72ebb5a11a7d2432bb46365bef9f502", "hex")};

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

/** The client's keys, which follow from the connection id that its first packet goes to (RFC 9001 §5.2). */
export function initialKeys({salt, label}: Version, connectionId: Uint8Array): InitialKeys {
  const client = expand(hmac(salt, connectionId), "client in", 32);
  return {
    key: expand(client, `${label} key`, 16),
    iv: expand(client, `${label} iv`, 12),
    hp: expand(client, `${label} hp`, 16)
  };
}

const hmac = (key: Uint8Array, data: Uint8Array) => crypto.createHmac("sha256", key).update(data).digest();

/** HKDF-Expand-Label (RFC 8446 §7.1) to at most 32 bytes, which one round makes. */
function expand(secret: Uint8Array, label: string, length: number): Uint8Array {
  const info = Buffer.from(`\0${String.fromCharCode(length, label.length + 6)}tls13 ${label}\0\u0001`, "latin1");
  return hmac(secret, info).subarray(0, length);
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
  const mask = crypto.createCipheriv("aes-128-ecb", hp, null).update(bytes.subarray(number + 4, number + 4 + 16));
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

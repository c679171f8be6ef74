import {text, uint16, uint32} from "../ascii.ts";

/** What a ClientHello offers, in its own order, GREASE values (RFC 8701) left out as they mean nothing (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2). */
export interface ClientHello {
  readonly version: number;
  readonly ciphers: readonly number[];
  readonly extensions: readonly number[];
  /** RFC 6066 §3; null without the extension or without a host name in it. */
  readonly serverName: string | null;
  readonly hasServerName: boolean;
  /** Names offered (RFC 7301), as bytes. */
  readonly alpn: readonly Uint8Array[];
  readonly supportedVersions: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  readonly groups: readonly number[];
  readonly pointFormats: readonly number[];
}

/** What a server chose. */
export interface ServerHello {
  readonly version: number;
  readonly cipher: number;
  /** It asks for another ClientHello (RFC 8446 §4.1.4). */
  readonly isRetry: boolean;
}

/** Types of the extensions that are read (IANA "TLS ExtensionType Values"). */
export const extension = {
  serverName: 0,
  groups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  supportedVersions: 43
} as const;

/** RFC 8701: values of the form 0x?A?A that mean nothing. */
export const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);

/**
 * The ClientHello in the body of a handshake message; null where its lengths contradict each other. `isDatagram`: of
 * DTLS, where a cookie follows the session id.
 */
export function clientHello(bytes: Uint8Array, start: number, end: number, isDatagram = false): ClientHello | null {
  let at = start + 34;
  if (at + 1 > end) return null;
  const version = uint16(bytes, start);
  at += 1 + bytes[at];
  if (isDatagram) {
    if (at + 1 > end) return null;
    at += 1 + bytes[at];
  }
  if (at + 2 > end || at + 2 + uint16(bytes, at) > end) return null;
  const ciphers = numbers(bytes, at + 2, at + 2 + uint16(bytes, at));
  at += 2 + uint16(bytes, at);
  if (at + 1 > end) return null;
  at += 1 + bytes[at];
  if (at > end) return null;

  const extensions: number[] = [];
  let serverName: string | null = null;
  let alpn: readonly Uint8Array[] = [];
  let supportedVersions: readonly number[] = [];
  let signatureAlgorithms: readonly number[] = [];
  let groups: readonly number[] = [];
  let pointFormats: readonly number[] = [];
  const last = at + 2 <= end ? at + 2 + uint16(bytes, at) : at;
  if (last > end) return null;
  if (at + 2 <= end) at += 2;
  while (at < last) {
    if (at + 4 > last) return null;
    const type = uint16(bytes, at);
    const from = at + 4;
    const to = from + uint16(bytes, at + 2);
    if (to > last) return null;
    if (!isGrease(type)) extensions.push(type);
    if (type === extension.serverName) serverName ??= hostName(bytes, from, to);
    else if (type === extension.alpn) alpn = names(bytes, from + 2, to);
    else if (type === extension.supportedVersions) supportedVersions = numbers(bytes, from + 1, to);
    else if (type === extension.signatureAlgorithms) signatureAlgorithms = numbers(bytes, from + 2, to);
    else if (type === extension.groups) groups = numbers(bytes, from + 2, to);
    else if (type === extension.pointFormats) pointFormats = [...bytes.subarray(from + 1, to)];
    at = to;
  }
  const hasServerName = extensions.includes(extension.serverName);
  return {
    version,
    ciphers,
    extensions,
    serverName,
    hasServerName,
    alpn,
    supportedVersions,
    signatureAlgorithms,
    groups,
    pointFormats
  };
}

/** SHA-256 of "HelloRetryRequest", the random of such a message (RFC 8446 §4.1.3); its beginning is enough. */
const retryRandom = 0xcf21ad74;

/** The ServerHello in the body of a handshake message; null where its lengths contradict each other. */
export function serverHello(bytes: Uint8Array, start: number, end: number): ServerHello | null {
  let at = start + 34;
  if (at + 1 > end) return null;
  let version = uint16(bytes, start);
  const isRetry = uint32(bytes, start + 2) === retryRandom;
  at += 1 + bytes[at];
  if (at + 3 > end) return null;
  const cipher = uint16(bytes, at);
  at += 5;
  while (at + 4 <= end) {
    const to = at + 4 + uint16(bytes, at + 2);
    if (to > end) break;
    if (uint16(bytes, at) === extension.supportedVersions && to - at === 6) version = uint16(bytes, at + 4);
    at = to;
  }
  return {version, cipher, isRetry};
}

/** Version offered at the highest: the supported versions where they are given. */
export function highestVersion({version, supportedVersions}: ClientHello): number {
  // DTLS counts downwards.
  const isDatagram = version >> 8 === 0xfe;
  if (supportedVersions.length === 0) return version;
  return isDatagram ? Math.min(...supportedVersions) : Math.max(...supportedVersions);
}

const versionNames: Readonly<Record<number, string>> = {
  2: "SSL 2.0",
  768: "SSL 3.0",
  769: "TLS 1.0",
  770: "TLS 1.1",
  771: "TLS 1.2",
  772: "TLS 1.3",
  65279: "DTLS 1.0",
  65277: "DTLS 1.2",
  65276: "DTLS 1.3"
};

/** `TLS 1.3` …, the draft of 1.3 by number, hexadecimal where the version has no name. */
export function versionName(version: number): string {
  if (version >> 8 === 0x7f) return `TLS 1.3 draft ${version & 0xff}`;
  return versionNames[version] ?? `0x${version.toString(16).padStart(4, "0")}`;
}

function numbers(bytes: Uint8Array, from: number, to: number): number[] {
  const found: number[] = [];
  for (let at = from; at + 2 <= to; at += 2) {
    const value = uint16(bytes, at);
    if (!isGrease(value)) found.push(value);
  }
  return found;
}

function hostName(bytes: Uint8Array, from: number, to: number): string | null {
  let at = from + 2;
  while (at + 3 <= to) {
    const end = at + 3 + uint16(bytes, at + 1);
    if (end > to) return null;
    if (bytes[at] === 0) return end === at + 3 ? null : text(bytes, at + 3, end, 255);
    at = end;
  }
  return null;
}

function names(bytes: Uint8Array, from: number, to: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = from;
  while (at < to && at + 1 + bytes[at] <= to) {
    found.push(bytes.slice(at + 1, at + 1 + bytes[at]));
    at += 1 + bytes[at];
  }
  return found;
}
